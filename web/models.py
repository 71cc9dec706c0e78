"""What the API takes and gives, as Pydantic models: openapi.json is made from them."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from extractors.report import Evidence, FormName, ReportStatus, Validation
from web.exports import CsvForm
from workers.selection import ReportPage
from workers.views import READ, ReportView

ReportState = Literal["queued", "running", "succeeded", "partial", "failed", "canceled"]
FINISHED: frozenset[str] = frozenset({"succeeded", "partial", "failed", "canceled"})
WITH_RESULT: frozenset[str] = frozenset(READ)
API = "/api/v1"
LONGEST_WAIT = 25.0
"""Seconds that a long poll may hold a thread of the server."""


class ReportPath(BaseModel):
    id: str = Field(description="the id that the upload was answered with")


class PagePath(ReportPath):
    number: int = Field(description="page of the file, from 1")


class DifferenceQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    other: str = Field(alias="with", description="id of the report to hold it against")


class WaitQuery(BaseModel):
    wait: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description=f"seconds to wait for progress before answering, at most {LONGEST_WAIT:g}",
    )


class UploadHeaders(BaseModel):
    idempotency_key: str | None = Field(
        default=None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="the same key and files give the same report or batch; needed only where the answer was lost",
    )


class SelectionQuery(BaseModel):
    """The fields of `workers.selection.Selection`."""

    model_config = ConfigDict(extra="forbid")

    agency: str | None = Field(default=None, description="part of the agency's name")
    year: int | None = Field(default=None, ge=1900, le=2999, description="year of the report")
    edition: FormName | None = Field(default=None, description="edition of the form, `form` of a report")
    status: ReportState | ReportStatus | None = Field(
        default=None,
        description=(
            "state of the reading (queued, running, succeeded, partial, failed, canceled) "
            "or outcome of the checks (passed, needs_review); `failed` finds the readings that failed"
        ),
    )
    failed_check: str | None = Field(default=None, description="id of a check that failed")
    q: str | None = Field(default=None, max_length=500, description="words of the text, title, agency or file name")
    batch: str | None = Field(default=None, description="id of a batch: its reports")
    id: list[str] = Field(default=[], max_length=500, description="any of these reports; may be repeated")
    sha256: list[str] = Field(default=[], max_length=500, description="any of these files; may be repeated")
    current: bool = Field(default=False, description="of several reports for an agency and year only the newest")


class SearchQuery(SelectionQuery):
    page: int = Field(default=1, ge=1, le=1_000_000)
    per_page: int = Field(default=20, ge=1, le=100)


class FormQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    form: CsvForm = Field(default="long", description="long: a line for each cell; wide: a line for each report")


class CsvQuery(SelectionQuery, FormQuery):
    pass


class Progress(BaseModel):
    pages_done: int
    pages_total: int | None = Field(description="null until the file has been opened")
    percent: int = Field(ge=0, le=100)


class ReportError(BaseModel):
    code: str = Field(description="stable; the last part of the problem type that `result` answers with")
    message: str
    message_zh: str


class Links(BaseModel):
    self: str
    result: str
    result_csv: str
    result_xlsx: str
    file: str
    pages: list[str] = Field(description="the picture of each page, once the file has been opened")
    cells: str = Field(description="what persons have decided; PATCH adds to it")
    html: str = Field(description="the report as a page for people")


class ReportBody(BaseModel):
    """A report and how far its reading has come."""

    id: str
    owner: str = Field(description="name of the token that it was sent with; `local` where none is needed")
    status: ReportState
    filename: str
    sha256: str
    size: int = Field(description="bytes")
    media_type: str | None
    progress: Progress
    queue_position: int | None = Field(description="1 is next; null unless queued")
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    error: ReportError | None = Field(
        description="why there is no result, or why another reading gave none and the earlier result stands"
    )
    title: str | None
    agency: str | None
    year: int | None
    form: FormName | None
    validation_status: ReportStatus | None
    failed_checks: list[str] = Field(description="ids of the checks that failed")
    review_count: int | None = Field(description="how many cells a person should look at")
    no_report: bool = Field(description="it was read, and nothing of an annual report is in it")
    links: Links


class PageLinks(BaseModel):
    next: str | None
    prev: str | None


class ReportList(BaseModel):
    items: list[ReportBody]
    total: int
    page: int
    per_page: int
    links: PageLinks


class CellDecision(BaseModel):
    """What is right at a path: `value`, or what stands there already."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(
        max_length=200,
        description=(
            "as in evidence and review: `requests.new_received.total`, `title`, `agency`, `year`, `published_on`; "
            "to accept only, also an absent table (`requests`), a row that fits no key (`unmatched.0`) "
            "or a page that could not be read (`pages.2`)"
        ),
    )
    value: bool | int | float | str | None = Field(
        default=None, description="the right figure; null where nothing is printed; a text or ISO date for the headline"
    )
    accept: bool = Field(default=False, description="the value is right as it is")
    seen: bool | int | float | str | None = Field(
        default=None, description="the value that the person saw; where another stands by now, the answer is 409"
    )


class CellsRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cells: list[CellDecision] = Field(min_length=1, max_length=1000)
    by: str | None = Field(default=None, max_length=64, description="who decides; “local user” where not given")


class CellsBody(BaseModel):
    """The report after the decisions: what its checks say now, and the cells that were named."""

    validation: Validation
    values: dict[str, int | float | str | None]
    evidence: dict[str, Evidence]


class DecisionBody(BaseModel):
    path: str
    accepted: bool = Field(description="the value was left as it was")
    value: int | float | str | None = Field(description="the value from then on")
    previous: int | float | str | None = Field(description="the value that stood there before")
    by: str
    at: dt.datetime


class Cells(BaseModel):
    items: list[DecisionBody]


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    status: Literal["ready"] = "ready"
    parts: dict[str, str] = Field(description="database, migrations, queue, store: each is `ok`")


def links_to(report_id: str, pages: int = 0) -> Links:
    at = f"{API}/reports/{report_id}"
    return Links(
        self=at,
        result=f"{at}/result",
        result_csv=f"{at}/result.csv",
        result_xlsx=f"{at}/result.xlsx",
        file=f"{at}/file",
        pages=[f"{at}/pages/{number}.png" for number in range(1, pages + 1)],
        cells=f"{at}/cells",
        html=f"/reports/{report_id}",
    )


def percent_of(view: ReportView) -> int:
    """0–100; 100 only when the reading is finished."""
    if view.status in WITH_RESULT:
        return 100
    return min(99, 100 * view.pages_done // view.pages_total) if view.pages_total else 0


def report_body(view: ReportView) -> ReportBody:
    error = view.error
    return ReportBody.model_validate(
        {
            "id": view.id,
            "owner": view.owner,
            "status": view.status,
            "filename": view.filename,
            "sha256": view.sha256,
            "size": view.size,
            "media_type": view.media_type,
            "progress": Progress(pages_done=view.pages_done, pages_total=view.pages_total, percent=percent_of(view)),
            "queue_position": view.queue_position,
            "created_at": view.created_at,
            "started_at": view.started_at,
            "finished_at": view.finished_at,
            "error": error and ReportError(code=error.code, message=error.message, message_zh=error.message_zh),
            "title": view.title,
            "agency": view.agency,
            "year": view.year,
            "form": view.form,
            "validation_status": view.validation_status,
            "failed_checks": list(view.failed_checks),
            "review_count": view.review_count,
            "no_report": view.no_report,
            "links": links_to(view.id, view.pages_total or 0),
        }
    )


def list_body(found: ReportPage, links: PageLinks) -> ReportList:
    return ReportList(
        items=[report_body(view) for view in found.items],
        total=found.total,
        page=found.page,
        per_page=found.per_page,
        links=links,
    )
