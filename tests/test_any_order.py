"""Whatever happens in whichever order, a report comes to one end, and what is written is the same each time."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import time
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import booleans, integers, sampled_from
from sqlalchemy import select, update

from extractors.reading.page import PageReading
from tests.bench import Bench, postgres_database
from tests.conftest import answers
from workers import states
from workers.database import migrate
from workers.reports import NoResult, NotFinished, NothingToCancel, NothingToRetry
from workers.settings import Settings
from workers.states import Claim, Stage
from workers.tables import PageRow, ReadingRow, ReportRow
from workers.work import _reading_row


class AnyOrder(RuleBasedStateMachine):
    """Messages come in any order, twice or never; leases run out; work breaks off; persons stop it and start again."""

    database_url: str | None = None

    @initialize(pages=integers(1, 3), texts=integers(0, 2), opened=booleans())
    def start(self, pages: int, texts: int, opened: bool) -> None:
        self.folder = tempfile.TemporaryDirectory()
        made = Settings(data_dir=Path(self.folder.name), database_url=self.database_url)
        if self.database_url is None:
            shutil.copytree(_empty_database(), made.data_dir, dirs_exist_ok=True)
        self.bench = Bench(made)
        self.bench.reader.pages, self.bench.reader.texts = pages, range(1, texts + 1)
        self.late: list[Claim] = []
        self.content = f"%PDF-1.7 {uuid.uuid4()}".encode()
        self.view = self.bench.submit(self.content)
        self.ended: tuple[str, Any] | None = None
        self.whole: Any = None
        self.has_result = False
        if opened:
            self.deliver(0, False, "nothing")

    @rule(
        which=integers(0, 20),
        again=booleans(),
        meanwhile=sampled_from(["nothing", "nothing", "broken_off", "cancel", "others_finish", "cancel_and_retry"]),
    )
    def deliver(self, which: int, again: bool, meanwhile: str) -> None:
        """A message arrives, and while it is worked on, something happens."""
        messages = self.bench.messenger.messages
        if not messages:
            return
        message = messages[which % len(messages)]
        if not again:
            messages.remove(message)
        self._while_working(getattr(self, meanwhile))
        self.bench.deliver(message)
        self._while_working(self.nothing)

    @rule()
    def lose_messages(self) -> None:
        self.bench.messenger.messages.clear()

    @rule()
    def send_the_file_again(self) -> None:
        assert self.bench.submit(self.content).id == self.view.id

    @rule(number=integers(1, 3))
    def a_worker_takes_a_page_and_sleeps_beyond_its_lease(self, number: int) -> None:
        claim = self._claim(number, -1)
        if claim is not None:
            self.late.append(claim)

    @precondition(lambda self: bool(getattr(self, "late", [])))
    @rule()
    def a_late_worker_brings_its_page(self) -> None:
        claim = self.late.pop(0)
        with self.bench.database.read() as session:
            page = session.get(PageRow, (claim.report_id, claim.number))
            good = page is not None and page.claim == claim.token
        before = self._written()
        self._bring(claim)
        assert good or self._written() == before

    @rule(number=integers(1, 3))
    def a_worker_wakes_up_while_another_reads_its_page(self, number: int) -> None:
        late, present = self._claim(number, -1), self._claim(number, 600)
        if late is not None and present is not None:
            before = self._written()
            self._bring(late)
            assert self._written() == before
            self._bring(present)
            assert self._written() != before

    @rule()
    def two_workers_finish_their_pages_at_once(self) -> None:
        claims = [claim for number in (1, 2, 3) if (claim := self._claim(number, 600)) is not None][:2]
        together = threading.Barrier(len(claims) or 1)

        def bring(claim: Claim) -> None:
            together.wait(30)
            self._bring(claim)

        threads = [threading.Thread(target=bring, args=(claim,)) for claim in claims]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @rule()
    def time_passes(self) -> None:
        with self.bench.database.write() as session:
            for row in (ReportRow, PageRow):
                session.execute(update(row).values(sent_at=row.sent_at - 1000))
                session.execute(update(row).where(row.claim.is_not(None)).values(lease_until=time.time() - 1))
        self.bench.reconciler.reconcile()

    @rule()
    def cancel(self, *_: object) -> None:
        try:
            assert self.bench.reports.cancel(self.view.id).status in ("canceled", "succeeded", "partial")
        except NothingToCancel:
            assert self._status() in states.FINISHED

    @rule()
    def retry(self) -> None:
        try:
            self.bench.reports.retry(self.view.id)
            self.ended = None
        except NothingToRetry:
            assert self._status() in ("queued", "running", "succeeded")

    @rule()
    def reread(self) -> None:
        try:
            self.bench.reports.reread(self.view.id)
            self.ended = None
        except NotFinished:
            assert self._status() in ("queued", "running")

    @invariant()
    def an_end_stays_and_has_a_result_or_none(self) -> None:
        if not hasattr(self, "view"):
            return
        status, result = self._status(), self._result()
        if status in states.FINISHED:
            assert (result is not None) == (status in ("succeeded", "partial"))
        assert result is not None or not self.has_result, "another reading has taken the result away"
        self.has_result = result is not None
        if self.ended is not None:
            assert (status, result) == self.ended
        if status in states.FINISHED:
            self.ended = status, result
            with self.bench.database.read() as session:
                rows = [session.get_one(ReportRow, self.view.id), *session.scalars(self._pages())]
            assert {(row.claim, row.lease_until) for row in rows} == {(None, None)}
            assert rows[0].stage == Stage.DONE

    @invariant()
    def a_whole_result_is_always_the_same(self) -> None:
        if self.__dict__.get("ended") and self.ended and self.ended[0] == "succeeded":
            self.whole = self.whole or self.ended[1]
            assert self.ended[1] == self.whole

    def teardown(self) -> None:
        if not hasattr(self, "view"):
            return
        for _ in range(20):
            self.time_passes()
            self.bench.deliver_all()
            self.an_end_stays_and_has_a_result_or_none()
        assert self._status() in states.FINISHED
        assert self.bench.messenger.messages == []
        self.bench.database.dispose()
        self.folder.cleanup()

    def nothing(self, *_: object) -> None:
        pass

    def broken_off(self, *_: object) -> None:
        raise RuntimeError("broke off")

    def others_finish(self, *given: object) -> None:
        """This worker is frozen beyond its lease; others do all that there is to do."""
        for _ in range(3):
            self.time_passes()
            self.bench.deliver_all()

    def cancel_and_retry(self, *_: object) -> None:
        self.cancel()
        self.retry()

    def _while_working(self, happens: Any) -> None:
        """Have this happen once, in the middle of the next piece of work."""

        def once(*_: object) -> None:
            self._while_working(self.nothing)
            happens()

        hook = self.nothing if happens == self.nothing else once
        self.bench.reader.on_open = self.bench.reader.on_page = self.bench.reader.on_assemble = hook

    def _claim(self, number: int, lease: float) -> Claim | None:
        with self.bench.database.write() as session:
            return states.claim_page(session, self.view.id, number, lease, attempts=3)

    def _bring(self, claim: Claim) -> None:
        assert claim.number is not None
        reading = PageReading(number=claim.number, width=595.0, height=842.0, origin="text")
        self.bench.work._finish_page(claim, _reading_row(self.view.sha256, claim.number, reading), None)

    def _status(self) -> str:
        return self.bench.reports.get(self.view.id).status

    def _result(self) -> Any:
        try:
            result = json.loads(self.bench.reports.result(self.view.id))
        except (NoResult, NotFinished):
            return None
        del result["engine"]["seconds"]
        return result

    def _written(self) -> object:
        """All that a page can change."""
        readings = select(ReadingRow.number).where(ReadingRow.sha256 == self.view.sha256)
        with self.bench.database.read() as session:
            pages = [(page.number, page.state, page.error) for page in session.scalars(self._pages())]
            return pages, sorted(session.scalars(readings)), session.get_one(ReportRow, self.view.id).stage

    def _pages(self) -> Any:
        return select(PageRow).where(PageRow.report_id == self.view.id).order_by(PageRow.number)


@cache
def _empty_database() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="nianbao-any-order-"))
    migrate(Settings(data_dir=folder).sqlalchemy_url)
    return folder


def _short(examples: int) -> settings:
    checks = list(HealthCheck)
    return settings(max_examples=examples, stateful_step_count=20, deadline=None, suppress_health_check=checks)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = _short(25)


@pytest.mark.skipif(not answers(5432), reason="no PostgreSQL answers on 127.0.0.1:5432")
def test_any_order_on_postgresql() -> None:
    with postgres_database() as url:
        migrate(url)
        machine = type("AnyOrderOnPostgreSQL", (AnyOrder,), {"database_url": url})
        run_state_machine_as_test(machine, settings=_short(8))
