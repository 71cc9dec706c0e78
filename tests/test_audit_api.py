"""The audit log over HTTP: for admins, in portions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_callers import House, key_of
from workers.settings import Settings


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(Settings(data_dir=tmp_path))
    made.upload("li")
    made.upload("wang")
    return made


def test_an_admin_reads_it_in_portions(house: House) -> None:
    address, seen = "/api/v1/audit?per_page=2", []
    while address:
        answer = house.ask("root", "GET", address)
        assert answer.status_code == 200 and len(answer.json["items"]) <= 2
        seen += answer.json["items"]
        address = answer.json["links"]["next"]
    assert [(e["action"], e["name"]) for e in seen][:2] == [("upload", "wang"), ("upload", "li")]
    assert len(seen) == 5 and seen[0]["address"] == "127.0.0.1"
    assert [entry["id"] for entry in seen] == sorted((entry["id"] for entry in seen), reverse=True)


def test_it_is_looked_through_by_name_action_and_report(house: House) -> None:
    by_name = house.ask("root", "GET", "/api/v1/audit?name=li&action=upload").json["items"]
    assert len(by_name) == 1
    report = by_name[0]["report_id"]
    assert house.ask("root", "GET", f"/api/v1/audit?report={report}").json["items"] == by_name


def test_whoever_stops_or_begins_again_by_api_or_page_is_named(house: House) -> None:
    (upload,) = house.ask("root", "GET", "/api/v1/audit?name=li&action=upload").json["items"]
    report, page = f"/api/v1/reports/{upload['report_id']}", f"/reports/{upload['report_id']}"
    assert house.ask("li", "POST", f"{report}/reread").status_code == 202
    assert house.ask("root", "POST", f"{report}/cancel").status_code == 200
    browser = house.browser("li")
    key = key_of(browser.get("/").text)
    assert browser.post(f"{page}/reread", data={"form_key": key}).status_code == 303
    noted = house.ask("root", "GET", f"/api/v1/audit?report={upload['report_id']}").json["items"]
    assert [(e["action"], e["name"], e["address"]) for e in noted[:3]] == [
        ("reread", "li", "127.0.0.1"),
        ("cancellation", "root", "127.0.0.1"),
        ("reread", "li", "127.0.0.1"),
    ]
    shown = house.browser("root").get(f"/audit?report={upload['report_id']}").text
    assert "停止识别" in shown and "重新识别" in shown


@pytest.mark.parametrize("query", ["action=steal", "before=0", "per_page=501", "before=99999999999999999999", "x=1"])
def test_a_wrong_question_is_a_problem(house: House, query: str) -> None:
    for path in ("/api/v1/audit", "/audit"):
        answer = house.ask("root", "GET", f"{path}?{query}")
        assert answer.status_code == 400


def test_members_are_refused(house: House) -> None:
    answer = house.ask("li", "GET", "/api/v1/audit")
    assert answer.status_code == 403 and answer.json["type"] == "urn:nianbao:problem:admins-only"
    assert house.browser("li").get("/audit").status_code == 403


def test_the_page_says_who_did_what(house: House) -> None:
    page = house.browser("root").get("/audit?per_page=3").text
    assert "年报.pdf" in page and "wang" in page and "上传" in page and "更早的记录" in page
    assert 'href="/audit"' not in house.browser("li").get("/").text
