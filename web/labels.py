"""Chinese names for what the contract names by keys: statuses, reasons, cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from extractors.forms import Form
from extractors.labels import HEADLINE, TABLE_TITLES, VERDICTS
from extractors.report import TABLES, Place, Result, TableName
from extractors.said import Said, as_json
from workers.decisions import SOMEBODY
from workers.views import ReportView

SHORT_TITLES: dict[str, str] = {"proactive_disclosure": "表二", "requests": "表三", "review_litigation": "表四"}
TABLE_OF_SECTION: dict[int, TableName] = {2: "proactive_disclosure", 3: "requests", 4: "review_litigation"}
ORIGINS = {"text": "文字层", "ocr": "图像识别"}
FORM_NAMES = {"2021": "2021 年版格式", "2019": "2019 年版格式", "pre2019": "2019 年以前的格式"}
STATES = {
    "queued": "排队中",
    "running": "识别中",
    "succeeded": "已完成",
    "partial": "部分页面未读出",
    "failed": "无法识别",
    "canceled": "已取消",
}
NO_REPORT = ("不像年度报告", "doubt")
TONES = {"passed": "good", "failed": "bad", "needs_review": "doubt"}


def chip_of(status: str, validation: str | None) -> tuple[str, str]:
    """Words and tone (`good`, `bad`, `doubt`, `busy`, `plain`) of the chip that tells how a report stands."""
    if status == "partial":
        return STATES["partial"], "doubt"
    if status == "succeeded" and validation:
        return VERDICTS[validation], TONES[validation]
    tone = {"queued": "plain", "running": "busy", "failed": "bad"}.get(status, "plain")
    return STATES[status], tone


def chip_of_report(view: ReportView) -> tuple[str, str]:
    """The same of a report; what was read and is none is called so."""
    return NO_REPORT if view.no_report else chip_of(view.status, view.validation_status)


def label_of(path: str, result: Result, forms: Mapping[TableName, Form]) -> str:
    """What a person calls the thing at `path`: 表三 · 一、本年新收… · 自然人."""
    if path in HEADLINE:
        return HEADLINE[path]
    parts = path.split(".")
    if parts[0] == "pages":
        return f"第 {parts[-1]} 页"
    if parts[0] == "unmatched" and parts[-1].isdigit() and int(parts[-1]) < len(result.report.unmatched):
        return f"未归类的内容“{result.report.unmatched[int(parts[-1])].label or '（无标签）'}”"
    if len(parts) == 1 and parts[0] in SHORT_TITLES:
        return f"{SHORT_TITLES[path]}（{next(title for name, title in TABLE_TITLES.items() if name == path)}）"
    if len(parts) != 3 or parts[0] not in SHORT_TITLES:
        return path
    table, row_key, column_key = parts
    form = next((form for name, form in forms.items() if name == table), None)
    if form is None:
        return path
    sheet = next(form.table(name) for name in TABLES if name == table)
    row = next((row for row in sheet.rows if row.key == row_key), None)
    if row is None:
        return path
    column = next((column for column in sheet.columns_of(row) if column.key == column_key), None)
    return " · ".join([SHORT_TITLES[table], row.label, column.label if column else column_key])


def place_text(place: Place) -> str:
    """Where a cell of a file without pages is."""
    return f"第 {place.table} 个表格，第 {place.row} 行，第 {place.column} 列"


def plain(value: Said, nothing: str = "空白") -> str:
    """A value as people write it."""
    if value is None:
        return nothing
    return f"{value:.15g}" if isinstance(value, float) else str(as_json(value))


def name_of(person: str) -> str:
    """Who decided, as the pages say it."""
    return "本机用户" if person == SOMEBODY else person


def chinese_date(date: dt.date | None) -> str | None:
    return f"{date.year} 年 {date.month} 月 {date.day} 日" if date else None
