"""The life of a report and of its pages: who may do what, when, and what comes of it.

Every change is one compare-and-set on a row, so that a message that comes twice, late or never
changes nothing. A worker claims work and gets a token; what it brings back counts only while the
row still bears that token. A claim ends with its lease: then anyone may take the work.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from workers.failures import SET_ASIDE, Cause, Failure
from workers.tables import PageRow, ReportRow, ResultRow


class Stage(StrEnum):
    """What a report waits for, or is in."""

    OPENING = "opening"
    READING = "reading"
    ASSEMBLING = "assembling"
    DONE = "done"


class Status(StrEnum):
    """What the person who sent it is told."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELED = "canceled"


class PageState(StrEnum):
    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    FAILED = "failed"
    CANCELED = "canceled"


class Event(StrEnum):
    """What happens to a report."""

    CLAIMED = "claimed"
    OPENED = "opened"
    LAST_PAGE = "last page finished"
    ASSEMBLED = "assembled"
    REFUSED = "refused"
    READINGS_GONE = "readings gone"
    CANCELED = "canceled"
    RETRIED = "retried"
    REREAD = "reread"


class PageEvent(StrEnum):
    """What happens to a page."""

    CLAIMED = "claimed"
    READ = "read"
    FAILED = "failed"
    READING_GONE = "reading gone"
    CANCELED = "canceled"


STAGES: dict[tuple[Stage, Event], Stage] = {
    (Stage.OPENING, Event.CLAIMED): Stage.OPENING,
    (Stage.OPENING, Event.OPENED): Stage.READING,
    (Stage.OPENING, Event.REFUSED): Stage.DONE,
    (Stage.READING, Event.LAST_PAGE): Stage.ASSEMBLING,
    (Stage.ASSEMBLING, Event.CLAIMED): Stage.ASSEMBLING,
    (Stage.ASSEMBLING, Event.ASSEMBLED): Stage.DONE,
    (Stage.ASSEMBLING, Event.REFUSED): Stage.DONE,
    (Stage.ASSEMBLING, Event.READINGS_GONE): Stage.READING,
    (Stage.OPENING, Event.CANCELED): Stage.DONE,
    (Stage.READING, Event.CANCELED): Stage.DONE,
    (Stage.ASSEMBLING, Event.CANCELED): Stage.DONE,
    (Stage.DONE, Event.RETRIED): Stage.OPENING,
    (Stage.DONE, Event.REREAD): Stage.OPENING,
}
"""The transitions of a report; what is not here does not happen."""

PAGES: dict[tuple[PageState, PageEvent], PageState] = {
    (PageState.WAITING, PageEvent.CLAIMED): PageState.READING,
    (PageState.READING, PageEvent.CLAIMED): PageState.READING,
    (PageState.READING, PageEvent.READ): PageState.READ,
    (PageState.READING, PageEvent.FAILED): PageState.FAILED,
    (PageState.READ, PageEvent.READING_GONE): PageState.WAITING,
    (PageState.WAITING, PageEvent.CANCELED): PageState.CANCELED,
    (PageState.READING, PageEvent.CANCELED): PageState.CANCELED,
}
"""The transitions of a page. A report that is read again is opened again, and gets new pages."""

OPEN_PAGES = (PageState.WAITING, PageState.READING)
FINISHED = frozenset({Status.SUCCEEDED, Status.PARTIAL, Status.FAILED, Status.CANCELED})
AGAIN: dict[Event, frozenset[Status]] = {
    Event.RETRIED: FINISHED - {Status.SUCCEEDED},
    Event.REREAD: FINISHED,
}
"""How a report must have ended for a person to have it read again."""


@dataclass(frozen=True)
class Claim:
    """The right to work on a report's opening or assembly (`number` None) or on one of its pages."""

    report_id: str
    number: int | None
    token: str
    attempt: int


def claim_report(
    session: Session, report_id: str, stage: Stage, lease: float, attempts: int, holder: str = ""
) -> Claim | None:
    """Take the opening or the assembly of a report; None when it is taken, done or has been tried too often."""
    assert (stage, Event.CLAIMED) in STAGES
    now = time.time()
    token = _token(holder)
    changed = session.execute(
        update(ReportRow)
        .where(
            ReportRow.id == report_id,
            ReportRow.stage == stage,
            ReportRow.attempts < attempts,
            free(ReportRow, now, lease),
        )
        .values(
            claim=token,
            lease_until=now + lease,
            attempts=ReportRow.attempts + 1,
            broke=None,
            status=Status.RUNNING,
            started_at=func.coalesce(ReportRow.started_at, now),
        )
        .returning(ReportRow.attempts)
    ).scalar_one_or_none()
    return None if changed is None else Claim(report_id, None, token, changed)


def claim_page(
    session: Session, report_id: str, number: int, lease: float, attempts: int, holder: str = ""
) -> Claim | None:
    """Take a page; None when it is taken, finished or has been tried too often."""
    now = time.time()
    token = _token(holder)
    changed = session.execute(
        update(PageRow)
        .where(
            PageRow.report_id == report_id,
            PageRow.number == number,
            _allows(PageEvent.CLAIMED),
            PageRow.attempts < attempts,
            free(PageRow, now, lease),
        )
        .values(
            state=_after(PageEvent.CLAIMED),
            claim=token,
            lease_until=now + lease,
            attempts=PageRow.attempts + 1,
            broke=None,
        )
        .returning(PageRow.attempts)
    ).scalar_one_or_none()
    return None if changed is None else Claim(report_id, number, token, changed)


def open_report(session: Session, claim: Claim, pages: dict[int, PageState], **columns: Any) -> bool:
    """The file has been opened: create its pages. False when the claim is no longer good."""
    if not _move(session, claim, Stage.OPENING, Event.OPENED, pages_total=len(pages), **columns):
        return False
    session.add_all(PageRow(report_id=claim.report_id, number=n, state=state, attempts=0) for n, state in pages.items())
    session.flush()
    return True


def finish_page(session: Session, claim: Claim, error: Failure | None = None) -> bool:
    """Write what became of a page. False when the claim is no longer good."""
    event = PageEvent.READ if error is None else PageEvent.FAILED
    lock_report(session, claim.report_id)
    changed = session.execute(
        update(PageRow)
        .where(
            PageRow.report_id == claim.report_id,
            PageRow.number == claim.number,
            PageRow.claim == claim.token,
            _allows(event),
        )
        .values(state=_after(event), error=error and error.model_dump_json(), claim=None, lease_until=None)
        .returning(PageRow.number)
    ).scalar_one_or_none()
    return changed is not None


def begin_assembly(session: Session, report_id: str, lease: float, holder: str = "") -> Claim | None:
    """Take the assembly if no page is open any more; to be called in the transaction that finished a page.

    Exactly one caller gets it: the report's row is locked, so that of two workers that finish the
    last two pages at once the second one sees the first one's page.
    """
    lock_report(session, report_id)
    still_open = session.scalar(
        select(func.count()).where(PageRow.report_id == report_id, PageRow.state.in_(OPEN_PAGES))
    )
    if still_open:
        return None
    now = time.time()
    token = _token(holder)
    changed = session.execute(
        update(ReportRow)
        .where(ReportRow.id == report_id, ReportRow.stage == Stage.READING)
        .values(stage=STAGES[Stage.READING, Event.LAST_PAGE], claim=token, lease_until=now + lease, attempts=1)
        .returning(ReportRow.id)
    ).scalar_one_or_none()
    return None if changed is None else Claim(report_id, None, token, 1)


def finish_report(session: Session, claim: Claim, status: Status, **columns: Any) -> bool:
    """The report has been assembled. False when the claim is no longer good."""
    return _move(session, claim, Stage.ASSEMBLING, Event.ASSEMBLED, status=status, finished_at=time.time(), **columns)


def refuse_report(session: Session, claim: Claim, stage: Stage, error: Failure) -> bool:
    """The file cannot be read, or not as well as before. False when the claim is no longer good."""
    return _move(
        session,
        claim,
        stage,
        Event.REFUSED,
        status=_or_as_before(Status.FAILED),
        finished_at=time.time(),
        error=error.model_dump_json(),
    )


def reopen_pages(session: Session, claim: Claim, numbers: Sequence[int]) -> bool:
    """Have pages read again whose readings are of no use any more. False when the claim is no longer good."""
    if not _move(session, claim, Stage.ASSEMBLING, Event.READINGS_GONE):
        return False
    session.execute(
        update(PageRow)
        .where(PageRow.report_id == claim.report_id, PageRow.number.in_(numbers), _allows(PageEvent.READING_GONE))
        .values(state=_after(PageEvent.READING_GONE), attempts=0, sent_at=None)
    )
    return True


def cancel(session: Session, report_id: str) -> bool:
    """End a report wherever it stands; who works on it finds his claim gone. False when it has ended already."""
    stages = [stage for stage, event in STAGES if event is Event.CANCELED]
    status = _or_as_before(Status.CANCELED)
    changed = session.execute(
        update(ReportRow)
        .where(ReportRow.id == report_id, ReportRow.stage.in_(stages))
        .values(stage=Stage.DONE, status=status, finished_at=time.time(), claim=None, lease_until=None)
        .returning(ReportRow.id)
    ).scalar_one_or_none()
    if changed is None:
        return False
    session.execute(
        update(PageRow)
        .where(PageRow.report_id == report_id, _allows(PageEvent.CANCELED))
        .values(state=_after(PageEvent.CANCELED), claim=None, lease_until=None)
    )
    return True


def begin_again(session: Session, report_id: str, event: Event) -> bool:
    """Have a report opened again (RETRIED, REREAD), tries counted anew. False where it has not ended so that it may.

    Its pages go; the readings that they gave stay, so that these are not read a second time. So does its result,
    with what the lists say of it, until there is another.
    """
    changed = session.execute(
        update(ReportRow)
        .where(ReportRow.id == report_id, ReportRow.stage == Stage.DONE, ReportRow.status.in_(AGAIN[event]))
        .values(
            stage=STAGES[Stage.DONE, event],
            status=Status.QUEUED,
            attempts=0,
            sent_at=None,
            started_at=None,
            finished_at=None,
            error=None,
        )
        .returning(ReportRow.id)
    ).scalar_one_or_none()
    if changed is None:
        return False
    session.execute(delete(PageRow).where(PageRow.report_id == report_id))
    return True


def overtake(session: Session, report_id: str) -> bool:
    """Have what is left to be done for a report done before bulk work. False where it is so already, or nothing is."""
    changed = session.execute(
        update(ReportRow)
        .where(ReportRow.id == report_id, ReportRow.stage != Stage.DONE, ReportRow.bulk.is_(True))
        .values(bulk=False, sent_at=None)
        .returning(ReportRow.id)
    ).scalar_one_or_none()
    if changed is None:
        return False
    waiting = update(PageRow).where(PageRow.report_id == report_id, PageRow.state == PageState.WAITING)
    session.execute(waiting.values(sent_at=None))
    return True


def give_back(session: Session, claim: Claim, cause: Cause | None) -> None:
    """Let go of work that broke off, so that it need not wait for its lease to run out.

    Without a cause the work is not to blame, and this was none of its tries.
    """
    row = ReportRow if claim.number is None else PageRow
    where = [row.claim == claim.token]
    where += [ReportRow.id == claim.report_id] if claim.number is None else [PageRow.report_id == claim.report_id]
    tries = row.attempts if cause else row.attempts - 1
    theirs = update(row).where(*where)
    session.execute(theirs.values(claim=None, lease_until=None, sent_at=None, broke=cause, attempts=tries))


def release_holder(session: Session, report_id: str, holder: str, cause: Cause) -> None:
    """Let go of what a worker process held when it died."""
    for row, column in ((ReportRow, ReportRow.id), (PageRow, PageRow.report_id)):
        theirs = row.claim.startswith(_short(holder), autoescape=True)
        session.execute(
            update(row)
            .where(column == report_id, theirs)
            .values(claim=None, lease_until=None, sent_at=None, broke=cause)
        )


def lock_report(session: Session, report_id: str) -> None:
    """Hold the report's row until the transaction ends (SQLite holds the whole database already)."""
    session.execute(select(ReportRow.id).where(ReportRow.id == report_id).with_for_update())


def _move(session: Session, claim: Claim, stage: Stage, event: Event, **columns: Any) -> bool:
    """Take a report from one stage to the next under a claim, which ends with it."""
    changed = session.execute(
        update(ReportRow)
        .where(ReportRow.id == claim.report_id, ReportRow.stage == stage, ReportRow.claim == claim.token)
        .values(stage=STAGES[stage, event], claim=None, lease_until=None, attempts=0, sent_at=None, **columns)
        .returning(ReportRow.id)
    ).scalar_one_or_none()
    return changed is not None


def _or_as_before(status: Status) -> ColumnElement[str]:
    """What a report has come to that ends without a new result: an earlier one stands, and so does the report."""
    earlier = select(ResultRow.status).where(ResultRow.report_id == ReportRow.id).scalar_subquery()
    return func.coalesce(earlier, status)


def free(row: type[ReportRow] | type[PageRow], now: float, lease: float) -> ColumnElement[bool]:
    """Nobody holds it, or whoever held it has let the lease run out.

    A lease that runs for longer than any does was given before the clock was put back: nobody knows its end.
    """
    return or_(row.claim.is_(None), row.lease_until < now, row.lease_until > now + 2 * lease)


def _allows(event: PageEvent) -> ColumnElement[bool]:
    """The page is in a state in which this can happen to it."""
    return PageRow.state.in_([state for state, happens in PAGES if happens is event])


def _after(event: PageEvent) -> PageState:
    """The state that this leads to, from whichever other."""
    (state,) = {state for (_, happens), state in PAGES.items() if happens is event}
    return state


def mark_sent(session: Session, report_id: str, numbers: Sequence[int] = ()) -> None:
    """Note that messages for some pages of a report, or else for the report, have been handed to the queue."""
    if numbers:
        pages = update(PageRow).where(PageRow.report_id == report_id, PageRow.number.in_(numbers))
        session.execute(pages.values(sent_at=time.time()))
    else:
        session.execute(update(ReportRow).where(ReportRow.id == report_id).values(sent_at=time.time()))


def mark_unsent(session: Session, report_id: str, number: int | None) -> None:
    """Have a message for a page or, without a number, for a report sent again."""
    if number is None:
        row = update(ReportRow).where(ReportRow.id == report_id)
    else:
        row = update(PageRow).where(PageRow.report_id == report_id, PageRow.number == number)
    session.execute(row.values(sent_at=None))


def set_report_aside(
    session: Session, report_id: str, stage: Stage, lease: float, attempts: int, cause: Cause | None
) -> None:
    """End an opening or assembly that nobody holds and that has been tried too often."""
    assert (stage, Event.REFUSED) in STAGES
    session.execute(
        update(ReportRow)
        .where(
            ReportRow.id == report_id,
            ReportRow.stage == stage,
            ReportRow.attempts >= attempts,
            free(ReportRow, time.time(), lease),
        )
        .values(
            stage=STAGES[stage, Event.REFUSED],
            status=_or_as_before(Status.FAILED),
            finished_at=time.time(),
            error=SET_ASIDE[cause].model_dump_json(),
            claim=None,
            lease_until=None,
        )
    )


def claim_exhausted_page(session: Session, report_id: str, number: int, lease: float, attempts: int) -> Claim | None:
    """Take a page that has been tried too often, to mark it failed; one caller gets it."""
    now = time.time()
    token = _token()
    attempt = session.execute(
        update(PageRow)
        .where(
            PageRow.report_id == report_id,
            PageRow.number == number,
            _allows(PageEvent.CLAIMED),
            PageRow.attempts >= attempts,
            free(PageRow, now, lease),
        )
        .values(state=_after(PageEvent.CLAIMED), claim=token, lease_until=now + lease)
        .returning(PageRow.attempts)
    ).scalar_one_or_none()
    return None if attempt is None else Claim(report_id, number, token, attempt)


def release_all(session: Session, stopped: bool = False) -> None:
    """Let go of every claim: only where it is certain that no worker runs.

    Where all were told to stop, what this cut off was none of the tries.
    """
    for row in (ReportRow, PageRow):
        tries = row.attempts - 1 if stopped else row.attempts
        held = update(row).where(row.claim.is_not(None))
        session.execute(held.values(claim=None, lease_until=None, sent_at=None, attempts=tries))


def _token(holder: str = "") -> str:
    """A token that nobody has had before; it begins with the holder, so that a dead one's claims can be found."""
    return (_short(holder) + uuid.uuid4().hex)[:32]


def _short(holder: str) -> str:
    return holder.replace("-", "")[:16]
