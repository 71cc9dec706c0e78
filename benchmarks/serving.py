"""How long the service takes from upload to result, beside the same pages read directly on all cores."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from extractors import pipeline
from extractors.cores import cores
from extractors.limits import DEFAULT_LIMITS
from extractors.report import Result
from tests.workers_support import RealService, report_pdf

SAMPLES = Path(__file__).parent.parent / "samples"
START_SECONDS = 90.0
ANSWER_SECONDS = 120.0
CORES = cores()
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
READ_NOTHING = "return work.PageReading(number=number, width=595.0, height=842.0, origin='text')"
"""Instead of reading a page, for `RealService.start_worker`."""


@dataclass(frozen=True)
class Latency:
    """The least of several measurements; other work of the machine only ever adds."""

    name: str
    pages: int
    served: float
    """Seconds from the upload to the result."""
    direct: float
    """Seconds that the same takes without a service, models loaded."""


@dataclass(frozen=True)
class Served:
    """A running `nianbao serve`."""

    port: int
    pid: int

    def ask(self, path: str, body: bytes | None = None) -> Any:
        """The JSON that it answers with; a body is posted."""
        head = {} if body is None else {"Content-Type": "application/octet-stream"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, headers=head)
        with OPENER.open(request, timeout=ANSWER_SECONDS) as response:
            return json.loads(response.read())

    def core_seconds(self) -> float:
        """What all its processes have taken so far, those that have ended too."""
        whole = psutil.Process(self.pid)
        return sum(sum(process.cpu_times()[:4]) for process in (whole, *whole.children(recursive=True)))

    def waits(self) -> dict[int, float]:
        """For each worker process, how long it has had work to do and no core to do it on, in seconds (Linux)."""
        readers = [reader for part in psutil.Process(self.pid).children() for reader in part.children()]
        return {one.pid: int(Path(f"/proc/{one.pid}/schedstat").read_text().split()[1]) / 1e9 for one in readers}


def latencies(folder: Path, repeats: int) -> Iterator[Latency]:
    """A report with text and a scan, each sent to a real service and read directly, in turn."""
    with served(folder / "data") as service, _pool() as pool:
        yield _compare("text", SAMPLES / "yanzhou-2021.pdf", folder, 5 * repeats, service.ask, pipeline.extract)
        scan = SAMPLES / "yanzhou-2021-scan.pdf"
        yield _compare("scan", scan, folder, repeats, service.ask, lambda path: _extract(path, pool))


def queue_latency(folder: Path, repeats: int, pages: int = 7) -> Latency:
    """Pages whose reading takes no time: each is a message, and all that is left is the way there and back."""
    folder.mkdir()
    service = RealService(folder, workers=CORES)
    try:
        service.start_worker(READ_NOTHING)
        took = []
        for number in range(repeats + 1):
            path = report_pdf(folder / "report.pdf", pages, agency=f"第{number}局")
            start = time.perf_counter()
            view = service.submit(path)
            while view.finished_at is None:
                view = service.reports.wait(view.id, 20)
            took.append(time.perf_counter() - start)
        return Latency("nothing", pages, min(took[1:]), 0.0)
    finally:
        service.close()


def _compare(
    name: str, sample: Path, folder: Path, repeats: int, ask: Callable[..., Any], direct: Callable[[Path], Result]
) -> Latency:
    """The first round loads models on both sides and does not count."""
    served, alone, pages = [], [], 0
    for number in range(repeats + 1):
        path = folder / f"{name}.pdf"
        path.write_bytes(sample.read_bytes() + b"\n%% %d\n" % number)  # other bytes: what was read is not read again
        start = time.perf_counter()
        view = ask("/api/v1/reports", path.read_bytes())
        while view["finished_at"] is None:
            view = ask(f"{view['links']['self']}?wait=20")
        pages = ask(view["links"]["result"])["document"]["page_count"]
        served.append(time.perf_counter() - start)
        start = time.perf_counter()
        direct(path)
        alone.append(time.perf_counter() - start)
    return Latency(name, pages, min(served[1:]), min(alone[1:]))


@contextmanager
def served(data: Path, workers: int = CORES) -> Iterator[Served]:
    """`nianbao serve`, which answers by now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "web.cli", "serve", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(
        [*command, "--workers", str(workers)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        service = Served(port, process.pid)
        _wait_for(service.ask)
        yield service
    finally:
        process.terminate()
        process.wait()


def _wait_for(ask: Callable[..., Any]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            ask("/readyz")
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _pool() -> ProcessPoolExecutor:
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    return ProcessPoolExecutor(CORES, mp_context=multiprocessing.get_context("spawn"))


def _extract(path: Path, pool: ProcessPoolExecutor) -> Result:
    """As `extractors.batch` does it, on processes that stay."""
    document = pipeline.open_document(path)
    numbers: Sequence[int] = range(1, document.page_count + 1)
    pages = [pool.submit(pipeline.read_page, path, document, number, DEFAULT_LIMITS) for number in numbers]
    readings = [page.result() for page in pages]
    return pool.submit(pipeline.assemble, path, document, readings, DEFAULT_LIMITS).result()
