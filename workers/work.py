"""What a worker does: open a file, read a page, assemble a report. Each under a claim."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from extractors import pipeline
from extractors.errors import DocumentError
from extractors.limits import Limits
from extractors.reading.page import PageReading
from extractors.report import Result
from extractors.sources import DocumentInfo
from extractors.version import ENGINE_VERSION
from workers import states
from workers.database import Database, hold, insert_once
from workers.decisions import carry_over
from workers.failures import FILE_GONE, SET_ASIDE, Cause, Failure, failure_of
from workers.filing import file_report, prepare
from workers.messages import Messenger
from workers.outages import outage_of
from workers.room import Room
from workers.settings import Settings
from workers.states import Claim, PageState, Stage, Status
from workers.store import Store
from workers.summary import columns_of, note_findings
from workers.tables import PageRow, ReadingRow, ReportRow, ResultRow

log = logging.getLogger(__name__)

WAIT = 8
"""A message waits for room for the eighth part of a page's time limit, which goes on meanwhile."""


class Reader(Protocol):
    """The engine: `extractors.pipeline`, or one that fails on purpose in tests."""

    def open_document(self, path: Path, filename: str, limits: Limits) -> DocumentInfo: ...

    def read_text_pages(self, path: Path, document: DocumentInfo, limits: Limits) -> list[PageReading | None]: ...

    def read_page(self, path: Path, document: DocumentInfo, number: int, limits: Limits) -> PageReading: ...

    def failed_page(self, document: DocumentInfo, number: int, error: str) -> PageReading: ...

    def assemble(
        self, path: Path, document: DocumentInfo, readings: Sequence[PageReading], limits: Limits
    ) -> Result: ...

    def draw_page(self, path: Path, document: DocumentInfo, number: int, limits: Limits) -> bytes: ...


class FileGone(Exception):
    """The store has no such file; one that vanishes while it is read may only have been a copy."""


class PipelineReader:
    """The real engine."""

    def open_document(self, path: Path, filename: str, limits: Limits) -> DocumentInfo:
        return pipeline.open_document(path, filename, limits)

    def read_text_pages(self, path: Path, document: DocumentInfo, limits: Limits) -> list[PageReading | None]:
        return pipeline.read_text_pages(path, document, limits)

    def read_page(self, path: Path, document: DocumentInfo, number: int, limits: Limits) -> PageReading:
        return pipeline.read_page(path, document, number, limits)

    def failed_page(self, document: DocumentInfo, number: int, error: str) -> PageReading:
        return pipeline.failed_page(document, number, error)

    def assemble(self, path: Path, document: DocumentInfo, readings: Sequence[PageReading], limits: Limits) -> Result:
        return pipeline.assemble(path, document, readings, limits)

    def draw_page(self, path: Path, document: DocumentInfo, number: int, limits: Limits) -> bytes:
        return pipeline.draw_page(path, document, number, limits)


class Work:
    """The pieces of work on one database, store and engine."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        store: Store,
        messenger: Messenger,
        reader: Reader | None = None,
        room: Room | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._messenger = messenger
        self._reader = reader or PipelineReader()
        self._room = room

    def open_report(self, report_id: str, holder: str = "") -> None:
        """Judge the file, read what has text, and send for the other pages; pages read before are not read again."""
        with self._place(report_id) as free:
            claim = self._claim_report(report_id, Stage.OPENING, holder) if free else None
            if claim is not None:
                with self._held(claim, "opening"):
                    self._open(claim, holder)

    def _open(self, claim: Claim, holder: str) -> None:
        with self._database.read() as session:
            row = session.get(ReportRow, claim.report_id)
            if row is None:
                return
            sha256, filename, bulk = row.sha256, row.filename, row.bulk
        try:
            path = self._path(sha256)
            document = self._reader.open_document(path, filename, self._settings.limits)
            known = self._pages_known(sha256)
            texts = [] if known else self._read_text(claim, path, document)
            rows = [_reading_row(sha256, reading.number, reading) for reading in texts]
        except DocumentError as error:
            self._refuse(claim, Stage.OPENING, failure_of(error))
            return
        except FileGone:
            self._refuse(claim, Stage.OPENING, FILE_GONE)
            return
        known |= {row.number for row in rows}
        pages = {n: PageState.READ if n in known else PageState.WAITING for n in range(1, document.page_count + 1)}
        columns = {"document": document.model_dump_json(), "media_type": document.media_type}

        def keep(session: Session) -> tuple[bool, Claim | None]:
            if not states.open_report(session, claim, pages, **columns):
                return False, None
            insert_once(session, *rows)
            return True, states.begin_assembly(session, claim.report_id, self._settings.lease_seconds, holder)

        opened, assembly = self._database.write_patiently(keep)
        if assembly is not None:
            self._assemble(assembly)
        elif opened:
            self._send_pages(claim.report_id, [n for n, state in pages.items() if state is PageState.WAITING], bulk)

    def read_page(self, report_id: str, number: int, holder: str = "") -> None:
        """Read one page and keep what it gave; whoever finishes the last page assembles the report."""
        with self._place(report_id, number) as free:
            claim = self._claim_page(report_id, number, holder) if free else None
            if claim is not None:
                with self._held(claim, "reading"):
                    self._read(claim, number, holder)

    def _read(self, claim: Claim, number: int, holder: str) -> None:
        with self._database.read() as session:
            row = session.get(ReportRow, claim.report_id)
            if row is None or row.document is None:
                return
            document = DocumentInfo.model_validate_json(row.document)
        reading: ReadingRow | None = None
        failure: Failure | None = None
        try:
            if number not in self._pages_known(document.sha256):
                path = self._path(document.sha256)
                read = self._reader.read_page(path, document, number, self._settings.limits)
                reading = _reading_row(document.sha256, number, read)
        except DocumentError as error:
            failure = failure_of(error)
        except FileGone:
            failure = FILE_GONE
        self._finish_page(claim, reading, failure, holder)

    def draw_page(self, report_id: str, number: int) -> None:
        """Make the picture of a page that somebody looks at, or note why there is none."""
        with self._database.read() as session:
            row = session.get(ReportRow, report_id)
            if row is None or row.document is None:
                return
            document = DocumentInfo.model_validate_json(row.document)
        sha256, pictures, attempts = document.sha256, self._store.pictures, self._settings.attempts
        if pictures.find(sha256, number) or pictures.failure(sha256, number):
            return
        with pictures.attempt(sha256, number) as attempt:
            if attempt > attempts:
                pictures.fail(sha256, number, SET_ASIDE[None])
            if not 1 <= attempt <= attempts:
                return
            try:
                path = self._path(sha256)
                png = self._reader.draw_page(path, document, number, self._settings.limits)
            except DocumentError as error:
                pictures.fail(sha256, number, failure_of(error))
                return
            except FileGone:
                pictures.fail(sha256, number, FILE_GONE)
                return
            except Exception:
                log.exception("drawing broke off: report %s page %s", report_id, number)
                return
            with self._database.write() as session:
                hold(session, sha256)  # a file that is deleted meanwhile leaves no picture
                if session.get(ReportRow, report_id) is None:
                    pictures.delete(sha256)
                else:
                    pictures.keep(sha256, number, png)

    def give_up_page(self, report_id: str, number: int, cause: Cause | None) -> None:
        """Set a page aside that has been tried too often; if it was the last, the report can be assembled.

        Not here, where the reconciler is, which no limit guards: it sends for that.
        """
        limits = self._settings.lease_seconds, self._settings.attempts
        with self._database.write() as session:
            states.lock_report(session, report_id)  # reports come before their pages, here as everywhere
            claim = states.claim_exhausted_page(session, report_id, number, *limits)
            if claim is None or not states.finish_page(session, claim, SET_ASIDE[cause]):
                return
            assembly = states.begin_assembly(session, report_id, self._settings.lease_seconds)
            if assembly is not None:
                states.give_back(session, assembly, None)

    def release(self, report_id: str, holder: str, cause: Cause) -> None:
        """The process that worked on a message for this report has died: let others take its work."""
        with self._database.write() as session:
            states.release_holder(session, report_id, holder, cause)

    def assemble_report(self, report_id: str, holder: str = "") -> None:
        """Take up an assembly that another worker has left."""
        with self._place(report_id) as free:
            claim = self._claim_report(report_id, Stage.ASSEMBLING, holder) if free else None
            if claim is not None:
                self._assemble(claim)

    def _finish_page(self, claim: Claim, reading: ReadingRow | None, failure: Failure | None, holder: str = "") -> None:
        """Keep what the page gave, in the transaction that finishes it: a deleted report leaves no readings."""

        def keep(session: Session) -> Claim | None:
            if not states.finish_page(session, claim, failure):
                return None
            if reading is not None:
                insert_once(session, reading)
            return states.begin_assembly(session, claim.report_id, self._settings.lease_seconds, holder)

        assembly = self._database.write_patiently(keep)
        if assembly is not None:
            self._assemble(assembly)

    def _assemble(self, claim: Claim) -> None:
        with self._held(claim, "assembling"):
            self._finish(claim)

    def _finish(self, claim: Claim) -> None:
        with self._database.read() as session:
            row = session.get(ReportRow, claim.report_id)
            if row is None or row.document is None:
                return
            document = DocumentInfo.model_validate_json(row.document)
            failures = {
                page.number: Failure.model_validate_json(page.error)
                for page in session.scalars(select(PageRow).where(PageRow.report_id == claim.report_id))
                if page.error is not None
            }
        if len(failures) == document.page_count:
            self._refuse(claim, Stage.ASSEMBLING, failures[1])
            return
        known = self._known_readings(document.sha256)
        numbers = range(1, document.page_count + 1)
        gone = [n for n in numbers if n not in known and n not in failures]
        if gone:  # they were read by another version of the engine, before an upgrade
            with self._database.write() as session:
                states.reopen_pages(session, claim, gone)
            return
        readings = [
            self._reader.failed_page(document, n, failures[n].message_zh)
            if n in failures
            else PageReading.model_validate_json(known[n])
            for n in numbers
        ]
        try:
            path = self._path(document.sha256)
            result = self._reader.assemble(path, document, readings, self._settings.limits)
        except FileGone:
            self._refuse(claim, Stage.ASSEMBLING, FILE_GONE)
            return
        self._keep_result(claim, result, failures)

    def _keep_result(self, claim: Claim, result: Result, failures: Mapping[int, Failure]) -> None:
        """In place of an earlier one, unless that is whole and this one is not."""
        report_id, status = claim.report_id, Status.PARTIAL if failures else Status.SUCCEEDED

        def keep(session: Session) -> None:
            row = session.get(ReportRow, report_id)
            if row is None:
                return
            # agencies are held before reports, here as everywhere
            filed = prepare(
                session, report_id, row.owner, (carry_over(session, report_id, result) or result).report.agency
            )
            states.lock_report(session, report_id)  # or a decision taken meanwhile would be lost
            earlier = session.get(ResultRow, report_id)
            if earlier is not None and (earlier.status, status) == (Status.SUCCEEDED, Status.PARTIAL):
                states.refuse_report(session, claim, Stage.ASSEMBLING, failures[min(failures)])
                return
            decided = carry_over(session, report_id, result)
            shown = decided or result
            if states.finish_report(session, claim, status, **columns_of(shown)):
                kept = decided and decided.model_dump_json()
                made = ResultRow(report_id=report_id, status=status, result=result.model_dump_json(), decided=kept)
                session.merge(made)
                note_findings(session, report_id, row.filename, shown)
                session.flush()
                file_report(session, report_id, filed)

        self._database.write_patiently(keep)

    def _path(self, sha256: str) -> Path:
        try:
            return self._store.path(sha256)
        except FileNotFoundError as error:
            raise FileGone from error

    def _claim_report(self, report_id: str, stage: Stage, holder: str) -> Claim | None:
        limits = self._settings.lease_seconds, self._settings.attempts
        return self._database.write_patiently(
            lambda session: states.claim_report(session, report_id, stage, *limits, holder), lasting=False
        )

    def _claim_page(self, report_id: str, number: int, holder: str) -> Claim | None:
        limits = self._settings.lease_seconds, self._settings.attempts
        return self._database.write_patiently(
            lambda session: states.claim_page(session, report_id, number, *limits, holder), lasting=False
        )

    @contextmanager
    def _place(self, report_id: str, number: int | None = None) -> Iterator[bool]:
        """Whether this worker has room; the last of several tries is alone in it.

        What brings down a whole worker would else be counted against all that was read beside it. Work for which
        there is no room is sent again by the reconciler, and this was none of its tries.
        """
        if self._room is None:
            yield True
            return
        with self._room.enter(self._to_be_alone(report_id, number), self._settings.page_seconds / WAIT) as free:
            if not free:
                with self._database.write(lasting=False) as session:
                    states.mark_unsent(session, report_id, number)
            yield free

    def _to_be_alone(self, report_id: str, number: int | None) -> bool:
        """For its last try, unless the last but one is known to have ended at a limit, where it harmed nobody."""
        with self._database.read() as session:
            row = session.get(ReportRow, report_id) if number is None else session.get(PageRow, (report_id, number))
            last = row is not None and 0 < row.attempts == self._settings.attempts - 1
            return last and row is not None and row.broke not in (Cause.TIME, Cause.MEMORY)

    def _read_text(self, claim: Claim, path: Path, document: DocumentInfo) -> list[PageReading]:
        """The pages that have text: a message for each would take longer than reading it.

        Only at the first of several tries: where that breaks off, the next leaves each page to a message of its
        own, so that a poison page costs that page.
        """
        if claim.attempt > 1 or self._settings.attempts == 1:
            return []
        return [reading for reading in self._reader.read_text_pages(path, document, self._settings.limits) if reading]

    def _send_pages(self, report_id: str, numbers: Sequence[int], bulk: bool) -> None:
        """Send for pages; when the queue does not answer, the reconciler sends for the rest."""
        sent = list(takewhile(lambda number: self._messenger.read_page(report_id, number, bulk), numbers))
        if sent:
            with self._database.write(lasting=False) as session:
                states.mark_sent(session, report_id, sent)

    def _pages_known(self, sha256: str) -> set[int]:
        """Numbers of the pages of this file that this engine has read."""
        with self._database.read() as session:
            kept = select(ReadingRow.number).where(ReadingRow.sha256 == sha256, ReadingRow.engine == ENGINE_VERSION)
            return set(session.scalars(kept))

    def _known_readings(self, sha256: str) -> dict[int, str]:
        """JSON of the pages of this file that this engine has read, by number."""
        with self._database.read() as session:
            rows = session.execute(
                select(ReadingRow.number, ReadingRow.reading).where(
                    ReadingRow.sha256 == sha256, ReadingRow.engine == ENGINE_VERSION
                )
            )
            return dict(rows.all())

    def _refuse(self, claim: Claim, stage: Stage, failure: Failure) -> None:
        self._database.write_patiently(lambda session: states.refuse_report(session, claim, stage, failure))

    @contextmanager
    def _held(self, claim: Claim, what: str) -> Iterator[None]:
        """Where the work breaks off, let the reconciler try again; its count of attempts ends that.

        A full disk, a database or a store of files that is away, is not the fault of the file, and no attempt.
        """
        try:
            yield
        except Exception as error:
            kind, outage = type(error).__name__, outage_of(error)
            log.exception("%s broke off: report %s page %s: %s", what, claim.report_id, claim.number, outage or kind)
            blamed = Cause.MEMORY if isinstance(error, MemoryError) else Cause.CRASH
            cause = None if outage else blamed
            self._database.write_patiently(lambda session: states.give_back(session, claim, cause))


def _reading_row(sha256: str, number: int, reading: PageReading) -> ReadingRow:
    """What is kept of a page's reading; raises ValueError for what is none of this page."""
    kept = PageReading.model_validate_json(reading.model_dump_json())
    if kept.number != number:
        raise ValueError(f"page {number} was read as page {kept.number}")
    return ReadingRow(
        sha256=sha256,
        number=number,
        engine=ENGINE_VERSION,
        reading=kept.model_dump_json(),
        seconds=kept.seconds,
    )
