"""Files come and go with the reports that refer to them, whoever acts at the same time."""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.bench import Bench
from workers.database import hold
from workers.files import forget_file, forget_strays
from workers.reports import UnknownReport
from workers.store import STALE_SECONDS
from workers.tables import ReadingRow


def files(bench: Bench) -> list[Path]:
    return [path for path in bench.settings.files_root.rglob("*") if path.is_file()]


def test_a_file_with_a_report_is_not_forgotten(bench: Bench) -> None:
    view = bench.submit()
    assert not forget_file(bench.database, bench.store, view.sha256)
    assert bench.store.path(view.sha256).read_bytes() == b"%PDF-1.7 made"


def test_page_readings_go_with_the_last_report(bench: Bench) -> None:
    mine, yours = bench.submit(owner="a"), bench.submit(owner="b")
    bench.deliver_all()
    for view, owner, left in ((mine, "a", 3), (yours, "b", 0)):
        bench.reports.delete(view.id, owner)
        with bench.database.read() as session:
            assert len(session.scalars(select(ReadingRow)).all()) == left


def test_a_page_finished_after_the_deletion_leaves_no_reading(bench: Bench) -> None:
    view = bench.submit()
    bench.reader.on_page = lambda number: bench.reports.delete(view.id) if number == 1 else None
    bench.deliver_all()
    with bench.database.read() as session:
        assert session.scalars(select(ReadingRow)).all() == []
    assert files(bench) == []


def test_strays_are_removed_when_they_are_old(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    view = bench.submit()
    with bench.store.stage(io.BytesIO(b"%PDF-1.7 stray"), bench.settings.limits) as staged:
        staged.keep()
    assert forget_strays(bench.database, bench.store) == 0
    later = time.time() + STALE_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    bench.reconciler.tidy()
    assert [path.name for path in files(bench)] == [view.sha256]


def test_uploads_and_deletions_of_one_file_at_once_never_lose_it(bench: Bench) -> None:
    """Whenever all is quiet: a report has its file, and without a report there is none."""
    errors: list[Exception] = []

    def churn(owner: str) -> None:
        try:
            for _ in range(15):
                view = bench.submit(owner=owner)
                bench.store.path(view.sha256)
                bench.reports.delete(view.id, owner)
            bench.submit(owner=owner)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=churn, args=(owner,)) for owner in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    (kept,) = files(bench)
    assert bench.reports.search(owner="a").items[0].sha256 == kept.name


def test_a_file_is_not_forgotten_while_another_transaction_holds_it(bench: Bench) -> None:
    with bench.store.stage(io.BytesIO(b"%PDF-1.7 stray"), bench.settings.limits) as staged:
        staged.keep()
    forget = threading.Thread(target=forget_file, args=(bench.database, bench.store, staged.sha256))
    with bench.database.write() as session:
        hold(session, staged.sha256)
        forget.start()
        forget.join(0.5)
        assert forget.is_alive()
        assert bench.store.path(staged.sha256).is_file()
    forget.join(30)
    assert files(bench) == []


def test_the_same_file_sent_many_times_at_once_is_one_report(bench: Bench) -> None:
    ids: list[str] = []
    threads = [threading.Thread(target=lambda: ids.append(bench.submit().id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8 and len(set(ids)) == 1
    bench.reports.delete(ids[0])
    with pytest.raises(UnknownReport):
        bench.reports.get(ids[0])
    assert files(bench) == []
