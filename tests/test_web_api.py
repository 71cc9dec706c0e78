from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from extractors.report import json_schema
from tests.bench import Bench, application
from workers.database import migrate
from workers.settings import Settings

SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"


class Site:
    """The application, and a worker's hand to do what messages ask for."""

    def __init__(self, settings: Settings) -> None:
        self.bench = Bench(settings)
        self.client = application(self.bench)

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


def test_a_reading_is_stopped_tried_again_and_made_anew(site: Site) -> None:
    location = site.upload(SAMPLE.read_bytes()).headers["Location"]
    assert problem_of(site.client.post(f"{location}/retry")) == (409, "nothing-to-retry")
    assert problem_of(site.client.post(f"{location}/reread")) == (409, "not-finished")
    canceled = site.client.post(f"{location}/cancel")
    assert (canceled.status_code, body(canceled)["status"]) == (200, "canceled")
    assert problem_of(site.client.post(f"{location}/cancel")) == (409, "nothing-to-cancel")
    assert problem_of(site.client.get(f"{location}/result")) == (422, "canceled")
    again = site.client.post(f"{location}/retry")
    assert (again.status_code, body(again)["status"]) == (202, "queued")
    site.bench.deliver_all()
    first = body(site.client.get(f"{location}/result"))
    assert problem_of(site.client.post(f"{location}/retry")) == (409, "nothing-to-retry")
    assert site.client.post(f"{location}/reread").status_code == 202
    for kind in ("result", "result.csv", "result.xlsx"):
        earlier = site.client.get(f"{location}/{kind}")
        assert (earlier.status_code, earlier.headers["Nianbao-Result"]) == (200, "earlier")
        assert earlier.headers["Retry-After"] == "1"
    assert body(site.client.get(f"{location}/result")) == first
    site.bench.deliver_all()
    after = site.client.get(f"{location}/result")
    assert body(after)["report"] == first["report"] and "Nianbao-Result" not in after.headers
    for action in ("cancel", "retry", "reread"):
        assert problem_of(site.client.post(f"/api/v1/reports/none/{action}")) == (404, "unknown-report")


def problem_of(answer: Any) -> tuple[int, str]:
    """Status and code of an error."""
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, body(answer)["type"].rsplit(":", 1)[1]


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


@pytest.mark.parametrize(
    ("method", "path", "media_type"),
    [
        ("PATCH", "/api/v1/reports/none/cells", "application/json"),
        ("POST", "/api/v1/batches/none/reports", "application/json"),
        ("POST", "/api/v1/agencies/none/names", "application/json"),
        ("POST", "/reports/none/cells", "application/x-www-form-urlencoded"),
        ("POST", "/sign-in", "multipart/form-data; boundary=x"),
    ],
)
def test_what_is_no_upload_may_have_two_megabytes(site: Site, method: str, path: str, media_type: str) -> None:
    answer = site.client.open(path, method=method, data=b" " * 2_300_000, content_type=media_type)
    assert problem_of(answer) == (413, "limit-exceeded")
    assert " 2 MB " in body(answer)["detail"] and " 2 MB，" in body(answer)["detail_zh"]
    less = site.client.open(path, method=method, data=b" " * 2_000_000, content_type="application/json")
    assert less.status_code != 413


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", "reports/none/cells"), ("POST", "batches/none/reports"), ("POST", "agencies/none/names")],
)
def test_json_that_is_nested_too_deeply_is_no_json(site: Site, method: str, path: str) -> None:
    for deep in (b"[" * 100_000, b'{"name":' * 100_000, b"[" * 900 + b"]" * 900):
        answer = site.client.open(f"/api/v1/{path}", method=method, data=deep, content_type="application/json")
        assert problem_of(answer) == (400, "invalid-parameter") and len(answer.data) < 1000


def test_an_answer_names_no_more_than_a_person_reads(site: Site) -> None:
    for wrong in ({f"k{n}": 1 for n in range(10_000)}, {"x" * 100_000: 1}):
        answer = site.client.patch("/api/v1/reports/none/cells", json=wrong)
        assert problem_of(answer) == (400, "invalid-parameter") and len(answer.data) < 5000
    listed = site.client.get("/api/v1/reports?" + "&".join(f"k{n}=1" for n in range(1000)))
    assert problem_of(listed) == (400, "invalid-parameter") and len(listed.data) < 5000


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


def test_a_date_that_is_none_asks_for_nothing(site: Site) -> None:
    report = site.read_sample()
    odd = f"01 Jan 2020 00:00:00 +{'9' * 30}"
    for path in (f"/api/v1/reports/{report}/file", "/api/v1/export.xlsx", "/static/home.js"):
        for headers in ({"If-Modified-Since": odd}, {"Range": "bytes=0-9", "If-Range": odd}):
            answer = site.client.get(path, headers=headers)
            assert answer.status_code in (200, 206), (path, headers)


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


TOTAL = "requests.new_received.total"


def patch(site: Site, report: str, *cells: dict[str, object], **more: object) -> Any:
    return site.client.patch(f"/api/v1/reports/{report}/cells", json={"cells": cells, **more})


def test_figures_are_accepted_and_corrected(site: Site) -> None:
    report = site.read_sample()
    at = f"/api/v1/reports/{report}"
    answer = patch(site, report, {"path": TOTAL, "value": 77}, {"path": "year", "accept": True}, by="王")
    assert answer.status_code == 200
    said = body(answer)
    assert said["values"] == {TOTAL: 77, "year": 2021} and said["validation"]["status"] == "failed"
    evidence = said["evidence"][TOTAL]
    assert (evidence["state"], evidence["decision"]["by"]) == ("corrected", "王")
    assert said["evidence"]["year"]["state"] == "read" and said["evidence"]["year"]["decision"]["accepted"]
    result = site.client.get(f"{at}/result").json
    jsonschema.validate(result, json_schema())
    assert result is not None and result["report"]["tables"]["requests"]["new_received"]["total"] == 77
    assert ",77,corrected," in site.client.get(f"{at}/result.csv").text
    state = body(site.client.get(at))
    assert state["validation_status"] == "failed" and "requests.row_sum.new_received" in state["failed_checks"]
    found = body(site.client.get("/api/v1/reports?failed_check=requests.row_sum.new_received"))
    assert found["total"] == 1
    history = body(site.client.get(state["links"]["cells"]))["items"]
    assert [(entry["path"], entry["value"], entry["accepted"], entry["by"]) for entry in history] == [
        (TOTAL, 77, False, "王"),
        ("year", 2021, True, "王"),
    ]


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ({"path": "requests.nothing.total", "value": 1}, 422),
        ({"path": TOTAL, "value": "34"}, 422),
        ({"path": TOTAL, "value": True}, 422),
        ({"path": TOTAL, "value": -1}, 422),
        ({"path": TOTAL, "value": 1.5}, 422),
        ({"path": TOTAL}, 422),
        ({"path": TOTAL, "value": 1, "accept": True}, 422),
        ({"path": "published_on", "value": "yesterday"}, 422),
        ({"path": "title", "value": "\ud800"}, 422),
        ({"path": "pages.1", "accept": True}, 422),
        ({"path": TOTAL, "value": 10**400}, 422),
        ({"path": "year", "value": -(10**400)}, 422),
        ({"path": TOTAL, "value": [1]}, 400),
        ({"path": TOTAL, "values": 1}, 400),
        ({"value": 1}, 400),
    ],
)
def test_a_decision_that_cannot_be_changes_nothing(site: Site, cell: dict[str, object], status: int) -> None:
    report = site.read_sample()
    before = site.client.get(f"/api/v1/reports/{report}/result").data
    answer = patch(site, report, {"path": "requests.granted.total", "value": 9}, cell)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    if status == 422:
        problem = body(answer)
        assert problem["path"] == cell["path"] and str(cell["path"]) in problem["detail"]
        assert problem["type"].endswith("wrong-decision") and problem["detail_zh"].endswith("。")
    assert site.client.get(f"/api/v1/reports/{report}/result").data == before


def test_a_value_that_nobody_saw_is_not_overruled(site: Site) -> None:
    report = site.read_sample()
    assert patch(site, report, {"path": TOTAL, "value": 77, "seen": 0}).status_code == 200
    for late in ({"accept": True, "seen": 0}, {"value": 5, "seen": None}):
        answer = patch(site, report, {"path": TOTAL, **late})
        assert answer.status_code == 409 and "77" in body(answer)["detail"] and "Retry-After" not in answer.headers
        assert (body(answer)["type"].endswith("changed-meanwhile"), body(answer)["path"]) == (True, TOTAL)
    assert patch(site, report, {"path": TOTAL, "accept": True, "seen": 77}).status_code == 200


def test_decisions_need_a_finished_report_of_this_site(site: Site) -> None:
    report = site.upload(SAMPLE.read_bytes()).json["id"]
    early = patch(site, report, {"path": TOTAL, "value": 1})
    assert early.status_code == 409 and early.headers["Retry-After"]
    assert patch(site, "none", {"path": TOTAL, "value": 1}).status_code == 404
    assert site.client.get("/api/v1/reports/none/cells").status_code == 404
    for wrong in (b"", b"{", b"[]", b'{"cells": []}'):
        answer = site.client.patch(
            f"/api/v1/reports/{report}/cells", data=wrong, headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), wrong
        problem = body(answer)
        assert not problem["detail"].startswith(":") and not problem["detail_zh"].endswith("：。")
    elsewhere = site.client.patch(
        f"/api/v1/reports/{report}/cells",
        json={"cells": [{"path": TOTAL, "value": 1}]},
        headers={"Origin": "http://elsewhere.example"},
    )
    assert elsewhere.status_code == 403


def test_pages_are_pictures(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.results_api.PICTURE_WAIT", 0.0)
    report = site.read_sample()
    pages = body(site.client.get(f"/api/v1/reports/{report}"))["links"]["pages"]
    assert len(pages) == 6
    waiting = site.client.get(pages[2])
    assert (waiting.status_code, waiting.mimetype) == (503, "application/problem+json")
    assert waiting.headers["Retry-After"] and body(waiting)["type"].endswith("picture-not-ready")
    site.bench.deliver_all()
    page = site.client.get(pages[2])
    assert (page.status_code, page.mimetype) == (200, "image/png") and page.data.startswith(b"\x89PNG")
    assert page.headers["Cache-Control"] == "max-age=86400, private"
    assert site.client.get(pages[2], headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    for number in ("0", "7", "99999999999999999999", "-1", "x"):
        answer = site.client.get(f"/api/v1/reports/{report}/pages/{number}.png")
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), number
    assert site.client.get("/api/v1/reports/none/pages/1.png").status_code == 404
    early = site.upload(SAMPLE.read_bytes() + b"\n").json["id"]
    assert site.client.get(f"/api/v1/reports/{early}/pages/1.png").status_code == 409


@pytest.mark.parametrize("text", ["%00", "a%00b"])
def test_a_name_that_no_database_takes_is_refused(bench: Bench, text: str) -> None:
    client = application(bench)
    for path in (
        *(f"/api/v1/{kind}/{text}" for kind in ("reports", "batches", "agencies")),
        *(f"/{kind}/{text}" for kind in ("reports", "batches", "agencies")),
        *(f"/api/v1/reports?{name}={text}" for name in ("agency", "failed_check", "batch", "id", "sha256", "q")),
        f"/api/v1/reports/x/difference?with={text}",
        f"/api/v1/export.csv?agency={text}",
        f"/api/v1/audit?name={text}",
    ):
        assert client.get(path).status_code == 400, path
    assert client.delete(f"/api/v1/reports/{text}").status_code == 400


@pytest.mark.timeout(30)
def test_no_question_is_too_long_for_the_database(bench: Bench) -> None:
    client = application(bench)
    words = [f"{chr(0x4E00 + n)}{chr(0x5E00 + n)}" for n in range(500)]
    lists = {"/api/v1/reports": 500, "/": 500, "/api/v1/export.csv": 500, "/api/v1/agencies": 200, "/agencies": 200}
    for path, longest in lists.items():
        assert client.get(path, query_string={"q": " ".join(words)}).status_code == 400, path
        for most in (" ".join(words), " ".join(word[0] for word in words)):
            assert client.get(path, query_string={"q": most[:longest]}).status_code == 200, path
