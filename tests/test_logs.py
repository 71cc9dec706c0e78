"""Lines of the log: what they name, and what they must not hold."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.bench import Bench, application
from tests.workers_support import RealService, report_pdf
from workers.database import migrate
from workers.logs import FORMATTERS, about, set_up
from workers.settings import LogFormat, Settings

log = logging.getLogger("workers.test")


@dataclass
class Lines:
    """What has been written to standard error."""

    capture: pytest.CaptureFixture[str]

    def text(self) -> str:
        return self.capture.readouterr().err

    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Afterwards logging is as it was."""
    own = {name: logging.getLogger(name).level for name in ("workers", "web")}
    yield Lines(capsys)
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler.formatter, tuple(FORMATTERS.values())):
            root.removeHandler(handler)
    for name, level in own.items():
        logging.getLogger(name).setLevel(level)


def fail_with_text() -> None:
    try:
        raise ValueError("本机关收到申请34件")
    except ValueError as error:
        raise FileNotFoundError(2, "No such file", "某局年报.pdf") from error


def test_a_json_line_names_report_and_page(lines: Lines) -> None:
    set_up(LogFormat.JSON)
    with about("r1", 2):
        log.info("read", extra={"fields": {"seconds": 0.5}})
    log.warning("nothing in particular")
    first, second = lines.objects()
    assert first | {"time": ""} == {
        "time": "",
        "level": "info",
        "event": "read",
        "logger": "workers.test",
        "report": "r1",
        "page": 2,
        "seconds": 0.5,
    }
    assert first["time"].endswith("Z") and (second["report"], second["page"]) == (None, None)


@pytest.mark.parametrize("log_format", LogFormat)
def test_an_error_is_told_by_type_and_place_not_by_its_words(lines: Lines, log_format: LogFormat) -> None:
    set_up(log_format)
    try:
        fail_with_text()
    except OSError:
        log.exception("reading broke off")
    written = lines.text()
    assert "FileNotFoundError (No such file) from ValueError" in written and "fail_with_text" in written
    assert "34件" not in written and "年报" not in written


def test_text_is_for_a_terminal_and_only_what_is_wrong(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    set_up(None)
    with about("r1\nforged"):
        log.info("read")
        log.warning("lost")
    written = lines.text()
    assert written.count("\n") == 1 and 'warning lost logger="workers.test" report="r1\\nforged"' in written


def test_a_request_is_a_line_with_its_report_and_page(lines: Lines, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    client = application(Bench(settings))
    set_up(None)
    client.get("/api/v1/reports/r1/pages/2.png?q=某局")
    client.get("/healthz")
    picture, health = lines.objects()
    assert (picture["report"], picture["page"], picture["endpoint"]) == ("r1", 2, "results.get_page")
    assert (health["report"], health["event"], health["status"]) == (None, "request", 200)
    assert picture["status"] == 404 and "某局" not in json.dumps(picture, ensure_ascii=False)


@pytest.mark.service
def test_every_line_of_a_worker_is_json_with_report_and_page(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    service = RealService(tmp_path, workers=4, log_format="json", page_seconds=20, memory_limit_mb=500)
    try:
        worker = service.start_worker(
            """if times > 1: return super().read_page(path, document, number, limits)
        if number == 2: raise ValueError('第2页的文字')
        if number == 3: os.kill(os.getpid(), signal.SIGKILL)
        held = b'x' * ((600 << 20) if number == 5 else 0)
        if number > 3: time.sleep(600)"""
        )
        view = service.submit(report_pdf(tmp_path / "made.pdf", 5))
        assert service.finish(view.id).status == "succeeded"
        worker.terminate()
        assert worker.wait(60) == 0
    finally:
        service.close()
    printed, written = capfd.readouterr()
    found = [json.loads(line) for line in written.splitlines()]
    assert {(line["event"], line["report"], line["page"]) for line in found if line["level"] == "info"} >= {
        ("open_report", view.id, None),
        ("read_page", view.id, 1),
        ("the worker ends", None, None),
    }
    (error,) = [line for line in found if line["level"] == "error" and line["logger"] != "multiprocessing"]
    assert (error["report"], error["page"], error["error"]) == (view.id, 2, "ValueError")
    lost = sorted((line["page"], line["cause"], line["report"]) for line in found if "cause" in line)
    assert lost == [(3, "crash", view.id), (4, "time", view.id), (5, "memory", view.id)]
    assert {line["logger"] for line in found if line["report"] is None} <= {"multiprocessing", "workers.worker"}
    assert "第2页" not in written and not printed
