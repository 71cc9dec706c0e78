"""Batches: files that are sent together, read one by one, and stopped or tried again together."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from workers import states
from workers.audit import LOCAL, Action, Origin, note
from workers.batch_intake import Sent, UnknownBatch, accept, add_known, portions
from workers.batch_progress import ENDED_BATCHES, FileState, Progress, progress_of, state_column
from workers.failures import Failure
from workers.reports import NothingToCancel, NothingToRetry
from workers.runtime import Runtime
from workers.selection import ReportPage
from workers.states import AGAIN, Event, Stage
from workers.tables import AgencyNameRow, AgencyRow, BatchFileRow, BatchRow, ReportRow
from workers.views import NO_REPORT, moment, views_of

PORTION = 100
"""Reports that are sent for, stopped or begun again in one transaction."""
POLL_SECONDS = (0.05, 1.0)
"""Shortest and longest pause between two looks of a waiting request."""
POLL_GROWTH = 1.2


@dataclass(frozen=True)
class BatchView:
    """A batch as its owner sees it."""

    id: str
    owner: str
    name: str
    """Of the ZIP or folder; empty where there was none."""
    created_at: dt.datetime
    progress: Progress

    @property
    def files(self) -> int:
        return sum(self.progress.counts.values())


@dataclass(frozen=True)
class FileView:
    number: int
    name: str
    state: FileState
    report_id: str | None
    duplicate_of: int | None
    """Number of the file that has the same bytes, and so the same report."""
    error: Failure | None
    title: str | None
    validation_status: str | None


@dataclass(frozen=True)
class FilePage:
    items: list[FileView]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True)
class BatchPage:
    items: list[BatchView]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True)
class Standing:
    """What has been read of an agency's year."""

    agency: str | None
    """By the fullest of its names, whichever the report prints."""
    year: int | None
    report_id: str
    status: str
    validation_status: str | None


class Batches:
    """All batches of a service. An `owner` of None is an admin, to whom no batch is another's."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._database = runtime.database

    def submit(
        self, sent: Sequence[Sent], owner: str = "local", origin: Origin = LOCAL, key: str | None = None
    ) -> BatchView:
        """Take files and ZIPs in as a batch, all or nothing, and have read what is new, after all single uploads.

        The same files under the same key are the same batch. Raises DocumentError where nothing of it can be read or
        a limit is exceeded, and IdempotencyConflict.
        """
        return self._accept(sent, owner, origin, None, key)

    def add(self, batch_id: str, sent: Sequence[Sent], owner: str = "local", origin: Origin = LOCAL) -> BatchView:
        """Add more to a batch of one's own; what it has already stays as it is. Raises UnknownBatch, BatchCanceled."""
        return self._accept(sent, owner, origin, batch_id)

    def add_known(self, batch_id: str, files: Sequence[tuple[str, str]], owner: str = "local") -> BatchView:
        """Add files to a batch of one's own by their names and the ids of their reports, which are there already.

        Raises UnknownBatch, BatchCanceled, UnknownReport, LimitExceeded: then none of them has been added.
        """
        add_known(self._runtime, batch_id, files, owner)
        return self.get(batch_id, owner)

    def get(self, batch_id: str, owner: str | None = "local") -> BatchView:
        """How a batch stands; raises UnknownBatch."""
        with self._database.read() as session:
            return _views(session, [_owned(session, batch_id, owner)])[0]

    def wait(self, batch_id: str, seconds: float, owner: str | None = "local") -> BatchView:
        """The same, as soon as anything has changed, or after `seconds`."""
        deadline = time.monotonic() + seconds
        pause, longest = POLL_SECONDS
        first = view = self.get(batch_id, owner)
        while view.progress.status not in ENDED_BATCHES and time.monotonic() < deadline:
            if (view.progress.counts, view.progress.percent) != (first.progress.counts, first.progress.percent):
                break
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            pause = min(POLL_GROWTH * pause, longest)
            view = self.get(batch_id, owner)
        return view

    def search(self, page: int = 1, per_page: int = 20, owner: str | None = "local") -> BatchPage:
        """Batches, newest first."""
        mine = [] if owner is None else [BatchRow.owner == owner]
        newest_first = select(BatchRow).where(*mine).order_by(BatchRow.created_at.desc(), BatchRow.id.desc())
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(BatchRow).where(*mine)) or 0
            rows = session.scalars(newest_first.offset((page - 1) * per_page).limit(per_page)).all()
            return BatchPage(_views(session, rows), total, page, per_page)

    def files(
        self,
        batch_id: str,
        state: FileState | None = None,
        page: int = 1,
        per_page: int = 100,
        owner: str | None = "local",
    ) -> FilePage:
        """The files as they came, all or those of one state; raises UnknownBatch."""
        with self._database.read() as session:
            _owned(session, batch_id, owner)
            found = _files(batch_id, state_column().label("file_state"), BatchFileRow, ReportRow)
            if state is not None:
                found = found.where(state_column() == state)
            total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
            shown = found.order_by(BatchFileRow.number).offset((page - 1) * per_page).limit(per_page)
            return FilePage([_file_view(*row) for row in session.execute(shown)], total, page, per_page)

    def reports(self, batch_id: str, page: int = 1, per_page: int = 20, owner: str | None = "local") -> ReportPage:
        """Its reports as they came, each once; raises UnknownBatch."""
        with self._database.read() as session:
            _owned(session, batch_id, owner)
            found = (
                select(ReportRow)
                .join(BatchFileRow, BatchFileRow.report_id == ReportRow.id)
                .where(BatchFileRow.batch_id == batch_id, BatchFileRow.duplicate_of.is_(None))
            )
            total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
            shown = found.order_by(BatchFileRow.number).offset((page - 1) * per_page).limit(per_page)
            return ReportPage(views_of(session, session.scalars(shown).all()), total, page, per_page)

    def standings(self, batch_id: str, owner: str | None = "local") -> list[Standing]:
        """What has been read of which agency and year, in no order; raises UnknownBatch."""
        agency = func.coalesce(AgencyRow.name, ReportRow.agency)
        columns = (agency, ReportRow.year, ReportRow.id, ReportRow.status, ReportRow.validation_status)
        read = state_column().in_((FileState.SUCCEEDED, FileState.PARTIAL))
        found = (
            _files(batch_id, *columns)
            .outerjoin(AgencyNameRow, AgencyNameRow.id == ReportRow.name_id)
            .outerjoin(AgencyRow, AgencyRow.id == AgencyNameRow.agency_id)
            .where(BatchFileRow.duplicate_of.is_(None), read)
        )
        with self._database.read() as session:
            _owned(session, batch_id, owner)
            return [Standing(*row) for row in session.execute(found)]

    def cancel(self, batch_id: str, owner: str | None = "local", origin: Origin = LOCAL) -> BatchView:
        """Stop the reading of what nobody else waits for: no other batch, and nobody who has sent it by itself.

        Raises UnknownBatch, NothingToCancel.
        """
        with self._database.write() as session:
            batch = _owned(session, batch_id, owner)
            wanted = session.scalars(_only_wanted_by(batch_id)).all()
            if not wanted and _views(session, [batch])[0].progress.status in ENDED_BATCHES:
                raise NothingToCancel(batch_id)
            batch.canceled_at = batch.canceled_at or time.time()
        for some in portions(wanted, PORTION):
            with self._database.write() as session:
                for report_id in some:
                    if states.cancel(session, report_id):
                        note(session, origin, Action.CANCELLATION, report_id, {"batch": batch_id})
        return self.get(batch_id, owner)

    def retry(self, batch_id: str, owner: str | None = "local", origin: Origin = LOCAL) -> BatchView:
        """Read once more what failed, was read in part or was canceled. Raises UnknownBatch, NothingToRetry."""
        again = ReportRow.stage == Stage.DONE, ReportRow.status.in_(AGAIN[Event.RETRIED])
        with self._database.write() as session:
            batch = _owned(session, batch_id, owner)
            ended = session.scalars(
                _files(batch_id, ReportRow.id).where(*again, BatchFileRow.duplicate_of.is_(None))
            ).all()
            if not ended:
                raise NothingToRetry(batch_id)
            batch.begun_at, batch.canceled_at = time.time(), None
        for some in portions(ended, PORTION):
            with self._database.write() as session:
                begun = [id_ for id_ in some if states.begin_again(session, id_, Event.RETRIED)]
                for report_id in begun:
                    note(session, origin, Action.RETRY, report_id, {"batch": batch_id})
            self._send_for(begun)
        return self.get(batch_id, owner)

    def delete(self, batch_id: str, owner: str | None = "local", origin: Origin = LOCAL) -> None:
        """Forget what was sent together; the reports stay. Raises UnknownBatch."""
        with self._database.write() as session:
            batch = _owned(session, batch_id, owner)
            note(session, origin, Action.DELETION, detail={"batch": batch.id, "filename": batch.name})
            session.execute(delete(BatchRow).where(BatchRow.id == batch_id))

    def _accept(
        self, sent: Sequence[Sent], owner: str, origin: Origin, batch_id: str | None, key: str | None = None
    ) -> BatchView:
        batch_id, new = accept(self._runtime, sent, owner, origin, batch_id, key)
        self._send_for(new)
        return self.get(batch_id, owner)

    def _send_for(self, report_ids: Sequence[str]) -> None:
        """Have reports opened; when the queue does not answer, the reconciler sends for the rest."""
        for some in portions(report_ids, PORTION):
            unsent = ReportRow.id.in_(some), ReportRow.stage == Stage.OPENING, ReportRow.sent_at.is_(None)
            with self._database.write(lasting=False) as session:
                taking = update(ReportRow).where(*unsent).values(sent_at=time.time())
                taken = dict(session.execute(taking.returning(ReportRow.id, ReportRow.bulk)).all())
            turns = [(id_, taken[id_]) for id_ in some if id_ in taken]
            left = [id_ for id_, _ in dropwhile(lambda turn: self._runtime.messenger.open_report(*turn), turns)]
            if left:
                with self._database.write(lasting=False) as session:
                    session.execute(update(ReportRow).where(ReportRow.id.in_(left)).values(sent_at=None))
                return


def _owned(session: Session, batch_id: str, owner: str | None) -> BatchRow:
    batch = session.get(BatchRow, batch_id)
    if batch is None or owner not in (None, batch.owner):
        raise UnknownBatch(batch_id)
    return batch


def _views(session: Session, batches: Sequence[BatchRow]) -> list[BatchView]:
    progress = progress_of(session, batches)
    return [BatchView(b.id, b.owner, b.name, moment(b.created_at), progress[b.id]) for b in batches]


def _files(batch_id: str, *columns: Any) -> Any:
    """Columns of the files of a batch and of their reports."""
    return (
        select(*columns)
        .select_from(BatchFileRow)
        .outerjoin(ReportRow, ReportRow.id == BatchFileRow.report_id)
        .where(BatchFileRow.batch_id == batch_id)
    )


def _only_wanted_by(batch_id: str) -> Any:
    """Ids of the reports still to be read that came with a batch and that nobody else waits for."""
    other_file, other_batch = aliased(BatchFileRow), aliased(BatchRow)
    elsewhere: ColumnElement[bool] = (
        select(other_file.number)
        .join(other_batch, other_batch.id == other_file.batch_id)
        .where(
            other_file.report_id == ReportRow.id,
            other_file.batch_id != batch_id,
            other_batch.canceled_at.is_(None),
        )
        .exists()
    )
    return _files(batch_id, ReportRow.id).where(
        BatchFileRow.duplicate_of.is_(None), ReportRow.stage != Stage.DONE, ReportRow.bulk.is_(True), ~elsewhere
    )


def _file_view(state: str, file: BatchFileRow, report: ReportRow | None) -> FileView:
    error = file.error or (report and report.error)
    failure = Failure.model_validate_json(error) if error else None
    return FileView(
        number=file.number,
        name=file.name,
        state=FileState(state),
        report_id=file.report_id,
        duplicate_of=file.duplicate_of,
        error=NO_REPORT if state == FileState.NO_REPORT else failure,
        title=report.title if report else None,
        validation_status=report.validation_status if report else None,
    )
