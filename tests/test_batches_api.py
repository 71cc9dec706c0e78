"""Batches over HTTP."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.bench import Bench, application
from tests.test_callers import House, key_of
from tests.test_web_api import SAMPLE, Site, body, problem_of
from tests.zips import zip_of
from web.uploads import Parked
from workers.database import migrate
from workers.settings import Settings
from workers.tables import AuditRow

BATCHES = "/api/v1/batches"


def pdf(number: int) -> bytes:
    return f"%PDF-1.7 {number}".encode()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def form(files: Mapping[str, bytes]) -> dict[str, Any]:
    return {"file": [(io.BytesIO(content), name) for name, content in files.items()]}


def send_zip(site: Site, files: Mapping[str, bytes]) -> Any:
    headers = {"Content-Disposition": "attachment; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.zip"}
    return site.client.post(BATCHES, data=zip_of(files), content_type="application/zip", headers=headers)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    settings = Settings(data_dir=tmp_path, max_bytes=1_000_000, max_upload_bytes=2_000_000, max_batch_files=1200)
    migrate(settings.sqlalchemy_url)
    yield Site(settings)


def test_a_zip_is_followed_from_its_acceptance_to_its_reports(site: Site) -> None:
    answer = send_zip(site, {"2021/年报.pdf": SAMPLE.read_bytes(), "2021/copy.pdf": SAMPLE.read_bytes(), "a.txt": b"x"})
    accepted = body(answer)
    assert (answer.status_code, accepted["status"], accepted["name"]) == (202, "queued", "年报.zip")
    at = answer.headers["Location"]
    assert at == f"{BATCHES}/{accepted['id']}" == accepted["links"]["self"]
    state = site.client.get(at)
    assert state.headers["Retry-After"] and body(state)["percent"] == 0 and body(state)["expected_finish"] is None
    site.bench.deliver_all()
    done = site.client.get(at)
    assert "Retry-After" not in done.headers
    said = body(done)
    assert (said["status"], said["percent"], said["files_total"]) == ("finished", 100, 3)
    assert {state: count for state, count in said["counts"].items() if count} == {"succeeded": 2, "refused": 1}
    first, copy, text = said["files"]["items"]
    assert (first["name"], first["state"], first["validation_status"]) == ("2021/年报.pdf", "succeeded", "passed")
    assert first["title"] == "济宁市兖州区科学技术局2021年政府信息公开工作年度报告" and first["error"] is None
    assert copy["report_id"] == first["report_id"] and copy["duplicate_of"] == 1
    assert site.client.get(first["links"]["report"]).status_code == 200
    assert (text["state"], text["error"]["code"], text["links"]) == ("refused", "unsupported-type", None)
    listed = body(site.client.get(said["links"]["reports"]))
    assert [report["id"] for report in listed["items"]] == [first["report_id"]] and listed["links"]["next"] is None
    assert [batch["id"] for batch in body(site.client.get(BATCHES))["items"]] == [accepted["id"]]
    assert site.client.delete(at).status_code == 204
    assert problem_of(site.client.get(at)) == (404, "unknown-batch")
    assert body(site.client.get("/api/v1/reports"))["total"] == 1


def test_a_batch_that_was_sent_without_a_name_has_none(site: Site) -> None:
    answer = site.client.post(BATCHES, data=zip_of({"a.pdf": pdf(1), "b.pdf": pdf(2)}), content_type="application/zip")
    assert body(answer)["name"] == ""
    page = site.client.get(body(answer)["links"]["html"]).text
    assert '<h1 class="report-title">2 个文件</h1>' in page


def test_a_key_stands_for_one_batch(site: Site) -> None:
    def send(*numbers: int, key: str = "k") -> Any:
        files = form({f"{n}.pdf": pdf(n) for n in numbers})
        return site.client.post(BATCHES, data=files, headers={"Idempotency-Key": key})

    first = body(send(1, 2))["id"]
    assert body(send(1, 2))["id"] == first != body(send(1, 2, key="other"))["id"]
    conflict = send(1, 3)
    assert problem_of(conflict) == (422, "idempotency-conflict") and "其他文件" in body(conflict)["detail_zh"]
    assert problem_of(send(1, key="k" * 201)) == (400, "invalid-parameter")
    assert body(site.client.get(BATCHES))["total"] == 2 and body(site.client.get("/api/v1/reports"))["total"] == 2


def test_files_that_are_there_are_added_without_their_bytes(site: Site) -> None:
    at = send_zip(site, {"a.pdf": pdf(1)}).headers["Location"]
    known = body(site.upload(pdf(2)))["id"]

    def add(report_id: str) -> Any:
        return site.client.post(f"{at}/reports", json={"files": [{"name": "区/b.pdf", "report_id": report_id}]})

    assert (add(known).status_code, body(add(known))["files_total"]) == (202, 2)
    assert [file["name"] for file in body(site.client.get(at))["files"]["items"]] == ["a.pdf", "区/b.pdf"]
    assert body(site.client.get(f"{at}/reports"))["total"] == 2
    assert problem_of(site.client.post(f"{BATCHES}/none/reports", json={"files": []})) == (400, "invalid-parameter")
    site.client.post(f"{at}/cancel")
    assert problem_of(add(known)) == (409, "batch-canceled")


def test_the_id_of_a_known_report_is_one_that_a_report_can_have(bench: Bench) -> None:
    client = application(bench)
    at = client.post(BATCHES, data=form({"a.pdf": pdf(1)})).headers["Location"]

    def add(name: str, report_id: str) -> Any:
        return client.post(f"{at}/reports", json={"files": [{"name": name, "report_id": report_id}]})

    for wrong in ("a\0", "\0" * 32, "none", "0" * 33):
        assert problem_of(add("b.pdf", wrong)) == (400, "invalid-parameter"), wrong
    assert problem_of(add("b.pdf", "0" * 32)) == (404, "unknown-report")
    assert add("b\0.pdf", bench.submit(pdf(2)).id).status_code == 202


def test_files_are_sent_in_portions_and_listed_in_pages(site: Site) -> None:
    answer = site.client.post(BATCHES, data=form({f"2023/{n}.pdf": pdf(n) for n in range(3)}))
    assert answer.status_code == 202 and body(answer)["name"] == "2023"
    more = site.client.post(body(answer)["links"]["files"], data=form({"2023/3.pdf": pdf(3), "2023/2.pdf": pdf(2)}))
    assert (more.status_code, body(more)["id"], body(more)["files_total"]) == (202, body(answer)["id"], 4)
    address, seen = f"{answer.headers['Location']}?per_page=3&state=queued", []
    while address:
        page = body(site.client.get(address))["files"]
        seen += [file["name"] for file in page["items"]]
        address = page["links"]["next"]
    assert seen == [f"2023/{n}.pdf" for n in range(4)]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (zip_of({"a.pdf": pdf(1)}).getvalue()[:-30], 422, "damaged-file"),
        (zip_of({}).getvalue(), 422, "no-reports"),
        (zip_of({"a.txt": b"x", "b.txt": b"x"}).getvalue(), 422, "no-reports"),
        (zip_of({f"{n}.pdf": pdf(n) for n in range(1201)}).getvalue(), 413, "limit-exceeded"),
        (b"", 400, "file-missing"),
        (os.urandom(2_100_000), 413, "limit-exceeded"),
    ],
)
def test_bad_batches_are_problems_and_nothing_is_kept(site: Site, content: bytes, status: int, code: str) -> None:
    answer = site.client.post(BATCHES, data=content, content_type="application/zip")
    assert problem_of(answer) == (status, code)
    assert body(answer)["detail_zh"].endswith("。")
    assert body(site.client.get(BATCHES))["total"] == body(site.client.get("/api/v1/reports"))["total"] == 0
    assert [path for path in site.bench.settings.files_root.rglob("*") if path.is_file()] == []


def test_the_limit_of_a_batch_is_larger_than_that_of_a_file_and_each_is_named(site: Site) -> None:
    large = os.urandom(900_000)
    answer = site.client.post(BATCHES, data=form({"a.pdf": b"%PDF-" + large, "b.pdf": b"%PDF-1" + large}))
    assert answer.status_code == 202
    refused = site.client.post(BATCHES, data=form({"a.pdf": pdf(1), "large.pdf": b"%PDF-" + bytes(1_200_000)}))
    assert refused.status_code == 202 and body(refused)["counts"]["refused"] == 1
    too_large = site.client.post(BATCHES, data=form({"a.pdf": b"%PDF-" + bytes(2_100_000)}))
    assert problem_of(too_large) == (413, "limit-exceeded") and "1.90735 MB" in body(too_large)["detail"]
    single = site.upload(b"%PDF-" + bytes(1_200_000))
    assert problem_of(single) == (413, "limit-exceeded") and "0.953674 MB" in body(single)["detail_zh"]


def test_a_form_with_too_many_parts_is_told_how_many(site: Site) -> None:
    assert site.client.post(BATCHES, data=form({f"{n}.pdf": pdf(n) for n in range(1000)})).status_code == 202
    answer = site.client.post(BATCHES, data=form({f"{n}.pdf": pdf(n) for n in range(1001)}))
    assert problem_of(answer) == (413, "limit-exceeded")
    assert "1000 fields" in body(answer)["detail"] and "1000 个" in body(answer)["detail_zh"]
    assert body(site.client.get(BATCHES))["total"] == 1


def test_requests_without_files_and_wrong_parameters_are_problems(site: Site) -> None:
    assert problem_of(site.client.post(BATCHES)) == (400, "file-missing")
    assert problem_of(site.client.post(BATCHES, data={"other": (io.BytesIO(b"x"), "a.pdf")})) == (400, "file-missing")
    for query in ("per_page=0", "per_page=1001", "state=lost", "page=x", "wait=-1", "more=1"):
        assert problem_of(site.client.get(f"{BATCHES}/none?{query}")) == (400, "invalid-parameter"), query


def test_a_batch_is_stopped_and_tried_again(site: Site) -> None:
    at = send_zip(site, {"a.pdf": SAMPLE.read_bytes(), "b.pdf": pdf(1)}).headers["Location"]
    assert problem_of(site.client.post(f"{at}/retry")) == (409, "nothing-to-retry")
    canceled = site.client.post(f"{at}/cancel")
    assert (canceled.status_code, body(canceled)["status"], body(canceled)["counts"]["canceled"]) == (
        200,
        "canceled",
        2,
    )
    assert "Retry-After" not in site.client.get(at).headers
    assert problem_of(site.client.post(f"{at}/cancel")) == (409, "nothing-to-cancel")
    assert problem_of(site.client.post(f"{at}/files", data=form({"c.pdf": pdf(2)}))) == (409, "batch-canceled")
    again = site.client.post(f"{at}/retry")
    assert (again.status_code, body(again)["status"]) == (202, "queued")
    site.bench.deliver_all()
    assert body(site.client.get(at))["counts"]["failed"] == 1
    assert body(site.client.post(f"{at}/retry"))["counts"]["queued"] == 1


def test_an_unknown_batch_is_not_found(site: Site) -> None:
    at = f"{BATCHES}/none"
    for method, path in (
        *(("get", at), ("get", f"{at}/reports"), ("delete", at)),
        *(("post", f"{at}/cancel"), ("post", f"{at}/retry")),
    ):
        assert problem_of(getattr(site.client, method)(path)) == (404, "unknown-batch"), path
    assert problem_of(site.client.post(f"{at}/files", data=form({"a.pdf": pdf(1)}))) == (404, "unknown-batch")


def test_another_members_batch_is_answered_like_one_that_is_not_there(tmp_path: Path) -> None:
    house = House(Settings(data_dir=tmp_path))
    mine = body(house.ask("li", "POST", BATCHES, data=form({"a.pdf": pdf(1), "b.txt": b"x"})))
    for unknown in (mine["id"], "0" * 32):
        at = f"{BATCHES}/{unknown}"
        for method, path in (
            *(("GET", at), ("GET", f"{at}/reports"), ("DELETE", at), ("POST", f"{at}/cancel"), ("POST", f"{at}/retry")),
            *(("GET", f"/batches/{unknown}"), ("POST", f"/batches/{unknown}/cancel")),
        ):
            answer = house.ask("wang", method, path)
            assert answer.status_code == 404, path
        answer = house.ask("wang", "POST", f"{at}/files", data=form({"a.pdf": pdf(1)}))
        assert problem_of(answer) == (404, "unknown-batch")
    assert body(house.ask("wang", "GET", BATCHES))["total"] == 0
    assert body(house.ask("root", "GET", BATCHES))["items"][0]["owner"] == "li"
    assert body(house.ask("li", "GET", f"{BATCHES}/{mine['id']}"))["files_total"] == 2


def test_batches_need_tokens_keys_and_leave_a_trace(tmp_path: Path) -> None:
    house = House(Settings(data_dir=tmp_path, uploads_per_minute=2))
    content = zip_of({"a.pdf": pdf(1), "b.pdf": pdf(2), "c.txt": b"x"}).getvalue()
    assert house.client.post(BATCHES, data=content).status_code == 401
    browser = house.browser("li")
    assert problem_of(browser.post(BATCHES, data=content)) == (403, "form-outdated")
    key = {"X-Form-Key": key_of(browser.get("/").text)}
    assert browser.post(BATCHES, data=content, headers=key).status_code == 202
    elsewhere = {"Sec-Fetch-Site": "cross-site", **key}
    assert problem_of(browser.post(BATCHES, data=content, headers=elsewhere)) == (403, "cross-site")
    entries = body(house.ask("root", "GET", "/api/v1/audit?action=upload"))["items"]
    batch = body(house.ask("li", "GET", BATCHES))["items"][0]["id"]
    assert {(e["name"], e["detail"]["filename"], e["detail"]["batch"]) for e in entries} == {
        ("li", "a.pdf", batch),
        ("li", "b.pdf", batch),
    }
    house.ask("root", "POST", f"{BATCHES}/{batch}/cancel")
    house.ask("li", "POST", f"/batches/{batch}/retry")
    for action, name in (("cancellation", "root"), ("retry", "li")):
        entries = body(house.ask("root", "GET", f"/api/v1/audit?action={action}"))["items"]
        assert [(e["name"], e["detail"]["batch"], bool(e["report_id"])) for e in entries] == [(name, batch, True)] * 2
    house.ask("li", "DELETE", f"{BATCHES}/{batch}")
    with house.bench.database.read() as session:
        assert session.scalar(select(AuditRow.action).order_by(AuditRow.id.desc()).limit(1)) == "deletion"
    assert house.ask("li", "POST", BATCHES, data=content).status_code == 202
    assert house.ask("li", "POST", BATCHES, data=content).status_code == 429


def test_waiting_places_are_shared_with_single_reports(site: Site) -> None:
    at = send_zip(site, {"a.pdf": pdf(1), "b.pdf": pdf(2)}).headers["Location"]
    assert body(site.client.get(f"{at}?wait=0.2"))["status"] == "queued"


def test_a_parked_file_is_open_only_while_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = [Parked() for _ in range(50)]
    before = open_files()
    for number, file in enumerate(files):
        file.write(pdf(number))
        file.seek(0)
    assert open_files() == before - 50
    for number, file in enumerate(files):
        assert file.read(4) == b"%PDF" and file.tell() == 4
        assert file.read() == pdf(number)[4:]
    assert open_files() == before - 50
    for file in files:
        file.close()
        file.close()
    assert list(tmp_path.iterdir()) == []


def test_a_request_leaves_no_temporary_files(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert site.client.post(BATCHES, data=form({"a.pdf": pdf(1), "b.pdf": pdf(2)})).status_code == 202
    assert problem_of(site.client.post(BATCHES, data=form({"a.txt": b"x"}))) == (415, "unsupported-type")
    assert list(folder.iterdir()) == []


def test_how_much_a_zip_unpacks_to_and_how_many_fields_a_form_has_can_be_set(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, max_zip_ratio=2000, max_form_parts=2)
    migrate(settings.sqlalchemy_url)
    site = Site(settings)
    blown_up = {"zeros.pdf": pdf(1) + bytes(3_000_000)}
    accepted = site.client.post(BATCHES, data=zip_of(blown_up), content_type="application/zip")
    assert accepted.status_code == 202
    refused = Site(Settings(data_dir=tmp_path)).client.post(
        BATCHES, data=zip_of(blown_up), content_type="application/zip"
    )
    assert problem_of(refused) == (422, "refused-entry") and "200" in body(refused)["detail"]
    assert site.client.post(BATCHES, data=form({f"{n}.pdf": pdf(n) for n in range(2)})).status_code == 202
    too_many = site.client.post(BATCHES, data=form({f"{n}.pdf": pdf(n) for n in range(3)}))
    assert problem_of(too_many) == (413, "limit-exceeded") and "2 fields" in body(too_many)["detail"]
