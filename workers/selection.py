"""Which reports: what a list shows, page by page, and what an export takes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from workers.database import Database
from workers.grams import rarest_pair
from workers.states import Status
from workers.tables import AgencyNameRow, AgencyRow, BatchFileRow, FailedCheckRow, GramRow, ReportRow, ResultRow
from workers.views import ReportView, shown_result, views_of
from workers.words import having

AT_ONCE = 20
"""Results that an export fetches with one question; a result has some 100 KB."""


@dataclass(frozen=True)
class Selection:
    """Reports that fit all that is given."""

    agency: str | None = None
    """Part of its name."""
    year: int | None = None
    edition: str | None = None
    """Of the form: `form` of a report."""
    status: str | None = None
    """A state, or an outcome of the checks."""
    failed_check: str | None = None
    q: str | None = None
    """Words of the text, title, agency or file name."""
    batch: str | None = None
    """Reports of this batch."""
    id: Sequence[str] = ()
    """Any of these reports; none given: all."""
    sha256: Sequence[str] = ()
    """Any of these files; none given: all."""
    current: bool = False
    """Only what counts for its agency and year, however the agency is called: of several reports the newest."""


@dataclass(frozen=True)
class ReportPage:
    items: list[ReportView]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True)
class Taken:
    """A result on its way out."""

    result: str
    """As JSON, decisions of persons applied."""
    agency: str | None
    """The fullest name of its agency, whichever the report prints."""


@dataclass(frozen=True)
class Harvest:
    """What an export takes out. The results are fetched as they are asked for, a few at a time."""

    count: int
    """How many results there are."""
    without: int
    """How many reports were chosen that have no result: still being read, failed or canceled."""
    taken: Iterator[Taken]
    """Ordered by agency and year."""


def page_of(database: Database, selection: Selection, page: int, per_page: int, owner: str | None) -> ReportPage:
    """A page of the list, newest first."""
    with database.read() as session:
        wanted = _conditions(session, selection, owner)
        newest_first = select(ReportRow).where(*wanted).order_by(ReportRow.created_at.desc(), ReportRow.id.desc())
        total = _count(session, wanted)
        rows = session.scalars(newest_first.offset((page - 1) * per_page).limit(per_page)).all()
        return ReportPage(views_of(session, rows), total, page, per_page)


def harvest_of(database: Database, selection: Selection, owner: str | None) -> Harvest:
    """The results there are at this moment; one that is deleted before its turn is left out."""
    with database.read() as session:
        wanted = _conditions(session, selection, owner)
        with_result = select(ReportRow.id).join(ResultRow, ResultRow.report_id == ReportRow.id).where(*wanted)
        order = (ReportRow.agency.nulls_last(), ReportRow.year, ReportRow.created_at, ReportRow.id)
        ids = session.scalars(with_result.order_by(*order)).all()
        return Harvest(len(ids), _count(session, wanted) - len(ids), _taken(database, ids))


def _taken(database: Database, ids: Sequence[str]) -> Iterator[Taken]:
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        with database.read() as session:
            kept = (
                select(ResultRow, AgencyRow.name)
                .join(ReportRow, ReportRow.id == ResultRow.report_id)
                .outerjoin(AgencyNameRow, AgencyNameRow.id == ReportRow.name_id)
                .outerjoin(AgencyRow, AgencyRow.id == AgencyNameRow.agency_id)
                .where(ResultRow.report_id.in_(some))
            )
            found = {row.report_id: Taken(shown_result(session, row), name) for row, name in session.execute(kept)}
        yield from (found[report_id] for report_id in some if report_id in found)


def _count(session: Session, wanted: Sequence[ColumnElement[bool]]) -> int:
    return session.scalar(select(func.count()).select_from(ReportRow).where(*wanted)) or 0


def _conditions(session: Session, selection: Selection, owner: str | None) -> list[ColumnElement[bool]]:
    """What a report must fulfil, so put that only reports near to it are looked at."""
    wanted: list[ColumnElement[bool]] = []
    for column, values in ((ReportRow.id, selection.id), (ReportRow.sha256, selection.sha256)):
        if values:
            wanted.append(column.in_(values))
    if selection.batch:
        of_batch = select(BatchFileRow.report_id).where(BatchFileRow.batch_id == selection.batch)
        wanted.append(ReportRow.id.in_(of_batch.where(BatchFileRow.report_id.is_not(None))))
    if (found := having(session, (selection.q or "").split())) is not None:
        wanted.append(found)
    if pair := rarest_pair(session, [selection.agency or ""]):
        wanted.append(ReportRow.id.in_(select(GramRow.report_id).where(GramRow.gram == pair)))
    if selection.failed_check:
        failed = select(FailedCheckRow.report_id).where(FailedCheckRow.check_id == selection.failed_check)
        own = failed.where(FailedCheckRow.report_id == ReportRow.id)
        wanted.append(own.exists() if wanted else ReportRow.id.in_(failed))
    # coalesce: what has been found by now is not to be looked for among all that the owner has
    if owner is not None:
        wanted.append((func.coalesce(ReportRow.owner, "") if wanted else ReportRow.owner) == owner)
    if selection.agency:
        wanted.append(ReportRow.agency.contains(selection.agency, autoescape=True))
    if selection.year is not None:
        wanted.append(ReportRow.year == selection.year)
    if selection.edition:
        wanted.append(ReportRow.form == selection.edition)
    if selection.status in set(Status):
        wanted.append(ReportRow.status == selection.status)
    elif selection.status:
        wanted.append(ReportRow.validation_status == selection.status)
    if selection.current:
        kept = select(ResultRow.report_id).where(ResultRow.report_id == ReportRow.id).correlate(ReportRow)
        wanted += [ReportRow.name_id.is_not(None), ReportRow.year.is_not(None), kept.exists(), ~_newer()]
    return wanted


def _newer() -> ColumnElement[bool]:
    """Whether there is a newer report of the same agency and year, as `workers.years.reports_of` has them."""
    own, names, other, kept = aliased(AgencyNameRow), aliased(AgencyNameRow), aliased(ReportRow), aliased(ResultRow)
    return (
        select(other.id)
        .join(names, names.id == other.name_id)
        .join(own, own.agency_id == names.agency_id)
        .join(kept, kept.report_id == other.id)
        .where(
            own.id == ReportRow.name_id,
            other.year == ReportRow.year,
            tuple_(other.created_at, other.id) > tuple_(ReportRow.created_at, ReportRow.id),
        )
        .exists()
    )
