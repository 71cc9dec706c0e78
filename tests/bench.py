"""A service without processes: a queue that is a list, and an engine that does as it is told."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import create_engine, text, update

from extractors import pipeline
from extractors.limits import Limits
from extractors.reading.page import PageReading
from extractors.report import Result
from extractors.sources import DocumentInfo
from web.app import create_app
from workers.database import Database, migrate
from workers.reconciler import Reconciler
from workers.reports import Reports
from workers.runtime import Runtime
from workers.settings import Settings
from workers.tables import Base, PageRow, ReportRow
from workers.views import ReportView
from workers.work import PipelineReader, Work

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432"


@contextmanager
def postgres_database() -> Iterator[str]:
    """A database of its own, dropped afterwards."""
    name = f"nianbao_test_{uuid.uuid4().hex[:12]}"
    server = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield f"{POSTGRES}/{name}"
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def put_back(bench: Bench, revision: str) -> None:
    """Have the tables, empty, as an earlier version has made them."""
    with bench.database.write() as session:
        session.execute(text("DROP TABLE text_pairs"))  # made by SQL alone
        Base.metadata.drop_all(session.connection())
        session.execute(text("DELETE FROM alembic_version"))
    migrate(bench.settings.sqlalchemy_url, revision)


def application(bench: Bench) -> FlaskClient:
    """The web application on a bench, whose work reads files in earnest from now on."""
    bench.work = Work(bench.settings, bench.database, bench.store, bench.messenger, reader=PipelineReader())
    app = create_app(bench.settings)
    app.extensions["nianbao"].reports = bench.reports
    return app.test_client()


@dataclass
class ListMessenger:
    """Messages in a list, to be delivered in any order, twice or never; `down` loses the broker."""

    messages: list[tuple[object, ...]] = field(default_factory=list)
    down: bool = False
    since: float = 0.0
    bulk: list[tuple[object, ...]] = field(default_factory=list)
    """Those of all that were ever sent which may wait until nothing else does."""

    def open_report(self, report_id: str, bulk: bool = False) -> bool:
        return self._send("open", report_id, bulk=bulk)

    def read_page(self, report_id: str, number: int, bulk: bool = False) -> bool:
        return self._send("read", report_id, number, bulk=bulk)

    def assemble_report(self, report_id: str, bulk: bool = False) -> bool:
        return self._send("assemble", report_id, bulk=bulk)

    def draw_page(self, report_id: str, number: int) -> bool:
        return self._send("draw", report_id, number)

    def waiting(self, queues: Sequence[str] = ()) -> int | None:
        return None if self.down else len(self.messages)

    def kept_since(self) -> float:
        return self.since

    def _send(self, *message: object, bulk: bool = False) -> bool:
        if not self.down:
            self.messages.append(message)
            if bulk:
                self.bulk.append(message)
        return not self.down


def nothing(*_: object) -> None:
    """What happens while a page is read, unless a test says otherwise."""


@dataclass
class FakeReader:
    """`pages` empty pages; what the hooks raise breaks the work off. Counts what it reads."""

    pages: int = 3
    texts: Sequence[int] = ()
    """Pages that have text, and are read while the file is opened."""
    on_open: Callable[[], None] = nothing
    on_page: Callable[[int], None] = nothing
    on_assemble: Callable[[], None] = nothing
    on_draw: Callable[[int], None] = nothing
    read: list[int] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)
    assembled: int = 0

    def open_document(self, path: Path, filename: str, limits: Limits) -> DocumentInfo:
        self.on_open()
        return DocumentInfo(
            sha256=path.name, filename=filename, media_type="application/pdf", page_sizes=[(595.0, 842.0)] * self.pages
        )

    def read_text_pages(self, path: Path, document: DocumentInfo, limits: Limits) -> list[PageReading | None]:
        numbers = range(1, self.pages + 1)
        return [self.read_page(path, document, n, limits) if n in self.texts else None for n in numbers]

    def read_page(self, path: Path, document: DocumentInfo, number: int, limits: Limits) -> PageReading:
        self.read.append(number)
        self.on_page(number)
        return PageReading(number=number, width=595.0, height=842.0, origin="text")

    def failed_page(self, document: DocumentInfo, number: int, error: str) -> PageReading:
        return pipeline.failed_page(document, number, error)

    def assemble(self, path: Path, document: DocumentInfo, readings: Sequence[PageReading], limits: Limits) -> Result:
        self.assembled += 1
        self.on_assemble()
        return pipeline.assemble(path, document, readings, limits)

    def draw_page(self, path: Path, document: DocumentInfo, number: int, limits: Limits) -> bytes:
        self.drawn.append(number)
        self.on_draw(number)
        return b"png"


class Bench:
    """One service's parts, driven by hand."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.messenger = ListMessenger()
        self.reports = Reports(settings, self.messenger)
        self.database = Database(settings.sqlalchemy_url)
        self.store = Runtime(settings).store
        self.reader = FakeReader()
        self.work = Work(settings, self.database, self.store, self.messenger, self.reader)
        self.reconciler = Reconciler(settings, self.database, self.store, self.messenger, self.work)

    def submit(self, content: bytes = b"%PDF-1.7 made", filename: str = "made.pdf", owner: str = "local") -> ReportView:
        return self.reports.submit(io.BytesIO(content), filename, owner)[0]

    def deliver(self, message: tuple[object, ...]) -> None:
        kind, report_id, *rest = message
        assert isinstance(report_id, str)
        if kind in ("read", "draw"):
            number = rest[0]
            assert isinstance(number, int)
            (self.work.read_page if kind == "read" else self.work.draw_page)(report_id, number)
        elif kind == "open":
            self.work.open_report(report_id)
        else:
            self.work.assemble_report(report_id)

    def let_pass(self, seconds: float) -> None:
        """Move all that is noted into the past."""
        with self.database.write() as session:
            for row in (ReportRow, PageRow):
                session.execute(
                    update(row).values(sent_at=row.sent_at - seconds, lease_until=row.lease_until - seconds)
                )

    def deliver_all(self) -> None:
        while self.messenger.messages:
            self.deliver(self.messenger.messages.pop(0))
