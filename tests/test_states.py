from __future__ import annotations

import tempfile
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers
from sqlalchemy import update

from extractors.reading.page import PageReading
from tests.bench import Bench, postgres_database
from tests.conftest import answers
from workers import states
from workers.database import migrate
from workers.failures import SET_ASIDE
from workers.settings import Settings
from workers.states import AGAIN, STAGES, Claim, Event, Stage, Status
from workers.tables import PageRow, ReportRow
from workers.work import _reading_row


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


class AnyOrder(RuleBasedStateMachine):
    """Messages come in any order, twice or never; leases run out; pages break off. It ends well all the same."""

    database_url: str | None = None

    @initialize(pages=integers(1, 4))
    def start(self, pages: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        settings_ = Settings(data_dir=Path(self.folder.name), database_url=self.database_url)
        migrate(settings_.sqlalchemy_url)
        self.bench = Bench(settings_)
        self.bench.reader.pages = pages
        self.breaking = False
        self.late: list[Claim] = []
        self.bench.reader.on_page = self._maybe_break
        self.view = self.bench.submit(f"%PDF-1.7 {uuid.uuid4()}".encode())
        self.final: str | None = None

    def _maybe_break(self, number: int) -> None:
        if self.breaking:
            raise RuntimeError(f"page {number} broke off")

    @rule(which=integers(0, 20), again=booleans(), breaking=booleans())
    def deliver(self, which: int, again: bool, breaking: bool) -> None:
        messages = self.bench.messenger.messages
        if messages:
            message = messages[which % len(messages)]
            if not again:
                messages.remove(message)
            self.breaking = breaking
            self.bench.deliver(message)
            self.breaking = False

    @rule()
    def lose_messages(self) -> None:
        self.bench.messenger.messages.clear()

    @rule(number=integers(1, 4))
    def a_worker_takes_a_page_and_sleeps_beyond_its_lease(self, number: int) -> None:
        with self.bench.database.write() as session:
            claim = states.claim_page(session, self.view.id, number, lease=-1, attempts=3)
        if claim is not None:
            self.late.append(claim)

    @rule()
    def the_late_worker_brings_its_page(self) -> None:
        if self.late:
            claim = self.late.pop(0)
            assert claim.number is not None
            reading = PageReading(number=claim.number, width=595.0, height=842.0, origin="text")
            self.bench.work._finish_page(claim, _reading_row(self.view.sha256, claim.number, reading), None)

    @rule()
    def time_passes(self) -> None:
        with self.bench.database.write() as session:
            for row in (ReportRow, PageRow):
                session.execute(update(row).values(sent_at=row.sent_at - 1000))
        _expire(self.bench)
        self.bench.reconciler.reconcile()

    @invariant()
    def a_final_state_stays(self) -> None:
        if not hasattr(self, "view"):
            return
        status = self.bench.reports.get(self.view.id).status
        if self.final is not None:
            assert status == self.final
        if status in states.FINISHED:
            self.final = status

    def teardown(self) -> None:
        if not hasattr(self, "view"):
            return
        for _ in range(20):
            self.time_passes()
            self.bench.deliver_all()
            if self.bench.reports.get(self.view.id).status in states.FINISHED:
                break
        view = self.bench.reports.get(self.view.id)
        assert view.status in states.FINISHED
        assert (view.status in ("succeeded", "partial")) == (self._result() is not None)
        self.bench.database.dispose()
        self.folder.cleanup()

    def _result(self) -> str | None:
        try:
            return self.bench.reports.result(self.view.id)
        except Exception:
            return None


SHORT = settings(max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = SHORT


@pytest.mark.skipif(not answers(5432), reason="no PostgreSQL answers on 127.0.0.1:5432")
def test_any_order_on_postgresql() -> None:
    with postgres_database() as url:
        machine = type("AnyOrderOnPostgreSQL", (AnyOrder,), {"database_url": url})
        run_state_machine_as_test(machine, settings=SHORT)
