"""Results as tables for a spreadsheet: long-form CSV, and a workbook with a sheet for each table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extractors.forms import form_names, load_form
from extractors.report import TABLES, Result, TableName, Value

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = ["to_csv", "to_xlsx"]

CSV_HEADER = (
    *("file", "agency", "year", "table", "table_label", "row", "row_label", "column", "column_label"),
    *("value", "state", "page", "note", "review"),
)
TABLE_LABELS: dict[TableName, str] = {
    "proactive_disclosure": "二、主动公开政府信息情况",
    "requests": "三、收到和处理政府信息公开申请情况",
    "review_litigation": "四、政府信息公开行政复议、行政诉讼情况",
}
SHEET_TITLES: dict[TableName, str] = {
    "proactive_disclosure": "表二 主动公开",
    "requests": "表三 申请办理",
    "review_litigation": "表四 复议诉讼",
}
HEAD_LABELS = {"title": "标题", "agency": "机关名称", "year": "年度", "published_on": "发布日期"}
REASONS = {
    "low_confidence": "识别把握不足",
    "check_failed": "核验未通过",
    "missing": "未找到",
    "corrected": "已更正",
    "ambiguous": "含义不明",
}
CAUSES = {"source": "报告本身", "reading": "识别存疑"}
SEVERITIES = {"error": "错误", "warning": "提醒"}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet program may run a CSV field that begins with one of these."""
CELL_CHARACTERS = 32767
"""As many characters as a cell of an XLSX workbook holds."""

Field = str | int | float | None


@dataclass(frozen=True)
class Entry:
    """One cell of a report with all that is known of it."""

    table: TableName
    row: str
    column: str
    value: Value
    row_label: str
    column_label: str
    state: str | None
    page: int | None
    note: str | None
    review: str | None


def to_csv(results: Sequence[Result]) -> str:
    """A line for each cell of each report, under a header; texts that look like formulas get a leading '."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_HEADER)
    for result in results:
        head = _head(result)
        for entry in _entries(result):
            keys = (entry.table, TABLE_LABELS[entry.table], entry.row, entry.row_label)
            cell = (entry.value, entry.state, entry.page, entry.note, entry.review)
            fields = (*head, *keys, entry.column, entry.column_label, *cell)
            writer.writerow([_disarmed(field) for field in fields])
    return text.getvalue()


def to_xlsx(results: Sequence[Result]) -> bytes:
    """A workbook: a sheet a table with one line per report and row, the failed checks, and what to review."""
    from openpyxl import Workbook  # it brings NumPy and Pillow along, which a CSV need not wait for

    book = Workbook(write_only=True)
    for table in TABLES:
        _write_sheet(book, SHEET_TITLES[table], _table_lines(table, results))
    _write_sheet(book, "未通过的核验", _check_lines(results))
    _write_sheet(book, "需要复核", _review_lines(results))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _table_lines(table: TableName, results: Sequence[Result]) -> Iterator[list[Field]]:
    """A header of every column that any of the reports has, then a line for each report and row."""
    columns: dict[str, str] = {}
    lines: list[tuple[list[Field], dict[str, Value]]] = []
    for result in results:
        entries = [entry for entry in _entries(result) if entry.table == table]
        columns |= {entry.column: entry.column_label for entry in entries if entry.column not in columns}
        for row in dict.fromkeys(entry.row for entry in entries):
            mine = [entry for entry in entries if entry.row == row]
            lines.append(([*_head(result), mine[0].row_label], {entry.column: entry.value for entry in mine}))
    yield ["文件", "机关名称", "年度", "项目", *columns.values()]
    for head, values in lines:
        yield [*head, *(values.get(column) for column in columns)]


def _check_lines(results: Sequence[Result]) -> Iterator[list[Field]]:
    yield ["文件", "机关名称", "年度", "核验", "性质", "说明", "应为", "实为", "涉及数据", "原因"]
    for result in results:
        for check in result.validation.checks:
            if check.status == "fail":
                cells = "；".join(_path_label(path, result) for path in check.cells)
                cause = CAUSES[check.cause] if check.cause else None
                figures = (check.expected, check.actual)
                yield [*_head(result), check.id, SEVERITIES[check.severity], check.message, *figures, cells, cause]


def _review_lines(results: Sequence[Result]) -> Iterator[list[Field]]:
    yield ["文件", "机关名称", "年度", "数据", "原因", "读作", "原文", "页", "键"]
    values = {(id(result), _path(entry)): entry.value for result in results for entry in _entries(result)}
    for result in results:
        for item in result.validation.review:
            evidence = result.evidence.get(item.path)
            raw, page = (evidence.raw, evidence.page) if evidence else (None, None)
            value = values.get((id(result), item.path))
            yield [*_head(result), _path_label(item.path, result), REASONS[item.reason], value, raw, page, item.path]


def _head(result: Result) -> tuple[Field, Field, Field]:
    """File, agency and year, as on every line."""
    return result.document.filename, result.report.agency, result.report.year


def _entries(result: Result) -> Iterator[Entry]:
    """The cells of a report in the order of its tables."""
    review = {item.path: item.reason for item in result.validation.review}
    for table in TABLES:
        for row, columns in (getattr(result.report.tables, table) or {}).items():
            for column, value in columns.items():
                row_label, column_label = _labels(table, row, column, result.report.form)
                path = f"{table}.{row}.{column}"
                known = result.evidence.get(path)
                yield Entry(
                    table=table,
                    row=row,
                    column=column,
                    value=value,
                    row_label=row_label,
                    column_label=column_label,
                    state=known.state if known else None,
                    page=known.page if known else None,
                    note=known.note if known else None,
                    review=review.get(path),
                )


def _path(entry: Entry) -> str:
    return f"{entry.table}.{entry.row}.{entry.column}"


def _path_label(path: str, result: Result) -> str:
    """What a person calls the thing at a path; a path that no form knows stays as it is."""
    if path in HEAD_LABELS:
        return HEAD_LABELS[path]
    parts = path.split(".")
    if parts[0] == "pages":
        return f"第 {parts[-1]} 页"
    if parts[0] == "unmatched":
        return result.report.unmatched[int(parts[-1])].label or path
    table = next((name for name in TABLES if name == parts[0]), None)
    if table is None:
        return path
    if len(parts) != 3:
        return TABLE_LABELS[table]
    return " / ".join(_labels(table, parts[1], parts[2], result.report.form))


@cache
def _labels(table: TableName, row: str, column: str, form: str | None) -> tuple[str, str]:
    """The printed labels of a cell, groups before them; the keys where no form has such a cell."""
    for name in sorted(form_names(), key=lambda name: name != form):
        shape = load_form(name).table(table)
        for line in shape.rows:
            for head in shape.columns_of(line):
                if line.key == row and head.key == column:
                    return " ".join((*line.groups, line.label)), " ".join((*head.groups, head.label))
    return row, column


def _disarmed(field: Field) -> Field:
    """Text that a spreadsheet program takes as text, whatever it begins with."""
    return f"'{field}" if isinstance(field, str) and field.startswith(FORMULA_STARTS) else field


def _write_sheet(book: Workbook, title: str, lines: Iterable[list[Field]]) -> None:
    """Add a sheet whose first line is a header that stays in sight; texts are stored as texts, never as formulas."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDE", (30, 26, 8, 44, 16), strict=True):
        sheet.column_dimensions[column].width = width
    for number, line in enumerate(lines):
        cells = []
        for field in line:
            text = isinstance(field, str)
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", field)[:CELL_CHARACTERS] if text else field)
            if text:
                cell.data_type = "s"
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
