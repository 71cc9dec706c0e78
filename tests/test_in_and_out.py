"""Exports read back as docs/in-and-out.md says: its examples, line by line, on files that `nianbao export` wrote."""

from __future__ import annotations

import importlib.util
import json
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from extractors.report import TABLES, Result, Review
from tests.bench import Bench
from web.cli import main
from workers.database import migrate
from workers.settings import Settings

EXAMPLES = re.findall(
    r"```python\n(.*?)```",
    (Path(__file__).parent.parent / "docs" / "in-and-out.md").read_text(encoding="utf-8"),
    re.DOTALL,
)
AGENCIES, YEARS = ("甲区财政局", "乙区教育局"), (2021, 2022, 2023)


def made(sample: Result, agency: str, year: int) -> Result:
    """A report of so many applications, all but ten of them granted; of one year one figure is doubtful."""
    result = sample.model_copy(deep=True)
    result.report.agency, result.report.year = agency, year
    requests = result.report.tables.requests
    assert requests is not None
    number = 100 * (year - 2020) + len(agency) * AGENCIES.index(agency)
    for row, value in (
        ("new_received", number),
        ("granted", number - 10),
        ("partially_granted", 4),
        ("total_handled", number),
    ):
        requests[row]["total"] = value
    if (agency, year) == (AGENCIES[0], 2022):
        result.validation.review = [Review(path="requests.new_received.total", reason="low_confidence")]
    return result


@pytest.fixture(scope="module")
def bench(sample: Result, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A service that has read a report of each agency and year."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("exports") / "data")
    migrate(settings.sqlalchemy_url)
    bench = Bench(settings)
    for number, result in enumerate(made(sample, agency, year) for agency in AGENCIES for year in YEARS):
        bench.reader.assemble = lambda *_, result=result: result  # type: ignore[method-assign]
        bench.submit(f"%PDF-1.7 {number}".encode())
        bench.deliver_all()
    return bench


@pytest.fixture(scope="module")
def results(bench: Bench) -> list[Result]:
    """As the service gives each by itself, checks between years among its own."""
    ids = [view.id for view in bench.reports.search().items]
    return [Result.model_validate_json(bench.reports.result(report_id)) for report_id in ids]


@pytest.fixture(scope="module")
def folder(bench: Bench) -> Path:
    """The exports."""
    data = bench.settings.data_dir
    for name, *options in (("reports.jsonl",), ("reports.csv",), ("wide.csv", "--form", "wide"), ("reports.xlsx",)):
        done = CliRunner().invoke(main, ["export", str(data.parent / name), *options, "--data", str(data)])
        assert done.exit_code == 0, done.output
    return data.parent


@pytest.fixture
def told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the examples have made, one after the other; without Matplotlib, all but what is drawn."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MPLBACKEND", "agg")
    names: dict[str, Any] = {}
    for example in EXAMPLES:
        if "matplotlib" not in example or importlib.util.find_spec("matplotlib"):
            exec(example, names)
    return names


def figures_of(result: Result) -> dict[str, float | None]:
    """Path → value of all cells."""
    return {
        f"{table}.{row}.{column}": value
        for table in TABLES
        for row, columns in (getattr(result.report.tables, table) or {}).items()
        for column, value in columns.items()
    }


def none_for_nan(value: float) -> float | None:
    return None if math.isnan(value) else value


def test_every_format_reads_back_equal(told: dict[str, Any], results: list[Result]) -> None:
    assert any(check.id.startswith("cross_year.") for result in results for check in result.validation.checks)
    wanted = {(result.report.agency, result.report.year): figures_of(result) for result in results}
    long: dict[tuple[str, int], dict[str, float | None]] = {key: {} for key in wanted}  # type: ignore[misc]
    for line in told["long"].itertuples():
        long[line.agency, line.year][f"{line.table}.{line.row}.{line.column}"] = none_for_nan(line.value)
    assert long == wanted
    for _, line in told["wide"].iterrows():
        figures = wanted[line["agency"], line["year"]]
        assert {path: none_for_nan(line[path]) for path in figures} == figures
    assert [Result.model_validate(line) for line in _lines(told["results"])] == sorted(
        results, key=lambda result: (result.report.agency or "", result.report.year)
    )
    for _, line in told["sheets"]["表四 复议诉讼"].iterrows():
        own = wanted[line["机关名称"], line["年度"]]
        assert [none_for_nan(value) for value in line.iloc[4:]] == [
            value for path, value in own.items() if path.startswith("review_litigation")
        ]


def _lines(frame: pd.DataFrame) -> list[Any]:
    return [json.loads(line) for line in frame.to_json(orient="records", lines=True).splitlines()]


def test_the_trend_is_that_of_the_reports(told: dict[str, Any], results: list[Result]) -> None:
    received = told["received"]
    assert list(received.index) == list(YEARS) and set(received.columns) == set(AGENCIES)
    for result in results:
        agency, year = result.report.agency, result.report.year
        doubtful = (agency, year) == (AGENCIES[0], 2022)
        value = figures_of(result)["requests.new_received.total"]
        assert none_for_nan(received.loc[year, agency]) == (None if doubtful else value)
    assert (
        list(told["shares"].sum(axis=1)) == pytest.approx([100.0] * 3) and told["shares"].loc[2021, "部分公开"] == 3.9
    )


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="Matplotlib is not installed")
def test_the_trend_is_drawn(told: dict[str, Any], folder: Path) -> None:
    above, below = told["figure"].axes
    assert [list(line.get_xdata()) for line in above.get_lines()] == [list(YEARS)] * 2
    assert len(below.patches) == 9
    assert (folder / "trend.png").read_bytes().startswith(b"\x89PNG")
