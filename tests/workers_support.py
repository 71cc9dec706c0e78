"""What the tests of `workers` share: databases, an engine that obeys, and messages that are only noted."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pymupdf
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from extractors import pipeline
from extractors.limits import Limits
from extractors.reading.page import PageReading
from extractors.report import Result
from extractors.sources import DocumentInfo
from workers.database import Database, migrate
from workers.messages import Messenger
from workers.settings import Settings
from workers.store import FolderStore
from workers.work import Work

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432"
NO_POSTGRES = "no PostgreSQL answers at 127.0.0.1:5432 for user postgres"


def make_pdf(path: Path, texts: Sequence[str]) -> Path:
    """A PDF with a text layer, one page for each of `texts`."""
    document = pymupdf.open()
    for words in texts:
        page = document.new_page()
        page.insert_text((72, 90), words, fontname="china-s", fontsize=16)
    document.save(path)
    document.close()
    return path


def report_pdf(path: Path, pages: int = 2) -> Path:
    """The title of a report, and plain pages after it."""
    return make_pdf(
        path, ["某市财政局2023年政府信息公开工作年度报告", *[f"第{n}页的文字。" for n in range(2, pages + 1)]]
    )


@contextmanager
def postgres_database() -> Iterator[str | None]:
    """URL of a new database that is dropped at the end; None where PostgreSQL does not answer."""
    name = f"nianbao_test_{os.getpid()}_{time.monotonic_ns()}"
    engine = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        yield None
        return
    try:
        yield f"{POSTGRES}/{name}"
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


class Notes:
    """A messenger that notes what was sent and to whom nothing arrives; `down` makes every call fail."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, int | None]] = []
        self.down = False

    def open_report(self, report_id: str) -> bool:
        return self._note("open", report_id)

    def read_page(self, report_id: str, number: int) -> bool:
        return self._note("read", report_id, number)

    def assemble_report(self, report_id: str) -> bool:
        return self._note("assemble", report_id)

    def waiting(self) -> int | None:
        return None if self.down else 0

    def deliver_all(self, work: Work) -> None:
        """Hand every message on, and those that come of it, until none is left."""
        while self.sent:
            deliver(work, self.sent.pop(0))

    def _note(self, kind: str, report_id: str, number: int | None = None) -> bool:
        if not self.down:
            self.sent.append((kind, report_id, number))
        return not self.down


def deliver(work: Work, message: tuple[str, str, int | None]) -> None:
    kind, report_id, number = message
    if kind == "read":
        assert number is not None
        work.read_page(report_id, number)
    else:
        (work.open_report if kind == "open" else work.assemble_report)(report_id)


class FaultyReader:
    """The real engine, with something that happens before a page is read or a report assembled."""

    def __init__(
        self,
        before_page: Callable[[int], None] | None = None,
        before_assembly: Callable[[], None] | None = None,
    ) -> None:
        self._before_page = before_page or (lambda number: None)
        self._before_assembly = before_assembly or (lambda: None)
        self.pages_read: list[int] = []
        self.assemblies = 0

    def open_document(self, path: Path, filename: str, limits: Limits) -> DocumentInfo:
        return pipeline.open_document(path, filename, limits)

    def read_page(self, path: Path, document: DocumentInfo, number: int, limits: Limits) -> PageReading:
        self._before_page(number)
        self.pages_read.append(number)
        return pipeline.read_page(path, document, number, limits)

    def failed_page(self, document: DocumentInfo, number: int, error: str) -> PageReading:
        return pipeline.failed_page(document, number, error)

    def assemble(self, document: DocumentInfo, readings: Sequence[PageReading]) -> Result:
        self._before_assembly()
        self.assemblies += 1
        return pipeline.assemble(document, readings)


class Service:
    """The parts of a service in this process, without a queue: the test decides what arrives when."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        # nothing listens on port 1: `Reports` meets a queue that is down, and the test delivers
        self.settings = Settings(
            data_dir=folder, database_url=database_url, broker_url="redis://127.0.0.1:1/0", lease_margin=30
        )
        migrate(self.settings.sqlalchemy_url)
        self.database = Database(self.settings.sqlalchemy_url)
        self.store = FolderStore(self.settings.files_root)
        self.notes = Notes()

    def work(self, reader: FaultyReader | None = None, messenger: Messenger | None = None) -> Work:
        return Work(self.settings, self.database, self.store, messenger or self.notes, reader or FaultyReader())

    def close(self) -> None:
        self.database.dispose()


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until `holds()`; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.1)


def python(code: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """A Python process with the given program, for faults that need a process of their own."""
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env={**os.environ, **environment})
