"""Puts stranded work back: messages never sent or lost, and claims whose worker is gone.

It alone sends anything a second time. Any number of reconcilers may run at once: each send is
preceded by a compare-and-set on `sent_at`.
"""

from __future__ import annotations

import logging
import threading
import time

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.exc import NoResultFound

from workers import states
from workers.database import Database
from workers.failures import Cause
from workers.files import forget_strays
from workers.filing import file_report, prepare_change
from workers.forks import no_fork
from workers.logs import about
from workers.messages import Messenger
from workers.settings import Settings
from workers.states import OPEN_PAGES, Stage
from workers.store import Store
from workers.tables import UNFILED, PageRow, ReportRow
from workers.work import Work

log = logging.getLogger(__name__)

LOST_SECONDS = 10.0
"""A message this old, with nothing waiting in the queue, has been lost."""
NEVER = 0.0
"""No message is older."""
AnyRow = type[ReportRow] | type[PageRow]
TIDY_SECONDS = 3600.0
"""Pause between two looks for stray files."""
FILED_AT_ONCE = 50
"""Reports that one pass puts into the archive."""
BATCH = 500
"""Rows looked at in one pass; the rest waits for the next."""


class Reconciler:
    """Looks for stranded work, once or for ever."""

    def __init__(self, settings: Settings, database: Database, store: Store, messenger: Messenger, work: Work) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._messenger = messenger
        self._work = work
        self._cannot_be_filed: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        """Reconcile until told to stop; a database or broker that is away is tried again."""
        tidied = -TIDY_SECONDS
        with no_fork():
            self._messenger.kept_since()  # marks the queue before this worker sends for anything
        while not stop.wait(self._settings.reconcile_seconds):
            try:
                with no_fork():
                    self.reconcile()
                    if time.monotonic() - tidied > TIDY_SECONDS:
                        tidied = time.monotonic()
                        self.tidy()
            except Exception:
                log.exception("reconciling failed; trying again")

    def reconcile(self) -> int:
        """One pass; gives the number of messages sent."""
        self._set_aside()
        self._file_old()
        waiting = self._messenger.waiting()
        if waiting is None:
            return 0
        now = time.time()
        patience = LOST_SECONDS if waiting == 0 else self._settings.resend_seconds
        since = self._messenger.kept_since()
        emptied = since if since <= now else NEVER  # the clock may have been put back
        sent = self._resend_reports(emptied, BATCH) + self._resend_pages(emptied, BATCH)
        if lost := self._missing(waiting + sent):
            resent = self._resend_reports(now - patience, lost)
            sent += resent + self._resend_pages(now - patience, lost - resent)
        return sent

    def tidy(self) -> None:
        """Remove what uploads and deletions that were cut short have left in the store."""
        self._store.sweep()
        strays = forget_strays(self._database, self._store)
        if strays:
            log.warning("removed %d files that belonged to no report", strays)

    def _missing(self, waiting: int) -> int:
        """How many messages that were sent are neither answered nor waiting any more, up to BATCH.

        Without it a queue that is longer than a worker's patience would be sent all over again, and grow without end.
        """
        expected, now, lease = 0, time.time(), self._settings.lease_seconds
        with self._database.read() as session:
            for row, is_open in (
                (ReportRow, ReportRow.stage.in_((Stage.OPENING, Stage.ASSEMBLING))),
                (PageRow, PageRow.state.in_(OPEN_PAGES)),
            ):
                sent = (
                    select(row.sent_at)
                    .where(is_open, states.free(row, now, lease), row.sent_at.is_not(None))
                    .limit(waiting + BATCH)
                )
                expected += session.scalar(select(func.count()).select_from(sent.subquery())) or 0
        return max(0, min(expected - waiting, BATCH))

    def _resend_reports(self, before: float, most: int) -> int:
        with self._database.read() as session:
            rows = session.execute(
                select(ReportRow.id, ReportRow.stage, ReportRow.sent_at, ReportRow.bulk)
                .where(
                    ReportRow.stage.in_((Stage.OPENING, Stage.ASSEMBLING)),
                    ReportRow.attempts < self._settings.attempts,
                    self._stranded(ReportRow, before),
                )
                .order_by(ReportRow.bulk, ReportRow.created_at)
                .limit(most)
            ).all()
        sent = 0
        for report_id, stage, sent_at, bulk in rows:
            if self._take(ReportRow, sent_at, ReportRow.id == report_id):
                opening = stage == Stage.OPENING
                send = self._messenger.open_report if opening else self._messenger.assemble_report
                sent += send(report_id, bulk)
        return sent

    def _resend_pages(self, before: float, most: int) -> int:
        with self._database.read() as session:
            rows = session.execute(
                select(PageRow.report_id, PageRow.number, PageRow.sent_at, ReportRow.bulk)
                .join(ReportRow, ReportRow.id == PageRow.report_id)
                .where(
                    PageRow.state.in_(OPEN_PAGES),
                    PageRow.attempts < self._settings.attempts,
                    self._stranded(PageRow, before),
                )
                .limit(most)
            ).all()
        sent = 0
        for report_id, number, sent_at, bulk in rows:
            if self._take(PageRow, sent_at, PageRow.report_id == report_id, PageRow.number == number):
                sent += self._messenger.read_page(report_id, number, bulk)
        return sent

    def _stranded(self, row: AnyRow, before: float) -> ColumnElement[bool]:
        """Nobody holds it any more, and there was no message for it since, or the last one is too old.

        A message from the future was sent before the clock was put back: nobody knows how old it is.
        """
        now, lease = time.time(), self._settings.lease_seconds
        too_old = or_(row.sent_at < before, row.sent_at > now + lease)
        return and_(states.free(row, now, lease), or_(row.sent_at.is_(None), too_old, row.sent_at < row.lease_until))

    def _take(self, row: AnyRow, sent_at: float | None, *which: ColumnElement[bool]) -> bool:
        """Be the one who sends: true for one of several reconcilers that have seen the same `sent_at`.

        A lease from before the clock was put back ends here: else it would be sent for at every look.
        """
        now = time.time()
        same = row.sent_at.is_(None) if sent_at is None else row.sent_at == sent_at
        ended = case((row.lease_until > now, now), else_=row.lease_until)
        take = update(row).where(*which, same).values(sent_at=now, lease_until=ended).returning(row.sent_at)
        with self._database.write(lasting=False) as session:
            return session.execute(take).first() is not None

    def _set_aside(self) -> None:
        """End what has been tried too often: its last worker is gone or has given up."""
        now, lease = time.time(), self._settings.lease_seconds
        with self._database.read() as session:
            reports = session.execute(
                select(ReportRow.id, ReportRow.stage, ReportRow.broke)
                .where(
                    ReportRow.stage.in_((Stage.OPENING, Stage.ASSEMBLING)),
                    ReportRow.attempts >= self._settings.attempts,
                    states.free(ReportRow, now, lease),
                )
                .limit(BATCH)
            ).all()
            pages = session.execute(
                select(PageRow.report_id, PageRow.number, PageRow.broke)
                .where(
                    PageRow.state.in_(OPEN_PAGES),
                    PageRow.attempts >= self._settings.attempts,
                    states.free(PageRow, now, lease),
                )
                .limit(BATCH)
            ).all()
        tries = self._settings.attempts
        for report_id, stage, broke in reports:
            with about(report_id), self._database.write() as session:
                log.warning("the report has been tried %d times and is set aside", tries)
                states.set_report_aside(session, report_id, Stage(stage), lease, tries, _cause(broke))
        for report_id, number, broke in pages:
            with about(report_id, number):
                log.warning("the page has been tried %d times and is set aside", tries)
                self._work.give_up_page(report_id, number, _cause(broke))

    def _file_old(self) -> None:
        """Put reports into the archive that an earlier version has read; one that does not fit holds up no other."""
        unfiled = select(ReportRow.id, ReportRow.owner).where(UNFILED, ReportRow.id.not_in(self._cannot_be_filed))
        with self._database.read() as session:
            old = session.execute(unfiled.limit(FILED_AT_ONCE)).all()
        for report_id, owner in old:
            with about(report_id):
                try:
                    with self._database.write() as session:
                        file_report(session, report_id, prepare_change(session, report_id, owner))
                except (ValueError, NoResultFound):  # its result, or its neighbour's, is none; or it has just gone
                    log.exception("the report cannot be put into the archive")
                    self._cannot_be_filed.add(report_id)


def _cause(broke: str | None) -> Cause | None:
    return None if broke is None else Cause(broke)
