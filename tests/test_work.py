from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from extractors.errors import DamagedFile
from extractors.reading.page import PageReading
from tests.bench import Bench
from workers import states, work
from workers.failures import SET_ASIDE, Cause
from workers.summary import cut


def fail_on(*numbers: int, error: type[Exception]) -> Callable[[int], None]:
    def on_page(number: int) -> None:
        if number in numbers:
            raise error

    return on_page


def test_a_page_that_cannot_be_read_costs_that_page(bench: Bench) -> None:
    bench.reader.on_page = fail_on(2, error=DamagedFile)
    view = bench.submit()
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "partial"
    pages = json.loads(bench.reports.result(view.id))["document"]["pages"]
    assert [page["error"] is None for page in pages] == [True, False, True]
    assert "损坏" in pages[1]["error"]


def test_a_file_of_which_no_page_can_be_read_has_failed(bench: Bench) -> None:
    bench.reader.on_page = fail_on(1, 2, 3, error=DamagedFile)
    view = bench.submit()
    bench.deliver_all()
    done = bench.reports.get(view.id)
    assert done.status == "failed" and done.error is not None and done.error.code == "damaged-file"


def test_what_was_read_once_is_not_read_again(bench: Bench) -> None:
    first = bench.submit(owner="a")
    bench.deliver_all()
    second = bench.submit(owner="b")
    bench.deliver_all()
    assert bench.reader.read == [1, 2, 3]
    results = [
        json.loads(bench.reports.result(view.id, view_owner)) for view, view_owner in ((first, "a"), (second, "b"))
    ]
    for result in results:
        result["engine"].pop("seconds")
    assert results[0] == results[1]


def test_text_is_read_while_the_file_is_opened(bench: Bench) -> None:
    bench.reader.texts = (1, 3)
    view = bench.submit()
    bench.deliver(bench.messenger.messages.pop(0))
    assert bench.messenger.messages == [("read", view.id, 2)]
    assert bench.reports.get(view.id).pages_done == 2
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"
    assert bench.reader.read == [1, 3, 2]


def test_a_report_of_text_alone_takes_one_message(bench: Bench) -> None:
    bench.reader.texts = (1, 2, 3)
    view = bench.submit()
    bench.deliver(bench.messenger.messages.pop(0))
    assert bench.messenger.messages == []
    assert bench.reports.get(view.id).status == "succeeded"
    bench.submit(owner="another")
    bench.deliver_all()
    assert bench.reader.read == [1, 2, 3]


def test_where_text_broke_off_each_page_is_read_by_itself(bench: Bench) -> None:
    bench.reader.texts = (1, 2, 3)
    bench.reader.on_page = fail_on(2, error=ValueError)
    view = bench.submit()
    bench.deliver_all()
    assert bench.reports.get(view.id).pages_total is None
    assert bench.reconciler.reconcile() == 1
    bench.deliver(bench.messenger.messages.pop(0))
    assert [message[0] for message in bench.messenger.messages] == ["read"] * 3
    for _ in range(bench.settings.attempts):
        bench.deliver_all()
        bench.reconciler.reconcile()
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "partial"
    assert bench.reader.read.count(2) == 1 + bench.settings.attempts


def test_messages_that_come_twice_change_nothing(bench: Bench) -> None:
    view = bench.submit()
    messages = []
    while bench.messenger.messages:
        message = bench.messenger.messages.pop(0)
        messages.append(message)
        bench.deliver(message)
        bench.deliver(message)
    result = bench.reports.result(view.id)
    for message in messages:
        bench.deliver(message)
    assert bench.reader.read == [1, 2, 3] and bench.reader.assembled == 1
    assert bench.reports.result(view.id) == result


def test_a_message_for_a_report_that_is_gone_is_ignored(bench: Bench) -> None:
    bench.work.open_report("none")
    bench.work.read_page("none", 1)
    bench.work.assemble_report("none")
    assert bench.reader.read == []


def test_a_file_gone_from_the_store_is_said(bench: Bench) -> None:
    view = bench.submit()
    bench.store.delete(view.sha256)
    bench.deliver_all()
    done = bench.reports.get(view.id)
    assert done.status == "failed" and done.error is not None and done.error.code == "file-missing-in-store"


def test_last_pages_finished_at_the_same_moment_are_assembled_once(bench: Bench) -> None:
    """Real threads, held until all have read their page: each transaction meets the others."""
    for attempt in range(5):
        bench.reader.pages, bench.reader.assembled = 4, 0
        together = threading.Barrier(4)
        bench.reader.on_page = lambda number, barrier=together: barrier.wait(30) and None  # type: ignore[misc]
        view = bench.submit(f"%PDF-1.7 {attempt}".encode())
        bench.work.open_report(view.id)
        threads = [threading.Thread(target=bench.work.read_page, args=(view.id, n)) for n in (1, 2, 3, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert bench.reports.get(view.id).status == "succeeded"
        assert bench.reader.assembled == 1


def test_pages_read_by_another_engine_version_are_read_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    view = bench.submit()
    bench.work.open_report(view.id)
    bench.work.read_page(view.id, 1)
    monkeypatch.setattr(work, "ENGINE_VERSION", "another")
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "running"
    assert bench.reconciler.reconcile() == 1
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"
    assert bench.reader.read == [1, 2, 3, 1]


def test_the_work_of_a_dead_process_is_given_out_at_once_and_nothing_else(bench: Bench) -> None:
    view = bench.submit()
    bench.work.open_report(view.id)
    dead, alive = "0b5e9d4e-ca25-41f3-a7a5-a3c8b9a0a001", "77777777-ca25-41f3-a7a5-a3c8b9a0a001"
    with bench.database.write() as session:
        assert states.claim_page(session, view.id, 1, lease=600, attempts=3, holder=dead)
        assert states.claim_page(session, view.id, 2, lease=600, attempts=3, holder=alive)
    bench.work.release(view.id, dead, Cause.CRASH)
    with bench.database.write() as session:
        again = states.claim_page(session, view.id, 1, lease=600, attempts=3)
        assert again is not None and again.attempt == 2
        assert states.claim_page(session, view.id, 2, lease=600, attempts=3) is None


def test_a_queue_that_goes_down_while_pages_are_sent_delays_them_only(bench: Bench) -> None:
    view = bench.submit()
    bench.reader.on_open = lambda: setattr(bench.messenger, "down", True)
    bench.deliver_all()
    bench.messenger.down = False
    assert bench.reconciler.reconcile() == 3
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"


def test_a_title_that_no_column_holds_is_cut(bench: Bench) -> None:
    assert cut("局\0" * 300, 200) == "局" * 200
    assert cut(None, 200) is None


@pytest.mark.parametrize("rubbish", [None, "text", PageReading(number=3, width=1.0, height=1.0, origin="text")])
def test_rubbish_from_the_engine_costs_its_page_and_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, rubbish: object
) -> None:
    honest = bench.reader.read_page
    monkeypatch.setattr(bench.reader, "read_page", lambda *given: rubbish if given[2] == 2 else honest(*given))
    view = bench.submit()
    for _ in range(bench.settings.attempts):
        bench.deliver_all()
        bench.reconciler.reconcile()
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "partial"
    pages = json.loads(bench.reports.result(view.id))["document"]["pages"]
    assert [page["error"] for page in pages] == [None, SET_ASIDE[Cause.CRASH].message_zh, None]


class Door:
    """A room that notes who wants to be alone in it, and may be closed."""

    def __init__(self) -> None:
        self.alone: list[bool] = []
        self.open = True

    @contextmanager
    def enter(self, alone: bool, patience: float) -> Iterator[bool]:
        self.alone.append(alone)
        yield self.open


@pytest.fixture
def door(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Door:
    made = Door()
    monkeypatch.setattr(bench.work, "_room", made)
    return made


@pytest.mark.parametrize(
    ("cause", "alone"), [(None, True), (Cause.CRASH, True), (Cause.TIME, False), (Cause.MEMORY, False)]
)
def test_the_last_try_is_alone_unless_the_one_before_ended_at_a_limit(
    bench: Bench, door: Door, cause: Cause | None, alone: bool
) -> None:
    view = bench.submit()
    bench.work.open_report(view.id)
    for number in range(bench.settings.attempts - 1):
        with bench.database.write() as session:
            assert states.claim_page(session, view.id, 1, 60, bench.settings.attempts, f"{number:032d}")
        if cause:
            bench.work.release(view.id, f"{number:032d}", cause)
        else:
            bench.let_pass(1000)
    door.alone.clear()
    bench.work.read_page(view.id, 2)
    bench.work.read_page(view.id, 1)
    assert door.alone == [False, alone]


def test_without_room_nothing_is_tried_and_the_message_comes_again(bench: Bench, door: Door) -> None:
    view = bench.submit()
    for step in ("open", "read", "read", "read"):
        door.open = False
        for _ in range(2 * bench.settings.attempts):
            message = bench.messenger.messages.pop(0)
            bench.deliver(message)
            assert message[0] == step and bench.reconciler.reconcile() == 1
            bench.messenger.messages.insert(0, bench.messenger.messages.pop())
        door.open = True
        bench.deliver(bench.messenger.messages.pop(0))
    assert bench.reports.get(view.id).status == "succeeded"
