"""Chinese words for what the contract names by keys: tables, cells, reasons, causes."""

from __future__ import annotations

from functools import cache

from extractors.forms import form_names, load_form
from extractors.report import TABLES, Result, TableName

TABLE_TITLES: dict[TableName, str] = {
    "proactive_disclosure": "主动公开政府信息情况",
    "requests": "收到和处理政府信息公开申请情况",
    "review_litigation": "政府信息公开行政复议、行政诉讼情况",
}
TABLE_HEADINGS: dict[TableName, str] = {
    name: f"{numeral}、{TABLE_TITLES[name]}" for name, numeral in zip(TABLES, "二三四", strict=True)
}
HEADLINE = {"title": "标题", "agency": "机关名称", "year": "年度", "published_on": "发布日期"}
REASONS = {
    "low_confidence": "识别把握不足",
    "check_failed": "核验未通过",
    "missing": "未找到",
    "corrected": "已更正",
    "ambiguous": "含义不明确",
}
CAUSES = {"source": "报告原文不符", "reading": "可能是识读有误"}
SEVERITIES = {"error": "错误", "warning": "提醒"}
VERDICTS = {"passed": "核验通过", "failed": "数据不符", "needs_review": "需要复核"}


def label_of(path: str, result: Result) -> str:
    """What a person calls the thing at a path; a path that no form knows stays as it is."""
    if path in HEADLINE:
        return HEADLINE[path]
    parts = path.split(".")
    if parts[0] == "pages":
        return f"第 {parts[-1]} 页"
    if parts[0] == "unmatched":
        return result.report.unmatched[int(parts[-1])].label or path
    table = next((name for name in TABLES if name == parts[0]), None)
    if table is None:
        return path
    if len(parts) != 3:
        return TABLE_HEADINGS[table]
    return " / ".join(cell_labels(table, parts[1], parts[2], result.report.form))


@cache
def cell_labels(table: TableName, row: str, column: str, form: str | None = None) -> tuple[str, str]:
    """The printed labels of a cell, groups before them; the keys where no form has such a cell."""
    for name in sorted(form_names(), key=lambda name: name != form):
        shape = load_form(name).table(table)
        for line in shape.rows:
            for head in shape.columns_of(line):
                if line.key == row and head.key == column:
                    return " ".join((*line.groups, line.label)), " ".join((*head.groups, head.label))
    return row, column
