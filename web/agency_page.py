"""What the page of an agency shows: its years as a table, as charts, and what does not agree between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.report import Value
from web.between import YearFailure, failures
from web.charts import Series, bar_chart
from web.labels import plain
from workers.archive import YearsView, YearView

FIGURES = {
    "requests.new_received.total": "新收申请",
    "requests.carried_over.total": "上年结转",
    "requests.total_handled.total": "办理",
    "requests.carried_forward.total": "结转下年度",
    "review_litigation.reconsideration.total": "行政复议",
    "review_litigation.litigation_direct.total": "未经复议直接起诉",
    "review_litigation.litigation_after_reconsideration.total": "复议后起诉",
}
"""Cells that the table of years shows, and the words above them."""


@dataclass(frozen=True)
class Chart:
    """What a chart draws: (name, rows whose column 总计 is added up) of each series."""

    title: str
    series: tuple[tuple[str, tuple[str, ...]], ...]
    stacked: bool = False


CHARTS = {
    "requests": Chart("收到政府信息公开申请（件）", (("新收", ("requests.new_received",)),)),
    "outcomes": Chart(
        "申请办理结果（件）",
        (
            ("予以公开", ("requests.granted",)),
            ("部分公开", ("requests.partially_granted",)),
            ("不予公开", ("requests.denied_",)),
            ("无法提供", ("requests.unavailable_",)),
            ("不予处理", ("requests.rejected_",)),
            ("其他处理", ("requests.other_",)),
        ),
        stacked=True,
    ),
    "carried": Chart(
        "申请结转（件）",
        (("上年结转", ("requests.carried_over",)), ("结转下年度", ("requests.carried_forward",))),
    ),
    "disputes": Chart(
        "行政复议和行政诉讼（件）",
        (("行政复议", ("review_litigation.reconsideration",)), ("行政诉讼", ("review_litigation.litigation_",))),
    ),
}
"""By the name in their address; a row that ends in _ stands for all that begin so."""


@dataclass(frozen=True)
class YearFigure:
    path: str
    text: str


@dataclass(frozen=True)
class YearLine:
    """One year of the table."""

    year: YearView
    figures: list[YearFigure]
    own_failed: int
    """Checks of the report by itself."""
    failed: list[YearFailure]
    """Against the year before."""
    checked: bool
    """Whether there is a year before to check it against."""


def lines_of(seen: YearsView) -> list[YearLine]:
    """The years, the latest first."""
    report_ids = {year.year: year.report_id for year in seen.agency.years}
    lines = []
    for index, year in enumerate(seen.agency.years):
        own = [check for check in seen.checks if check.years[1] == year.year]
        figures = [YearFigure(path, plain(_at(seen, path, index), "—")) for path in FIGURES]
        lines.append(YearLine(year, figures, seen.failed[index], failures(own, report_ids), bool(own)))
    return lines[::-1]


def draw(name: str, seen: YearsView) -> str:
    """The chart of this name as SVG."""
    chart = CHARTS[name]
    series = [Series(words, _sums(seen.series, rows, len(seen.agency.years))) for words, rows in chart.series]
    years = [year.year for year in seen.agency.years]
    return bar_chart(f"{seen.agency.name} {chart.title}", years, series, chart.stacked)


def _at(seen: YearsView, path: str, index: int) -> Value:
    values = seen.series.get(path)
    return values[index] if values else None


def _sums(series: Mapping[str, Sequence[Value]], rows: Sequence[str], count: int) -> list[Value]:
    """Of each year the figures of these rows added up; None where it has none of them."""
    paths = [path for path in series if any(_is_of(path, row) for row in rows)]
    sums: list[Value] = []
    for index in range(count):
        values = [value for path in paths if (value := series[path][index]) is not None]
        sums.append(sum(values) if values else None)
    return sums


def _is_of(path: str, row: str) -> bool:
    return path.endswith(".total") and (path.startswith(row) if row.endswith("_") else path == f"{row}.total")
