"""What a worker does: open a file, read a page, assemble a report. Each under a claim."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from extractors import pipeline
from extractors.errors import DocumentError
from extractors.limits import Limits
from extractors.reading.page import PageReading
from extractors.report import Result
from extractors.sources import DocumentInfo
from extractors.version import ENGINE_VERSION
from workers import states
from workers.database import Database
from workers.messages import Messenger
from workers.settings import Settings
from workers.states import Claim, Failure, PageState, Stage, Status
from workers.store import Store
from workers.tables import FailedCheckRow, PageRow, ReadingRow, ReportRow, ResultRow

log = logging.getLogger(__name__)


class Reader(Protocol):
    """The engine: `extractors.pipeline`, or one that fails on purpose in tests."""

    def open_document(self, path: Path, filename: str, limits: Limits) -> DocumentInfo: ...

    def read_page(self, path: Path, document: DocumentInfo, number: int, limits: Limits) -> PageReading: ...

    def failed_page(self, document: DocumentInfo, number: int, error: str) -> PageReading: ...

    def assemble(self, document: DocumentInfo, readings: Sequence[PageReading]) -> Result: ...


class PipelineReader:
    """The real engine."""

    def open_document(self, path: Path, filename: str, limits: Limits) -> DocumentInfo:
        return pipeline.open_document(path, filename, limits)

    def read_page(self, path: Path, document: DocumentInfo, number: int, limits: Limits) -> PageReading:
        return pipeline.read_page(path, document, number, limits)

    def failed_page(self, document: DocumentInfo, number: int, error: str) -> PageReading:
        return pipeline.failed_page(document, number, error)

    def assemble(self, document: DocumentInfo, readings: Sequence[PageReading]) -> Result:
        return pipeline.assemble(document, readings)


class Work:
    """The three pieces of work on one database, store and engine."""

    def __init__(
        self, settings: Settings, database: Database, store: Store, messenger: Messenger, reader: Reader | None = None
    ) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._messenger = messenger
        self._reader = reader or PipelineReader()

    def open_report(self, report_id: str) -> None:
        """Judge the file, create its pages and send for them; pages read before are not read again."""
        claim = self._claim_report(report_id, Stage.OPENING)
        if claim is None:
            return
        with self._database.read() as session:
            row = session.get_one(ReportRow, report_id)
            sha256, filename = row.sha256, row.filename
        try:
            path = self._store.path(sha256)
            document = self._reader.open_document(path, filename, self._settings.limits)
        except DocumentError as error:
            self._refuse(claim, Stage.OPENING, _failure(error))
            return
        except FileNotFoundError:
            self._refuse(claim, Stage.OPENING, FILE_GONE)
            return
        except Exception as error:
            self._broken_off(claim, "opening", error)
            return
        known = self._known_readings(sha256)
        pages = {n: PageState.READ if n in known else PageState.WAITING for n in range(1, document.page_count + 1)}
        assembly = None
        with self._database.write() as session:
            columns = {"document": document.model_dump_json(), "media_type": document.media_type}
            if not states.open_report(session, claim, pages, **columns):
                return
            assembly = states.begin_assembly(session, report_id, self._settings.lease_seconds)
        if assembly is not None:
            self._assemble(assembly)
            return
        for number, state in pages.items():
            if state is PageState.WAITING:
                send_page(self._database, self._messenger, report_id, number)

    def read_page(self, report_id: str, number: int) -> None:
        """Read one page and keep what it gave; whoever finishes the last page assembles the report."""
        with self._database.write() as session:
            claim = states.claim_page(session, report_id, number, self._settings.lease_seconds, self._settings.attempts)
        if claim is None:
            return
        with self._database.read() as session:
            row = session.get(ReportRow, report_id)
            if row is None or row.document is None:
                return
            sha256, document = row.sha256, DocumentInfo.model_validate_json(row.document)
        try:
            path = self._store.path(sha256)
            reading = self._reader.read_page(path, document, number, self._settings.limits)
            self._keep_reading(sha256, reading)
            state, failure = PageState.READ, None
        except DocumentError as error:
            state, failure = PageState.FAILED, _failure(error)
        except FileNotFoundError:
            state, failure = PageState.FAILED, FILE_GONE
        except Exception as error:
            self._broken_off(claim, "reading", error)
            return
        self.finish_page(claim, state, failure)

    def finish_page(self, claim: Claim, state: PageState, failure: Failure | None = None) -> None:
        """Write what became of the page and assemble the report if it was the last."""
        with self._database.write() as session:
            if not states.finish_page(session, claim, state, failure):
                return
            assembly = states.begin_assembly(session, claim.report_id, self._settings.lease_seconds)
        if assembly is not None:
            self._assemble(assembly)

    def assemble_report(self, report_id: str) -> None:
        """Take up an assembly that another worker has left."""
        claim = self._claim_report(report_id, Stage.ASSEMBLING)
        if claim is not None:
            self._assemble(claim)

    def _assemble(self, claim: Claim) -> None:
        try:
            self._finish(claim)
        except Exception as error:
            self._broken_off(claim, "assembling", error)

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
        readings = [
            self._reader.failed_page(document, n, failures[n].message_zh)
            if n in failures
            else PageReading.model_validate_json(known[n])
            for n in numbers
        ]
        result = self._reader.assemble(document, readings)
        self._keep_result(claim, result, Status.PARTIAL if failures else Status.SUCCEEDED)

    def _keep_result(self, claim: Claim, result: Result, status: Status) -> None:
        report = result.report
        failed = sorted({check.id for check in result.validation.checks if check.status == "fail"})
        with self._database.write() as session:
            finished = states.finish_report(
                session,
                claim,
                status,
                title=report.title and report.title[:500],
                agency=report.agency and report.agency[:200],
                year=report.year,
                form=report.form,
                validation_status=result.validation.status,
                review_count=len(result.validation.review),
            )
            if finished:
                session.add(ResultRow(report_id=claim.report_id, result=result.model_dump_json()))
                session.add_all(FailedCheckRow(report_id=claim.report_id, check_id=check) for check in failed)

    def _claim_report(self, report_id: str, stage: Stage) -> Claim | None:
        with self._database.write() as session:
            return states.claim_report(session, report_id, stage, self._settings.lease_seconds, self._settings.attempts)

    def _known_readings(self, sha256: str) -> dict[int, str]:
        """JSON of the pages of this file that this engine has read, by number."""
        with self._database.read() as session:
            rows = session.execute(
                select(ReadingRow.number, ReadingRow.reading).where(
                    ReadingRow.sha256 == sha256, ReadingRow.engine == ENGINE_VERSION
                )
            )
            return dict(rows.all())

    def _keep_reading(self, sha256: str, reading: PageReading) -> None:
        try:
            with self._database.write() as session:
                kept = session.scalar(
                    select(func.count()).where(
                        ReadingRow.sha256 == sha256,
                        ReadingRow.number == reading.number,
                        ReadingRow.engine == ENGINE_VERSION,
                    )
                )
                if not kept:
                    session.add(
                        ReadingRow(
                            sha256=sha256,
                            number=reading.number,
                            engine=ENGINE_VERSION,
                            reading=reading.model_dump_json(),
                        )
                    )
        except IntegrityError:
            pass  # another worker has kept the same page in the meantime

    def _refuse(self, claim: Claim, stage: Stage, failure: Failure) -> None:
        with self._database.write() as session:
            states.refuse_report(session, claim, stage, failure)

    def _broken_off(self, claim: Claim, what: str, error: Exception) -> None:
        """Let the reconciler try again; its count of attempts ends that."""
        log.exception("%s broke off: report %s page %s: %s", what, claim.report_id, claim.number, type(error).__name__)
        with self._database.write() as session:
            states.give_back(session, claim)


FILE_GONE = Failure(
    code="file-missing-in-store",
    message="The uploaded file is no longer in the store; please send it again.",
    message_zh="服务器上的原文件已不存在，请重新上传。",
)


def send_page(database: Database, messenger: Messenger, report_id: str, number: int) -> None:
    """Send for a page and note when."""
    if messenger.read_page(report_id, number):
        with database.write() as session:
            states.mark_sent(session, report_id, number)


def _failure(error: DocumentError) -> Failure:
    return Failure(code=error.code, message=error.message, message_zh=error.message_zh)
