"""Decisions in the database: kept, applied, safe when several persons decide at once."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import select

from extractors.decisions import value_at
from extractors.report import Result
from extractors.said import WrongDecision
from tests.bench import Bench
from tests.conftest import SAMPLE
from workers.decisions import Change, Overtaken
from workers.reports import NoResult, NotFinished, UnknownReport
from workers.tables import DecisionRow, ResultRow
from workers.work import PipelineReader, Work

TOTAL = "requests.new_received.total"
COLUMNS = ("natural_person", "commercial_enterprise", "research_institution", "public_welfare_organization")


@pytest.fixture
def report(bench: Bench) -> str:
    """The sample, read."""
    bench.work = Work(bench.settings, bench.database, bench.store, bench.messenger, PipelineReader())
    view = bench.submit(SAMPLE.read_bytes(), "年报.pdf")
    bench.deliver_all()
    return view.id


def result_of(bench: Bench, report: str) -> Result:
    return Result.model_validate_json(bench.reports.result(report))


def test_a_decision_changes_the_result_the_list_and_nothing_of_the_machines(bench: Bench, report: str) -> None:
    machine = bench.reports.result(report)
    shown = bench.reports.decide(report, [Change(TOTAL, 77), Change("agency", "某市财政局")], "王")
    assert result_of(bench, report) == shown
    view = bench.reports.get(report)
    assert (view.validation_status, view.agency, view.review_count) == ("failed", "某市财政局", 0)
    assert "requests.row_sum.new_received" in view.failed_checks
    with bench.database.read() as session:
        assert session.scalars(select(ResultRow.result)).all() == [machine]
    history = bench.reports.decisions(report)
    assert [(d.path, d.value, d.accepted, d.by) for d in history] == [
        (TOTAL, 77, False, "王"),
        ("agency", "某市财政局", False, "王"),
    ]
    own = json.loads(machine)["report"]
    assert [d.previous for d in history] == [own["tables"]["requests"]["new_received"]["total"], own["agency"]]
    right = Change(TOTAL, history[0].previous)
    bench.reports.decide(report, [right, Change("agency", own["agency"])])
    assert bench.reports.get(report).validation_status == "passed"
    assert bench.reports.get(report).failed_checks == []
    assert [d.by for d in bench.reports.decisions(report)] == ["王", "王", "local user", "local user"]


def test_a_date_is_kept_as_one(bench: Bench, report: str) -> None:
    bench.reports.decide(report, [Change("published_on", "2022-03-01")])
    bench.reports.decide(report, [Change("published_on", accepted=True)])
    assert [d.value for d in bench.reports.decisions(report)] == ["2022-03-01", "2022-03-01"]
    assert str(result_of(bench, report).report.published_on) == "2022-03-01"


def test_all_or_nothing(bench: Bench, report: str) -> None:
    before = bench.reports.result(report)
    for wrong in (Change("requests.nothing.total", 1), Change(TOTAL, "x"), Change("requests.granted.total", 2)):
        twice = [Change("requests.granted.total", 1)]
        with pytest.raises(WrongDecision) as caught:
            bench.reports.decide(report, [*twice, wrong])
        assert caught.value.path == wrong.path
    assert bench.reports.result(report) == before and bench.reports.decisions(report) == []


def test_who_has_seen_another_value_decides_nothing(bench: Bench, report: str) -> None:
    own = value_at(result_of(bench, report), TOTAL)
    bench.reports.decide(report, [Change(TOTAL, 77, seen=json.dumps(own))], "王")
    for late in (
        Change(TOTAL, accepted=True, seen=str(own)),
        Change(TOTAL, 5, seen="null"),
        Change(TOTAL, 5, seen="{"),
    ):
        with pytest.raises(Overtaken) as caught:
            bench.reports.decide(report, [late], "李")
        assert (caught.value.path, caught.value.value) == (TOTAL, 77)
    bench.reports.decide(report, [Change(TOTAL, accepted=True, seen="77.0")], "李")
    assert [(d.by, d.value, d.accepted) for d in bench.reports.decisions(report)] == [
        ("王", 77, False),
        ("李", 77, True),
    ]


def test_only_a_report_with_a_result_is_decided_about(bench: Bench) -> None:
    view = bench.submit()
    with pytest.raises(NotFinished):
        bench.reports.decide(view.id, [Change(TOTAL, 1)])
    bench.store.delete(view.sha256)
    bench.deliver_all()
    with pytest.raises(NoResult):
        bench.reports.decide(view.id, [Change(TOTAL, 1)])
    for unknown in (view.id, "none"):
        with pytest.raises(UnknownReport):
            bench.reports.decide(unknown, [Change(TOTAL, 1)], owner="another")
        with pytest.raises(UnknownReport):
            bench.reports.decisions(unknown, owner="another")


def test_decisions_taken_at_once_are_all_kept(bench: Bench, report: str) -> None:
    together = threading.Barrier(4)
    errors: list[Exception] = []

    def decide(n: int) -> None:
        together.wait(30)
        try:
            for value in range(3):
                bench.reports.decide(report, [Change(f"requests.new_received.{COLUMNS[n]}", 10 * n + value)], str(n))
                bench.reports.decide(report, [Change(TOTAL, 10 * n + value)], str(n))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=decide, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    history = bench.reports.decisions(report)
    assert len(history) == 24
    tables = result_of(bench, report).report.tables
    assert tables.requests is not None
    row = tables.requests["new_received"]
    assert [row[column] for column in COLUMNS] == [2, 12, 22, 32]
    totals = [d for d in history if d.path == TOTAL]
    assert row["total"] == totals[-1].value
    assert [d.previous for d in totals[1:]] == [d.value for d in totals[:-1]], "each saw the one before"


def test_deleting_a_report_deletes_what_was_decided(bench: Bench, report: str) -> None:
    bench.reports.decide(report, [Change(TOTAL, 1)])
    bench.reports.delete(report)
    with bench.database.read() as session:
        assert session.scalars(select(DecisionRow)).all() == []


def test_a_name_is_cut_and_cleaned(bench: Bench, report: str) -> None:
    bench.reports.decide(report, [Change(TOTAL, accepted=True)], " 王\0" + "x" * 100)
    (decision,) = bench.reports.decisions(report)
    assert decision.by == "王" + "x" * 63 and decision.accepted
