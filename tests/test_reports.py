from __future__ import annotations

import io
from itertools import pairwise

import pytest

from extractors.errors import EmptyFile, EncryptedFile, LimitExceeded, UnsupportedType
from extractors.report import Result
from extractors.sources import kinds
from tests.bad_files import CUT_WORD
from tests.bench import Bench
from workers import reports
from workers.decisions import Change
from workers.reports import IdempotencyConflict, NoResult, NotFinished, UnknownReport
from workers.settings import Settings


def test_a_report_goes_from_queued_to_a_result(bench: Bench) -> None:
    view = bench.submit(filename="年报.pdf")
    assert (view.status, view.queue_position, view.pages_done, view.filename) == ("queued", 1, 0, "年报.pdf")
    with pytest.raises(NotFinished):
        bench.reports.result(view.id)
    bench.deliver_all()
    done = bench.reports.get(view.id)
    assert (done.status, done.pages_total, done.pages_done, done.validation_status) == (
        "succeeded",
        3,
        3,
        "needs_review",
    )
    assert "structure.table.requests" in done.failed_checks
    assert '"page_count":3' in bench.reports.result(view.id)


def test_the_same_bytes_of_the_same_owner_are_the_same_report(bench: Bench) -> None:
    first, created = bench.reports.submit(io.BytesIO(b"%PDF-1.7 a"), "a.pdf")
    again, created_again = bench.reports.submit(io.BytesIO(b"%PDF-1.7 a"), "other name.pdf")
    other, created_other = bench.reports.submit(io.BytesIO(b"%PDF-1.7 a"), "a.pdf", owner="someone")
    assert (created, created_again, created_other) == (True, False, True)
    assert first.id == again.id != other.id


def test_word_files_are_taken_in_whose_type_has_a_long_name(bench: Bench) -> None:
    assert bench.submit(CUT_WORD, "年报.docx").media_type == kinds.DOCX


def test_an_owner_sees_only_his_own(bench: Bench) -> None:
    view = bench.submit(owner="a")
    with pytest.raises(UnknownReport):
        bench.reports.get(view.id, owner="b")
    with pytest.raises(UnknownReport):
        bench.reports.delete(view.id, owner="b")
    assert bench.reports.search(owner="b").total == 0
    assert bench.reports.search(owner="a").total == 1


def test_an_idempotency_key_stands_for_one_file(bench: Bench) -> None:
    first, _ = bench.reports.submit(io.BytesIO(b"%PDF-1.7 a"), "a.pdf", idempotency_key="k")
    again, _ = bench.reports.submit(io.BytesIO(b"%PDF-1.7 a"), "a.pdf", idempotency_key="k")
    assert first.id == again.id
    with pytest.raises(IdempotencyConflict):
        bench.reports.submit(io.BytesIO(b"%PDF-1.7 b"), "b.pdf", idempotency_key="k")
    assert bench.reports.search().total == 1


@pytest.mark.parametrize(
    ("content", "error"), [(b"", EmptyFile), (b"just text", UnsupportedType), (b"%PDF-1.7" + b"x" * 100, LimitExceeded)]
)
def test_a_bad_file_leaves_nothing_behind(bench: Bench, content: bytes, error: type[Exception]) -> None:
    bench.reports._runtime.settings = Settings(data_dir=bench.settings.data_dir, max_bytes=50)
    with pytest.raises(error):
        bench.reports.submit(io.BytesIO(content), "bad.pdf")
    assert bench.reports.search().total == 0
    assert [path for path in bench.settings.files_root.rglob("*") if path.is_file()] == []


def test_an_upload_is_accepted_while_the_queue_is_down(bench: Bench) -> None:
    bench.messenger.down = True
    view = bench.submit()
    assert view.status == "queued"
    assert bench.reports.readiness()["queue"] != "ok"
    assert bench.reports.readiness()["database"] == "ok"


def test_deleting_takes_the_file_only_with_its_last_report(bench: Bench) -> None:
    mine, yours = bench.submit(owner="a"), bench.submit(owner="b")
    bench.deliver_all()
    bench.reports.delete(mine.id, owner="a")
    assert bench.reports.file(yours.id, owner="b").path.read_bytes() == b"%PDF-1.7 made"
    bench.reports.delete(yours.id, owner="b")
    assert [path for path in bench.settings.files_root.rglob("*") if path.is_file()] == []
    with pytest.raises(UnknownReport):
        bench.reports.result(yours.id, owner="b")


def test_deleting_during_work_ends_in_nothing(bench: Bench) -> None:
    view = bench.submit()
    bench.work.open_report(view.id)
    bench.reader.on_page = lambda number: bench.reports.delete(view.id) if number == 2 else None
    bench.deliver_all()
    assert bench.reports.search().total == 0
    assert bench.reader.assembled == 0


def test_searching(bench: Bench) -> None:
    for n in range(5):
        bench.submit(f"%PDF-1.7 {n}".encode(), f"第{n}份_100%.pdf")
    bench.deliver_all()
    search = bench.reports.search
    assert [view.filename for view in search(per_page=2, page=2).items] == ["第2份_100%.pdf", "第1份_100%.pdf"]
    assert search(q="第3份").total == 1
    assert search(q="100%").total == 5 and search(q="10%%").total == 0
    assert search(status="succeeded").total == 5 and search(status="needs_review").total == 5
    assert search(status="failed").total == 0
    assert search(failed_check="structure.section.1").total == 5
    assert search(failed_check="requests.balance.total").total == 0
    assert search(year=2021).total == 0 and search(agency="局").total == 0


CALLED = "甲乙丙丁局2023年年报_1.pdf"


@pytest.mark.parametrize("word", ["甲乙", "乙丙丁局", "局", "丁局2023年政府信息公开", "政府信息", "_1.p", CALLED])
def test_any_part_of_what_a_report_is_called_finds_it(bench: Bench, sample: Result, word: str) -> None:
    report = sample.report.model_copy(
        update={"agency": "甲乙丙丁局", "title": "甲乙丙丁局2023年政府信息公开工作年度报告"}
    )
    with_name = sample.model_copy(update={"report": report})
    bench.reader.assemble = lambda *_: with_name  # type: ignore[method-assign]
    view = bench.submit(filename=CALLED)
    bench.deliver_all()
    bench.reader.assemble = lambda *_: sample  # type: ignore[method-assign]
    bench.submit(b"%PDF-1.7 other", filename="他.doc")
    bench.deliver_all()
    found = [found.id for found in bench.reports.search(q=word).items]
    assert view.id in found and len(found) == (2 if word in ("局", "政府信息") else 1)
    assert [found.id for found in bench.reports.search(q=word, agency="乙丙").items] == [view.id]
    assert bench.reports.search(q=word, owner="another").total == 0
    assert bench.reports.search(q=f"{word} 戊己").total == bench.reports.search(q=f"{word}戊").total == 0


def test_what_a_person_corrects_is_found_by_its_new_name(bench: Bench, sample: Result) -> None:
    bench.reader.assemble = lambda *_: sample  # type: ignore[method-assign]
    view = bench.submit()
    bench.deliver_all()
    bench.reports.decide(view.id, [Change("agency", "甲乙丙丁局")])
    assert [found.id for found in bench.reports.search(agency="乙丙").items] == [view.id]
    assert bench.reports.search(agency=sample.report.agency).total == 0


def test_places_in_the_queue(bench: Bench) -> None:
    views = [bench.submit(f"%PDF-1.7 {n}".encode(), f"{n}.pdf", owner="ab"[n % 2]) for n in range(6)]
    assert [view.queue_position for view in bench.reports.search(owner="a").items] == [5, 3, 1]
    bench.work.open_report(views[0].id)
    assert [view.queue_position for view in bench.reports.search(owner="b").items] == [5, 3, 1]
    assert [view.queue_position for view in bench.reports.search(owner="a").items] == [4, 2, None]


def test_waiting_ends_when_something_changes(bench: Bench) -> None:
    view = bench.submit()
    assert bench.reports.wait(view.id, 0.3).status == "queued"
    bench.deliver_all()
    assert bench.reports.wait(view.id, 60).status == "succeeded"


def test_waiting_looks_often_at_first_and_seldom_later(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    view = bench.submit()
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 50:
            bench.deliver_all()

    monkeypatch.setattr("workers.reports.time.sleep", sleep)
    assert bench.reports.wait(view.id, 60).status == "succeeded"
    shortest, longest = reports.POLL_SECONDS
    assert (pauses[0], pauses[-1], len(pauses)) == (shortest, longest, 50)
    assert all(later <= earlier * reports.POLL_GROWTH for earlier, later in pairwise(pauses))


def test_a_refused_file_has_no_result_but_a_reason(bench: Bench) -> None:
    def refuse() -> None:
        raise EncryptedFile

    bench.reader.on_open = refuse
    view = bench.submit()
    bench.deliver_all()
    with pytest.raises(NoResult) as caught:
        bench.reports.result(view.id)
    error = caught.value.view.error
    assert error is not None and error.code == "encrypted-file" and "密码" in error.message_zh
