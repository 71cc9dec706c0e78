"""Headers of every answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_callers import House
from web.headers import HEADERS
from workers.settings import Settings

TEMPLATES = Path(__file__).parent.parent / "web" / "templates"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(Settings(data_dir=tmp_path, requests_per_minute=9))


def test_every_kind_of_answer_has_them(house: House) -> None:
    paths = ["/sign-in", "/static/api.js", "/healthz", "/nothing", "/api/v1/reports", "/", "/api/v1/nothing"]
    answers = [house.client.get(path) for path in paths]
    answers += [house.ask("li", "GET", path) for path in ["/", "/api/v1/reports", "/reports/none", *["/"] * 8]]
    assert {200, 303, 401, 404, 429} - {a.status_code for a in answers} <= {303}
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, answer.request.path


def test_https_is_kept_to(house: House) -> None:
    assert "Strict-Transport-Security" not in house.client.get("/sign-in").headers
    assert "max-age" in house.client.get("/sign-in", base_url="https://localhost").headers["Strict-Transport-Security"]


def test_no_page_holds_what_the_policy_forbids() -> None:
    """No script or style in the page itself, no handler in an attribute, nothing from another host."""
    forbidden = re.compile(
        r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?://|<iframe|<object|<embed", re.IGNORECASE
    )
    pages = {str(path): forbidden.findall(path.read_text(encoding="utf-8")) for path in TEMPLATES.rglob("*.html")}
    assert len(pages) > 8 and not any(pages.values()), pages
