"""The benchmark of scale: a tiny run of both halves, and its tables on figures that are known."""

from __future__ import annotations

import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import growth, scale, service
from benchmarks.growth import AGENCY, Shared, Took, measure_costs
from extractors.report import Result
from tests.archive import RESULT_SHARE
from tests.bench import Bench
from workers.settings import Settings

COSTS = {
    100: {"file": Took(0.010, 0.008), "find": Took(0.002, 0.001), "count": Took(0.001, 0.001)},
    10_000: {"file": Took(0.030, 0.009), "find": Took(0.002, 0.002), "count": Took(0.020, 0.010)},
}


@pytest.mark.service
def test_every_report_that_is_sent_is_read(tmp_path: Path) -> None:
    plan = scale.Plan(processes=(1, 2), counts={"text": 5, "scan": 0}, originals=2, rounds=2, seed=3)
    one, two = scale.readings(tmp_path, plan)
    assert [(r.kind, r.processes, r.reports, r.succeeded) for r in (one, two)] == [("text", 1, 5, 5), ("text", 2, 5, 5)]
    assert one.pages == two.pages >= 5
    for reading in (one, two):
        assert (
            0 < reading.waited < reading.seconds and reading.core > 0.005 * reading.pages
        )  # a page of text takes some 13 ms


def test_what_a_report_costs_is_measured_at_each_size(tmp_path: Path, sample: Result) -> None:
    costs = dict(measure_costs(tmp_path, (20, 40), None, sample))
    assert list(costs) == [20, 40] and costs[20].keys() == costs[40].keys()
    assert all(one.seconds > 0 and one.core > 0 for took in costs.values() for one in took.values())
    reports = Bench(Settings(data_dir=tmp_path)).reports
    assert reports.search().total == 40 + 3 and reports.harvest().count == 40 // RESULT_SHARE + 3
    checked = {check.years for check in reports.archive.years(AGENCY).checks}
    assert checked == {(2021, 2022), (2022, 2023)}


def test_what_is_done_for_many_reports_is_told_by_report() -> None:
    asked: dict[str, growth.Question] = {"one": lambda: time.sleep(0.02), "many": Shared(lambda: time.sleep(0.02), 10)}
    took = dict(growth._times(asked))
    assert took["one"].seconds >= 0.02 > 5 * took["many"].seconds >= 0.01


def test_the_speed_up_is_over_the_first_service_of_the_kind() -> None:
    found = [
        scale.Reading(
            "text", 1, reports=100, pages=400, succeeded=100, seconds=20.0, core=18.0, others=2.0, waited=2.0
        ),
        scale.Reading("text", 2, reports=100, pages=400, succeeded=99, seconds=12.5, core=20.0, others=2.5, waited=2.5),
        scale.Reading("scan", 1, reports=6, pages=6, succeeded=6, seconds=12.0, core=9.0, others=0.0),
    ]
    head, one, two, scan = scale.reading_rows(found)
    assert dict(zip(head, two, strict=True)) == {
        "read": "text",
        "processes": "2",
        "reports": "100",
        "pages": "400",
        "seconds": "12.5",
        "reports a second": "8.00",
        "speed-up": "1.60",
        "waiting for a core": "2.5",
        "a second, a core each": "10.00",
        "speed-up, a core each": "1.80",
        "core-seconds a report": "0.200",
        "cores in use": "1.60",
        "cores taken by others": "0.20",
        "not read": "1",
    }
    assert one[6] == scan[6] == "1.00"


def test_rounds_share_all_reports() -> None:
    assert [scale._share(10, number, 4) for number in range(4)] == [2, 3, 2, 3]


def test_growth_is_judged_by_core_seconds_or_the_clock() -> None:
    head, *rows = scale.cost_rows(COSTS)
    assert head[:3] == ["asked", "100 reports, ms", "10,000, times"]
    assert [row[-1] for row in rows] == ["flat", "logarithmic", "n^0.50"]
    assert rows[0] == ["file", "10.0", "3.00", "9.0", "1.12", "flat"]
    assert [row[-1] for row in scale.cost_rows(COSTS, by_clock=True)[1:]] == ["n^0.24", "flat", "n^0.65"]


def test_the_picture_has_the_bounds_beside_the_costs() -> None:
    drawn = ElementTree.fromstring(scale.picture(COSTS))
    lines = [element.get("stroke") for element in drawn.iter() if element.tag.endswith("polyline")]
    assert len(lines) == 5 and lines[3:] == [service.GROWN] * 2
    labels = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    assert {"file: 1.1 ×", "count: 10.0 ×", "as the logarithm: 2.0 ×", "as the archive: 100.0 ×"} <= set(labels)
