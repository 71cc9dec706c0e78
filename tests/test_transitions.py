"""Every event in every state: what the tables allow happens, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.bench import Bench
from tests.conftest import bench_on
from workers import states
from workers.failures import SET_ASIDE
from workers.states import AGAIN, FINISHED, PAGES, STAGES, Claim, Event, PageEvent, PageState, Stage, Status
from workers.tables import PageRow, ReportRow

WORKED_ON = (Stage.OPENING, Stage.ASSEMBLING)
FAILURE = SET_ASIDE[None]
Act = Callable[[Session, Claim], object]


def _claim_page(session: Session, claim: Claim) -> object:
    assert claim.number is not None
    return states.claim_page(session, claim.report_id, claim.number, 60, 3)


EVENTS: dict[Event, Act] = {
    Event.CLAIMED: lambda s, c: [states.claim_report(s, c.report_id, stage, 60, 3) for stage in WORKED_ON],
    Event.OPENED: lambda s, c: states.open_report(s, c, {2: PageState.WAITING}),
    Event.LAST_PAGE: lambda s, c: states.begin_assembly(s, c.report_id, 60),
    Event.ASSEMBLED: lambda s, c: states.finish_report(s, c, Status.SUCCEEDED),
    Event.REFUSED: lambda s, c: [states.refuse_report(s, c, stage, FAILURE) for stage in WORKED_ON],
    Event.READINGS_GONE: lambda s, c: states.reopen_pages(s, c, [1]),
    Event.CANCELED: lambda s, c: states.cancel(s, c.report_id),
    Event.RETRIED: lambda s, c: states.begin_again(s, c.report_id, Event.RETRIED),
    Event.REREAD: lambda s, c: states.begin_again(s, c.report_id, Event.REREAD),
}
OF_WORKERS = (Event.OPENED, Event.ASSEMBLED, Event.REFUSED, Event.READINGS_GONE)
"""Events that a worker brings about, under its claim."""
PAGE_EVENTS: dict[PageEvent, Act] = {
    PageEvent.CLAIMED: _claim_page,
    PageEvent.READ: lambda s, c: states.finish_page(s, c),
    PageEvent.FAILED: lambda s, c: states.finish_page(s, c, FAILURE),
    PageEvent.READING_GONE: lambda s, c: states.reopen_pages(s, c, [1]),
    PageEvent.CANCELED: lambda s, c: states.cancel(s, c.report_id),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One for all events: each has a report of its own."""
    with bench_on(request.param, tmp_path_factory.mktemp("transitions")) as made:
        yield made


def put(bench: Bench, stage: Stage, status: Status, page: PageState | None, claim: str | None) -> str:
    """A report that stands so, and its only page."""
    report_id = bench.submit(f"%PDF-1.7 {stage} {status} {page} {claim}".encode()).id
    with bench.database.write() as session:
        row = update(ReportRow).where(ReportRow.id == report_id)
        session.execute(row.values(stage=stage, status=status, claim=claim, lease_until=claim and 1e12, attempts=0))
        if page is not None:
            session.add(PageRow(report_id=report_id, number=1, state=page, claim=claim, attempts=0))
    return report_id


def stage_after(bench: Bench, event: Event, stage: Stage, status: Status, held: str | None, token: str) -> Stage:
    report_id = put(bench, stage, status, None, held)
    with bench.database.write() as session:
        EVENTS[event](session, Claim(report_id, None, token, 1))
    with bench.database.read() as session:
        after = Stage(session.get_one(ReportRow, report_id).stage)
    bench.reports.delete(report_id)
    return after


@pytest.mark.parametrize(("stage", "event"), [*product(Stage, Event)])
def test_a_report_goes_where_the_table_says(bench: Bench, stage: Stage, event: Event) -> None:
    held = None if event is Event.CLAIMED else "mine"
    status = Status.FAILED if stage is Stage.DONE else Status.RUNNING
    assert stage_after(bench, event, stage, status, held, "mine") == STAGES.get((stage, event), stage)


@pytest.mark.parametrize(("stage", "event"), [*product(Stage, OF_WORKERS)])
def test_without_a_good_claim_a_worker_moves_nothing(bench: Bench, stage: Stage, event: Event) -> None:
    for held in ("another", None):
        assert stage_after(bench, event, stage, Status.RUNNING, held, "late") == stage


@pytest.mark.parametrize(("status", "event"), [*product(FINISHED, AGAIN)])
def test_persons_have_a_report_read_again_only_after_some_endings(bench: Bench, status: Status, event: Event) -> None:
    expected = STAGES[Stage.DONE, event] if status in AGAIN[event] else Stage.DONE
    assert stage_after(bench, event, Stage.DONE, status, None, "") == expected


def page_after(bench: Bench, event: PageEvent, state: PageState, held: str | None, token: str) -> PageState:
    stage = Stage.ASSEMBLING if event is PageEvent.READING_GONE else Stage.READING
    report_id = put(bench, stage, Status.RUNNING, state, held)
    with bench.database.write() as session:
        PAGE_EVENTS[event](session, Claim(report_id, 1, token, 1))
    with bench.database.read() as session:
        after = PageState(session.get_one(PageRow, (report_id, 1)).state)
    bench.reports.delete(report_id)
    return after


@pytest.mark.parametrize(("state", "event"), [*product(PageState, PageEvent)])
def test_a_page_goes_where_the_table_says(bench: Bench, state: PageState, event: PageEvent) -> None:
    held = None if event is PageEvent.CLAIMED else "mine"
    assert page_after(bench, event, state, held, "mine") == PAGES.get((state, event), state)


@pytest.mark.parametrize(("state", "event"), [*product(PageState, (PageEvent.READ, PageEvent.FAILED))])
def test_without_a_good_claim_no_page_is_written(bench: Bench, state: PageState, event: PageEvent) -> None:
    for held in ("another", None):
        assert page_after(bench, event, state, held, "late") == state


def test_the_tables_know_every_event_and_reach_every_state() -> None:
    assert set(EVENTS) == {event for _, event in STAGES} == set(Event)
    assert set(PAGE_EVENTS) == {event for _, event in PAGES} == set(PageEvent)
    assert set(PAGES.values()) == set(PageState)
