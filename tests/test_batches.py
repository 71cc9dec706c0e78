"""Batches: taken in whole or not at all, read after what was sent by itself, stopped and tried again together."""

from __future__ import annotations

import io
import resource
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from extractors.errors import DamagedFile, DocumentError, EncryptedFile, LimitExceeded, UnsupportedType
from extractors.report import Result
from tests.bench import Bench
from tests.workers_support import python
from tests.zips import zip_of
from workers import batch_intake
from workers import batches as batches_module
from workers.batch_intake import BatchCanceled, NoReports, Sent, UnknownBatch
from workers.batch_progress import FileState
from workers.batches import Batches, BatchView
from workers.reports import IdempotencyConflict, NothingToCancel, NothingToRetry, UnknownReport
from workers.tables import AuditRow, BatchFileRow, BatchRow, ReportRow, TextRow

KILLED = """
import io, os, pkgutil, signal, sys
from workers.batches import Batches
from workers.reports import Reports
from workers.settings import Settings

owner, _, name = sys.argv[2].rpartition(".")
setattr(pkgutil.resolve_name(owner), name, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
settings = Settings.model_validate_json(sys.argv[1])
sent = [(f"2023/第{n}份.pdf", io.BytesIO(f"%PDF-1.7 {n}".encode())) for n in range(5)]
Batches(Reports(settings).runtime).submit(sent)
"""


def pdf(number: int) -> bytes:
    return f"%PDF-1.7 {number}".encode()


def sent(count: int, start: int = 0) -> list[Sent]:
    return [(f"2023/第{n}份.pdf", io.BytesIO(pdf(n))) for n in range(start, start + count)]


@pytest.fixture
def batches(bench: Bench) -> Batches:
    return Batches(bench.reports.runtime)


def files_kept(bench: Bench) -> list[Path]:
    return [path for path in bench.settings.files_root.rglob("*") if path.is_file()]


def nothing_is_left(bench: Bench) -> bool:
    with bench.database.read() as session:
        rows = sum(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (ReportRow, BatchRow, BatchFileRow, TextRow, AuditRow)
        )
    return rows == 0 and files_kept(bench) == [] and bench.messenger.messages == []


def states_of(batches: Batches, view: BatchView) -> dict[str, str]:
    return {file.name: file.state.value for file in batches.files(view.id).items}


def test_a_zip_is_taken_in_file_by_file_and_read(bench: Bench, batches: Batches, sample: Result) -> None:
    bench.reader.assemble = lambda *_: sample  # type: ignore[method-assign]
    content = zip_of(
        {
            "财政局/2022年报.pdf": pdf(1),
            "财政局/2023年报.pdf": pdf(2),
            "教育局/副本.pdf": pdf(1),
            "说明.txt": b"please read",
            "Thumbs.db": b"x",
            "__MACOSX/._a.pdf": b"x",
            "空.pdf": b"",
        },
        gbk=True,
    )
    view = batches.submit([("2022-2023.zip", content)])
    assert (view.name, view.files, view.progress.status) == ("2022-2023.zip", 5, "queued")
    assert states_of(batches, view) == {
        "财政局/2022年报.pdf": "queued",
        "财政局/2023年报.pdf": "queued",
        "教育局/副本.pdf": "queued",
        "说明.txt": "refused",
        "空.pdf": "refused",
    }
    first, _, copy, text, empty = batches.files(view.id).items
    assert copy.report_id == first.report_id and (first.duplicate_of, copy.duplicate_of) == (None, 1)
    assert [file.error and file.error.code for file in (text, empty)] == ["unsupported-type", "empty-file"]
    assert [report.filename for report in bench.reports.search().items] == ["2023年报.pdf", "2022年报.pdf"]
    assert bench.reports.search(q="2022年报").total == 1
    bench.deliver_all()
    assert bench.reader.read.count(1) == 2
    done = batches.get(view.id)
    assert (done.progress.status, done.progress.percent) == ("finished", 100)
    assert done.progress.counts["succeeded"] == 3 and done.progress.counts["refused"] == 2
    assert done.progress.finished_at is not None and done.progress.expected_finish is None
    assert [report.filename for report in batches.reports(view.id).items] == ["2022年报.pdf", "2023年报.pdf"]
    standings = batches.standings(view.id)
    assert [(s.agency, s.year) for s in standings] == [(sample.report.agency, sample.report.year)] * 2


def test_the_matrix_knows_an_agency_by_all_its_names(bench: Bench, batches: Batches, sample: Result) -> None:
    full = "济宁市兖州区科学技术局"
    results = [sample.model_copy(deep=True) for _ in range(2)]
    results[0].report.agency, results[1].report.agency = "兖州区科技局", full
    bench.reader.assemble = lambda *_: results.pop()  # type: ignore[method-assign]
    view = batches.submit(sent(2))
    bench.deliver_all()
    assert not results and [s.agency for s in batches.standings(view.id)] == [full] * 2


def test_what_is_no_report_says_so(bench: Bench, batches: Batches) -> None:
    view = batches.submit([("a.pdf", io.BytesIO(pdf(1))), ("b.pdf", io.BytesIO(pdf(2)))])
    bench.deliver_all()
    assert set(states_of(batches, view).values()) == {"no_report"}
    (file, _) = batches.files(view.id).items
    assert file.error is not None and file.error.code == "no-report" and file.report_id is not None
    assert batches.standings(view.id) == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (zip_of({"a.pdf": pdf(1), "b.pdf": pdf(2)}).getvalue()[:-40], DamagedFile),
        (zip_of({}).getvalue(), NoReports),
        (zip_of({"Thumbs.db": b"x"}).getvalue(), NoReports),
        (zip_of({"a.txt": b"x", "b.txt": b"y"}).getvalue(), NoReports),
        (zip_of({"a.txt": b"x"}).getvalue(), UnsupportedType),
        (zip_of({f"{n}.pdf": pdf(n) for n in range(6)}).getvalue(), LimitExceeded),
        (zip_of({"a.pdf": bytes(600), "b.pdf": bytes(600)}).getvalue(), LimitExceeded),
        (b"plain text", UnsupportedType),
    ],
)
def test_what_cannot_be_taken_in_leaves_nothing_behind(
    bench: Bench, batches: Batches, content: bytes, error: type[DocumentError]
) -> None:
    limited = bench.settings.model_copy(update={"max_batch_files": 5, "max_batch_bytes": 1000})
    bench.reports.runtime.settings = limited
    with pytest.raises(error) as caught:
        batches.submit([("a.zip", io.BytesIO(content))])
    assert caught.value.message and caught.value.message_zh.endswith("。")
    assert nothing_is_left(bench)


def test_files_beyond_the_limits_leave_nothing_behind(bench: Bench, batches: Batches) -> None:
    bench.reports.runtime.settings = bench.settings.model_copy(update={"max_batch_files": 5, "max_batch_bytes": 30})
    with pytest.raises(LimitExceeded, match="may have 5 files"):
        batches.submit([(f"{n}.pdf", io.BytesIO(b"%PDF-")) for n in range(6)])
    with pytest.raises(LimitExceeded, match="send them in portions"):
        batches.submit(sent(4))
    assert nothing_is_left(bench)


def test_a_database_that_fails_in_the_middle_leaves_nothing_behind(
    bench: Bench, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        assert len(files_kept(bench)) >= 3
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("workers.batch_intake._note_uploads", fail)
    with pytest.raises(RuntimeError):
        batches.submit(sent(3))
    assert nothing_is_left(bench)


def test_a_file_that_others_have_survives_a_batch_that_fails(
    bench: Bench, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = bench.submit(pdf(1))
    monkeypatch.setattr("workers.batch_intake._note_uploads", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        batches.submit(sent(3))
    assert bench.reports.file(view.id).path.read_bytes() == pdf(1)
    assert len(files_kept(bench)) == 1


@pytest.mark.parametrize("step", ["_require_a_report", "_register", "_note_uploads"])
def test_a_process_killed_before_the_commit_has_accepted_nothing(
    bench: Bench, batches: Batches, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_at(bench, f"workers.batch_intake.{step}")
    assert files_kept(bench) != [] and batches.search().total == bench.reports.search().total == 0
    bench.reconciler.tidy()
    assert files_kept(bench) != []  # another process might still be at it
    monkeypatch.setattr("workers.store.STALE_SECONDS", -1.0)
    bench.reconciler.tidy()
    assert nothing_is_left(bench)
    assert batches.submit(sent(5)).progress.counts["queued"] == 5


def test_what_a_process_killed_after_the_commit_has_accepted_is_read(bench: Bench, batches: Batches) -> None:
    kill_at(bench, "workers.batches.Batches._send_for")
    (view,) = batches.search().items
    assert view.progress.counts["queued"] == 5
    assert bench.reconciler.reconcile() == 5
    bench.deliver_all()
    assert batches.get(view.id).progress.status == "finished"


def kill_at(bench: Bench, step: str) -> None:
    """Have a process of its own send five files, and kill it there."""
    process = python(KILLED, bench.settings.model_dump_json(), step)
    assert process.wait(60) == -signal.SIGKILL


def test_a_batch_is_accepted_while_the_queue_is_down(bench: Bench, batches: Batches) -> None:
    bench.messenger.down = True
    view = batches.submit(sent(150))
    assert view.progress.counts["queued"] == 150
    bench.messenger.down = False
    assert bench.reconciler.reconcile() == 150
    assert len(bench.messenger.bulk) == 150
    assert bench.reconciler.reconcile() == 0


def test_the_queue_may_go_down_in_the_middle(bench: Bench, batches: Batches) -> None:
    opened = bench.messenger.open_report

    def open_report(report_id: str, bulk: bool = False) -> bool:
        bench.messenger.down = len(bench.messenger.messages) == 130
        return opened(report_id, bulk)

    bench.messenger.open_report = open_report  # type: ignore[method-assign]
    batches.submit(sent(250))
    assert len(bench.messenger.messages) == 130
    bench.messenger.down = False
    bench.messenger.open_report = opened  # type: ignore[method-assign]
    assert bench.reconciler.reconcile() == 120


def test_everything_of_a_batch_waits_behind_single_uploads(bench: Bench, batches: Batches) -> None:
    batches.submit(sent(2))
    single = bench.submit(pdf(9))
    assert len(bench.messenger.bulk) == 2 and len(bench.messenger.messages) == 3
    assert [view.queue_position for view in bench.reports.search().items] == [1, 3, 2]
    bench.deliver_all()
    assert len(bench.messenger.bulk) == 2 + 2 * 3
    assert all(message[1] != single.id for message in bench.messenger.bulk)


def test_what_is_lost_of_a_batch_is_sent_again_behind_single_uploads(bench: Bench, batches: Batches) -> None:
    batches.submit(sent(1))
    bench.deliver(bench.messenger.messages.pop(0))
    batches.submit(sent(1, start=1))
    single = bench.submit(pdf(9))
    bench.messenger.messages.clear()
    bench.messenger.bulk.clear()
    bench.let_pass(11)
    assert bench.reconciler.reconcile() == 5
    assert len(bench.messenger.bulk) == 4
    assert bench.messenger.messages[0] == ("open", single.id)


def test_a_file_sent_by_itself_overtakes_its_batch(bench: Bench, batches: Batches) -> None:
    view = batches.submit(sent(3))
    bench.deliver(bench.messenger.messages.pop(2))
    bench.messenger.messages.clear()
    bench.messenger.bulk.clear()
    waiting, opened = (bench.submit(pdf(n)) for n in (1, 2))
    assert waiting.queue_position == 1
    assert ("open", waiting.id) in bench.messenger.messages
    bench.reconciler.reconcile()
    assert {("read", opened.id, number) for number in (1, 2, 3)} <= set(bench.messenger.messages)
    assert bench.messenger.bulk == []
    assert bench.submit(pdf(1)).id == waiting.id and batches.get(view.id).files == 3


def test_reports_that_the_owner_has_already_are_not_read_again(bench: Bench, batches: Batches) -> None:
    known = bench.submit(pdf(1))
    bench.deliver_all()
    view = batches.submit(sent(3))
    assert view.progress.counts["no_report"] == 1 and view.progress.counts["queued"] == 2
    assert batches.files(view.id).items[1].report_id == known.id
    assert bench.reports.search().total == 3
    others = batches.submit(sent(3), owner="someone")
    assert others.progress.counts["queued"] == 3


def test_a_report_may_be_deleted_while_a_batch_that_has_it_is_taken_in(
    bench: Bench, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = bench.submit(pdf(1))
    deletion = threading.Thread(target=lambda: bench.reports.delete(known.id))

    def delete_meanwhile(*_: object) -> None:
        deletion.start()
        deletion.join(0.5)

    monkeypatch.setattr(batch_intake, "note_names", delete_meanwhile)
    view = batches.submit(sent(3))
    deletion.join()
    assert list(states_of(batches, view).values()) == ["queued", "deleted", "queued"]
    assert len(files_kept(bench)) == 2


def test_the_same_files_sent_by_many_at_once_are_read_once(bench: Bench, batches: Batches) -> None:
    view = batches.submit(sent(1, start=50))
    with ThreadPoolExecutor(6) as pool:
        tasks = [pool.submit(batches.submit, sent(8)) for _ in range(2)]
        tasks += [pool.submit(batches.add, view.id, sent(8)) for _ in range(2)]
        single = [pool.submit(bench.submit, pdf(n)) for n in range(8)]
        views = [task.result() for task in tasks]
    ids = {task.result().id for task in single}
    assert len(ids) == 8 and bench.reports.search().total == 9
    assert {file.report_id for file in batches.files(views[0].id).items} == ids
    assert [file.number for file in batches.files(view.id).items] == list(range(1, 10))
    assert len(files_kept(bench)) == 9


def test_a_batch_whose_answer_was_lost_is_found_again_by_its_key(bench: Bench, batches: Batches) -> None:
    files: list[tuple[str, bytes]] = [("a.pdf", pdf(1)), ("b/a.pdf", pdf(1)), ("c.txt", b"x")]

    def submit(*files: tuple[str, bytes], key: str | None = "k", owner: str = "local") -> str:
        return batches.submit([(name, io.BytesIO(content)) for name, content in files], owner, key=key).id

    first = submit(*files)
    with ThreadPoolExecutor(4) as pool:
        assert {task.result() for task in [pool.submit(submit, *files) for _ in range(4)]} == {first}
    assert len({first, submit(*files, key="other"), submit(*files, key=None), submit(*files, owner="li")}) == 4
    for other in ((("a.pdf", pdf(2)),), (*files, ("d.pdf", pdf(3))), (("b.pdf", pdf(1)),)):
        with pytest.raises(IdempotencyConflict):
            submit(*other)
    assert batches.search().total == 3 and batches.get(first).files == 3
    assert bench.reports.search().total == len(files_kept(bench)) == 1
    batches.cancel(first)
    assert submit(*files) == first
    batches.delete(first)
    assert submit(*files) != first


def test_files_whose_reports_are_there_are_added_by_name(bench: Bench, batches: Batches) -> None:
    single, view = bench.submit(pdf(0)), batches.submit(sent(2, start=1))
    known = [("2022/科技局.pdf", single.id), ("副本.pdf", single.id), ("2023/第1份.pdf", "")]
    known[2] = (known[2][0], batches.files(view.id).items[0].report_id or "")
    for _ in range(2):
        assert batches.add_known(view.id, known).files == 4
    files = batches.files(view.id).items[2:]
    assert [(file.number, file.name, file.duplicate_of) for file in files] == [
        (3, "2022/科技局.pdf", None),
        (4, "副本.pdf", 3),
    ]
    bench.deliver_all()
    assert batches.get(view.id).progress.percent == 100 and bench.reports.search().total == 3
    theirs = bench.submit(pdf(9), owner="li")
    for unknown in ("none", theirs.id):
        with pytest.raises(UnknownReport):
            batches.add_known(view.id, [("new.pdf", single.id), ("x.pdf", unknown)])
    with pytest.raises(UnknownBatch):
        batches.add_known(view.id, [("x.pdf", theirs.id)], owner="li")
    bench.reports.runtime.settings = bench.settings.model_copy(update={"max_batch_files": 4})
    with pytest.raises(LimitExceeded):
        batches.add_known(view.id, [("new.pdf", single.id)])
    assert batches.get(view.id).files == 4


def test_portions_are_added_and_may_come_twice(bench: Bench, batches: Batches) -> None:
    view = batches.submit([*sent(2), ("2023/a.txt", io.BytesIO(b"x"))])
    for _ in range(2):
        again = batches.add(
            view.id, [*sent(2, start=1), ("2023/a.txt", io.BytesIO(b"x")), ("b/copy.pdf", io.BytesIO(pdf(0)))]
        )
        assert again.files == 5
    files = batches.files(view.id).items
    assert [(file.number, file.name, file.duplicate_of) for file in files] == [
        (1, "2023/第0份.pdf", None),
        (2, "2023/第1份.pdf", None),
        (3, "2023/a.txt", None),
        (4, "2023/第2份.pdf", None),
        (5, "b/copy.pdf", 1),
    ]
    assert again.name == "2023"
    assert batches.add(view.id, [("c.txt", io.BytesIO(b"x"))]).progress.counts["refused"] == 2
    bench.reports.runtime.settings = bench.settings.model_copy(update={"max_batch_files": 7})
    with pytest.raises(LimitExceeded):
        batches.add(view.id, sent(2, start=10))
    assert batches.get(view.id).files == 6 and bench.reports.search().total == 3
    for owner, batch in (("local", "none"), ("someone", view.id)):
        with pytest.raises(UnknownBatch):
            batches.add(batch, sent(1), owner=owner)
    assert len(files_kept(bench)) == 3


def test_a_batch_is_another_owners(bench: Bench, batches: Batches) -> None:
    view = batches.submit(sent(1), owner="a")
    for ask in (
        batches.get,
        batches.files,
        batches.reports,
        batches.standings,
        batches.cancel,
        batches.retry,
        batches.delete,
    ):
        with pytest.raises(UnknownBatch):
            ask(view.id, owner="b")
    assert batches.search(owner="b").total == 0
    assert batches.get(view.id, owner=None) == batches.get(view.id, owner="a")
    assert [found.id for found in batches.search(owner=None).items] == [view.id]


def test_canceling_stops_what_only_this_batch_asked_for(bench: Bench, batches: Batches) -> None:
    bench.submit(pdf(0))
    bench.deliver_all()
    first, second = batches.submit(sent(4)), batches.submit(sent(1, start=2))
    single = bench.submit(pdf(3))
    stopped = batches.cancel(first.id)
    assert stopped.progress.status == "canceled"
    assert list(states_of(batches, first).values()) == ["no_report", "canceled", "queued", "queued"]
    with pytest.raises(NothingToCancel):
        batches.cancel(first.id)
    with pytest.raises(BatchCanceled):
        batches.add(first.id, sent(1, start=20))
    assert batches.get(second.id).progress.status == "queued"
    bench.deliver_all()
    assert bench.reports.get(single.id).status == "succeeded"
    assert batches.get(second.id).progress.status == "finished"
    with pytest.raises(NothingToCancel):
        batches.cancel(second.id)


def test_a_cancel_that_broke_off_is_finished_by_the_next(
    bench: Bench, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = batches.submit(sent(3))
    monkeypatch.setattr(batches_module, "portions", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        batches.cancel(view.id)
    monkeypatch.undo()
    assert batches.cancel(view.id).progress.counts["canceled"] == 3


def test_only_what_failed_is_tried_again(bench: Bench, batches: Batches) -> None:
    view = batches.submit(sent(3))
    refused: list[str] = []

    def refuse() -> None:
        if len(refused) < 2:
            refused.append("")
            raise EncryptedFile

    bench.reader.on_open = refuse
    with pytest.raises(NothingToRetry):
        batches.retry(view.id)
    bench.deliver_all()
    failed = batches.get(view.id)
    assert (failed.progress.status, failed.progress.counts["failed"]) == ("finished", 2)
    file = batches.files(view.id).items[0]
    assert file.error is not None and file.error.code == "encrypted-file"
    again = batches.retry(view.id)
    assert (again.progress.status, again.progress.counts["queued"], again.progress.percent) == ("queued", 2, 33)
    bench.deliver_all()
    assert batches.get(view.id).progress.counts["no_report"] == 3
    with pytest.raises(NothingToRetry):
        batches.retry(view.id)


def test_a_canceled_batch_goes_on_when_it_is_tried_again(bench: Bench, batches: Batches) -> None:
    view = batches.submit(sent(3))
    batches.cancel(view.id)
    bench.deliver_all()
    assert bench.reader.read == []
    assert batches.retry(view.id).progress.status == "queued"
    bench.deliver_all()
    assert batches.get(view.id).progress.status == "finished"
    assert len(bench.messenger.bulk) == 3 + 3 + 9


def test_percent_counts_pages_and_the_finish_is_told_once_it_is_known(bench: Bench, batches: Batches) -> None:
    view = batches.submit(sent(8))
    seen = [view]
    while bench.messenger.messages:
        bench.deliver(bench.messenger.messages.pop(0))
        seen.append(batches.get(view.id))
    percents = [view.progress.percent for view in seen]
    assert percents == sorted(percents) and len(set(percents)) > 20
    told = [view.progress.expected_finish for view in seen]
    assert told[0] is None and told[-1] is None
    first = next(n for n, moment in enumerate(told) if moment)
    assert percents[first] == 25 and all(told[first:-1])
    with bench.database.write() as session:
        session.execute(update(ReportRow).values(finished_at=None, started_at=ReportRow.started_at - 60))
        session.execute(update(BatchRow).values(begun_at=BatchRow.begun_at - 100))
        session.execute(update(ReportRow).where(ReportRow.id.in_(_ids(batches, view, 6))).values(status="queued"))
        session.execute(update(ReportRow).values(finished_at=ReportRow.started_at + 50))
    half = batches.get(view.id).progress
    assert half.expected_finish is not None and half.status == "running"
    assert half.expected_finish.timestamp() - time.time() == pytest.approx(180, abs=10)


def _ids(batches: Batches, view: BatchView, count: int) -> list[str | None]:
    return [file.report_id for file in batches.files(view.id).items[:count]]


def test_waiting_ends_when_something_changes(bench: Bench, batches: Batches) -> None:
    view = batches.submit(sent(1))
    started = time.monotonic()
    assert batches.wait(view.id, 0.3).progress.status == "queued"
    assert 0.25 < time.monotonic() - started < 5
    bench.deliver_all()
    assert batches.wait(view.id, 60).progress.status == "finished"


def test_a_report_that_is_deleted_leaves_its_name_in_the_batch(bench: Bench, batches: Batches) -> None:
    view = batches.submit(sent(2))
    report = batches.files(view.id).items[0].report_id
    assert report is not None
    bench.reports.delete(report)
    bench.deliver_all()
    assert list(states_of(batches, view).values()) == ["deleted", "no_report"]
    assert batches.get(view.id).progress.status == "finished"


def test_a_batch_is_forgotten_and_its_reports_stay(bench: Bench, batches: Batches) -> None:
    view = batches.submit(sent(2))
    batches.delete(view.id)
    with pytest.raises(UnknownBatch):
        batches.get(view.id)
    assert bench.reports.search().total == 2
    with bench.database.read() as session:
        assert session.scalar(select(func.count()).select_from(BatchFileRow)) == 0


def test_files_are_found_by_their_state_and_listed_in_portions(bench: Bench, batches: Batches) -> None:
    view = batches.submit([*sent(5), ("a.txt", io.BytesIO(b"x"))])
    page = batches.files(view.id, page=2, per_page=2)
    assert ([file.number for file in page.items], page.total) == ([3, 4], 6)
    (refused,) = batches.files(view.id, state=FileState.REFUSED).items
    assert refused.name == "a.txt"


def test_zips_among_files_and_documents_that_are_zips(bench: Bench, batches: Batches) -> None:
    word = zip_of({"word/document.xml": b"<x/>", "[Content_Types].xml": b"<Types/>"}).getvalue()
    broken = zip_of({"a.pdf": pdf(5)}).getvalue()[:-30]
    view = batches.submit(
        [
            ("2021.zip", zip_of({"a.pdf": pdf(1)})),
            ("2022.zip", zip_of({"a.pdf": pdf(2), "in.docx": word})),
            ("b.docx", io.BytesIO(word)),
            ("bad.zip", io.BytesIO(broken)),
        ]
    )
    assert states_of(batches, view) == {
        "2021.zip/a.pdf": "queued",
        "2022.zip/a.pdf": "queued",
        "2022.zip/in.docx": "queued",
        "b.docx": "queued",
        "bad.zip": "refused",
    }


@pytest.fixture
def few_open_files() -> Iterator[None]:
    """No more files may be open at once than a hundred and those that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())) + 100, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("few_open_files")
def test_a_large_zip_is_taken_in_within_seconds_and_few_open_files(
    bench: Bench, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    register, took = batch_intake._register, []

    def timed(*arguments: Any) -> tuple[str, list[str]]:
        started = time.monotonic()
        answer = register(*arguments)
        took.append(time.monotonic() - started)
        return answer

    monkeypatch.setattr(batch_intake, "_register", timed)
    content = zip_of({f"{n % 40}/第{n}份年报.pdf": pdf(n) for n in range(2000)})
    view = batches.submit([("large.zip", content)])
    assert view.files == 2000 and len(bench.messenger.bulk) == 2000
    assert took[0] < 25  # seconds that others wait for the database; SQLite has them wait for up to 30
