"""A workbook: the reports, a sheet for each table with a line for each report, what failed and what to look at.

A module of its own because openpyxl brings NumPy and Pillow along, which nothing else here needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from extractors.export.fields import Field, Filed
from extractors.export.wide import cells_of, values_of
from extractors.labels import CAUSES, REASONS, SEVERITIES, VERDICTS, cell_labels, label_of
from extractors.report import TABLES, Result, TableName
from extractors.said import as_json

SHEET_TITLES: dict[TableName, str] = {
    "proactive_disclosure": "表二 主动公开",
    "requests": "表三 申请办理",
    "review_litigation": "表四 复议诉讼",
}
WHOSE = ("机关名称", "年度", "文件", "归入机关")
WIDTHS = (30.0, 8.0, 30.0, 30.0)
"""Of the columns that say whose a line is, in characters."""
SHEET_ROWS = 1_048_576
"""As many rows as a sheet of an XLSX workbook holds, its header among them."""
CELL_CHARACTERS = 32767
"""As many characters as a cell of an XLSX workbook holds."""


def write_workbook(results: Iterable[Filed], target: BinaryIO) -> None:
    """Write it; texts are stored as texts, never as formulas. One report is held at a time."""
    book = Workbook(write_only=True)
    overview = _Lines(book, "报告", [*WHOSE, "标题", "格式", "发布日期", "核验结果", "需要复核的数据", "未通过的核验"])
    tables = {table: _Lines(book, SHEET_TITLES[table], [*WHOSE, *_headers(table)]) for table in TABLES}
    failed = _Lines(book, "未通过的核验", [*WHOSE, "核验", "性质", "说明", "应为", "实为", "涉及数据", "原因"])
    review = _Lines(book, "需要复核", [*WHOSE, "数据", "原因", "读作", "原文", "页", "键"])
    for filed in results:
        result = filed.result
        whose = (result.report.agency, result.report.year, result.document.filename, filed.filed_under)
        overview.add([*whose, *_overview(result)])
        for table, lines in tables.items():
            if getattr(result.report.tables, table) is not None:
                lines.add([*whose, *values_of(result, table)])
        for line in _failed(result):
            failed.add([*whose, *line])
        for line in _to_review(result):
            review.add([*whose, *line])
    book.save(target)


class _Lines:
    """Lines under a header: on one sheet, and where that is full on further ones, numbered from 2."""

    def __init__(self, book: Workbook, title: str, header: Sequence[str]) -> None:
        self._book, self._title, self._header = book, title, header
        self._sheet, self._rows, self._number = _sheet(book, title, header), 1, 1

    def add(self, line: Sequence[Field]) -> None:
        if self._rows == SHEET_ROWS:
            self._number += 1
            self._sheet, self._rows = _sheet(self._book, f"{self._title} {self._number}", self._header), 1
        self._sheet.append([_cell(self._sheet, field) if isinstance(field, str) else field for field in line])
        self._rows += 1


def _headers(table: TableName) -> list[str]:
    """行 / 列, as printed, of every cell; the newest edition's words where editions share a cell."""
    return [" / ".join(cell_labels(table, row, column)) for row, column in cells_of(table)]


def _overview(result: Result) -> list[Field]:
    report, validation = result.report, result.validation
    published = report.published_on.isoformat() if report.published_on else None
    failed = sum(check.status == "fail" for check in validation.checks)
    return [report.title, report.form, published, VERDICTS[validation.status], len(validation.review), failed]


def _failed(result: Result) -> Iterator[list[Field]]:
    for check in result.validation.checks:
        if check.status == "fail":
            cells = "；".join(label_of(path, result) for path in check.cells)
            cause = CAUSES[check.cause] if check.cause else None
            yield [check.id, SEVERITIES[check.severity], check.message, check.expected, check.actual, cells, cause]


def _to_review(result: Result) -> Iterator[list[Field]]:
    for item in result.validation.review:
        evidence = result.evidence.get(item.path)
        raw, page = (evidence.raw, evidence.page) if evidence else (None, None)
        value = _value(result, item.path)
        yield [label_of(item.path, result), REASONS[item.reason], value, raw, page, item.path]


def _value(result: Result, path: str) -> Field:
    """The figure or headline field at a path; None for what is neither."""
    parts = path.split(".")
    if len(parts) == 3:
        value: Field = (getattr(result.report.tables, parts[0]) or {}).get(parts[1], {}).get(parts[2])
        return value
    return as_json(getattr(result.report, path, None)) if path in ("title", "agency", "year", "published_on") else None


def _sheet(book: Workbook, title: str, header: Sequence[str]) -> WriteOnlyWorksheet:
    """A sheet whose first line is a header that stays in sight, as do the columns that say whose a line is."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "E2"
    for column, width in zip("ABCD", WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    cells = [_cell(sheet, text) for text in header]
    for cell in cells:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.append(cells)
    return sheet


def _cell(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:CELL_CHARACTERS])
    cell.data_type = "s"
    return cell
