"""Who gets in, and what he sees: over the API and on the pages."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import url_for
from flask.testing import FlaskClient

from tests.bench import Bench, application
from web.addresses import Unguarded, require_tokens
from web.agency_page import CHARTS
from web.app import create_app
from workers.access import Role
from workers.audit import LOCAL
from workers.database import migrate
from workers.settings import Settings

SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"
CELL = "requests.new_received.total"
LOOSE = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|\s(?:src|href|action)=.?https?://")
"""What a page would need a looser policy for."""
FORM_OUTDATED = "urn:nianbao:problem:form-outdated"


class House:
    """A service with three tokens."""

    def __init__(self, settings: Settings) -> None:
        migrate(settings.sqlalchemy_url)
        self.bench = Bench(settings)
        self.client = application(self.bench)
        access = self.bench.reports.access
        self.tokens = {name: access.create(name, Role.MEMBER, LOCAL) for name in ("li", "wang")}
        self.tokens["root"] = access.create("root", Role.ADMIN, LOCAL)

    def ask(self, name: str, method: str, path: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[name]}", **options.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **options)

    def upload(self, name: str) -> str:
        answer = self.ask(name, "POST", "/api/v1/reports", data={"file": (io.BytesIO(SAMPLE.read_bytes()), "年报.pdf")})
        assert answer.status_code == 202
        self.bench.deliver_all()
        return str(answer.json["id"])

    def browser(self, name: str | None) -> FlaskClient:
        """A browser of its own, signed in."""
        client = self.client.application.test_client()
        if name:
            assert client.post("/sign-in", data={"token": self.tokens[name]}).status_code == 303
        return client


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(Settings(data_dir=tmp_path))


def key_of(page: str) -> str:
    found = re.search(r'name="form-key" content="(\w+)"', page)
    assert found
    return found.group(1)


def requests_about(report: str) -> list[tuple[str, str, dict[str, Any]]]:
    at = f"/api/v1/reports/{report}"
    decision = {"json": {"cells": [{"path": CELL, "accept": True}]}}
    reads = [at, *(f"{at}/{part}" for part in ("result", "result.csv", "result.xlsx", "file", "pages/1.png", "cells"))]
    pages = [f"/reports/{report}", f"/reports/{report}/pages/1"]
    return [
        *(("GET", path, {}) for path in [*reads, *pages]),
        ("PATCH", f"{at}/cells", decision),
        ("POST", f"/reports/{report}/cells", {"data": {"path": CELL, "do": "accept"}}),
        ("POST", f"/reports/{report}/delete", {}),
        ("DELETE", at, {}),
    ]


def test_another_members_report_is_answered_like_one_that_is_not_there(house: House) -> None:
    report = house.upload("li")
    unknown = "0" * 32
    for (method, path, options), (_, nothing, _) in zip(requests_about(report), requests_about(unknown), strict=True):
        theirs, none = house.ask("wang", method, path, **options), house.ask("wang", method, nothing, **options)
        assert theirs.status_code == none.status_code == 404, (method, path)
        assert theirs.data == none.data, (method, path)
    assert house.ask("wang", "GET", "/api/v1/reports").json["total"] == 0
    assert report not in house.ask("wang", "GET", "/").text
    assert house.ask("li", "GET", f"/api/v1/reports/{report}/result").status_code == 200


def test_no_address_tells_whether_something_is_anothers_or_nobodys(house: House) -> None:
    report = house.upload("li")
    batch = house.ask("li", "POST", "/api/v1/batches", data={"file": (io.BytesIO(b"%PDF-1.7 x"), "x.pdf")}).json["id"]
    agency = house.ask("li", "GET", "/api/v1/agencies").json["items"][0]["agency"]
    own = house.ask("wang", "POST", "/api/v1/reports", data={"file": (io.BytesIO(b"%PDF-1.7 y"), "y.pdf")}).json["id"]
    theirs = {"reports": report, "batches": batch, "agencies": agency}
    others: dict[str, Any] = {"number": 1, "name": "requests", "action": "retry"}
    asked = set()
    for rule in house.client.application.url_map.iter_rules():
        named = next((argument for argument in ("id", "agency") if argument in rule.arguments), None)
        if named is None:
            continue
        kind = next(kind for kind in theirs if f"/{kind}/" in rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answers = []
            for value in (theirs[kind], "0" * 32):
                given = {name: others[name] for name in rule.arguments if name in others}
                with house.client.application.test_request_context():
                    path = url_for(rule.endpoint, **{named: value, **given})
                answers.append(house.ask("wang", method, path, **_fitting(method, path)))
            if rule.endpoint != "desk.set_reviewer":  # sets a cookie, and looks at no report
                assert [answer.status_code for answer in answers] == [404, 404], (method, rule.rule)
                assert answers[0].data == answers[1].data, (method, rule.rule)
            asked.add(kind)
    assert asked == set(theirs)
    for path in (f"/api/v1/reports/{own}/difference", f"/reports/{own}/difference"):
        assert house.ask("wang", "GET", path, query_string={"with": report}).status_code == 404
    for path in ("/api/v1/reports", "/api/v1/export.jsonl", "/api/v1/export.csv", "/api/v1/export.xlsx"):
        assert house.ask("wang", "GET", path, query_string={"batch": batch}).status_code == 404, path
    for query in ({"id": report}, {"agency": agency}, {"q": agency}):
        assert house.ask("wang", "GET", "/api/v1/export.jsonl", query_string=query).data == b"", query
        assert house.ask("wang", "GET", "/api/v1/reports", query_string=query).json["total"] == 0, query
    for path in ("/api/v1/agencies", "/api/v1/agencies?owner=li", "/api/v1/batches"):
        assert house.ask("wang", "GET", path).json["total"] == 0, path
    assert house.ask("li", "GET", f"/api/v1/reports/{report}/result").status_code == 200
    assert house.ask("li", "GET", f"/api/v1/batches/{batch}").status_code == 200


def test_no_change_is_made_without_the_key_of_the_forms_or_by_another_site(house: House) -> None:
    browser, changes = house.browser("root"), 0
    for rule in house.client.application.url_map.iter_rules():
        methods = sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"})
        others: dict[str, Any] = dict.fromkeys(rule.arguments, "x") | {"number": 1, "action": "retry"}
        with house.client.application.test_request_context():
            path = url_for(rule.endpoint, **{name: others[name] for name in rule.arguments})
        for method in methods:
            foreign = browser.open(path, method=method, headers={"Sec-Fetch-Site": "cross-site"})
            assert foreign.status_code == 403, (method, path)
            if rule.endpoint != "signing.sign_in":
                answer = browser.open(path, method=method, headers={"Accept": "application/json"})
                assert answer.status_code == 403 and FORM_OUTDATED in answer.text, (method, path)
                changes += 1
    assert changes > 20


def test_every_page_and_picture_has_the_strict_policy_and_keeps_to_it(house: House) -> None:
    report = house.upload("li")
    batch = house.ask("li", "POST", "/api/v1/batches", data={"file": (io.BytesIO(b"%PDF-1.7 x"), "x.pdf")}).json["id"]
    agency = house.ask("li", "GET", "/api/v1/agencies").json["items"][0]["agency"]
    browser = house.browser("root")
    for path in (
        *("/", "/batches", "/agencies", "/audit", "/sign-in", "/nowhere", f"/reports/{report}"),
        *(f"/reports/{report}/pages/1", f"/reports/{report}/difference?with={report}", f"/batches/{batch}"),
        *(f"/parts/batches/{batch}", f"/agencies/{agency}", *(f"/agencies/{agency}/charts/{n}.svg" for n in CHARTS)),
        *(f"/api/v1/reports/{report}/{part}" for part in ("result", "file", "result.xlsx")),
    ):
        answer = browser.get(path, headers={"Accept": "text/html"})
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        if answer.mimetype in ("text/html", "image/svg+xml"):
            assert not LOOSE.search(answer.text), path


def _fitting(method: str, path: str) -> dict[str, Any]:
    """A body, or parameters, with which nothing is wrong."""
    if path.endswith("/difference"):
        return {"query_string": {"with": "1" * 32}}
    if method == "PATCH":
        return {"json": {"cells": [{"path": CELL, "accept": True}]}}
    if path.startswith("/api/") and path.endswith("/names"):
        return {"json": {"name": "某局"}}
    if path.startswith("/api/v1/batches/") and path.endswith("/reports"):
        return {"json": {"files": [{"name": "z.pdf", "report_id": "1" * 32}]}}
    if path.endswith("/files"):
        return {"data": {"file": (io.BytesIO(b"%PDF-1.7 z"), "z.pdf")}}
    if path.endswith("/cells") and method == "POST":
        return {"data": {"path": CELL, "do": "accept"}}
    return {}


def test_the_same_bytes_of_another_member_are_another_report(house: House) -> None:
    li, wang = house.upload("li"), house.upload("wang")
    assert li != wang and house.upload("li") == li
    assert house.ask("wang", "DELETE", f"/api/v1/reports/{wang}").status_code == 204
    assert house.ask("li", "GET", f"/api/v1/reports/{li}/file").data == SAMPLE.read_bytes()


def test_an_admin_sees_and_changes_everybodys(house: House) -> None:
    reports = {name: house.upload(name) for name in ("li", "wang")}
    found = house.ask("root", "GET", "/api/v1/reports").json["items"]
    assert {item["owner"]: item["id"] for item in found} == reports
    for method, path, options in requests_about(reports["li"]):
        if not path.endswith(("1.png", "/delete")):
            assert house.ask("root", method, path, **options).status_code in (200, 204, 303), (method, path)
    assert house.ask("li", "GET", f"/api/v1/reports/{reports['li']}").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer nianbao_wrong"}, {"Authorization": "Bearer "}, {"Authorization": "Basic cm9vdDp4"}],
)
def test_without_a_good_token_nothing_is_told(house: House, headers: dict[str, str]) -> None:
    report = house.upload("li")
    for method, path, options in [*requests_about(report), ("GET", "/api/v1/audit", {}), ("GET", "/", {})]:
        answer = house.client.open(path, method=method, headers={"Accept": "text/html", **headers}, **options)
        if path.startswith("/api/"):
            assert answer.status_code == 401 and answer.mimetype == "application/problem+json", path
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        else:
            assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next="), path
    for path in ("/healthz", "/readyz", "/sign-in", "/api/v1/openapi.json", "/static/api.js"):
        assert house.client.get(path).status_code in (200, 503), path


def test_a_wrong_token_is_not_made_good_by_a_session(house: House) -> None:
    browser = house.browser("li")
    assert browser.get("/api/v1/reports").status_code == 200
    assert browser.get("/api/v1/reports", headers={"Authorization": "Bearer x"}).status_code == 401


def test_the_session_cookie_is_out_of_reach(house: House) -> None:
    for scheme, secure in (("http", False), ("https", True)):
        answer = house.client.post("/sign-in", data={"token": house.tokens["li"]}, base_url=f"{scheme}://localhost")
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and ("Secure" in cookie) is secure
        assert house.tokens["li"] not in cookie


def test_a_wrong_token_is_told_on_the_page(house: House) -> None:
    answer = house.client.post("/sign-in", data={"token": "nianbao_x", "next": "/reports/1"})
    assert answer.status_code == 401 and "令牌不正确" in answer.text and 'value="/reports/1"' in answer.text
    assert "Set-Cookie" not in answer.headers and "nianbao_x" not in answer.text


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/reports/1?a=1", "/reports/1?a=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_signing_in_leads_to_this_site_only(house: House, wanted: str, led: str) -> None:
    answer = house.client.post("/sign-in", data={"token": house.tokens["li"], "next": wanted})
    assert answer.status_code == 303 and answer.headers["Location"] == led


def test_signing_out_ends_the_session_on_the_server(house: House) -> None:
    browser = house.browser("li")
    key = key_of(browser.get("/").text)
    cookie = browser.get_cookie("nianbao_session")
    assert cookie and browser.post("/sign-out", data={"form_key": key}).status_code == 303
    thief = house.browser(None)
    thief.set_cookie("nianbao_session", cookie.value)
    assert thief.get("/api/v1/reports").status_code == 401


def test_every_change_by_a_session_needs_the_key_of_its_forms(house: House) -> None:
    report = house.upload("li")
    browser, other = house.browser("li"), house.browser("li")
    key, foreign = key_of(browser.get("/").text), key_of(other.get("/").text)
    assert key != foreign
    changes = [entry for entry in requests_about(report) if entry[0] != "GET"]
    changes += [("POST", "/api/v1/reports", {"data": b"%PDF-1.7"}), ("POST", "/", {}), ("POST", "/sign-out", {})]
    changes += [("POST", f"/reports/{report}/reviewer", {"data": {"name": "x"}})]
    for method, path, options in changes:
        for wrong in ({}, {"X-Form-Key": ""}, {"X-Form-Key": foreign}, {"X-Form-Key": "年"}):
            answer = browser.open(path, method=method, headers=wrong, **options)
            assert answer.status_code == 403, (method, path)
            assert "form-outdated" in answer.text or "页面已过期" in answer.text
    answer = browser.patch(
        f"/api/v1/reports/{report}/cells",
        json={"cells": [{"path": CELL, "accept": True}]},
        headers={"X-Form-Key": key},
    )
    assert answer.status_code == 200
    assert browser.post(f"/reports/{report}/delete", data={"form_key": key}).status_code == 303
    assert house.bench.reports.search(owner="li").total == 0


def test_every_form_that_changes_holds_the_key(house: House) -> None:
    report = house.upload("li")
    browser = house.browser("li")
    for path in ("/", f"/reports/{report}", f"/reports/{report}/pages/1?cell={CELL}"):
        page = browser.get(path).text
        forms = re.findall(r'<form [^>]*method="post".*?</form>', page, re.DOTALL)
        assert forms and all(f'name="form_key" value="{key_of(page)}"' in form for form in forms), path


def test_the_token_vouches_for_who_has_decided(house: House) -> None:
    report = house.upload("li")
    at = f"/api/v1/reports/{report}/cells"
    for by in ({}, {"by": "王"}):
        answer = house.ask("li", "PATCH", at, json={"cells": [{"path": CELL, "accept": True}], **by})
        assert answer.status_code == 200
    assert [entry["by"] for entry in house.ask("li", "GET", at).json["items"]] == ["li", "li（王）"]


def test_scripts_are_told_and_not_led_to_a_page(house: House) -> None:
    answer = house.client.get("/parts/reports", headers={"Sec-Fetch-Mode": "cors", "Accept": "text/html"})
    assert answer.status_code == 401


def test_without_tokens_this_machine_needs_none(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    client = create_app(settings).test_client()
    assert client.get("/api/v1/reports").status_code == 200
    assert client.get("/sign-in").headers["Location"] == "/"
    assert client.get("/api/v1/audit").status_code == 200


def test_a_public_address_lets_nobody_in_without(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, host="0.0.0.0")
    migrate(settings.sqlalchemy_url)
    bench = Bench(settings)
    client = application(bench)
    assert client.get("/api/v1/reports").status_code == 401
    with pytest.raises(Unguarded, match="nianbao token create"):
        require_tokens(settings)
    token = bench.reports.access.create("a", Role.MEMBER, LOCAL)
    require_tokens(settings)
    assert client.get("/api/v1/reports", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    bench.reports.access.revoke(bench.reports.access.tokens()[0].id, LOCAL)
    with pytest.raises(Unguarded):
        require_tokens(settings)
    require_tokens(settings.model_copy(update={"host": "127.0.0.1"}))
