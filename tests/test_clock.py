"""A clock that jumps by hours, forwards and backwards: nothing is lost, and nothing waits until it has caught up."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from extractors.errors import DamagedFile
from tests.bench import Bench
from web.app import create_app
from workers import states
from workers.failures import SET_ASIDE
from workers.reports import NoPicture
from workers.states import Stage

HOURS = 3 * 3600.0
Jump = Callable[[float], None]


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Puts the clock of this machine on, or back, by so many seconds."""
    real, offset = time.time, [0.0]

    def by(seconds: float) -> None:
        offset[0] += seconds

    monkeypatch.setattr(time, "time", lambda: real() + offset[0])
    return by


def deliver_until_done(bench: Bench, report_id: str) -> None:
    for _ in range(5):
        bench.deliver_all()
        if bench.reports.get(report_id).finished_at is None:
            bench.reconciler.reconcile()
    assert bench.reports.get(report_id).status == "succeeded"


@pytest.mark.parametrize("hours", [HOURS, -HOURS])
def test_the_work_of_a_dead_worker_is_taken_up(bench: Bench, jump: Jump, hours: float) -> None:
    view = bench.submit()
    bench.messenger.messages.clear()
    with bench.database.write() as session:
        lease = bench.settings.lease_seconds
        assert states.claim_report(session, view.id, Stage.OPENING, lease, bench.settings.attempts)
    jump(hours)
    assert bench.reconciler.reconcile() == 1
    assert bench.reconciler.reconcile() == 0
    bench.deliver(bench.messenger.messages.pop(0))
    bench.messenger.messages.clear()
    with bench.database.write() as session:
        assert states.claim_page(session, view.id, 2, lease, bench.settings.attempts)
    jump(hours)
    assert bench.reconciler.reconcile() == 3
    deliver_until_done(bench, view.id)


@pytest.mark.parametrize("hours", [HOURS, -HOURS])
def test_messages_that_were_lost_are_sent_again(bench: Bench, jump: Jump, hours: float) -> None:
    view = bench.submit()
    bench.messenger.messages.clear()
    jump(hours)
    assert bench.reconciler.reconcile() == 1
    bench.deliver(bench.messenger.messages.pop(0))
    bench.messenger.messages.clear()
    jump(hours)
    assert bench.reconciler.reconcile() == 3
    assert bench.reconciler.reconcile() == 0
    deliver_until_done(bench, view.id)


@pytest.mark.parametrize("hours", [HOURS, -HOURS])
def test_a_page_whose_worker_goes_on_is_finished_once(bench: Bench, jump: Jump, hours: float) -> None:
    view = bench.submit()
    results = []

    def others_take_it(number: int) -> None:
        if number == 2 and bench.reader.read.count(2) == 1:
            jump(hours)
            bench.reconciler.reconcile()
            deliver_until_done(bench, view.id)
            results.append(bench.reports.result(view.id))

    bench.reader.on_page = others_take_it
    bench.deliver_all()
    assert results == [bench.reports.result(view.id)]
    assert bench.reader.read.count(2) == 2 and bench.reader.assembled == 1


def test_a_clock_that_is_put_right_by_a_minute_takes_no_work_from_anybody(bench: Bench, jump: Jump) -> None:
    view = bench.submit()
    with bench.database.write() as session:
        claim = states.claim_report(session, view.id, Stage.OPENING, bench.settings.lease_seconds, 3)
    for seconds in (60, -120):
        jump(seconds)
        assert bench.reconciler.reconcile() == 0
        bench.work.open_report(view.id)
    with bench.database.write() as session:
        assert claim is not None and states.refuse_report(session, claim, Stage.OPENING, SET_ASIDE[None])


@pytest.mark.parametrize("hours", [HOURS, -HOURS])
def test_what_was_tried_too_often_is_set_aside(bench: Bench, jump: Jump, hours: float) -> None:
    opened, other = bench.submit(), bench.submit(b"%PDF-1.7 other")
    bench.work.open_report(opened.id)
    for _ in range(bench.settings.attempts):
        with bench.database.write() as session:
            limits = bench.settings.lease_seconds, bench.settings.attempts
            assert states.claim_report(session, other.id, Stage.OPENING, *limits)
            assert states.claim_page(session, opened.id, 1, *limits)
        jump(hours)
    bench.reconciler.reconcile()
    assert bench.reports.get(other.id).status == "failed"
    bench.deliver_all()
    assert bench.reports.get(opened.id).status == "partial"


def test_a_picture_that_could_not_be_made_is_tried_again_after_the_clock_was_put_back(bench: Bench, jump: Jump) -> None:
    def damaged(_: int) -> None:
        raise DamagedFile

    view = bench.submit()
    bench.deliver_all()
    bench.reader.on_draw = damaged
    bench.work.draw_page(view.id, 1)
    with pytest.raises(NoPicture):
        bench.reports.picture(view.id, 1)
    jump(-HOURS)
    bench.reader.on_draw = lambda _: None
    bench.work.draw_page(view.id, 1)
    assert bench.reports.picture(view.id, 1).read_bytes() == b"png"


def test_who_has_asked_too_often_is_not_shut_out_for_hours(bench: Bench, jump: Jump) -> None:
    client = create_app(bench.settings.model_copy(update={"requests_per_minute": 2})).test_client()
    assert [client.get("/api/v1/reports").status_code for _ in range(3)] == [200, 200, 429]
    jump(-600)
    assert int(client.get("/api/v1/reports").headers.get("Retry-After", "60")) <= 60
    jump(-HOURS)
    assert client.get("/api/v1/reports").status_code == 200
