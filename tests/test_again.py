"""Persons who stop a reading, or have a report read again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from extractors.decisions import value_at
from extractors.errors import DamagedFile
from extractors.report import Result
from tests.bench import Bench
from tests.conftest import SAMPLE
from workers import states, work
from workers.decisions import Change, carry_over
from workers.failures import SET_ASIDE, Cause
from workers.reports import NoResult, NotFinished, NothingToCancel, NothingToRetry, UnknownReport
from workers.states import Stage
from workers.work import PipelineReader, Work

TOTAL = "requests.new_received.total"


@pytest.fixture
def flaky(bench: Bench) -> Iterator[Bench]:
    """Page 2 cannot be read, at first."""

    def fail(number: int) -> None:
        if number == 2:
            raise DamagedFile

    bench.reader.on_page = fail
    yield bench


def _cancel(bench: Bench, report_id: str) -> None:
    bench.reports.cancel(report_id)


def test_a_queued_report_that_is_canceled_is_not_read(bench: Bench) -> None:
    view = bench.submit()
    assert bench.reports.cancel(view.id).status == "canceled"
    bench.deliver_all()
    bench.let_pass(1000)
    assert bench.reconciler.reconcile() == 0
    assert bench.reader.read == []
    assert bench.reports.get(view.id).finished_at is not None
    with pytest.raises(NoResult):
        bench.reports.result(view.id)


def test_what_is_read_while_a_report_is_canceled_is_not_kept(bench: Bench) -> None:
    view = bench.submit()
    bench.deliver(bench.messenger.messages.pop(0))
    bench.work.read_page(view.id, 1)
    bench.reader.on_page = lambda _: _cancel(bench, view.id)
    bench.work.read_page(view.id, 2)
    bench.reader.on_page = lambda _: None
    bench.deliver_all()
    done = bench.reports.get(view.id)
    assert (done.status, done.pages_done) == ("canceled", 1)
    assert bench.reader.read == [1, 2] and bench.reader.assembled == 0
    assert bench.work._pages_known(view.sha256) == {1}


def test_what_is_opened_while_it_is_canceled_gets_no_pages(bench: Bench) -> None:
    bench.reader.texts = (1, 2)
    view = bench.submit()
    bench.reader.on_open = lambda: _cancel(bench, view.id)
    bench.deliver_all()
    done = bench.reports.get(view.id)
    assert (done.status, done.pages_total) == ("canceled", None)
    assert bench.work._pages_known(view.sha256) == set()


def test_what_is_assembled_while_it_is_canceled_has_no_result(bench: Bench) -> None:
    view = bench.submit()
    bench.reader.on_assemble = lambda: _cancel(bench, view.id)
    bench.deliver_all()
    assert bench.reader.assembled == 1
    assert bench.reports.get(view.id).status == "canceled"
    with pytest.raises(NoResult):
        bench.reports.result(view.id)


def test_a_canceled_report_is_taken_up_where_it_was_left(bench: Bench) -> None:
    view = bench.submit()
    bench.deliver(bench.messenger.messages.pop(0))
    bench.work.read_page(view.id, 3)
    bench.reports.cancel(view.id)
    again = bench.reports.retry(view.id)
    assert (again.status, again.finished_at, again.error) == ("queued", None, None)
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"
    assert sorted(bench.reader.read) == [1, 2, 3]


def test_a_retry_reads_only_what_could_not_be_read(flaky: Bench) -> None:
    view = flaky.submit()
    flaky.deliver_all()
    assert flaky.reports.get(view.id).status == "partial"
    flaky.reader.on_page = lambda _: None
    flaky.reports.retry(view.id)
    flaky.deliver_all()
    assert flaky.reports.get(view.id).status == "succeeded"
    assert flaky.reader.read == [1, 2, 3, 2]
    result = Result.model_validate_json(flaky.reports.result(view.id))
    assert [page.error for page in result.document.pages] == [None, None, None]


def test_a_retry_of_pages_with_text_reads_no_other(flaky: Bench) -> None:
    flaky.reader.texts = (1, 3)
    view = flaky.submit()
    flaky.deliver_all()
    assert flaky.reports.get(view.id).status == "partial"
    flaky.reader.on_page = lambda _: None
    flaky.reports.retry(view.id)
    flaky.deliver_all()
    assert flaky.reports.get(view.id).status == "succeeded"
    assert flaky.reader.read == [1, 3, 2, 2]


def test_a_retry_counts_its_tries_anew(bench: Bench) -> None:
    def crash(number: int) -> None:
        if number == 1:
            raise MemoryError

    bench.reader.on_page = crash
    view = bench.submit()
    for rounds in (1, 2):
        for _ in range(5):
            bench.deliver_all()
            bench.reconciler.reconcile()
        assert bench.reports.get(view.id).status == "partial"
        assert bench.reader.read.count(1) == rounds * bench.settings.attempts
        bench.reports.retry(view.id)
    assert bench.reader.read.count(2) == 1


def test_a_retry_while_the_queue_is_down_is_sent_later(flaky: Bench) -> None:
    view = flaky.submit()
    flaky.deliver_all()
    flaky.messenger.down = True
    flaky.reports.retry(view.id)
    flaky.messenger.down = False
    assert flaky.reconciler.reconcile() == 1
    flaky.deliver_all()
    assert flaky.reports.get(view.id).status == "partial"


def test_there_must_be_something_to_cancel_or_to_retry(bench: Bench) -> None:
    view = bench.submit()
    with pytest.raises(NothingToRetry):
        bench.reports.retry(view.id)
    with pytest.raises(NotFinished):
        bench.reports.reread(view.id)
    bench.deliver_all()
    with pytest.raises(NothingToCancel):
        bench.reports.cancel(view.id)
    with pytest.raises(NothingToRetry):
        bench.reports.retry(view.id)
    assert bench.reports.get(view.id).status == "succeeded"
    for act in (bench.reports.cancel, bench.reports.retry, bench.reports.reread):
        with pytest.raises(UnknownReport):
            act(view.id, owner="another")


def test_the_worker_of_an_earlier_run_writes_nothing_to_the_next(bench: Bench) -> None:
    view = bench.submit()
    bench.deliver(bench.messenger.messages.pop(0))
    with bench.database.write() as session:
        late = states.claim_page(session, view.id, 1, lease=600, attempts=3)
    assert late is not None
    bench.reports.cancel(view.id)
    bench.reports.retry(view.id)
    bench.work.open_report(view.id)
    with bench.database.write() as session:
        assert not states.finish_page(session, late, SET_ASIDE[None])
        states.give_back(session, late, Cause.CRASH)
        assert states.claim_report(session, view.id, Stage.OPENING, 60, 3) is None
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"


def test_reread_with_the_same_engine_reads_nothing_twice(bench: Bench) -> None:
    view = bench.submit()
    bench.deliver_all()
    before = Result.model_validate_json(bench.reports.result(view.id))
    bench.reports.reread(view.id)
    bench.deliver_all()
    after = Result.model_validate_json(bench.reports.result(view.id))
    assert (bench.reader.read, bench.reader.assembled) == ([1, 2, 3], 2)
    assert after.report == before.report and after.validation == before.validation


def test_the_earlier_result_stands_until_there_is_another(flaky: Bench) -> None:
    view = flaky.submit()
    flaky.deliver_all()
    partial = flaky.reports.result(view.id)
    flaky.reader.on_page = lambda _: None
    flaky.reports.retry(view.id)
    while flaky.messenger.messages:
        assert flaky.reports.get(view.id).status in ("queued", "running")
        assert flaky.reports.result(view.id) == partial
        assert flaky.reports.search(status="needs_review").total == 1
        flaky.deliver(flaky.messenger.messages.pop(0))
    assert flaky.reports.get(view.id).status == "succeeded"
    assert flaky.reports.result(view.id) != partial


def _refuse(*_: object) -> None:
    raise DamagedFile


def _crash(*_: object) -> None:
    raise MemoryError


@pytest.mark.parametrize("hook", ["on_open", "on_page", "on_assemble"])
@pytest.mark.parametrize("fault", [_refuse, _crash])
def test_a_reading_that_fails_takes_no_result_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, hook: str, fault: Callable[..., None]
) -> None:
    view = bench.submit()
    bench.deliver_all()
    whole, before = bench.reports.result(view.id), bench.reports.get(view.id)
    monkeypatch.setattr(work, "ENGINE_VERSION", "another")
    setattr(bench.reader, hook, fault)
    bench.reports.reread(view.id)
    for _ in range(5):
        bench.deliver_all()
        bench.reconciler.reconcile()
    after = bench.reports.get(view.id)
    assert (after.status, after.pages_done, after.pages_total) == ("succeeded", 3, 3)
    assert after.error is not None and after.error.code.startswith(("damaged-file", "set-aside"))
    assert bench.reports.result(view.id) == whole
    assert (after.validation_status, after.failed_checks) == (before.validation_status, before.failed_checks)
    setattr(bench.reader, hook, lambda *_: None)
    bench.reports.reread(view.id)
    bench.deliver_all()
    mended = bench.reports.get(view.id)
    assert (mended.status, mended.error) == ("succeeded", None)


@pytest.mark.parametrize("hook", ["on_open", "on_page", "on_assemble"])
def test_a_copy_that_vanishes_while_it_is_read_costs_a_try_and_not_the_report(bench: Bench, hook: str) -> None:
    def vanish(*_: object) -> None:
        setattr(bench.reader, hook, lambda *_: None)
        raise FileNotFoundError

    setattr(bench.reader, hook, vanish)
    view = bench.submit()
    for _ in range(2):
        bench.deliver_all()
        bench.reconciler.reconcile()
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"


def test_a_part_is_better_than_the_part_before_but_not_than_the_whole(
    flaky: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = flaky.submit()
    flaky.deliver_all()
    flaky.reports.reread(view.id)
    flaky.deliver_all()
    assert (flaky.reports.get(view.id).error, flaky.reader.assembled) == (None, 2)
    flaky.reader.on_page = lambda _: None
    flaky.reports.retry(view.id)
    flaky.deliver_all()
    whole = flaky.reports.result(view.id)
    monkeypatch.setattr(work, "ENGINE_VERSION", "another")
    flaky.reader.on_page = lambda number: _refuse() if number == 3 else None
    flaky.reports.reread(view.id)
    flaky.deliver_all()
    after = flaky.reports.get(view.id)
    assert after.status == "succeeded" and after.error is not None and after.error.code == "damaged-file"
    assert flaky.reports.result(view.id) == whole


def test_another_reading_that_is_canceled_leaves_the_earlier_result(flaky: Bench) -> None:
    view = flaky.submit()
    flaky.deliver_all()
    part = flaky.reports.result(view.id)
    flaky.reports.retry(view.id)
    assert flaky.reports.cancel(view.id).status == "partial"
    flaky.deliver_all()
    assert (flaky.reports.get(view.id).error, flaky.reports.result(view.id)) == (None, part)
    with pytest.raises(NothingToCancel):
        flaky.reports.cancel(view.id)
    assert flaky.reports.retry(view.id).status == "queued"


def test_a_decision_taken_while_a_new_result_is_made_counts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.work = Work(bench.settings, bench.database, bench.store, bench.messenger, PipelineReader())
    view = bench.submit(SAMPLE.read_bytes(), "年报.pdf")
    bench.deliver_all()
    bench.reports.reread(view.id)
    bench.reports.decide(view.id, [Change("agency", "某市财政局")])
    decider = threading.Thread(target=bench.reports.decide, args=(view.id, [Change(TOTAL, 77)]))

    def meanwhile(*given: Any) -> Result | None:
        carried = carry_over(*given)
        decider.start()
        decider.join(0.5)  # it has decided by now, or waits for the new result
        return carried

    monkeypatch.setattr(work, "carry_over", meanwhile)
    bench.deliver_all()
    decider.join()
    result = Result.model_validate_json(bench.reports.result(view.id))
    assert (result.report.agency, value_at(result, TOTAL)) == ("某市财政局", 77)
    assert bench.reports.get(view.id).agency == "某市财政局"


def test_decisions_outlive_another_reading(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.work = Work(bench.settings, bench.database, bench.store, bench.messenger, PipelineReader())
    view = bench.submit(SAMPLE.read_bytes(), "年报.pdf")
    bench.deliver_all()
    bench.reports.decide(view.id, [Change(TOTAL, 77), Change("agency", "某市财政局")], "王")
    before = bench.reports.get(view.id)
    monkeypatch.setattr(work, "ENGINE_VERSION", "another")
    bench.reports.reread(view.id)
    bench.deliver_all()
    after = bench.reports.get(view.id)
    assert (after.agency, after.failed_checks) == ("某市财政局", before.failed_checks) and after.failed_checks
    result = Result.model_validate_json(bench.reports.result(view.id))
    assert value_at(result, TOTAL) == 77
    decision = result.evidence[TOTAL].decision
    assert decision is not None and decision.by == "王"
    assert [decision.value for decision in bench.reports.decisions(view.id)] == [77, "某市财政局"]
