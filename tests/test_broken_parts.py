"""Parts of a real service that freeze, are cut off or go away, while work is at hand and requests come in."""

from __future__ import annotations

import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, cycle
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from tests.bench import postgres_database
from tests.conftest import answers
from tests.postgres_server import needs_postgres_programs, postgres_server
from tests.workers_support import RealService, Start, eventually, report_pdf
from web.app import create_app
from workers.states import FINISHED

pytestmark = [pytest.mark.service, pytest.mark.timeout(240)]


def test_what_a_frozen_worker_brings_after_its_lease_changes_nothing(start: Start, tmp_path: Path) -> None:
    service = start(workers=1, page_seconds=4, lease_margin=1)
    worker = service.start_worker("number == 2 and times == 1 and time.sleep(1)")
    view = service.submit(report_pdf(tmp_path / "年报.pdf", 3))
    eventually(lambda: service.times_read(2) == 1)
    frozen = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children()]
    for process in frozen:
        process.send_signal(signal.SIGSTOP)
    other = service.start_worker()
    done = service.finish(view.id)
    result = service.reports.result(view.id)
    assert done.status == "succeeded" and service.times_read(2) == 2
    for process in reversed(frozen[1:]):  # the readers first: else their worker ends them, as they are late
        process.send_signal(signal.SIGCONT)
    time.sleep(3)
    assert (service.reports.get(view.id), service.reports.result(view.id)) == (done, result)
    other.kill()
    frozen[0].send_signal(signal.SIGCONT)
    another = service.submit(report_pdf(tmp_path / "another.pdf", 2, "某县教育局"))
    eventually(lambda: service.reports.get(another.id).status in FINISHED or worker.poll() is not None, 120)
    if worker.poll() is not None:  # Celery was deaf, as one time in a hundred; its watchdog has ended it
        service.start_worker()
    assert service.finish(another.id).status == "succeeded", "it goes on as before, or is started again"


def test_a_disk_that_is_full_for_a_while_costs_no_report(start: Start, tmp_path: Path) -> None:
    """Files of the worker's processes may not grow: the database cannot be written, in the midst of work."""
    service = start(page_seconds=20)
    worker = service.start_worker("time.sleep(2)")
    view = service.submit(report_pdf(tmp_path / "年报.pdf", 4))
    eventually(lambda: service.times_read(1) == 1)
    processes = [worker.pid, *(child.pid for child in psutil.Process(worker.pid).children())]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for pid in processes:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[1]))
    time.sleep(10)
    assert service.reports.get(view.id).status == "running"
    for pid in processes:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    assert service.finish(view.id, 120).status == "succeeded"
    assert [service.times_read(number) for number in (1, 2, 3, 4)] == [1] * 4, "what was read was kept until then"


@pytest.mark.skipif(not answers(5432), reason="no PostgreSQL answers on 127.0.0.1:5432")
def test_connections_that_are_cut_all_the_time_cost_no_report(start: Start, tmp_path: Path) -> None:
    """Every third of a second; requests come in meanwhile."""
    with postgres_database() as url:
        service = start(database_url=url)
        address, name = url.rsplit("/", 1)
        server = create_engine(f"{address}/postgres", isolation_level="AUTOCOMMIT")

        def cut() -> None:
            with server.connect() as connection:
                cut_off = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
                connection.execute(text(cut_off))

        with again_and_again(cut, 0.3, least=3) as enough:
            _costs_no_report(service, tmp_path, enough)
        server.dispose()


@needs_postgres_programs
def test_restarts_of_postgresql_cost_no_report(start: Start, tmp_path: Path) -> None:
    """It is stopped, or crashes, and is away for two seconds, again and again."""
    with postgres_server() as server:
        service = start(database_url=server.url)
        ways = cycle(("fast", "immediate"))

        def restart() -> None:
            server.stop(next(ways))
            time.sleep(2)
            server.start()

        with again_and_again(restart, 3, least=2) as enough:
            _costs_no_report(service, tmp_path, enough)


@contextmanager
def again_and_again(fault: Callable[[], None], seconds: float, least: int) -> Iterator[threading.Event]:
    """While the work goes on: so many seconds of peace, and the fault. Yields what is set after so many faults."""
    over, enough = threading.Event(), threading.Event()

    def go_on() -> None:
        for times in count(1):
            if over.wait(seconds):
                return
            fault()
            if times == least:
                enough.set()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield enough
    finally:
        over.set()
        thread.join()


def _costs_no_report(service: RealService, folder: Path, enough: threading.Event) -> None:
    """Uploads that are sent until they are accepted all succeed; requests are answered, if only with 503.

    There are six reports, and as many more as come in until there were `enough` faults.
    """
    service.start_worker("time.sleep(0.2)")
    client = create_app(service.settings).test_client()
    statuses, ids = set[int](), list[str]()
    while len(ids) < 6 or not enough.is_set():
        n = len(ids)
        content = report_pdf(folder / f"{n}.pdf", 4, f"第{n}局").read_bytes()
        while True:
            answer = client.post("/api/v1/reports", data=content, content_type="application/pdf")
            statuses.add(answer.status_code)
            if answer.status_code == 202:
                break
        ids.append(answer.get_json()["id"])
        time.sleep(0.5)
    ended: set[str] = set()
    deadline = time.monotonic() + 120
    while len(ended) < len(ids) and time.monotonic() < deadline:
        for report in ids:
            seen = client.get(f"/api/v1/reports/{report}")
            statuses.add(seen.status_code)
            if seen.status_code == 200 and seen.get_json()["status"] in FINISHED:
                assert seen.get_json()["status"] == "succeeded"
                ended.add(report)
    assert statuses <= {200, 202, 503}
    assert len(ended) == len(ids)


def test_workers_take_up_work_after_each_of_many_restarts_of_the_queue(start: Start, tmp_path: Path) -> None:
    """Celery's issues 8030, 8091 and 10205: connected again, and deaf."""
    service = start(workers=1, stall_seconds=120)
    worker = service.start_worker()
    for number in range(4):
        service.stop_valkey()
        time.sleep((0.0, 0.5, 2.0, 4.0)[number])
        service.start_valkey()
        view = service.submit(report_pdf(tmp_path / f"{number}.pdf", 2, f"第{number}局"))
        assert service.finish(view.id, 60).status == "succeeded"
    assert worker.poll() is None
