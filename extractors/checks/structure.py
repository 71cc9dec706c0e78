"""Whether the report has the parts that the format sets, in order, in one edition, for its own year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from extractors.forms import load_sections
from extractors.report import TABLES, Check, Outcome, Period, Section, TableName

TABLE_NAMES: dict[TableName, str] = {
    "proactive_disclosure": "表二（主动公开政府信息情况）",
    "requests": "表三（收到和处理政府信息公开申请情况）",
    "review_litigation": "表四（政府信息公开行政复议、行政诉讼情况）",
}


def check_structure(
    sections: Sequence[Section], forms: Mapping[TableName, str], year: int | None, period: Period | None
) -> Iterator[Check]:
    """`structure.section.*`, `.order`, `.table.*`, `.form` and `.period`; `forms` has the edition of each table."""
    present = [section.number for section in sections]
    for section in load_sections():
        there = section.number in present
        message = f"第{section.number}部分“{section.title}”" + ("已找到。" if there else "未找到。")
        yield _check(f"structure.section.{section.number}", "pass" if there else "fail", "error", message)
    yield _order(present)
    for table in TABLES:
        there = table in forms
        message = TABLE_NAMES[table] + ("已找到。" if there else "未找到。")
        yield _check(f"structure.table.{table}", "pass" if there else "fail", "error", message)
    yield _one_form(forms)
    yield _period(year, period)


def _order(present: Sequence[int]) -> Check:
    if len(present) < 2:
        return _check("structure.order", "unknown", "error", "找到的部分不足两个，无法判断顺序。")
    ordered = list(present) == sorted(present)
    message = "各部分按规定顺序排列。" if ordered else f"各部分顺序与规定不符：{'、'.join(map(str, present))}。"
    return _check("structure.order", "pass" if ordered else "fail", "error", message)


def _one_form(forms: Mapping[TableName, str]) -> Check:
    # table 四 is the same in both editions and says nothing
    editions = {forms[name] for name in ("proactive_disclosure", "requests") if name in forms}
    if len(editions) < 1:
        return _check("structure.form", "unknown", "warning", "没有可判断格式版本的表格。")
    if len(editions) == 1:
        return _check("structure.form", "pass", "warning", f"各表均为 {editions.pop()} 年版格式。")
    message = f"格式混用：表二为 {forms['proactive_disclosure']} 年版，表三为 {forms['requests']} 年版。"
    return _check("structure.form", "fail", "warning", message)


def _period(year: int | None, period: Period | None) -> Check:
    if year is None or period is None:
        return _check("structure.period", "unknown", "error", "报告未写明统计期限或年度，无法判断。")
    own = period.start.year == period.end.year == year
    message = f"统计期限为 {period.start} 至 {period.end}，报告年度为 {year}" + ("，相符。" if own else "，不相符。")
    return _check("structure.period", "pass" if own else "fail", "error", message, str(year), str(period.end.year))


def _check(
    check_id: str,
    status: Outcome,
    severity: str,
    message: str,
    expected: str | None = None,
    actual: str | None = None,
) -> Check:
    return Check(
        id=check_id,
        status=status,
        severity="warning" if severity == "warning" else "error",
        message=message,
        expected=expected,
        actual=actual,
        cells=[],
        cause="source" if status == "fail" else None,
    )
