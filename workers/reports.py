"""What the web front end asks for: take a report in, tell how it stands, hand out its result."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from extractors.report import Result
from workers import states
from workers.access import Access
from workers.archive import Archive
from workers.audit import LOCAL, Action, AuditEntry, Origin, entries, note
from workers.database import hold
from workers.decisions import Change, DecisionView, history, record
from workers.failures import Failure
from workers.figures import Figures, figures
from workers.files import forget_file
from workers.filing import file_report, prepare_change, take_out
from workers.messages import Messenger
from workers.outages import StoreAway
from workers.runtime import Runtime
from workers.selection import Harvest, ReportPage, Selection, harvest_of, page_of
from workers.settings import Settings
from workers.states import FINISHED, Event, Stage, Status
from workers.store import Staged
from workers.tables import IdempotencyRow, ReportRow, ResultRow
from workers.views import ReportView, shown_result, views_of
from workers.words import forget_words, note_words

log = logging.getLogger(__name__)

POLL_SECONDS = (0.01, 0.25)
"""Shortest and longest pause between two looks of a waiting request: a page of text takes some milliseconds, a scanned
one seconds."""
POLL_GROWTH = 1.2
"""A pause is so much longer than the one before it: what has just changed is known within a fifth of the time that it
took."""
PICTURE_POLL_SECONDS = 0.05
"""Shortest pause of one that waits for a picture."""
AUDITED = {Event.RETRIED: Action.RETRY, Event.REREAD: Action.REREAD}


class UnknownReport(Exception):
    """There is no such report, or it is another owner's."""


class NotFinished(Exception):
    """The result is not there yet."""

    def __init__(self, view: ReportView) -> None:
        super().__init__(view.id)
        self.view = view


class NoResult(Exception):
    """The report is finished but has no result; the view says why."""

    def __init__(self, view: ReportView) -> None:
        super().__init__(view.id)
        self.view = view


class NothingToCancel(Exception):
    """The report has ended already."""


class NothingToRetry(Exception):
    """The report was read whole, or is still being read."""


class UnknownPage(Exception):
    """The file has no page of this number."""


class NoPicture(Exception):
    """The page cannot be drawn; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class PictureNotReady(Exception):
    """The picture has been sent for but is not there yet."""


class IdempotencyConflict(Exception):
    """The key has been used for another file."""


@dataclass(frozen=True)
class StoredFile:
    path: Path
    filename: str
    media_type: str | None


class Reports:
    """All reports of a service; made once a process.

    An `owner` of None is an admin, to whom no report is another's.
    """

    def __init__(self, settings: Settings, messenger: Messenger | None = None) -> None:
        self._runtime = Runtime(settings, messenger)
        self._database = self._runtime.database

    def submit(
        self,
        stream: IO[bytes],
        filename: str,
        owner: str = "local",
        idempotency_key: str | None = None,
        origin: Origin = LOCAL,
    ) -> tuple[ReportView, bool]:
        """Take a file in: judged, kept, noted, committed, and only then sent for. (view, whether it is new).

        The same bytes from the same owner are the same report; one that waits among bulk work does so no longer.
        Raises DocumentError for a file that is empty, too large or of no known kind, and IdempotencyConflict.
        """
        filename = filename.replace("\0", "")[:255]
        with self._runtime.store.stage(stream, self._runtime.settings.limits) as staged:
            try:
                report_id, created, wanted = self._register(staged, filename, owner, idempotency_key, origin)
            except Exception:
                with suppress(Exception):  # what is left then is found by `forget_strays`
                    forget_file(self._database, self._runtime.store, staged.sha256)
                raise
        if wanted:
            self._send_for(report_id)
        return self.get(report_id, owner), created

    def cancel(self, report_id: str, owner: str | None = "local", origin: Origin = LOCAL) -> ReportView:
        """Stop the reading; what is being read meanwhile writes nothing, and an earlier result stands.

        Raises UnknownReport, NothingToCancel.
        """
        with self._database.write() as session:
            _owned(session, report_id, owner)
            if not states.cancel(session, report_id):
                raise NothingToCancel(report_id)
            note(session, origin, Action.CANCELLATION, report_id)
        return self.get(report_id, owner)

    def retry(self, report_id: str, owner: str | None = "local", origin: Origin = LOCAL) -> ReportView:
        """Read what could not be read, or was not by the time it was canceled, once more; nothing else.

        Raises UnknownReport, NothingToRetry.
        """
        if not self._begin_again(report_id, Event.RETRIED, owner, origin):
            raise NothingToRetry(report_id)
        return self.get(report_id, owner)

    def reread(self, report_id: str, owner: str | None = "local", origin: Origin = LOCAL) -> ReportView:
        """Make the result anew with the present engine; decisions stay, and the result until there is another.

        Raises UnknownReport, NotFinished.
        """
        if not self._begin_again(report_id, Event.REREAD, owner, origin):
            raise NotFinished(self.get(report_id, owner))
        return self.get(report_id, owner)

    def get(self, report_id: str, owner: str | None = "local") -> ReportView:
        """How a report stands; raises UnknownReport."""
        with self._database.read() as session:
            return views_of(session, [_owned(session, report_id, owner)])[0]

    def wait(self, report_id: str, seconds: float, owner: str | None = "local") -> ReportView:
        """The same, as soon as anything has changed, or after `seconds`."""
        deadline = time.monotonic() + seconds
        pause, longest = POLL_SECONDS
        first = view = self.get(report_id, owner)
        while view.status not in FINISHED and time.monotonic() < deadline:
            if (view.status, view.pages_done) != (first.status, first.pages_done):
                break
            time.sleep(pause)
            pause = min(POLL_GROWTH * pause, longest)
            view = self.get(report_id, owner)
        return view

    def result(self, report_id: str, owner: str | None = "local") -> str:
        """The result as JSON, decisions of persons applied, checks between years among its own; of a report that is
        read again the earlier one.

        Raises UnknownReport, NotFinished, NoResult.
        """
        with self._database.read() as session:
            return shown_result(session, _with_result(session, report_id, owner))

    def decide(
        self,
        report_id: str,
        changes: Sequence[Change],
        by: str | None = None,
        owner: str | None = "local",
        origin: Origin = LOCAL,
    ) -> Result:
        """Keep what a person decides about values, all or nothing; gives the result as it is then.

        Raises UnknownReport, NotFinished, NoResult, and WrongDecision or Overtaken, which name the path.
        """
        with self._database.write() as session:
            filed = prepare_change(session, report_id, _owned(session, report_id, owner).owner)
            states.lock_report(session, report_id)
            record(session, _with_result(session, report_id, owner), changes, by)
            file_report(session, report_id, filed)
            note(session, origin, Action.CORRECTION, report_id, {"paths": [change.path for change in changes]})
            session.flush()
            return Result.model_validate_json(shown_result(session, _with_result(session, report_id, owner)))

    def decisions(self, report_id: str, owner: str | None = "local") -> list[DecisionView]:
        """All decisions about a report, the oldest first; raises UnknownReport."""
        with self._database.read() as session:
            _owned(session, report_id, owner)
            return history(session, report_id)

    def search(self, page: int = 1, per_page: int = 20, owner: str | None = "local", **wanted: Any) -> ReportPage:
        """Reports that fit all that is `wanted`, the fields of a Selection; newest first."""
        return page_of(self._database, Selection(**wanted), page, per_page, owner)

    def harvest(self, owner: str | None = "local", **wanted: Any) -> Harvest:
        """The results of all reports that fit, see `search`; those without one are counted and left out."""
        return harvest_of(self._database, Selection(**wanted), owner)

    def delete(self, report_id: str, owner: str | None = "local", origin: Origin = LOCAL) -> None:
        """Remove a report with its result; its file and page readings too, unless another report has them.

        What is being read meanwhile finds no row to write to.
        """
        with self._database.write() as session:
            row = _owned(session, report_id, owner)
            sha256, about = row.sha256, {"filename": row.filename, "owner": row.owner, "sha256": row.sha256}
            filed = prepare_change(session, report_id, row.owner)
            forget_words(session, report_id)
            gone = session.execute(delete(ReportRow).where(ReportRow.id == report_id).returning(ReportRow.id)).first()
            if gone is None:  # another request has been faster
                raise UnknownReport(report_id)
            take_out(session, filed)
            note(session, origin, Action.DELETION, report_id, about)
        try:
            forget_file(self._database, self._runtime.store, sha256)
        except StoreAway:
            log.warning("the store of files does not answer: a deleted report's file is removed later")

    def file(self, report_id: str, owner: str | None = "local") -> StoredFile:
        """The file that was sent; raises UnknownReport."""
        with self._database.read() as session:
            row = _owned(session, report_id, owner)
        try:
            return StoredFile(self._runtime.store.path(row.sha256), row.filename, row.media_type)
        except FileNotFoundError as error:
            raise UnknownReport(report_id) from error

    def picture(self, report_id: str, number: int, seconds: float = 0.0, owner: str | None = "local") -> Path:
        """A PNG of page `number` as the file shows it; made by a worker where there is none yet.

        Raises UnknownReport, UnknownPage, NotFinished while the file has not been opened, NoResult when it
        cannot be, NoPicture, and PictureNotReady after waiting for `seconds`.
        """
        with self._database.read() as session:
            row = _owned(session, report_id, owner)
            if row.pages_total is None:
                view = views_of(session, [row])[0]
                raise NoResult(view) if view.status in FINISHED else NotFinished(view)
            if not 1 <= number <= row.pages_total:
                raise UnknownPage(report_id, number)
            sha256 = row.sha256
        pictures, deadline, sent = self._runtime.store.pictures, time.monotonic() + seconds, False
        pause = PICTURE_POLL_SECONDS
        while True:
            if found := pictures.find(sha256, number):
                return found
            if failure := pictures.failure(sha256, number):
                raise NoPicture(failure)
            sent = sent or self._runtime.messenger.draw_page(report_id, number)
            if not sent or time.monotonic() >= deadline:
                raise PictureNotReady(report_id, number)
            time.sleep(pause)
            pause = min(POLL_GROWTH * pause, POLL_SECONDS[1])

    @property
    def runtime(self) -> Runtime:
        """What these reports are kept in and sent through."""
        return self._runtime

    def readiness(self) -> dict[str, str]:
        """Part → "ok" or a sentence that says what is wrong."""
        parts = {"database": "ok", "migrations": "ok", "queue": "ok", "store": "ok"}
        try:
            parts["migrations"] = self._database.outdated() or "ok"
        except Exception:
            parts["database"] = "the database does not answer"
            parts["migrations"] = "not known while the database does not answer"
        if self._runtime.messenger.waiting() is None:
            parts["queue"] = "the queue (Redis or Valkey) does not answer"
        try:
            self._runtime.store.check()
        except OSError:
            parts["store"] = "nothing can be written to the store of files"
        return parts

    def figures(self) -> Figures:
        """What there is, waits and has failed, over all owners."""
        return figures(self._database)

    @property
    def archive(self) -> Archive:
        """Agencies, and their reports year beside year."""
        return Archive(self._database)

    @property
    def access(self) -> Access:
        """Who may use them."""
        return self._runtime.access

    def audit(self, count: int, **wanted: Any) -> list[AuditEntry]:
        """The newest entries of the audit log, see `workers.audit.entries`."""
        return entries(self._database, count, **wanted)

    def release_claims(self, stopped: bool = False) -> None:
        """Let go of all claims that an earlier run has left, or that were held when all was stopped on purpose.

        Only for the sole owner of a data folder.
        """
        with self._database.write() as session:
            states.release_all(session, stopped)

    def _begin_again(self, report_id: str, event: Event, owner: str | None, origin: Origin) -> bool:
        with self._database.write() as session:
            _owned(session, report_id, owner)
            if not states.begin_again(session, report_id, event):
                return False
            note(session, origin, AUDITED[event], report_id)
            states.overtake(session, report_id)
        self._send_for(report_id)
        return True

    def _send_for(self, report_id: str) -> None:
        """Have a report opened; when the queue does not answer, the reconciler sends for it."""
        if self._runtime.messenger.open_report(report_id):
            with self._database.write(lasting=False) as session:
                states.mark_sent(session, report_id)

    def _register(
        self, staged: Staged, filename: str, owner: str, key: str | None, origin: Origin
    ) -> tuple[str, bool, bool]:
        """The file, the report's rows, then the commit; (id, whether it is new, whether it is to be sent for)."""
        try:
            with self._database.write() as session:
                hold(session, staged.sha256)
                known = session.scalar(
                    select(ReportRow.id).where(ReportRow.owner == owner, ReportRow.sha256 == staged.sha256)
                )
                overtakes = known is not None and states.overtake(session, known)
                row = new_row(staged, filename, owner)
                report_id = known or row.id
                if known is None:
                    session.add(row)
                    session.flush()
                    note_words(session, report_id, row.filename)
                _note_key(session, owner, key, report_id)
                note(session, origin, Action.UPLOAD, report_id, {"filename": filename, "new": known is None})
                staged.keep()
        except IntegrityError:
            # another request has used the same key in the meantime
            return self._register(staged, filename, owner, key, origin)
        return report_id, known is None, known is None or overtakes


def new_row(staged: Staged, filename: str, owner: str, bulk: bool = False) -> ReportRow:
    """A report that has just come in, which nobody has worked on."""
    return ReportRow(
        id=uuid.uuid4().hex,
        owner=owner,
        sha256=staged.sha256,
        filename=filename,
        size=staged.size,
        media_type=staged.media_type,
        stage=Stage.OPENING,
        status=Status.QUEUED,
        created_at=time.time(),
        attempts=0,
        bulk=bulk,
    )


def _note_key(session: Session, owner: str, key: str | None, report_id: str) -> None:
    if key is None:
        return
    noted = session.get(IdempotencyRow, (owner, key))
    if noted is None:
        session.add(IdempotencyRow(owner=owner, key=key, report_id=report_id))
        session.flush()
    elif noted.report_id != report_id:
        raise IdempotencyConflict(key)


def _owned(session: Session, report_id: str, owner: str | None) -> ReportRow:
    row = session.get(ReportRow, report_id)
    if row is None or owner not in (None, row.owner):
        raise UnknownReport(report_id)
    return row


def _with_result(session: Session, report_id: str, owner: str | None) -> ResultRow:
    row = _owned(session, report_id, owner)
    kept = session.get(ResultRow, report_id)
    if kept is not None:
        return kept
    view = views_of(session, [row])[0]
    raise NoResult(view) if view.status in FINISHED else NotFinished(view)
