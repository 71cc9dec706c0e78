"""The pages of the archive: all agencies, one agency over the years, two reports of one year."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response as Redirection

from extractors.difference import Changed, difference
from extractors.labels import HEADLINE, cell_labels
from extractors.report import TABLES, Result
from web.agencies_api import AgenciesQuery, OwnerQuery, archive, whose
from web.agency_page import CHARTS, FIGURES, draw, lines_of
from web.callers import caller, origin, owner
from web.context import reports
from web.errors import invalid_parameter
from web.labels import SHORT_TITLES
from workers.archive import AgencyView, Kind

bp = Blueprint("archive", __name__)

SVG = "image/svg+xml"


@bp.app_template_global()
def agency_url(view: AgencyView) -> str:
    """The page of an agency; an admin's says whose it is."""
    return url_for("archive.agency", agency=view.key, owner=view.owner if caller().owner is None else None)


@bp.get("/agencies")
def agencies() -> Response:
    """All agencies, each with its years."""
    try:
        query = AgenciesQuery.model_validate({name: value for name, value in request.args.items() if value.strip()})
    except ValidationError as error:
        return invalid_parameter(error)
    found = archive().agencies(query.q, query.page, query.per_page, whose(query))
    return make_response(
        render_template(
            "agencies.html",
            found=found,
            query=query,
            pages=max(1, -(-found.total // found.per_page)),
            link_to=lambda page: (
                "/agencies?" + urlencode({**query.model_dump(exclude_defaults=True, exclude_none=True), "page": page})
            ),
        )
    )


@bp.get("/agencies/<agency>")
def agency(agency: str) -> str:
    """An agency's years as a table and as charts, and what does not agree from each year to the next."""
    seen = archive().years(agency, whose(_query()))
    return render_template(
        "agency.html",
        seen=seen,
        lines=lines_of(seen),
        heads=FIGURES.values(),
        charts={name: (chart.title, draw(name, seen)) for name, chart in CHARTS.items()} if seen.agency.years else {},
        kinds=Kind,
        of_owner=_of_owner(seen.agency),
    )


@bp.get("/agencies/<agency>/charts/<name>.svg")
def chart(agency: str, name: str) -> Response:
    """One of its charts, to be kept."""
    if name not in CHARTS:
        abort(404)
    return Response(draw(name, archive().years(agency, whose(_query()))), mimetype=SVG)


@bp.post("/agencies/<agency>/names")
def join(agency: str) -> Redirection:
    """The form that joins another name."""
    view = archive().join(agency, request.form.get("name", ""), whose(_query()), origin())
    return redirect(agency_url(view), 303)


@bp.post("/agencies/<agency>/names/separate")
def separate(agency: str) -> Redirection:
    """The form that takes a name back; to the agency that it means from then on."""
    view = archive().separate(agency, request.form.get("name", ""), whose(_query()), origin())
    return redirect(agency_url(view), 303)


@bp.get("/reports/<id>/difference")
def compare(id: str) -> str:  # noqa: A002 - the name in the address
    """What a report says otherwise than another."""
    other = request.args.get("with", "")
    before, after = (
        Result.model_validate_json(reports().result(report_id, owner=owner())) for report_id in (other, id)
    )
    views = [reports().get(report_id, owner=owner()) for report_id in (other, id)]
    return render_template(
        "difference.html", before=views[0], after=views[1], found=difference(before, after), label=_label
    )


def _query() -> OwnerQuery:
    """Whose agency the address means."""
    return OwnerQuery.model_construct(owner=request.args.get("owner") or None)


def _of_owner(view: AgencyView) -> dict[str, str]:
    return {"owner": view.owner} if caller().owner is None else {}


def _label(changed: Changed) -> str:
    if changed.path in HEADLINE:
        return HEADLINE[changed.path]
    head, row, column = changed.path.split(".")
    table = next(name for name in TABLES if name == head)
    return " · ".join((SHORT_TITLES[table], *cell_labels(table, row, column)))
