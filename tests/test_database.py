"""Migrations, and transactions of several processes at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.bench import Bench, put_back
from tests.workers_support import python
from workers.database import Database, insert_once, migrate
from workers.reports import Reports
from workers.settings import Settings
from workers.tables import Base, PageRow, ReadingRow

MIGRATE = "import sys; from workers.database import migrate; migrate(sys.argv[1])"
COUNT = """
import sys
from sqlalchemy import text
from workers.database import Database
database = Database(sys.argv[1])
for _ in range(100):
    with database.write() as session:
        value = session.scalar(text("SELECT value FROM counter"))
        session.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})
"""


def test_the_migrations_make_the_tables_that_the_code_means(bench: Bench) -> None:
    with bench.database.engine.connect() as connection:
        # the index of words is made by SQL alone, each database its own
        options = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("text_pairs")}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    assert differences == []


def test_migrating_again_keeps_what_is_there(bench: Bench) -> None:
    view = bench.submit()
    migrate(bench.settings.sqlalchemy_url)
    assert bench.reports.get(view.id).status == "queued"


def test_reports_of_an_earlier_version_are_found_by_their_names(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url, "0002")
    columns = {
        "id": "1", "owner": "local", "sha256": "0", "filename": "Scan.pdf", "size": 1, "stage": "done",
        "created_at": 1.0, "status": "succeeded", "attempts": 1, "title": None, "agency": "某市财政局",
    }  # fmt: skip
    with Database(settings.sqlalchemy_url).write() as session:
        names = ", ".join(columns)
        session.execute(text(f"INSERT INTO reports ({names}) VALUES (:{names.replace(', ', ', :')})"), columns)
    migrate(settings.sqlalchemy_url)
    reports = Reports(settings)
    assert [reports.search(q=word).total for word in ("scan", "财政", "教育")] == [1, 1, 0]


def test_results_of_an_earlier_version_keep_what_they_are(bench: Bench) -> None:
    put_back(bench, "0012")
    with bench.database.write() as session:
        for id_, status in (("1", "succeeded"), ("2", "partial")):
            columns = "id, owner, sha256, filename, size, stage, created_at, status, attempts"
            values = f"'{id_}', 'local', '{id_}', 'a', 1, 'done', 1.0, '{status}', 1"
            session.execute(text(f"INSERT INTO reports ({columns}) VALUES ({values})"))
            session.execute(text(f"INSERT INTO results (report_id, result) VALUES ('{id_}', '{{}}')"))
    migrate(bench.settings.sqlalchemy_url)
    for id_, status in (("1", "succeeded"), ("2", "partial")):
        bench.reports.reread(id_)
        assert bench.reports.cancel(id_).status == status


def test_several_processes_may_migrate_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    processes = [python(MIGRATE, url) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    with Database(url).read() as session:
        assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_writers_on_sqlite_wait_for_each_other_and_lose_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/counter.db")
    with database.write() as session:
        session.execute(text("CREATE TABLE counter (value INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    processes = [python(COUNT, f"sqlite:///{tmp_path}/counter.db") for _ in range(4)]
    assert [process.wait(120) for process in processes] == [0] * 4
    with database.read() as session:
        assert session.scalar(text("SELECT value FROM counter")) == 400


@pytest.mark.parametrize("lasting", [True, False])
def test_only_what_is_to_last_waits_for_the_disk(bench: Bench, lasting: bool) -> None:
    asked = "PRAGMA synchronous" if bench.database.engine.dialect.name == "sqlite" else "SHOW synchronous_commit"
    for _ in range(2):
        with bench.database.write(lasting=not lasting):
            pass
        with bench.database.write(lasting) as session:
            assert session.scalar(text(asked)) in ((2, "on") if lasting else (1, "off"))


def test_what_raises_is_rolled_back(bench: Bench) -> None:
    row = ReadingRow(sha256="0" * 64, number=1, engine="1", reading="{}")
    with pytest.raises(RuntimeError), bench.database.write() as session:
        insert_once(session, row)
        raise RuntimeError("broke off")
    with bench.database.read() as session:
        assert session.scalars(select(ReadingRow)).all() == []


def test_a_row_is_inserted_once(bench: Bench) -> None:
    for reading in ("first", "second"):
        with bench.database.write() as session:
            insert_once(session, ReadingRow(sha256="0" * 64, number=1, engine="1", reading=reading))
    with bench.database.read() as session:
        assert [row.reading for row in session.scalars(select(ReadingRow))] == ["first"]


def test_pages_belong_to_a_report(bench: Bench) -> None:
    with pytest.raises(IntegrityError), bench.database.write() as session:
        session.add(PageRow(report_id="none", number=1, state="waiting", attempts=0))
