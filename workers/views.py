"""A report as its owner sees it, from the rows that hold it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from workers.failures import Failure
from workers.states import PageState, Status
from workers.tables import FailedCheckRow, PageRow, ReportRow, ResultRow
from workers.years import with_year_checks

READ = (Status.SUCCEEDED, Status.PARTIAL)
FOUND = ("title", "agency", "year", "form")
"""Columns of a report, of which a file that was read and is no report has none: a picture of a building, say."""
NO_REPORT = Failure(
    code="no-report",
    message="Nothing of an annual report was found in this file: no title, no agency, no year and no table.",
    message_zh="文件中没有找到年度报告的标题、机关、年度和表格，它可能不是年度报告。",
)


@dataclass(frozen=True)
class ReportView:
    """A report as its owner sees it; `status` is one of the values of `states.Status`."""

    id: str
    owner: str
    status: str
    filename: str
    sha256: str
    size: int
    media_type: str | None
    pages_total: int | None
    pages_done: int
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    queue_position: int | None
    """1 is next; None unless queued."""
    error: Failure | None
    """Why there is no result, or why another reading gave none and the earlier one stands."""
    title: str | None
    agency: str | None
    year: int | None
    form: str | None
    validation_status: str | None
    failed_checks: list[str]
    review_count: int | None

    @property
    def no_report(self) -> bool:
        """Whether it was read, and nothing of a report is in it."""
        return self.status in READ and all(getattr(self, column) is None for column in FOUND)


def is_no_report() -> ColumnElement[bool]:
    """The same of a row of reports."""
    return and_(ReportRow.status.in_(READ), *(getattr(ReportRow, column).is_(None) for column in FOUND))


def shown_result(session: Session, kept: ResultRow) -> str:
    """The result as everybody sees it, as JSON: decisions of persons applied, checks between years among its own."""
    return with_year_checks(session, kept.report_id, kept.decided or kept.result)


def views_of(session: Session, rows: Sequence[ReportRow]) -> list[ReportView]:
    """Views of several reports; what their rows do not hold is fetched for all of them at once."""
    ids = [row.id for row in rows]
    # counted with `case`: a condition on the state would have SQLite go through all pages ever read, by their state
    finished = case((PageRow.state.in_((PageState.READ, PageState.FAILED)), 1))
    done = dict(
        session.execute(
            select(PageRow.report_id, func.count(finished))
            .where(PageRow.report_id.in_(ids))
            .group_by(PageRow.report_id)
        ).all()
    )
    failed: dict[str, list[str]] = {}
    for report_id, check_id in session.execute(
        select(FailedCheckRow.report_id, FailedCheckRow.check_id)
        .where(FailedCheckRow.report_id.in_(ids))
        .order_by(FailedCheckRow.check_id)
    ):
        failed.setdefault(report_id, []).append(check_id)
    places = _places(session, rows)
    whole = {row.id: row.pages_total or 0 for row in rows if row.status in READ}
    return [_view(row, (done | whole).get(row.id, 0), places.get(row.id), failed.get(row.id, [])) for row in rows]


def _view(row: ReportRow, pages_done: int, place: int | None, failed_checks: list[str]) -> ReportView:
    return ReportView(
        id=row.id,
        owner=row.owner,
        status=row.status,
        filename=row.filename,
        sha256=row.sha256,
        size=row.size,
        media_type=row.media_type,
        pages_total=row.pages_total,
        pages_done=pages_done,
        created_at=moment(row.created_at),
        started_at=None if row.started_at is None else moment(row.started_at),
        finished_at=None if row.finished_at is None else moment(row.finished_at),
        queue_position=place,
        error=None if row.error is None else Failure.model_validate(json.loads(row.error)),
        title=row.title,
        agency=row.agency,
        year=row.year,
        form=row.form,
        validation_status=row.validation_status,
        failed_checks=failed_checks,
        review_count=row.review_count,
    )


def _places(session: Session, rows: Sequence[ReportRow]) -> dict[str, int]:
    """Places of the queued ones in the queue, 1 is next; what waits between two of them is counted once."""
    places: dict[str, int] = {}
    count = select(func.count()).where(ReportRow.status == Status.QUEUED)
    for bulk in (False, True):
        queued = [row for row in rows if row.status == Status.QUEUED and row.bulk is bulk]
        ahead, since = 0, float("-inf")
        if queued and bulk:
            ahead = session.scalar(count.where(ReportRow.bulk.is_(False))) or 0
        for row in sorted(queued, key=lambda row: row.created_at):
            between = ReportRow.created_at >= since, ReportRow.created_at < row.created_at
            ahead += session.scalar(count.where(ReportRow.bulk.is_(bulk), *between)) or 0
            places[row.id], since = ahead + 1, row.created_at
    return places


def moment(seconds: float) -> dt.datetime:
    """A time of the database."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
