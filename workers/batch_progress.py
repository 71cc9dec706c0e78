"""How far batches have come: told by their reports alone, so that it is right whatever has become of these."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from workers.states import PageState, Status
from workers.tables import BatchFileRow, BatchRow, PageRow, ReportRow
from workers.views import is_no_report, moment

KNOWN_AFTER = 2.0
"""Reports that must have been read before it is said when the rest will be: the first says little of the others."""


class BatchStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELED = "canceled"


class FileState(StrEnum):
    """How a file of a batch stands: like its report, or why there is none."""

    QUEUED = Status.QUEUED.value
    RUNNING = Status.RUNNING.value
    SUCCEEDED = Status.SUCCEEDED.value
    PARTIAL = Status.PARTIAL.value
    FAILED = Status.FAILED.value
    CANCELED = Status.CANCELED.value
    NO_REPORT = "no_report"
    """It was read, and nothing of a report is in it."""
    REFUSED = "refused"
    """It was not taken in."""
    DELETED = "deleted"


OPEN = (FileState.QUEUED, FileState.RUNNING)
WITHOUT_REPORT = (FileState.REFUSED, FileState.DELETED)
"""Nothing is to be read of these."""
ENDED_BATCHES = frozenset({BatchStatus.FINISHED, BatchStatus.CANCELED})


@dataclass(frozen=True)
class Progress:
    status: BatchStatus
    counts: dict[str, int]
    """Files by state."""
    percent: int
    """0–100, 100 only when all has ended."""
    finished_at: dt.datetime | None
    expected_finish: dt.datetime | None
    """At the pace so far; None while that is not known, and when nothing is being read."""


@dataclass
class Tally:
    """What the files of a batch add up to; files of the same bytes are read once, and counted once but in `counts`."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(map(str, FileState), 0))
    total: int = 0
    ended: int = 0
    recent: int = 0
    """Ended since there was last something new to be read."""
    partly: float = 0.0
    """Of those that are being read: the shares of their pages that have been read."""
    since: float | None = None
    """When the first of them was begun."""
    finished_at: float | None = None


def state_column() -> ColumnElement[str]:
    """The FileState of a row of batch_files with its report."""
    return case(
        (BatchFileRow.error.is_not(None), str(FileState.REFUSED)),
        (ReportRow.id.is_(None), str(FileState.DELETED)),
        (is_no_report(), str(FileState.NO_REPORT)),
        else_=ReportRow.status,
    )


def progress_of(session: Session, batches: Sequence[BatchRow]) -> dict[str, Progress]:
    """The progress of each batch by its id, in two questions for all of them."""
    tallies = {batch.id: Tally() for batch in batches}
    for batch_id, state, *figures in session.execute(_sums(list(tallies))):
        _add(tallies[batch_id], FileState(state), *figures)
    running = [batch_id for batch_id, tally in tallies.items() if tally.counts[FileState.RUNNING]]
    if running:
        for batch_id, partly in session.execute(_shares_read(running)):
            tallies[batch_id].partly = partly
    return {batch.id: _progress(batch, tallies[batch.id]) for batch in batches}


def _sums(ids: Sequence[str]) -> Any:
    """By batch and state: files, those that are no duplicates, how many of these ended lately, the times."""
    state = state_column().label("file_state")
    once = BatchFileRow.duplicate_of.is_(None)
    lately = and_(once, ReportRow.finished_at >= BatchRow.begun_at)
    return (
        select(
            BatchFileRow.batch_id,
            state,
            func.count(),
            func.count(case((once, 1))),
            func.count(case((lately, 1))),
            func.min(case((ReportRow.started_at >= BatchRow.begun_at, ReportRow.started_at))),
            func.max(ReportRow.finished_at),
        )
        .join(BatchRow, BatchRow.id == BatchFileRow.batch_id)
        .outerjoin(ReportRow, ReportRow.id == BatchFileRow.report_id)
        .where(BatchFileRow.batch_id.in_(ids))
        .group_by(BatchFileRow.batch_id, state)
    )


def _shares_read(ids: Sequence[str]) -> Any:
    return (
        select(BatchFileRow.batch_id, func.sum(1.0 / ReportRow.pages_total))
        .join(ReportRow, ReportRow.id == BatchFileRow.report_id)
        .join(PageRow, PageRow.report_id == ReportRow.id)
        .where(
            BatchFileRow.batch_id.in_(ids),
            BatchFileRow.duplicate_of.is_(None),
            ReportRow.status == Status.RUNNING,
            PageRow.state.in_((PageState.READ, PageState.FAILED)),
        )
        .group_by(BatchFileRow.batch_id)
    )


def _add(
    tally: Tally, state: FileState, files: int, once: int, lately: int, since: float | None, finished_at: float | None
) -> None:
    tally.counts[state] += files
    if state in WITHOUT_REPORT:
        return
    tally.total += once
    if state not in OPEN:
        tally.ended += once
        tally.recent += lately
    tally.since = min((t for t in (tally.since, since) if t is not None), default=None)
    tally.finished_at = max((t for t in (tally.finished_at, finished_at) if t is not None), default=None)


def _progress(batch: BatchRow, tally: Tally) -> Progress:
    is_open = any(tally.counts[state] for state in OPEN)
    if batch.canceled_at is not None:
        status, ended_at = BatchStatus.CANCELED, batch.canceled_at
    elif not is_open:
        status, ended_at = BatchStatus.FINISHED, max(tally.finished_at or 0.0, batch.created_at)
    else:
        begun = tally.counts[FileState.RUNNING] or tally.recent
        status, ended_at = BatchStatus.RUNNING if begun else BatchStatus.QUEUED, None
    done = tally.ended + tally.partly
    return Progress(
        status=status,
        counts=tally.counts,
        percent=min(99, int(100 * done / tally.total)) if is_open else 100,
        finished_at=None if ended_at is None else moment(ended_at),
        expected_finish=_expected(tally, done) if status is BatchStatus.RUNNING else None,
    )


def _expected(tally: Tally, done: float) -> dt.datetime | None:
    now, read = time.time(), tally.recent + tally.partly
    if read < KNOWN_AFTER or tally.since is None:
        return None
    return moment(now + (tally.total - done) * (now - tally.since) / read)
