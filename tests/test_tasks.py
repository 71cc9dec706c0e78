"""Tasks in real Celery workers over a real Valkey, with the real engine, while things go wrong."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from extractors.report import Result
from tests.bench import postgres_database
from tests.conftest import answers
from tests.workers_support import Start, eventually, report_pdf
from workers.app import create_celery
from workers.failures import SET_ASIDE, Cause
from workers.messages import BULK_QUEUE, PICTURE_QUEUE, QUEUE, CeleryMessenger
from workers.states import FINISHED

pytestmark = [pytest.mark.service, pytest.mark.timeout(240)]


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    return report_pdf(tmp_path / "年报.pdf", pages=4)


def test_a_report_is_read_and_the_worker_stops_when_told(start: Start, pdf: Path) -> None:
    service = start()
    worker = service.start_worker()
    view = service.submit(pdf)
    done = service.finish(view.id)
    assert (done.status, done.pages_done, done.pages_total) == ("succeeded", 4, 4)
    assert (done.agency, done.year) == ("某市财政局", 2023)
    result = Result.model_validate_json(service.reports.result(view.id))
    assert [page.origin for page in result.document.pages] == ["text"] * 4
    assert [service.times_read(n) for n in (1, 2, 3, 4)] == [1, 1, 1, 1]
    worker.terminate()
    assert worker.wait(30) == 0


@pytest.mark.skipif(not answers(5432), reason="no PostgreSQL answers on 127.0.0.1:5432")
def test_a_page_that_kills_its_process_on_postgresql(start: Start, pdf: Path) -> None:
    with postgres_database() as url:
        service = start(database_url=url)
        worker = service.start_worker("number == 2 and os.kill(os.getpid(), signal.SIGKILL)")
        done = service.finish(service.submit(pdf).id)
        assert (done.status, done.pages_done) == ("partial", 4)
        worker.terminate()
        assert worker.wait(30) == 0


def test_pages_of_one_report_are_read_side_by_side(start: Start, pdf: Path) -> None:
    service = start()
    service.start_worker("time.sleep(1)")
    service.finish(service.submit(pdf).id)
    readers = {(service.marks / f"{n}").read_text() for n in (1, 2, 3, 4)}
    assert len(readers) == 2


def test_a_page_that_kills_its_process_costs_that_page_only(start: Start, pdf: Path) -> None:
    service = start()
    service.start_worker("number == 2 and os.kill(os.getpid(), signal.SIGKILL)")
    view, other = service.submit(pdf), service.submit(report_pdf(pdf.with_name("b.pdf"), 1, "某县教育局"))
    done = service.finish(view.id)
    assert service.finish(other.id).status == "succeeded"
    assert done.status == "partial"
    assert service.times_read(2) == service.settings.attempts
    pages = json.loads(service.reports.result(view.id))["document"]["pages"]
    assert [page["number"] for page in pages if page["error"]] == [2]


def test_a_page_that_kills_the_opening_costs_that_page_only(start: Start, pdf: Path) -> None:
    service = start()
    service.start_worker("number == 2 and os.kill(os.getpid(), signal.SIGKILL)", text_at_once=True)
    done = service.finish(service.submit(pdf).id)
    assert (done.status, done.pages_done) == ("partial", 4)
    pages = json.loads(service.reports.result(done.id))["document"]["pages"]
    assert [page["number"] for page in pages if page["error"]] == [2]
    assert service.times_read(2) == 1 + service.settings.attempts


def test_a_page_that_takes_too_long_is_stopped_and_set_aside(start: Start, pdf: Path) -> None:
    service = start(page_seconds=2, attempts=2)
    service.start_worker("number == 3 and time.sleep(600)")
    done = service.finish(service.submit(pdf).id)
    assert done.status == "partial"
    assert service.times_read(3) == 2


def test_poisonous_pages_are_set_aside_each_for_its_reason(start: Start, pdf: Path) -> None:
    service = start(page_seconds=8, attempts=2, memory_limit_mb=500)
    poison = [
        "if number == 1: os._exit(1)",
        "if number == 2: time.sleep(600)",
        "if number == 3: held = [b'x' * (50 << 20) for _ in range(40) if not time.sleep(0.1)]",
        "if number == 4: return None",
    ]
    service.start_worker("\n        ".join(poison))
    view = service.submit(report_pdf(pdf, pages=6))
    done = service.finish(view.id)
    assert (done.status, done.pages_done) == ("partial", 6)
    pages = Result.model_validate_json(service.reports.result(view.id)).document.pages
    reasons = [Cause.CRASH, Cause.TIME, Cause.MEMORY, Cause.CRASH]
    assert [page.error for page in pages] == [*(SET_ASIDE[reason].message_zh for reason in reasons), None, None]
    assert [service.times_read(number) for number in (1, 2, 3, 4, 5, 6)] == [2, 2, 2, 2, 1, 1]


def test_a_page_whose_process_died_once_is_read_at_the_second_try(start: Start, pdf: Path) -> None:
    service = start()
    service.start_worker("number == 1 and times == 1 and os.kill(os.getpid(), signal.SIGKILL)")
    done = service.finish(service.submit(pdf).id)
    assert done.status == "succeeded"
    assert [service.times_read(n) for n in (1, 2, 3, 4)] == [2, 1, 1, 1]


def test_a_killed_worker_leaves_no_process_and_another_finishes_its_work(start: Start, pdf: Path) -> None:
    service = start(page_seconds=4, lease_margin=1)
    worker = service.start_worker("times == 1 and time.sleep(600)")
    view = service.submit(pdf)
    eventually(lambda: sum(service.times_read(n) for n in (1, 2, 3, 4)) == 2)
    children = psutil.Process(worker.pid).children(recursive=True)
    assert len(children) >= 2
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    eventually(lambda: not any(child.is_running() for child in children), 10)
    assert service.reports.get(view.id).status == "running"
    service.start_worker()
    assert service.finish(view.id).status == "succeeded"


def test_work_at_hand_is_finished_before_a_worker_stops(start: Start, pdf: Path) -> None:
    service = start(workers=1)
    worker = service.start_worker("time.sleep(2)")
    view = service.submit(pdf)
    eventually(lambda: sum(service.times_read(n) for n in (1, 2, 3, 4)) == 1)
    worker.terminate()
    assert worker.wait(30) == 0
    assert service.reports.get(view.id).pages_done >= 1
    service.start_worker()
    assert service.finish(view.id).status == "succeeded"
    assert [service.times_read(n) for n in (1, 2, 3, 4)] == [1, 1, 1, 1]


def test_uploads_while_the_queue_is_down_are_read_when_it_is_back(start: Start, pdf: Path) -> None:
    service = start()
    service.start_worker()
    first = service.submit(report_pdf(pdf.with_name("first.pdf"), 1))
    assert service.finish(first.id).status == "succeeded"
    service.stop_valkey()
    view = service.submit(pdf)
    assert view.status == "queued"
    assert service.reports.readiness() == {
        "database": "ok",
        "migrations": "ok",
        "queue": "the queue (Redis or Valkey) does not answer",
        "store": "ok",
    }
    service.start_valkey()
    assert service.finish(view.id).status == "succeeded"
    assert service.reports.readiness()["queue"] == "ok"


def test_a_queue_that_loses_everything_in_the_middle_loses_no_report(start: Start, pdf: Path) -> None:
    service = start(workers=1)
    service.start_worker("time.sleep(0.5)")
    views = [service.submit(report_pdf(pdf.with_name(f"{n}.pdf"), 3, f"第{n}局")) for n in range(3)]
    eventually(lambda: service.times_read(1) > 0)
    service.stop_valkey()
    time.sleep(1)
    service.start_valkey()
    assert [service.finish(view.id, 120).status for view in views] == ["succeeded"] * 3


def test_a_worker_takes_no_message_that_it_cannot_begin(start: Start, pdf: Path) -> None:
    """What it had taken besides would be lost with it for as long as others wait in the queue."""
    service = start(workers=1)
    service.start_worker("time.sleep(4)")
    service.submit(pdf)
    eventually(lambda: sum(service.times_read(n) for n in (1, 2, 3, 4)) == 1)
    time.sleep(1)
    messenger = CeleryMessenger(create_celery(service.settings))
    assert messenger.waiting() == 3


def test_a_worker_that_no_longer_consumes_ends_itself(start: Start, pdf: Path) -> None:
    service = start(workers=1, stall_seconds=3)
    worker = service.start_worker()
    first = service.submit(report_pdf(pdf.with_name("first.pdf"), 1))
    assert service.finish(first.id).status == "succeeded"
    celery = create_celery(service.settings)
    for queue in (PICTURE_QUEUE, QUEUE, BULK_QUEUE):  # connected, and deaf
        celery.control.cancel_consumer(queue)
    time.sleep(1)
    view = service.submit(pdf)
    assert worker.wait(60) == 1
    assert service.reports.get(view.id).status == "queued"
    service.start_worker()
    assert service.finish(view.id).status == "succeeded"


def test_busy_and_idle_workers_are_left_alone(start: Start, pdf: Path) -> None:
    service = start(workers=1, stall_seconds=1.2)
    worker = service.start_worker("time.sleep(3)")
    view = service.submit(report_pdf(pdf, 3))  # pages that wait for one another longer than that
    assert service.finish(view.id).status == "succeeded"
    time.sleep(3)
    assert worker.poll() is None


def test_a_report_deleted_while_it_is_read_leaves_nothing(start: Start, pdf: Path) -> None:
    service = start()
    service.start_worker("time.sleep(1)")
    view = service.submit(pdf)
    eventually(lambda: service.times_read(1) == 1)
    service.reports.delete(view.id)
    other = service.submit(report_pdf(pdf.with_name("other.pdf"), 2))
    assert service.finish(other.id).status in FINISHED
    assert service.reports.search().total == 1
    kept = [path.name for path in service.settings.files_root.rglob("*") if path.is_file()]
    assert kept == [other.sha256]


def test_a_worker_that_outgrows_its_memory_is_replaced(start: Start, pdf: Path) -> None:
    service = start(workers=1, worker_memory_mb=400)
    service.start_worker("globals().setdefault('held', bytearray(os.urandom(1 << 20) * 500))")
    done = service.finish(service.submit(pdf).id)
    processes = {(service.marks / f"{n}").read_text() for n in (1, 2, 3, 4)}
    assert done.status == "succeeded"
    assert len(processes) == 4
    assert str(os.getpid()) not in "".join(processes)
