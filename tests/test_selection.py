"""What an export takes out, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from extractors.report import Result
from tests.bench import Bench
from workers import selection
from workers.decisions import Change


def read(bench: Bench, sample: Result, agency: str | None, year: int, owner: str = "local") -> str:
    """Id of a report of this agency and year that has been read."""
    report = sample.report.model_copy(update={"agency": agency, "year": year})
    made = sample.model_copy(update={"report": report})
    bench.reader.assemble = lambda *_: made  # type: ignore[method-assign]
    view = bench.submit(f"%PDF-1.7 {agency} {year} {owner}".encode(), f"{agency}{year}.pdf", owner)
    bench.deliver_all()
    return view.id


def agencies_of(taken: list[selection.Taken]) -> list[tuple[str | None, int | None]]:
    reports = [Result.model_validate_json(one.result).report for one in taken]
    return [(report.agency, report.year) for report in reports]


def test_results_come_by_agency_and_year_as_decided(bench: Bench, sample: Result) -> None:
    for agency, year in (("乙局", 2022), (None, 2020), ("甲局", 2023), ("甲局", 2021)):
        read(bench, sample, agency, year)
    last = bench.reports.search(agency="乙局").items[0]
    bench.reports.decide(last.id, [Change("requests.new_received.total", 77)])
    harvest = bench.reports.harvest()
    taken = list(harvest.taken)
    assert (harvest.count, harvest.without) == (4, 0)
    found = agencies_of(taken)
    assert [year for agency, year in found if agency == "甲局"] == [2021, 2023] and found[-1] == (None, 2020)
    decided = bench.reports.result(last.id)
    assert decided in [one.result for one in taken] and '"total":77' in decided


def test_each_is_the_result_that_is_given_by_itself(bench: Bench, sample: Result) -> None:
    ids = [read(bench, sample, "甲局", year) for year in (2021, 2022, 2023)]
    bench.reports.decide(ids[1], [Change("requests.carried_forward.total", 9)])
    results = [one.result for one in bench.reports.harvest().taken]
    assert results == [bench.reports.result(report_id) for report_id in ids]


def test_what_has_no_result_is_counted_and_left_out(bench: Bench, sample: Result) -> None:
    read(bench, sample, "甲局", 2023)
    bench.submit(b"%PDF-1.7 queued")
    bench.reports.cancel(bench.submit(b"%PDF-1.7 canceled").id)
    harvest = bench.reports.harvest()
    assert (harvest.count, harvest.without, len(list(harvest.taken))) == (1, 2, 1)


def test_a_selection_is_the_same_for_list_and_export(bench: Bench, sample: Result) -> None:
    mine = [read(bench, sample, "甲局", year) for year in (2021, 2022, 2023)]
    yours = read(bench, sample, "甲局", 2021, owner="other")
    hashes = [bench.reports.get(mine[0]).sha256, bench.reports.get(yours, owner=None).sha256, "0" * 64]
    for wanted, number in (
        ({"year": 2021}, 1),
        ({"agency": "甲"}, 3),
        ({"q": "甲局 2022"}, 1),
        ({"status": "succeeded", "id": [*mine[1:], yours]}, 2),
        ({"sha256": hashes}, 1),
        ({"failed_check": "no.such"}, 0),
        ({"id": ["none"]}, 0),
    ):
        assert bench.reports.search(**wanted).total == number, wanted
        assert len(list(bench.reports.harvest(**wanted).taken)) == number, wanted
    assert bench.reports.harvest(owner=None, year=2021).count == 2
    assert bench.reports.search(owner=None, sha256=hashes).total == 2


def test_what_counts_for_its_year_is_taken_however_the_agency_is_called(bench: Bench, sample: Result) -> None:
    full, short = "济宁市兖州区科学技术局", "兖州区科技局"
    ids = [read(bench, sample, full, 2021), read(bench, sample, full, 2022), read(bench, sample, short, 2022)]
    nowhere = read(bench, sample, None, 2022)
    theirs = read(bench, sample, full, 2022, owner="other")
    bench.reports.cancel(bench.submit(b"%PDF-1.7 canceled").id)

    def current(**wanted: Any) -> set[str]:
        return {view.id for view in bench.reports.search(current=True, **wanted).items}

    assert current() == {ids[0], ids[2]} and current(year=2022) == {ids[2]} and current(batch="none") == set()
    assert current(owner=None) == {ids[0], ids[2], theirs}
    assert [found.count for found in (bench.reports.harvest(current=True), bench.reports.harvest())] == [2, 4]
    bench.reports.reread(ids[2])
    assert current() == {ids[0], ids[2]}, "while it is read again the earlier result counts"
    bench.deliver_all()
    bench.reports.delete(ids[2])
    assert current() == set(ids[:2]) and nowhere not in current()


def test_results_are_fetched_a_few_at_a_time(bench: Bench, sample: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "AT_ONCE", 2)
    ids = [read(bench, sample, "甲局", year) for year in range(2015, 2020)]
    harvest = bench.reports.harvest()
    asked: list[str] = []
    engine = bench.reports._database.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: asked.append(statement))
    assert agencies_of([next(harvest.taken), next(harvest.taken)]) == [("甲局", 2015), ("甲局", 2016)]
    assert len([statement for statement in asked if "FROM results" in statement]) == 1
    bench.reports.delete(ids[3])
    assert agencies_of(list(harvest.taken)) == [("甲局", 2017), ("甲局", 2019)]


def test_each_says_its_agency_however_it_is_printed(bench: Bench, sample: Result) -> None:
    full, short = "济宁市兖州区科学技术局", "兖州区科技局"
    for agency, year in ((short, 2022), (full, 2023), (None, 2021)):
        read(bench, sample, agency, year)
    found = {
        (Result.model_validate_json(one.result).report.agency, one.agency) for one in bench.reports.harvest().taken
    }
    assert found == {(short, full), (full, full), (None, None)}
