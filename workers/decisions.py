"""Decisions of persons: kept one and all, and applied to the result in the same transaction."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from extractors.decisions import Decision, decide, is_entry, value_at
from extractors.report import Result
from extractors.said import Said, WrongDecision, as_json
from workers.summary import columns_of, cut, note_findings
from workers.tables import DecisionRow, ReportRow, ResultRow
from workers.views import moment

SOMEBODY = "local user"
"""Who decides, where nobody gives a name."""


@dataclass(frozen=True)
class Change:
    """What a person says of the value at a path: right as it is (`accepted`), or that it is `value`."""

    path: str
    value: Said = None
    accepted: bool = False
    seen: str | None = None
    """JSON of the value that the person saw, where he says so: then no other may have come to stand there."""


class Overtaken(Exception):
    """Somebody else has decided meanwhile: at `path` stands another value than the person saw."""

    def __init__(self, path: str, value: Said) -> None:
        super().__init__(path)
        self.path, self.value = path, as_json(value)


@dataclass(frozen=True)
class DecisionView:
    """A decision as it was taken; `previous` is the value that stood before it."""

    path: str
    accepted: bool
    value: int | float | str | None
    previous: int | float | str | None
    by: str
    at: dt.datetime


def record(session: Session, kept: ResultRow, changes: Sequence[Change], by: str | None) -> Result:
    """Add decisions, all or none, to a report whose row is locked; gives the result as it is now.

    Raises WrongDecision and Overtaken.
    """
    machine = Result.model_validate_json(kept.result)
    before = Result.model_validate_json(kept.decided or kept.result)
    now = time.time()
    person = cut((by or "").strip(), 64) or SOMEBODY
    paths = [change.path for change in changes]
    for path in paths:
        if paths.count(path) > 1:
            raise WrongDecision(path, "it is named twice in one request.", "同一次提交中出现了两次。")
    stands = {path: value_at(before, path) for path in paths}
    for change in changes:
        if _overtaken(change, stands[change.path]):
            raise Overtaken(change.path, stands[change.path])
    taken = [
        Decision(c.path, person, moment(now), stands[c.path] if c.accepted else c.value, c.accepted) for c in changes
    ]
    known = [_decision(view) for view in history(session, kept.report_id)]
    result = decide(machine, taken, known)
    session.add_all(_row(kept.report_id, decision, stands[decision.path], result, now) for decision in taken)
    kept.decided = result.model_dump_json()
    _summarise(session, kept.report_id, result)
    session.flush()
    return result


def carry_over(session: Session, report_id: str, result: Result) -> Result | None:
    """A new result of a report with what persons have decided about earlier ones; None where they have not."""
    known = [_decision(view) for view in history(session, report_id)]
    return decide(result, [], known) if known else None


def history(session: Session, report_id: str) -> list[DecisionView]:
    """All decisions about a report, in the order in which they were taken."""
    rows = session.scalars(select(DecisionRow).where(DecisionRow.report_id == report_id).order_by(DecisionRow.id))
    return [
        DecisionView(
            path=row.path,
            accepted=row.accepted,
            value=json.loads(row.value),
            previous=json.loads(row.previous),
            by=row.person,
            at=moment(row.decided_at),
        )
        for row in rows
    ]


def _overtaken(change: Change, stands: Said) -> bool:
    if change.seen is None:
        return False
    try:
        return bool(json.loads(change.seen) != as_json(stands))
    except (ValueError, RecursionError):
        return True


def _decision(view: DecisionView) -> Decision:
    return Decision(view.path, view.by, view.at, view.value, view.accepted)


def _row(report_id: str, decision: Decision, before: Said, after: Result, now: float) -> DecisionRow:
    path = decision.path
    noted = None if is_entry(after, path) else after.evidence[path].decision
    return DecisionRow(
        report_id=report_id,
        path=path,
        accepted=noted is None or noted.accepted,
        value=json.dumps(as_json(value_at(after, path)), ensure_ascii=False),
        previous=json.dumps(as_json(before), ensure_ascii=False),
        person=decision.by,
        decided_at=now,
    )


def _summarise(session: Session, report_id: str, result: Result) -> None:
    """Have the list of reports say what the result says now."""
    session.execute(update(ReportRow).where(ReportRow.id == report_id).values(**columns_of(result)))
    filename = session.scalars(select(ReportRow.filename).where(ReportRow.id == report_id)).one()
    note_findings(session, report_id, filename, result)
