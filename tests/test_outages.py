"""A full disk, and a database that is away: said in words, nothing half-done, and no file is blamed for it."""

from __future__ import annotations

import errno
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.bench import Bench, application
from tests.conftest import SAMPLE, answers
from web.app import create_app
from workers import database as database_module
from workers import states, store
from workers.database import Database
from workers.outages import Outage, outage_of
from workers.settings import Settings
from workers.tables import PageRow, ReportRow

NO_POSTGRES = pytest.mark.skipif(not answers(5432), reason="no PostgreSQL answers on 127.0.0.1:5432")


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file of this process may grow beyond `room` bytes: writing fails as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def break_connection(session: Session) -> None:
    """Have the database fail in earnest in the middle of a transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    else:
        pages = session.scalar(text("PRAGMA max_page_count"))
        session.execute(text("PRAGMA max_page_count = 1"))
        try:
            session.execute(text("CREATE TABLE large AS SELECT zeroblob(1000000)"))
        finally:
            session.execute(text(f"PRAGMA max_page_count = {pages}"))


def files(bench: Bench) -> list[Path]:
    return [path for path in bench.settings.files_root.rglob("*") if path.is_file()]


def upload(client: Any, content: bytes, form: bool) -> Any:
    kind = "application/pdf"
    if form:  # put together here: the test client would write it to the disk
        head = b'--here\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        content, kind = head + content + b"\r\n--here--\r\n", "multipart/form-data; boundary=here"
    return client.post("/api/v1/reports", data=content, content_type=kind)


def body(answer: Any) -> Any:
    return answer.get_json()


def large() -> bytes:
    return SAMPLE.read_bytes() + b"\n%" + b"x" * 2_000_000


@pytest.mark.parametrize("form", [True, False])
def test_an_upload_for_which_there_is_no_room_is_refused_whole(bench: Bench, form: bool) -> None:
    client = application(bench)
    with full_disk(1_000_000):
        answer = upload(client, large(), form)
    assert answer.status_code == 507 and answer.headers["Retry-After"]
    assert body(answer)["type"].endswith("disk-full") and "磁盘" in body(answer)["detail_zh"]
    assert files(bench) == [] and bench.reports.search().total == 0
    assert upload(client, large(), form).status_code == 202


def test_an_upload_for_which_the_database_has_no_room_is_refused_whole(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    database_module.migrate(settings.sqlalchemy_url)
    bench = Bench(settings)
    client = application(bench)
    with full_disk(8192):
        answer = client.post("/api/v1/reports", data=b"%PDF-1.7 small", content_type="application/pdf")
    assert answer.status_code == 507 and "磁盘" in body(answer)["detail_zh"]
    assert files(bench) == [] and bench.reports.search().total == 0


def test_an_upload_that_fails_at_its_last_step_leaves_no_file(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> None:
        if folder != bench.settings.files_root:  # the file has its name by then
            raise OSError(errno.ENOSPC, "no room")

    mine = bench.submit()
    monkeypatch.setattr(store, "_sync", fail)
    for content, left in ((b"%PDF-1.7 another", [mine.sha256]), (b"%PDF-1.7 made", [mine.sha256])):
        with pytest.raises(OSError, match="no room"):
            bench.submit(content, owner="another")
        assert [path.name for path in files(bench)] == left


def test_a_picture_for_which_there_is_no_room_is_made_later(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    view = bench.submit()
    bench.deliver_all()
    monkeypatch.setattr(bench.reader, "draw_page", lambda *_: b"x" * 500_000)
    bench.work.draw_page(view.id, 1)
    bench.settings.files_root.joinpath("pictures").rename(bench.settings.files_root / "no pictures")
    before = files(bench)
    with full_disk(400_000), pytest.raises(OSError, match=r".") as caught:
        bench.work.draw_page(view.id, 2)
    assert outage_of(caught.value) is Outage.DISK_FULL
    assert [path.suffix for path in set(files(bench)) - set(before)] == [".tries"]
    bench.work.draw_page(view.id, 2)
    assert bench.reports.picture(view.id, 2).stat().st_size == 500_000


@pytest.mark.parametrize("patience", [20.0, -1.0])
@pytest.mark.parametrize("where", ["claim_report", "open_report", "claim_page", "finish_page", "finish_report"])
def test_work_waits_for_a_database_that_fails_in_its_midst(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, where: str, patience: float
) -> None:
    """It is written again for some seconds; work that waits no longer is given back, and this was no try."""
    monkeypatch.setattr(bench.reader, "pages", 1)
    honest = getattr(states, where)
    failed: list[str] = []

    def fail_often(session: Session, *given: object, **named: object) -> object:
        done = honest(session, *given, **named)
        if len(failed) < 3 * bench.settings.attempts:
            failed.append(where)
            break_connection(session)
        return done

    monkeypatch.setattr(states, where, fail_often)
    monkeypatch.setattr(database_module, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(database_module, "PATIENCE_SECONDS", patience)
    view = bench.submit()
    for _ in range(4 * bench.settings.attempts):
        while bench.messenger.messages:
            try:
                bench.deliver(bench.messenger.messages.pop(0))
            except DBAPIError:
                assert where.startswith("claim") and patience < 0
                bench.let_pass(20)
        bench.reconciler.reconcile()
    assert len(failed) == 3 * bench.settings.attempts
    assert patience < 0 or bench.reader.read == [1]
    assert bench.reports.get(view.id).status == "succeeded"
    with bench.database.read() as session:
        assert (session.get_one(ReportRow, view.id).error, session.get_one(PageRow, (view.id, 1)).error) == (None, None)


def test_without_a_database_requests_are_told_to_come_back(tmp_path: Path) -> None:
    client = create_app(
        Settings(data_dir=tmp_path, database_url="postgresql://postgres@127.0.0.1:1/none")
    ).test_client()
    for answer in (client.get("/api/v1/reports"), upload(client, SAMPLE.read_bytes(), form=True)):
        assert answer.status_code == 503 and answer.headers["Retry-After"]
        assert body(answer)["type"].endswith("database-away") and "数据库" in body(answer)["detail_zh"]
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 503 and "数据库暂时无法访问" in page.text
    assert client.get("/healthz").status_code == 200


@NO_POSTGRES
@pytest.mark.parametrize("bench", ["postgresql"], indirect=True)
def test_a_frozen_process_does_not_hold_up_others(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has locked a report and then does nothing: its transaction is ended for it, what it has written is gone."""
    monkeypatch.setattr(database_module, "FROZEN_SECONDS", 1)
    view = bench.submit()
    locked, others_done = threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def freeze() -> None:
        try:
            with Database(bench.settings.sqlalchemy_url).write() as session:
                states.lock_report(session, view.id)
                locked.set()
                others_done.wait(30)
        except Exception as error:
            raised.append(error)

    frozen = threading.Thread(target=freeze)
    frozen.start()
    locked.wait(30)
    bench.work.open_report(view.id)
    others_done.set()
    frozen.join()
    assert bench.reports.get(view.id).pages_total == 3
    assert [outage_of(error) for error in raised] == [Outage.DATABASE_AWAY]


def test_errors_of_a_file_are_no_outage() -> None:
    wrong = IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE"))
    assert [outage_of(error) for error in (wrong, ValueError(), FileNotFoundError(2, "gone"), MemoryError())] == [
        None
    ] * 4


def test_postgresql_tells_by_its_states_what_is_wrong() -> None:
    told = {
        errors.DiskFull: Outage.DISK_FULL,
        errors.IoError: Outage.DISK_FULL,
        errors.AdminShutdown: Outage.DATABASE_AWAY,
        errors.TooManyConnections: Outage.DATABASE_AWAY,
        errors.DeadlockDetected: Outage.DATABASE_AWAY,
        errors.OperationalError: Outage.DATABASE_AWAY,  # no connection, and so no state
        errors.UniqueViolation: None,
        errors.UndefinedTable: None,
    }
    assert {kind: outage_of(DBAPIError("SELECT", {}, kind())) for kind in told} == told
