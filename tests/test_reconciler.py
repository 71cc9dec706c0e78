from __future__ import annotations

import time

import pytest

from tests.bench import Bench
from workers import states
from workers.failures import SET_ASIDE, Cause
from workers.reconciler import LOST_SECONDS, Reconciler
from workers.states import Stage
from workers.tables import ReportRow, ResultRow


@pytest.fixture
def reconciler(bench: Bench) -> Reconciler:
    return bench.reconciler


def test_a_report_that_was_never_sent_is_sent(bench: Bench, reconciler: Reconciler) -> None:
    bench.messenger.down = True
    view = bench.submit()
    assert reconciler.reconcile() == 0
    bench.messenger.down = False
    assert reconciler.reconcile() == 1
    assert reconciler.reconcile() == 0
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"


def test_lost_messages_are_sent_again_only_when_the_queue_is_empty(bench: Bench, reconciler: Reconciler) -> None:
    bench.submit()
    bench.let_pass(LOST_SECONDS + 1)
    assert reconciler.reconcile() == 0  # the message still waits
    bench.messenger.messages.clear()
    assert reconciler.reconcile() == 1


def test_what_a_queue_has_lost_is_sent_again_at_once_though_others_wait(bench: Bench, reconciler: Reconciler) -> None:
    lost = bench.submit()
    bench.messenger.messages.clear()
    bench.let_pass(2)
    bench.messenger.since = time.time() - 1
    bench.submit(b"%PDF-1.7 later")
    assert reconciler.reconcile() == 1
    assert bench.messenger.messages[-1] == ("open", lost.id)
    assert reconciler.reconcile() == 0
    bench.messenger.since = time.time() + 3600  # and then the clock was put back
    assert reconciler.reconcile() == 0


def test_a_queue_may_be_long_and_what_waits_in_it_is_not_sent_twice(bench: Bench, reconciler: Reconciler) -> None:
    views = [bench.submit(f"%PDF-1.7 {n}".encode()) for n in range(20)]
    for _ in range(5):
        bench.deliver(bench.messenger.messages.pop(0))
    bench.let_pass(bench.settings.resend_seconds + 1)
    assert len(bench.messenger.messages) == 15 + 5 * 3
    assert reconciler.reconcile() == 0
    del bench.messenger.messages[-3:]
    assert reconciler.reconcile() == 3
    assert [reconciler.reconcile() for _ in range(3)] == [0, 0, 0]
    bench.messenger.messages.clear()
    bench.let_pass(LOST_SECONDS + 1)
    assert reconciler.reconcile() == 15 + 5 * 3
    bench.deliver_all()
    assert {bench.reports.get(view.id).status for view in views} == {"succeeded"}


def test_a_page_whose_worker_died_is_sent_again(bench: Bench, reconciler: Reconciler) -> None:
    view = bench.submit()
    bench.work.open_report(view.id)
    bench.messenger.messages.clear()
    with bench.database.write() as session:
        assert states.claim_page(session, view.id, 2, bench.settings.lease_seconds, attempts=3)
    assert reconciler.reconcile() == 0
    bench.let_pass(bench.settings.lease_seconds + 1)
    assert reconciler.reconcile() == 3
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"


def test_an_assembly_whose_worker_died_is_taken_up(bench: Bench, reconciler: Reconciler) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    bench.reader.on_assemble = die
    view = bench.submit()
    with pytest.raises(KeyboardInterrupt):
        bench.deliver_all()
    bench.reader.on_assemble = lambda: None
    assert bench.reports.get(view.id).status == "running"
    bench.let_pass(bench.settings.lease_seconds + 1)
    assert reconciler.reconcile() == 1
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"


@pytest.mark.parametrize(("error", "cause"), [(MemoryError, Cause.MEMORY), (ValueError, Cause.CRASH)])
def test_a_page_that_always_breaks_off_is_set_aside(
    bench: Bench, reconciler: Reconciler, error: type[Exception], cause: Cause
) -> None:
    def crash(number: int) -> None:
        if number == 1:
            raise error

    bench.reader.on_page = crash
    view = bench.submit()
    for _ in range(5):
        bench.deliver_all()
        reconciler.reconcile()
    assert bench.reader.read.count(1) == bench.settings.attempts
    assert bench.reports.get(view.id).status == "partial"
    assert SET_ASIDE[cause].message_zh in bench.reports.result(view.id)


def test_a_file_that_always_kills_its_worker_is_set_aside(bench: Bench, reconciler: Reconciler) -> None:
    view = bench.submit()
    for _ in range(bench.settings.attempts):
        with bench.database.write() as session:
            assert states.claim_report(session, view.id, Stage.OPENING, 60, bench.settings.attempts)
        bench.let_pass(61)
    reconciler.reconcile()
    done = bench.reports.get(view.id)
    assert done.status == "failed" and done.error is not None and done.error.code == "set-aside"


@pytest.mark.parametrize("cause", Cause)
def test_a_file_that_is_set_aside_says_how_its_last_try_ended(
    bench: Bench, reconciler: Reconciler, cause: Cause
) -> None:
    view = bench.submit()
    for attempt, ended in enumerate((Cause.CRASH, Cause.TIME, cause)):
        holder = f"{attempt:032d}"
        with bench.database.write() as session:
            assert states.claim_report(session, view.id, Stage.OPENING, 60, bench.settings.attempts, holder)
        bench.work.release(view.id, holder, ended)
    reconciler.reconcile()
    assert bench.reports.get(view.id).error == SET_ASIDE[cause]


def test_a_try_of_which_nothing_is_known_does_not_take_its_reason_from_the_one_before(
    bench: Bench, reconciler: Reconciler
) -> None:
    view = bench.submit()
    for attempt in range(bench.settings.attempts):
        with bench.database.write() as session:
            claim = states.claim_report(session, view.id, Stage.OPENING, 60, bench.settings.attempts)
            assert claim is not None
            if attempt == 0:
                states.give_back(session, claim, Cause.TIME)
        bench.let_pass(61)
    reconciler.reconcile()
    assert bench.reports.get(view.id).error == SET_ASIDE[None]


def test_of_two_reconcilers_one_sends(bench: Bench, reconciler: Reconciler) -> None:
    bench.messenger.down = True
    view = bench.submit()
    bench.messenger.down = False
    with bench.database.read() as session:
        row = session.get_one(ReportRow, view.id)
        sent_at = row.sent_at
    assert reconciler._take(ReportRow, sent_at, ReportRow.id == view.id)
    assert not reconciler._take(ReportRow, sent_at, ReportRow.id == view.id)


def test_claims_of_an_earlier_run_are_let_go(bench: Bench, reconciler: Reconciler) -> None:
    view = bench.submit()
    bench.messenger.messages.clear()
    with bench.database.write() as session:
        assert states.claim_report(session, view.id, Stage.OPENING, 3600, 3)
    bench.reports.release_claims()
    assert reconciler.reconcile() == 1
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"
    assert time.time() - bench.reports.get(view.id).created_at.timestamp() < 60


def test_what_is_cut_off_by_an_orderly_stop_was_no_try(bench: Bench, reconciler: Reconciler) -> None:
    view = bench.submit()
    bench.work.open_report(view.id)
    for _ in range(3 * bench.settings.attempts):
        with bench.database.write() as session:
            assert states.claim_page(session, view.id, 2, 3600, bench.settings.attempts)
        bench.reports.release_claims(stopped=True)
        reconciler.reconcile()
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"


def test_an_expired_claim_is_sent_for_once_not_at_every_look(bench: Bench, reconciler: Reconciler) -> None:
    view = bench.submit()
    bench.work.open_report(view.id)
    with bench.database.write() as session:
        assert states.claim_page(session, view.id, 2, bench.settings.lease_seconds, attempts=3)
    bench.let_pass(bench.settings.lease_seconds + 1)
    assert reconciler.reconcile() == 1  # the others still wait in the queue
    assert [reconciler.reconcile() for _ in range(3)] == [0, 0, 0]


def test_the_reconciler_assembles_nothing_itself(bench: Bench, reconciler: Reconciler) -> None:
    """It is a thread of the worker, which no limit of time or memory guards."""
    view = bench.submit()
    bench.deliver(bench.messenger.messages.pop(0))
    for number in (2, 3):
        bench.work.read_page(view.id, number)
    bench.messenger.messages.clear()
    for _ in range(bench.settings.attempts):
        with bench.database.write() as session:
            assert states.claim_page(session, view.id, 1, 60, bench.settings.attempts)
        bench.let_pass(61)
    assert reconciler.reconcile() == 1
    assert bench.reader.assembled == 0
    assert bench.messenger.messages == [("assemble", view.id)]
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "partial"


def test_a_report_that_cannot_be_filed_holds_up_nothing(bench: Bench, reconciler: Reconciler) -> None:
    ids = [bench.submit(f"%PDF-1.7 {n}".encode()).id for n in range(3)]
    bench.deliver_all()
    with bench.database.write() as session:
        for report_id, year in zip(ids, (2021, 2022, None), strict=True):
            row = session.get_one(ReportRow, report_id)
            row.agency, row.year, row.name_id, row.validation_status = (
                "某局" if year else "另一局",
                year,
                None,
                "passed",
            )
        session.get_one(ResultRow, ids[0]).result = "{}"  # as no version has ever written one
    waiting = bench.submit(b"%PDF-1.7 waiting")
    bench.messenger.messages.clear()
    bench.let_pass(LOST_SECONDS + 1)
    assert reconciler.reconcile() == 1
    assert bench.messenger.messages == [("open", waiting.id)]
    with bench.database.read() as session:
        assert session.get_one(ReportRow, ids[2]).name_id is not None
