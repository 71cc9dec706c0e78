"""Figures of the service as a whole, for whoever watches it: a few questions that indexes answer.

They come from the database alone, so that every web process tells the same. Counts of what is kept grow with it and
fall when reports are deleted.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from workers.database import Database
from workers.failures import Failure
from workers.states import FINISHED, PageState, Status
from workers.tables import PageRow, ReadingRow, ReportRow

PAGE_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Upper bounds of the classes of time that a page takes: text some hundredths of a second, a scan some seconds."""
UNFINISHED = tuple(status for status in Status if status not in FINISHED)


@dataclass(frozen=True)
class Figures:
    reports: dict[str, int]
    """By status, all of them."""
    pages: dict[str, int]
    """By state, all of them."""
    failed_reports: dict[str, int]
    """By code of the failure."""
    failed_pages: dict[str, int]
    ages: dict[str, float]
    """Seconds since the oldest report of an unfinished status came in; only of those that have any."""
    page_seconds: list[int]
    """How many kept pages took at most as long as each of PAGE_SECONDS, and how many there are in all."""
    page_seconds_sum: float


def figures(database: Database) -> Figures:
    """All figures, as of one moment."""
    with database.read() as session:
        classes, seconds = _page_seconds(session)
        return Figures(
            reports=dict.fromkeys(Status, 0) | _counts(session, ReportRow.status),
            pages=dict.fromkeys(PageState, 0) | _counts(session, PageRow.state),
            failed_reports=_reasons(session, _failures(ReportRow.error, ReportRow.status == Status.FAILED)),
            failed_pages=_reasons(session, _failures(PageRow.error, PageRow.state == PageState.FAILED)),
            ages=_ages(session),
            page_seconds=classes,
            page_seconds_sum=seconds,
        )


def _counts(session: Session, column: Any) -> dict[str, int]:
    return dict(session.execute(select(column, func.count()).group_by(column)).all())


def _failures(error: Any, failed: ColumnElement[bool]) -> Select[Any]:
    """How often each failure, as JSON, has befallen something: few are worded differently."""
    return select(error, func.count()).where(failed, error.is_not(None)).group_by(error)


def _reasons(session: Session, failures: Select[Any]) -> dict[str, int]:
    reasons: Counter[str] = Counter()
    for error, count in session.execute(failures):
        reasons[Failure.model_validate_json(error).code] += count
    return dict(reasons)


def _ages(session: Session) -> dict[str, float]:
    now, ages = time.time(), {}
    for status in UNFINISHED:
        oldest = session.scalar(select(func.min(ReportRow.created_at)).where(ReportRow.status == status))
        if oldest is not None:
            ages[str(status)] = max(0.0, now - oldest)
    return ages


def _page_seconds(session: Session) -> tuple[list[int], float]:
    """Cumulative counts by PAGE_SECONDS, the last of all pages, and the sum of their seconds.

    Each class is a stretch of the index: to hold every page against every bound takes ten times as long.
    """
    counts, total, column = [0], 0.0, ReadingRow.seconds
    for above, bound in pairwise((float("-inf"), *PAGE_SECONDS, float("inf"))):
        within = select(func.count(), func.sum(column)).where(column > above, column <= bound)
        count, seconds = session.execute(within).one()
        counts.append(counts[-1] + count)
        total += seconds or 0.0
    return counts[1:], total
