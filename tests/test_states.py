from __future__ import annotations

import time

import pytest
from sqlalchemy import update

from tests.bench import Bench
from workers import states
from workers.failures import SET_ASIDE
from workers.states import AGAIN, STAGES, Event, Stage, Status
from workers.tables import PageRow, ReportRow


def test_every_stage_is_reached_and_only_persons_leave_the_last_one() -> None:
    assert set(STAGES.values()) == set(Stage)
    assert {event for stage, event in STAGES if stage is Stage.DONE} == set(AGAIN)
    assert {stage for stage, event in STAGES if event is Event.CANCELED} == set(Stage) - {Stage.DONE}
    reached, edge = {Stage.OPENING}, {Stage.OPENING}
    while edge:
        edge = {to for (stage, _), to in STAGES.items() if stage in edge} - reached
        reached |= edge
    assert Stage.DONE in reached


def test_a_claim_is_given_once_until_its_lease_runs_out(bench: Bench) -> None:
    view = bench.submit()
    with bench.database.write() as session:
        first = states.claim_report(session, view.id, Stage.OPENING, lease=60, attempts=3)
        assert first is not None and first.attempt == 1
        assert states.claim_report(session, view.id, Stage.OPENING, lease=60, attempts=3) is None
    _expire(bench)
    with bench.database.write() as session:
        second = states.claim_report(session, view.id, Stage.OPENING, lease=60, attempts=3)
        assert second is not None and second.attempt == 2 and second.token != first.token


def test_a_late_worker_changes_nothing(bench: Bench) -> None:
    view = bench.submit()
    bench.work.open_report(view.id)
    with bench.database.write() as session:
        late = states.claim_page(session, view.id, 1, lease=60, attempts=3)
    _expire(bench)
    bench.deliver_all()
    assert bench.reports.get(view.id).status == Status.SUCCEEDED
    assert late is not None
    with bench.database.write() as session:
        assert not states.finish_page(session, late, SET_ASIDE[None])
    assert bench.reports.get(view.id).status == Status.SUCCEEDED
    assert bench.reader.assembled == 1


def test_work_that_was_tried_too_often_is_not_given_out(bench: Bench) -> None:
    view = bench.submit()
    for attempt in (1, 2, 3):
        with bench.database.write() as session:
            claim = states.claim_report(session, view.id, Stage.OPENING, lease=-1, attempts=3)
        assert claim is not None and claim.attempt == attempt
    with bench.database.write() as session:
        assert states.claim_report(session, view.id, Stage.OPENING, lease=-1, attempts=3) is None


def test_of_two_last_pages_one_worker_assembles(bench: Bench) -> None:
    bench.reader.pages = 2
    view = bench.submit()
    bench.work.open_report(view.id)
    claims = []
    for number in (1, 2):
        with bench.database.write() as session:
            claims.append(states.claim_page(session, view.id, number, lease=60, attempts=3))
    taken = []
    for claim in claims:
        assert claim is not None
        with bench.database.write() as session:
            assert states.finish_page(session, claim)
            taken.append(states.begin_assembly(session, view.id, lease=60))
    assert taken[0] is None and taken[1] is not None


def test_a_stage_does_not_take_what_is_not_its_own(bench: Bench) -> None:
    view = bench.submit()
    with bench.database.write() as session:
        assert states.claim_report(session, view.id, Stage.ASSEMBLING, lease=60, attempts=3) is None
        claim = states.claim_report(session, view.id, Stage.OPENING, lease=60, attempts=3)
        assert claim is not None
        assert not states.finish_report(session, claim, Status.SUCCEEDED)
    with pytest.raises(KeyError):
        STAGES[Stage.OPENING, Event.ASSEMBLED]


def _expire(bench: Bench) -> None:
    with bench.database.write() as session:
        for row in (ReportRow, PageRow):
            session.execute(update(row).where(row.claim.is_not(None)).values(lease_until=time.time() - 1))
