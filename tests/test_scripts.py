"""The script of the report page in a real browser, where one is installed: each button does what it says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.test_desk import GRANTED, LOST, TOTAL, Desk, cards

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = """
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
const card = (path) => document.getElementById(`review-${path}`);
%s
for (let i = 0; i < 100 && !document.querySelector(".done, .wrong"); i += 1) await pause();
document.title = document.activeElement.closest(".doubt-card")?.id ?? "nowhere";
"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")


class Browser:
    """Opens the report's page and does there what a script says."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder, self.script = desk, folder, ""
        self.server = make_server("127.0.0.1", 0, self._with_driver, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _with_driver(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        response = Response.from_app(self.desk.client.application, environ, buffered=True)
        if path == "/driver.js":
            response = Response(DRIVER % self.script, mimetype="text/javascript")
        elif path == f"/reports/{self.desk.id}":
            response.data = response.data.replace(
                b"</head>", b'<script type="module" src="/driver.js"></script></head>'
            )
        return response(environ, start_response)

    def page_after(self, script: str) -> str:
        """The page once `script` has run and something has come of it."""
        self.script = script
        address = f"http://127.0.0.1:{self.server.port}/reports/{self.desk.id}"
        options = ["--headless", "--no-sandbox", "--virtual-time-budget=20000", f"--user-data-dir={self.folder}"]
        command = [str(BROWSER), *options, "--dump-dom", address]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setattr("web.results_api.PICTURE_WAIT", 0.0)
    desk = Desk(tmp_path / "data")
    for number in (3, 4):
        desk.bench.work.draw_page(desk.id, number)
    started = Browser(desk, tmp_path / "browser")
    yield started
    started.server.shutdown()


def typed(path: str, value: str) -> str:
    """The script that types a value and presses the button beside it."""
    return f'card("{path}").querySelector(".typed").value = "{value}";' + pressed(path, "correct")


def pressed(path: str, button: str) -> str:
    return f'card("{path}").querySelector("[value={button}]").click();'


@pytest.mark.parametrize(
    ("path", "script", "decided"),
    [
        (TOTAL, pressed(TOTAL, "accept"), (77, True)),
        (GRANTED, pressed(GRANTED, "blank"), (None, False)),
        (LOST, typed(LOST, "３"), (3, False)),
    ],
)
def test_a_decision_is_sent_and_the_next_entry_is_in_focus(
    browser: Browser, path: str, script: str, decided: tuple[int | None, bool]
) -> None:
    before = cards(browser.desk.report())
    page = browser.page_after(script)
    (decision,) = browser.desk.bench.reports.decisions(browser.desk.id)
    assert (decision.path, decision.value, decision.accepted) == (path, *decided)
    after = [other for other in before if other != path]
    assert cards(page) == after and 'class="wrong"' not in page
    following = (before[before.index(path) + 1 :] + before)[0]
    assert f"<title>review-{following}</title>" in page


def test_what_is_wrong_is_said_beside_what_was_typed(browser: Browser) -> None:
    page = browser.page_after(typed(TOTAL, "x"))
    (card,) = re.findall(rf'<li id="review-{TOTAL}".*?</li>', page, re.DOTALL)
    assert "应填写数字" in card and browser.desk.bench.reports.decisions(browser.desk.id) == []


def test_what_another_has_decided_meanwhile_is_taken_over(browser: Browser) -> None:
    body = json.dumps({"cells": [{"path": TOTAL, "value": 34}], "by": "李"})
    options = f'{{method: "PATCH", headers: {{"Content-Type": "application/json"}}, body: `{body}`}}'
    patch = f'await fetch("/api/v1/reports/{browser.desk.id}/cells", {options});'
    page = browser.page_after(patch + f'card("{TOTAL}").querySelector("[value=accept]").click();')
    assert TOTAL not in cards(page) and "刚才已由他人改为 34" in page
    assert [(d.value, d.by) for d in browser.desk.bench.reports.decisions(browser.desk.id)] == [(34, "李")]
