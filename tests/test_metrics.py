"""What Prometheus is told, and who may ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text, update

from extractors.errors import NoPages
from tests.bench import Bench, application, put_back
from tests.effort import statements_of
from tests.test_callers import House
from web.app import create_app
from workers.database import Database, migrate
from workers.figures import PAGE_SECONDS, figures
from workers.settings import Settings
from workers.tables import ReadingRow, ReportRow


def told(bench: Bench) -> dict[tuple[str, ...], float]:
    """Name and label values of each sample → its value."""
    answer = application(bench).get("/metrics")
    assert answer.status_code == 200 and answer.mimetype == "text/plain"
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_an_empty_service_has_nothing_that_waits(bench: Bench) -> None:
    found = told(bench)
    assert found["nianbao_reports", "queued"] == 0 and found["nianbao_pages", "read"] == 0
    assert not [key for key in found if key[0] == "nianbao_oldest_report_age_seconds"]


def test_reports_pages_failures_and_ages_are_told(bench: Bench) -> None:
    def refuse() -> None:
        raise NoPages

    bench.submit(b"%PDF-1.7 read")
    bench.deliver_all()
    bench.reader.on_open = refuse
    bench.submit(b"%PDF-1.7 refused")
    bench.deliver_all()
    waiting = bench.submit(b"%PDF-1.7 waiting")
    with bench.database.write() as session:
        old = ReportRow.created_at - 100
        session.execute(update(ReportRow).where(ReportRow.id == waiting.id).values(created_at=old))
        session.execute(update(ReadingRow).values(seconds=ReadingRow.number * 2.0))
    found = told(bench)
    assert [found["nianbao_reports", s] for s in ("queued", "running", "succeeded", "failed")] == [1, 0, 1, 1]
    assert found["nianbao_pages", "read"] == 3
    assert found["nianbao_failures", "report", NoPages.code] == 1
    assert 100 <= found["nianbao_oldest_report_age_seconds", "queued"] < 160
    assert found["nianbao_page_seconds_gcount",] == 3 and found["nianbao_page_seconds_gsum",] == 12
    buckets = [found["nianbao_page_seconds_bucket", bound] for bound in ("1.0", "3.0", "10.0", "+Inf")]
    assert buckets == [0, 1, 3, 3]


@pytest.mark.parametrize(
    "accept",
    [
        *("text/plain;version=x", "application/openmetrics-text;version=x", "text/plain;version=99999999999999999999"),
        *(";", ",", "text/plain;;=", "a;b", "text/plain;version=0.0.4;q=zz", "\xff"),
    ],
)
def test_any_accept_header_is_answered_with_figures(tmp_path: Path, accept: str) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    answer = application(Bench(settings)).get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200 and "nianbao_reports{" in answer.text


def test_indexes_answer_all_of_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    database = Database(settings.sqlalchemy_url)
    asked = statements_of([database.engine], lambda: figures(database))
    assert len(asked) == 6 + len(PAGE_SECONDS) + 1
    for statement in asked:
        steps = [step for step in statement.plan.splitlines() if step.startswith(("SCAN", "SEARCH"))]
        assert steps and all(" INDEX ix_" in step for step in steps), statement.plan


def test_only_an_admin_is_told(tmp_path: Path) -> None:
    house = House(Settings(data_dir=tmp_path))
    assert house.ask("root", "GET", "/metrics").status_code == 200
    assert house.ask("li", "GET", "/metrics").status_code == 403
    nobody = house.client.get("/metrics", headers={"Accept": "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"})
    assert nobody.status_code == 401 and nobody.mimetype == "application/problem+json"


def test_without_its_database_the_service_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    away = "postgresql+psycopg://postgres@127.0.0.1:9/nianbao"
    client = create_app(Settings(data_dir=tmp_path, database_url=away)).test_client()
    for path in ("/metrics", "/api/v1/reports", "/api/v1/reports/1/result"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10"), path
        assert answer.json and answer.json["type"] == "urn:nianbao:problem:database-away"
        assert "数据库" in answer.json["detail_zh"] and "127.0.0.1" not in answer.text
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 503 and "数据库" in page.text
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.json
    assert ready.json["parts"]["database"] == "the database does not answer" and ready.json["parts"]["store"] == "ok"
    assert client.get("/healthz").status_code == 200
    own = [record for record in caplog.records if record.name.startswith(("web", "workers"))]
    assert own and not [record for record in own if record.exc_info], "it is no fault of the code"


def test_readings_of_before_get_their_seconds(bench: Bench) -> None:
    put_back(bench, "0011")
    with bench.database.write() as session:
        session.execute(
            text("INSERT INTO readings (sha256, number, engine, reading) VALUES ('0', 1, '1', '{\"seconds\": 2.5}')")
        )
    outdated = Database(bench.settings.sqlalchemy_url).outdated()
    assert outdated and re.search("revision 0011, this version wants 00", outdated)
    answer = application(bench).get("/readyz")
    assert answer.status_code == 503 and answer.json and answer.json["parts"]["migrations"] == outdated
    assert "数据库版本" in answer.json["detail_zh"] and answer.json["parts"]["database"] == "ok"
    assert application(bench).get("/healthz").status_code == 200
    migrate(bench.settings.sqlalchemy_url)
    assert bench.database.outdated() is None and bench.reports.figures().page_seconds_sum == 2.5
