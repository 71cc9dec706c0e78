"""The three tables of the form as grids, in the official layout and the variants of `Layout`."""

from __future__ import annotations

from tests.making.forms import (
    PROACTIVE_BLOCKS,
    REQUEST_COLUMNS,
    REQUEST_LINES,
    REVIEW_COLUMNS,
    REVIEW_ROWS,
    Line,
)
from tests.making.grids import Cell, Grid
from tests.making.layout import Layout
from tests.making.record import Record
from tests.making.widths import full_width_digits, half_width

RULE_OF_COLUMN = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
REQUEST_SHARES = [0.055, 0.11, 0.415, *([0.06] * 7)]
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"
_TYPOS = (
    ("行政法规禁止公开", "行政止公开"),
    ("勾稽", "勾嵇"),
    ("补正后申请内容", "补正后申请的内容"),
    ("出版物", "出版刊物"),
)


def proactive_grid(record: Record, layout: Layout) -> Grid:
    """Table 二: a block an article, each with its own heads; columns of blocks with fewer figures are wider."""
    grid = Grid([0.31, 0.23, 0.23, 0.23])
    row = 0
    for block in PROACTIVE_BLOCKS[record.form]:
        grid.cells.append(Cell(row, 0, _label(block.article, layout), columns=4, shaded=True))
        spans = {1: [3], 2: [1, 2], 3: [1, 1, 1]}[len(block.columns)]
        starts = [1 + sum(spans[:i]) for i in range(len(spans))]
        grid.cells.append(Cell(row + 1, 0, "信息内容", shaded=True))
        for (label, _), start, span in zip(block.columns, starts, spans, strict=True):
            grid.cells.append(Cell(row + 1, start, _label(label, layout), columns=span, shaded=True))
        row += 2
        for label, key in block.rows:
            if key == "normative_documents":
                label = "规范性文件" if layout.short_rule_document or record.form == "2019" else "行政规范性文件"
            grid.cells.append(Cell(row, 0, label, align="left" if layout.left_labels else "center"))
            for (_, column), start, span in zip(block.columns, starts, spans, strict=True):
                path = f"proactive_disclosure.{key}.{column}"
                text = _figure(record, path, layout)
                grid.cells.append(Cell(row, start, text, columns=span, figure=True, path=path))
            row += 1
    return grid


def requests_grid(record: Record, layout: Layout) -> Grid:
    """Table 三: two columns of groups, one of labels, seven of figures, under heads of three rows."""
    grid = Grid(REQUEST_SHARES, heads=3)
    heads = [
        Cell(0, 0, _label(RULE_OF_COLUMN, layout), rows=3, columns=3, shaded=True),
        Cell(0, 3, "申请人情况", columns=7, shaded=True),
        Cell(1, 3, "自然人", rows=2, vertical=layout.vertical_heads, shaded=True),
        Cell(1, 4, "法人或其他组织", columns=5, shaded=True),
        Cell(1, 9, _apart("总计", layout), rows=2, vertical=layout.vertical_heads, shaded=True),
    ]
    for index, (label, _) in enumerate(REQUEST_COLUMNS[1:-1]):
        heads.append(Cell(2, 4 + index, label, vertical=layout.vertical_heads, shaded=True))
    grid.cells.extend(heads)
    lines = REQUEST_LINES[record.requests_form]
    for row, line in enumerate(lines, start=3):
        depth = len(line.groups)
        align = "left" if layout.left_labels else "center"
        grid.cells.append(Cell(row, depth, _numbered(line, layout), columns=3 - depth, align=align))
        for column, (_, key) in enumerate(REQUEST_COLUMNS, start=3):
            path = f"requests.{line.key}.{key}"
            grid.cells.append(Cell(row, column, _figure(record, path, layout), figure=True, path=path))
    for depth in (0, 1):
        grid.cells.extend(_group_cells(lines, depth, layout))
    return grid


def review_grid(record: Record, layout: Layout) -> Grid:
    """Table 四: three blocks of five columns over one row of figures."""
    grid = Grid([1 / 15] * 15, heads=3)
    grid.cells.extend(
        [
            Cell(0, 0, "行政复议", rows=2, columns=5, shaded=True),
            Cell(0, 5, "行政诉讼", columns=10, shaded=True),
            Cell(1, 5, "未经复议直接起诉", columns=5, shaded=True),
            Cell(1, 10, "复议后起诉", columns=5, shaded=True),
        ]
    )
    for block, row in enumerate(REVIEW_ROWS):
        for index, (label, key) in enumerate(REVIEW_COLUMNS):
            column = block * 5 + index
            grid.cells.append(Cell(2, column, _apart(label, layout) if label == "总计" else label, shaded=True))
            path = f"review_litigation.{row}.{key}"
            grid.cells.append(Cell(3, column, _figure(record, path, layout), figure=True, path=path))
    return grid


def _group_cells(lines: tuple[Line, ...], depth: int, layout: Layout) -> list[Cell]:
    """One cell for each run of rows that share a group label at that depth."""
    found: list[Cell] = []
    start = 0
    while start < len(lines):
        group = lines[start].groups[: depth + 1]
        end = start + 1
        while end < len(lines) and lines[end].groups[: depth + 1] == group and len(group) > depth:
            end += 1
        if len(group) > depth:
            vertical = layout.vertical_groups and depth == 0
            text = _label(group[depth], layout)
            if layout.bare_groups and depth == 1:
                text = text[3:]
            found.append(Cell(start + 3, depth, text, rows=end - start, vertical=vertical))
        start = end
    return found


def _numbered(line: Line, layout: Layout) -> str:
    """The row's label with its number, official or numbered otherwise."""
    label = _apart(line.label, layout) if line.label == "总计" else line.label
    number = line.number
    if number.endswith("."):
        digit = int(number[:-1])
        number = {
            "official": number,
            "pause": f"{digit}、",
            "parenthesis": f"（{digit}）",
            "circled": _CIRCLED[digit - 1],
            "none": "",
        }[layout.numbering]
    elif layout.numbering == "none" and line.groups:
        number = ""
    return _label(number + label, layout)


def _figure(record: Record, path: str, layout: Layout) -> str:
    text = record.cell_text(path)
    return full_width_digits(text) if layout.full_width_digits else text


def _label(text: str, layout: Layout) -> str:
    if layout.label_typos:
        for right, wrong in _TYPOS:
            text = text.replace(right, wrong)
    return half_width(text) if layout.half_width else text


def _apart(text: str, layout: Layout) -> str:
    return "  ".join(text) if layout.label_spaces else text
