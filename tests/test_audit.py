"""The audit log: each deed once, with whoever did it, and none that has not been done."""

from __future__ import annotations

import pytest

from extractors.said import WrongDecision
from tests.bench import Bench
from workers.audit import Action, Origin, entries, note
from workers.decisions import Change
from workers.reports import NothingToCancel, NothingToRetry, UnknownReport

WANG = Origin("wang", "10.0.0.7")


def test_uploads_corrections_and_deletions_are_noted(bench: Bench) -> None:
    id_ = bench.submit(b"%PDF-1.7 a", "年报.pdf").id
    bench.deliver_all()
    bench.reports.decide(id_, [Change("title", "某局年报")], origin=WANG)
    bench.reports.delete(id_, origin=WANG)
    deletion, correction, upload = bench.reports.audit(10)
    assert [entry.action for entry in (upload, correction, deletion)] == [
        Action.UPLOAD,
        Action.CORRECTION,
        Action.DELETION,
    ]
    assert upload.detail == {"filename": "年报.pdf", "new": True}
    assert correction.detail == {"paths": ["title"]}
    assert deletion.detail["filename"] == "年报.pdf" and len(deletion.detail["sha256"]) == 64
    assert {entry.report_id for entry in (upload, correction, deletion)} == {id_}
    assert [(e.name, e.address) for e in (upload, correction, deletion)] == [
        ("local", None),
        ("wang", "10.0.0.7"),
        ("wang", "10.0.0.7"),
    ]
    assert upload.at <= correction.at <= deletion.at


def test_who_stops_a_reading_or_begins_it_again_is_noted(bench: Bench) -> None:
    id_ = bench.submit().id
    bench.reports.cancel(id_, origin=WANG)
    bench.reports.retry(id_, origin=WANG)
    bench.deliver_all()
    bench.reports.reread(id_, origin=WANG)
    noted = bench.reports.audit(3)
    assert [entry.action for entry in noted] == [Action.REREAD, Action.RETRY, Action.CANCELLATION]
    assert {(entry.name, entry.address, entry.report_id) for entry in noted} == {("wang", "10.0.0.7", id_)}


def test_what_is_refused_is_not_noted(bench: Bench) -> None:
    id_ = bench.submit().id
    bench.deliver_all()
    with pytest.raises(WrongDecision):
        bench.reports.decide(id_, [Change("nothing.of.this", 1)], origin=WANG)
    with pytest.raises(NothingToCancel):
        bench.reports.cancel(id_, origin=WANG)
    with pytest.raises(NothingToRetry):
        bench.reports.retry(id_, origin=WANG)
    with pytest.raises(UnknownReport):
        bench.reports.reread(id_, owner="another", origin=WANG)
    with pytest.raises(UnknownReport):
        bench.reports.delete("none", origin=WANG)
    with pytest.raises(UnknownReport):
        bench.reports.delete(id_, owner="another", origin=WANG)
    assert [entry.name for entry in bench.reports.audit(10)] == ["local"]


def test_an_upload_of_what_is_there_says_so(bench: Bench) -> None:
    assert bench.submit().id == bench.submit().id
    assert [entry.detail["new"] for entry in bench.reports.audit(10)] == [False, True]


def test_the_log_is_read_in_portions_and_by_what_is_wanted(bench: Bench) -> None:
    with bench.database.write() as session:
        for number in range(5):
            note(session, WANG if number % 2 else Origin("li"), Action.UPLOAD, f"r{number}")
    first = entries(bench.database, 2)
    assert [entry.report_id for entry in first] == ["r4", "r3"]
    assert [entry.report_id for entry in entries(bench.database, 9, before=first[-1].id)] == ["r2", "r1", "r0"]
    assert [entry.report_id for entry in entries(bench.database, 9, name="wang")] == ["r3", "r1"]
    assert [entry.report_id for entry in entries(bench.database, 9, report_id="r2")] == ["r2"]
    assert entries(bench.database, 9, action=Action.DELETION) == []
