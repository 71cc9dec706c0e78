from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from extractors.report import json_schema
from tests.bench import Bench
from web.app import create_app
from workers.database import migrate
from workers.settings import Settings
from workers.work import PipelineReader, Work

SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"


class Site:
    """The application, and a worker's hand to do what messages ask for."""

    def __init__(self, settings: Settings) -> None:
        self.bench = Bench(settings)
        self.bench.work = Work(
            settings, self.bench.database, self.bench.store, self.bench.messenger, reader=PipelineReader()
        )
        app = create_app(settings)
        app.extensions["nianbao"].reports = self.bench.reports
        self.client: FlaskClient = app.test_client()

    def upload(self, content: bytes, name: str = "年报.pdf", **headers: str) -> Any:
        return self.client.post("/api/v1/reports", data={"file": (io.BytesIO(content), name)}, headers=headers)

    def read_sample(self) -> str:
        answer = self.upload(SAMPLE.read_bytes())
        self.bench.deliver_all()
        return str(answer.json["id"])


def body(answer: Any) -> Any:
    """The answer's JSON."""
    return answer.get_json()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    settings = Settings(data_dir=tmp_path, max_bytes=5_000_000)
    migrate(settings.sqlalchemy_url)
    yield Site(settings)


def test_an_upload_is_accepted_and_followed_to_its_result(site: Site) -> None:
    answer = site.upload(SAMPLE.read_bytes())
    assert answer.status_code == 202 and answer.json["status"] == "queued"
    location = answer.headers["Location"]
    assert location == f"/api/v1/reports/{answer.json['id']}" == answer.json["links"]["self"]
    state = site.client.get(location)
    assert state.headers["Retry-After"] and body(state)["progress"] == {
        "pages_done": 0,
        "pages_total": None,
        "percent": 0,
    }
    early = site.client.get(f"{location}/result")
    assert early.status_code == 409 and early.headers["Retry-After"]
    site.bench.deliver_all()
    state = site.client.get(location)
    assert (body(state)["status"], body(state)["progress"]["percent"]) == ("succeeded", 100)
    assert "Retry-After" not in state.headers
    result = site.client.get(f"{location}/result")
    jsonschema.validate(result.json, json_schema())
    assert body(result)["report"]["agency"] == "济宁市兖州区科学技术局"


def test_the_raw_body_with_a_name_is_understood(site: Site) -> None:
    headers = {"Content-Disposition": "attachment; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.pdf"}
    answer = site.client.post(
        "/api/v1/reports", data=SAMPLE.read_bytes(), content_type="application/pdf", headers=headers
    )
    assert answer.status_code == 202 and answer.json is not None and answer.json["filename"] == "年报.pdf"


def test_the_same_file_is_the_same_report(site: Site) -> None:
    first, again = site.upload(SAMPLE.read_bytes()), site.upload(SAMPLE.read_bytes(), "other.pdf")
    assert first.json["id"] == again.json["id"]
    assert site.client.get("/api/v1/reports").json["total"] == 1  # type: ignore[index]


def test_an_idempotency_key_is_honoured(site: Site) -> None:
    content = SAMPLE.read_bytes()
    first = site.upload(content, **{"Idempotency-Key": "k1"})
    again = site.upload(content, **{"Idempotency-Key": "k1"})
    other = site.upload(content + b"\n", **{"Idempotency-Key": "k1"})
    assert first.json["id"] == again.json["id"]
    assert other.status_code == 422 and other.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "empty-file"),
        (b"text", 415, "unsupported-type"),
        (b"%PDF-" + bytes(5_000_001), 413, "limit-exceeded"),
    ],
)
def test_bad_uploads_are_problems(site: Site, content: bytes, status: int, code: str) -> None:
    answer = site.upload(content)
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"].endswith(code) and answer.json["status"] == answer.status_code
    assert answer.status_code in (status, 400)
    assert answer.json["detail"] and answer.json["detail_zh"].endswith("。")
    assert "Traceback" not in answer.text


def test_unknown_and_wrong_requests_are_problems(site: Site) -> None:
    for method, path, status in (
        ("get", "/api/v1/reports/none", 404),
        ("get", "/api/v1/reports/none/result", 404),
        ("delete", "/api/v1/reports/none", 404),
        ("put", "/api/v1/reports", 405),
        ("get", "/api/v1/nothing", 404),
        ("get", "/api/v1/reports?page=0", 400),
        ("get", "/api/v1/reports?year=x", 400),
        ("post", "/api/v1/reports", 400),
    ):
        answer = getattr(site.client, method)(path)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), path
        assert answer.json["detail_zh"]


def test_the_list_is_filtered(site: Site) -> None:
    site.read_sample()

    def total(query: str) -> int:
        return int(site.client.get(f"/api/v1/reports?{query}").json["total"])  # type: ignore[index]

    assert total("year=2021&agency=科学技术局&status=succeeded&q=兖州") == 1
    assert total("status=passed") == 1 and total("status=failed") == 0
    assert total("year=2020") == 0 and total("failed_check=requests.balance.total") == 0


def test_deleting(site: Site) -> None:
    report = site.read_sample()
    assert site.client.delete(f"/api/v1/reports/{report}").status_code == 204
    assert site.client.get(f"/api/v1/reports/{report}").status_code == 404


def test_exports_and_the_file(site: Site) -> None:
    report = site.read_sample()
    csv = site.client.get(f"/api/v1/reports/{report}/result.csv")
    assert csv.data.startswith(b"\xef\xbb\xbf") and "自然人" in csv.text
    assert site.client.get(f"/api/v1/reports/{report}/result.xlsx").data.startswith(b"PK")
    file = site.client.get(f"/api/v1/reports/{report}/file")
    assert file.data == SAMPLE.read_bytes() and "sandbox" in file.headers["Content-Security-Policy"]


def test_the_contract_is_published(site: Site) -> None:
    assert site.client.get("/api/v1/schema").json == json.loads(json.dumps(json_schema()))
    openapi = site.client.get("/api/v1/openapi.json").json
    assert openapi is not None and openapi["openapi"].startswith("3.")
    assert {"/api/v1/reports", "/api/v1/reports/{id}", "/api/v1/reports/{id}/result", "/readyz"} <= set(
        openapi["paths"]
    )


def test_health_tells_which_part_is_down(site: Site) -> None:
    assert site.client.get("/healthz").status_code == 200
    assert site.client.get("/readyz").status_code == 200
    site.bench.messenger.down = True
    answer = site.client.get("/readyz")
    assert answer.status_code == 503 and answer.json is not None and "queue" in answer.json["detail"]


def test_pages_show_upload_list_and_report(site: Site) -> None:
    report = site.read_sample()
    home = site.client.get("/")
    assert home.status_code == 200 and "济宁市兖州区科学技术局2021年政府信息公开工作年度报告" in home.text
    page = site.client.get(f"/reports/{report}").text
    for printed in (
        "一、总体情况",
        "三、本年度办理结果",
        "未经复议直接起诉",
        "现行有效件数",
        "一、本年新收政府信息公开申请数量",
    ):
        assert printed in page
    assert "<script>" not in page and "style=" not in page  # the content security policy forbids them
    missing = site.client.get("/reports/none", headers={"Accept": "text/html"})
    assert missing.status_code == 404 and 'lang="zh' in missing.text


def test_a_page_is_told_to_be_embedded_nowhere(site: Site) -> None:
    headers = site.client.get("/").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
