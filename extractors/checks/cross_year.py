"""One report held against that of the year before: what was carried over, what is in force, what is too alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from extractors.cells import NOT_THERE, CellReading
from extractors.checks.sums import plain
from extractors.editions import editions_of
from extractors.forms import TableForm
from extractors.report import TABLES, Box, Check, Evidence, Model, Outcome, Result, TableName, Value

CARRIED_FORWARD, CARRIED_OVER = "carried_forward", "carried_over"
SERIES = (
    "requests.new_received.total",
    "requests.total_handled.total",
    "proactive_disclosure.administrative_licensing.decisions",
    "proactive_disclosure.administrative_penalty.decisions",
    "proactive_disclosure.administrative_compulsion.decisions",
    "proactive_disclosure.administrative_fees.amount_10k_yuan",
    "review_litigation.reconsideration.total",
)
"""Cells whose leap from one year to the next is worth a look."""
LEAP = 5.0
"""Times larger or smaller: from here a change is a leap."""
LEAST_LEAP = 50
"""And at least so much: from 1 application to 6 is no leap."""
FEWEST_FIGURES = 8
"""Figures other than 0 in either year: of fewer, as many as are alike may be so by chance."""
FIGURES_ALIKE = 0.8
TEXT_ALIKE = 0.9
"""Shares from which a report looks copied from the year before; reports share their turns of phrase, not their
figures."""
SHORTEST_SENTENCE = 6
"""Characters: what is shorter is a heading or a turn of phrase."""


class Place(Model):
    """A cell of one of the two reports."""

    year: int
    path: str
    value: Value
    page: int | None
    box: Box | None


class YearCheck(Check):
    """A check between two years; `cells` are those of `places`, in the same order."""

    years: tuple[int, int] = Field(description="the earlier and the later year")
    places: list[Place]


def check_years(earlier: Result, later: Result) -> list[YearCheck]:
    """All checks between the reports of one agency for two years, the earlier one first."""
    pair = _Pair(earlier, later)
    return [*_carry_over(pair), *_in_force(pair), *_leaps(pair), *_alike(pair)]


class _Pair:
    """Two reports; a cell is known by 0 or 1 and its path."""

    def __init__(self, earlier: Result, later: Result) -> None:
        self.results = (earlier, later)
        self.years = (_year(earlier), _year(later))
        self.forms = [editions_of(result.report.tables) for result in self.results]
        self.reasons = [{entry.path: entry.reason for entry in result.validation.review} for result in self.results]

    def shape(self, which: int, table: TableName) -> TableForm | None:
        form = self.forms[which].get(table)
        return None if form is None else form.table(table)

    def has(self, which: int, path: str) -> bool:
        table, row, column = path.split(".")
        values = getattr(self.results[which].report.tables, table)
        return values is not None and column in values.get(row, {})

    def value(self, which: int, path: str) -> Value:
        table, row, column = path.split(".")
        value: Value = getattr(self.results[which].report.tables, table)[row][column]
        return value

    def unread(self, which: int, path: str) -> bool:
        return not self.has(which, path) or self._evidence(which, path).state == "missing"

    def doubtful(self, which: int, path: str) -> bool:
        evidence = self._evidence(which, path)
        if evidence.decision is not None:
            return False
        return CellReading(path, self.value(which, path), evidence, self.reasons[which].get(path)).doubtful

    def place(self, which: int, path: str) -> Place:
        evidence = self._evidence(which, path)
        value = self.value(which, path) if self.has(which, path) else None
        return Place(year=self.years[which], path=path, value=value, page=evidence.page, box=evidence.box)

    def _evidence(self, which: int, path: str) -> Evidence:
        return self.results[which].evidence.get(path) or NOT_THERE


def _carry_over(pair: _Pair) -> Iterator[YearCheck]:
    """`cross_year.carry_over.<column>`: last year's 四 is this year's 二."""
    shape = pair.shape(1, "requests") or pair.shape(0, "requests")
    for column in shape.columns if shape else ():
        then, now = f"requests.{CARRIED_FORWARD}.{column.key}", f"requests.{CARRIED_OVER}.{column.key}"
        earlier, later = (f"{year} 年" for year in pair.years)
        what = f"“{column.label}”列：{earlier}第四项结转下年度继续办理 {{}}，{later}第二项上年结转 {{}}"
        yield _equal(pair, f"cross_year.carry_over.{column.key}", "error", what, [(0, then)], (1, now))


def _in_force(pair: _Pair) -> Iterator[YearCheck]:
    """`cross_year.in_force.<row>`: what was in force, and what was issued, less what was repealed."""
    shape = pair.shape(1, "proactive_disclosure")
    for row in shape.rows if shape else ():
        was, made, gone = (f"proactive_disclosure.{row.key}.{key}" for key in ("in_force", "issued", "repealed"))
        if not pair.has(1, was) or (pair.shape(0, "proactive_disclosure") and not pair.has(0, was)):
            continue  # the row counts decisions, or the year before was in the edition that does not say
        what = f"“{row.label}”：{pair.years[0]} 年现行有效件数加 {pair.years[1]} 年制发件数、减废止件数为 {{}}，" + (
            f"{pair.years[1]} 年现行有效件数为 {{}}"
        )
        terms = [(0, was), (1, made), (1, gone)]
        yield _equal(pair, f"cross_year.in_force.{row.key}", "warning", what, terms, (1, was), minus=gone)


def _equal(
    pair: _Pair,
    check_id: str,
    severity: str,
    what: str,
    terms: Sequence[tuple[int, str]],
    stated: tuple[int, str],
    minus: str | None = None,
) -> YearCheck:
    """The terms, one of them perhaps taken away, make what is stated. A blank counts as 0, but over figures a blank
    says nothing, neither as a sum nor as the 总计 of a row that has figures."""
    cells = [*terms, stated]
    if any(pair.unread(*cell) for cell in cells):
        return _check(pair, check_id, "unknown", severity, what.format("未读到", "未读到") + "，无法判断。", cells)
    expected = sum((-1 if path == minus else 1) * (pair.value(which, path) or 0) for which, path in terms)
    actual = pair.value(*stated)
    formula = what.format(plain(expected), plain(actual))
    blank = (expected != 0 and actual is None) or any(_blank_total(pair, *cell) for cell in cells)
    if blank:
        return _check(pair, check_id, "unknown", severity, formula + "，有空白数据，无法判断。", cells)
    agrees = expected == (actual or 0)
    ending = "，相符。" if agrees else "，不相符。"
    return _check(pair, check_id, "pass" if agrees else "fail", severity, formula + ending, cells, expected, actual)


def _leaps(pair: _Pair) -> Iterator[YearCheck]:
    """`cross_year.leap.<table>.<row>`: a figure many times larger or smaller than the year before."""
    for path in SERIES:
        cells = [(0, path), (1, path)]
        if any(pair.unread(*cell) for cell in cells):
            continue
        before, after = (pair.value(*cell) or 0 for cell in cells)
        low, high = sorted((before, after))
        leaps = high - low >= LEAST_LEAP and high >= LEAP * low
        table, row, _ = path.split(".")
        message = f"{pair.years[0]} 年为 {plain(before)}，{pair.years[1]} 年为 {plain(after)}" + (
            "，变化很大，请核对。" if leaps else "，变化在平常范围内。"
        )
        status: Outcome = "fail" if leaps else "pass"
        yield _check(pair, f"cross_year.leap.{table}.{row}", status, "warning", message, cells, before, after)


def _alike(pair: _Pair) -> Iterator[YearCheck]:
    """`cross_year.alike.figures` and `.text`: the report looks copied from the year before."""
    paths = [path for path in _paths(pair) if pair.value(0, path) or pair.value(1, path)]
    if len(paths) >= FEWEST_FIGURES:
        share = sum(pair.value(0, path) == pair.value(1, path) for path in paths) / len(paths)
        yield _share(
            pair, "figures", f"与上一年相比，{len(paths)} 个非零数据中 {share:.0%} 完全相同", share, FIGURES_ALIKE
        )
    before, after = (_sentences(result) for result in pair.results)
    if before and after:
        known = set(before)
        share = sum(len(s) for s in after if s in known) / sum(map(len, after))
        yield _share(pair, "text", f"正文中有 {share:.0%} 的文字与上一年逐句相同", share, TEXT_ALIKE)


def _share(pair: _Pair, name: str, what: str, share: float, limit: float) -> YearCheck:
    alike = share >= limit
    ending = "，疑似沿用上一年报告，请核对。" if alike else "。"
    status: Outcome = "fail" if alike else "pass"
    return _check(pair, f"cross_year.alike.{name}", status, "warning", what + ending, [], None, round(share, 3))


def _paths(pair: _Pair) -> Iterator[str]:
    """Cells that both reports have and that were read."""
    for table in TABLES:
        values: Mapping[str, Mapping[str, Value]] = getattr(pair.results[1].report.tables, table) or {}
        for row, columns in values.items():
            for column in columns:
                path = f"{table}.{row}.{column}"
                if not (pair.unread(0, path) or pair.unread(1, path)):
                    yield path


def _sentences(result: Result) -> list[str]:
    """Of all sections, without spaces."""
    text = re.sub(r"[^\S\n]+", "", "\n".join(section.text for section in result.report.sections))
    return [s for s in re.split(r"[。；！？\n]", text) if len(s) >= SHORTEST_SENTENCE]


def _blank_total(pair: _Pair, which: int, path: str) -> bool:
    """The 总计 of a row is blank though the row has figures."""
    table, row, column = path.split(".")
    if column != "total" or pair.value(which, path) is not None:
        return False
    return any(value is not None for value in getattr(pair.results[which].report.tables, table)[row].values())


def _check(
    pair: _Pair,
    check_id: str,
    status: Outcome,
    severity: str,
    message: str,
    cells: Sequence[tuple[int, str]],
    expected: Value = None,
    actual: Value = None,
) -> YearCheck:
    doubtful = status == "fail" and any(pair.doubtful(*cell) for cell in cells)
    return YearCheck(
        id=check_id,
        status=status,
        severity="error" if severity == "error" else "warning",
        message=message,
        expected=expected,
        actual=actual,
        cells=[path for _, path in cells],
        cause=None if status != "fail" else "reading" if doubtful else "source",
        years=pair.years,
        places=[pair.place(*cell) for cell in cells],
    )


def _year(result: Result) -> int:
    assert result.report.year is not None, "only reports whose year is known are held against each other"
    return result.report.year
