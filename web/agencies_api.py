"""/api/v1/agencies: agencies, their reports year beside year, and what their names mean."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from extractors.checks.cross_year import YearCheck
from extractors.report import ReportStatus, Value
from web.callers import origin, owner
from web.context import reports
from web.models import API, PageLinks
from web.responses import COMMON_PROBLEMS, TOKEN, model_response, problem_responses
from workers.archive import AgencyView, Archive, Kind

bp = APIBlueprint(
    "agencies",
    __name__,
    url_prefix=f"{API}/agencies",
    abp_tags=[Tag(name="agencies")],
    abp_responses=COMMON_PROBLEMS,
    abp_security=TOKEN,
)


class AgencyPath(BaseModel):
    agency: str = Field(description="any name of the agency, URL-encoded; a variant that stands on no report will do")


class NamePath(AgencyPath):
    name: str = Field(description="one of its names")


class OwnerQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    owner: str | None = Field(
        default=None,
        pattern=r"^[\w.-]{1,64}$",
        description="for admins: whose agency, where several have one of this name",
    )


class AgenciesQuery(OwnerQuery):
    q: str | None = Field(
        default=None, max_length=200, description="parts or short forms of one of the names, spaces apart"
    )
    page: int = Field(default=1, ge=1, le=1_000_000)
    per_page: int = Field(default=20, ge=1, le=100)


class NameBody(BaseModel):
    name: str
    kind: Kind = Field(description="how it has come here: it is the fullest, was recognised, or joined by a person")


class YearBody(BaseModel):
    year: int
    report_id: str = Field(description="the report that counts: the newest of the year")
    status: ReportStatus | None = Field(description="outcome of its checks, those between years among them")


class AgencyLinks(BaseModel):
    self: str
    years: str
    names: str
    html: str


class AgencyBody(BaseModel):
    agency: str = Field(description="its fullest name")
    owner: str
    names: list[NameBody]
    years: list[YearBody]
    superseded: dict[int, list[str]] = Field(description="year → reports that do not count, the newest first")
    links: AgencyLinks


class AgencyList(BaseModel):
    items: list[AgencyBody]
    total: int
    page: int
    per_page: int
    links: PageLinks


class YearsBody(BaseModel):
    agency: str
    years: list[YearBody]
    series: dict[str, list[Value]] = Field(description="path of a cell → its value in each of `years`")
    checks: list[YearCheck] = Field(description="of each year against the year before, where both are there")


class JoinRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, description="a name of the other agency")


UNKNOWN = problem_responses("404", "409")


@bp.get("", summary="List agencies that have reports, by name", responses={"200": AgencyList})
def list_agencies(query: AgenciesQuery) -> Response:
    found = archive().agencies(query.q, query.page, query.per_page, whose(query))
    pages = -(-found.total // found.per_page)
    body = AgencyList(
        items=[agency_body(view) for view in found.items],
        total=found.total,
        page=found.page,
        per_page=found.per_page,
        links=PageLinks(
            next=_page_link(query, query.page + 1) if query.page < pages else None,
            prev=_page_link(query, query.page - 1) if query.page > 1 else None,
        ),
    )
    return model_response(body)


@bp.get("/<agency>", summary="An agency, its names and its reports", responses={"200": AgencyBody, **UNKNOWN})
def get_agency(path: AgencyPath, query: OwnerQuery) -> Response:
    return model_response(agency_body(archive().agency(path.agency, whose(query))))


@bp.get("/<agency>/years", summary="Its figures year beside year", responses={"200": YearsBody, **UNKNOWN})
def get_years(path: AgencyPath, query: OwnerQuery) -> Response:
    """The report that counts for each year, every cell over the years, and the checks from each year to the next."""
    seen = archive().years(path.agency, whose(query))
    years = [YearBody.model_validate(year, from_attributes=True) for year in seen.agency.years]
    return model_response(YearsBody(agency=seen.agency.name, years=years, series=seen.series, checks=seen.checks))


@bp.post(
    "/<agency>/names",
    summary="Say that another name means this agency",
    responses={"200": AgencyBody, **UNKNOWN, **problem_responses("403", "413")},
)
def join_names(path: AgencyPath, query: OwnerQuery, body: JoinRequest) -> Response:
    """Their reports lie side by side from then on, and the checks between years run again. It can be taken back."""
    return model_response(agency_body(archive().join(path.agency, body.name, whose(query), origin())))


@bp.delete(
    "/<agency>/names/<name>",
    summary="Take back that a name means this agency",
    responses={"200": AgencyBody, **UNKNOWN, **problem_responses("403")},
)
def separate_name(path: NamePath, query: OwnerQuery) -> Response:
    """Of a name that was joined and of one that was recognised; answers with the agency that it means from then on."""
    return model_response(agency_body(archive().separate(path.agency, path.name, whose(query), origin())))


def archive() -> Archive:
    return reports().archive


def whose(query: OwnerQuery) -> str | None:
    """Whose agencies the caller asks for; None: everybody's."""
    return query.owner if owner() is None else owner()


def agency_body(view: AgencyView) -> AgencyBody:
    at = f"{API}/agencies/{quote(view.key, safe='')}"
    of_owner = "" if owner() is not None else f"?{urlencode({'owner': view.owner})}"
    return AgencyBody(
        agency=view.name,
        owner=view.owner,
        names=[NameBody(name=name.name, kind=name.kind) for name in view.names],
        years=[YearBody.model_validate(year, from_attributes=True) for year in view.years],
        superseded={year.year: year.others for year in view.years if year.others},
        links=AgencyLinks(
            self=at + of_owner,
            years=f"{at}/years{of_owner}",
            names=f"{at}/names{of_owner}",
            html=f"/agencies/{quote(view.key, safe='')}{of_owner}",
        ),
    )


def _page_link(query: AgenciesQuery, page: int) -> str:
    wanted = {**query.model_dump(exclude_none=True), "page": page}
    return f"{API}/agencies?{urlencode(wanted)}"
