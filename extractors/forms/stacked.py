"""Table 二: blocks one below the other, each with its own header row (信息内容 | …)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.forms import Form, Row, TableForm
from extractors.forms.alignment import SAID, align
from extractors.forms.continuation import with_columns
from extractors.forms.found import FoundCell, FoundTable, joined, unmatched_row
from extractors.forms.plan import Line, lines_of_cells, lines_of_stack
from extractors.layout.flow import Table
from extractors.layout.grids import Cell, Grid
from extractors.report import TableName
from extractors.text import bare, best_label_likeness, best_likeness, likeness, squeeze

CONTENT = "信息内容"
"""The first cell of every header row."""
ITEM = re.compile(r"第?二十条第?.{0,3}项?")
ANY_ITEM, ITEM_LIKE = "第二十条第（一）项", 0.7
"""The line over each block names an article of the regulation, whatever strokes have cut it into cells."""
HEAD_LENGTH = 4
"""Characters of the shortest head: 本年增/减."""
MOST_OF_CONTENT = 8
"""Characters that 信息内容 may be taken for."""
HEADER_WEIGHT = 0.3
"""How much the headers above a row's figures count beside its label."""


@dataclass(frozen=True)
class PrintedRow:
    label: Cell
    figures: tuple[tuple[str, Cell], ...]
    """(header above, cell) from left to right."""
    inferred: bool = False
    """Its column borders are not drawn."""


def read_stacked(name: TableName, form: Form, tables: list[Table]) -> FoundTable:
    """Fill the form's cells from the grids of one stacked table."""
    wanted = form.table(name)
    printed: list[PrintedRow] = []
    header: list[tuple[float, float, str]] = []
    for table in tables:
        across = table.grid.inferred and not table.grid.unruled
        grid = _continued(table.grid, header) if header and across else table.grid
        header = _collect(grid, header, printed)
    alignment = align([[_row_likeness(row, want) for want in wanted.rows] for row in printed], len(wanted.rows))
    found = FoundTable(name, form.name, likeness=alignment.score, pages=sorted({t.page for t in tables}))
    planned = _planned(printed, alignment.matches, lines_of_stack([table.grid for table in tables], wanted), wanted)
    for line in planned:
        _assign_by_place(found, line, [other for other, _ in planned if other is not line[0]])
    places = {id(cells[0]): row for cells, row in planned}
    for i, row in enumerate(printed):
        target = alignment.matches[i]
        if planned and (target is None or places.get(id(row.label)) is not wanted.rows[target]):
            continue
        if target is None:
            found.unmatched.append(unmatched_row(name, row.label.text, [row.label, *(c for _, c in row.figures)]))
            continue
        _assign(found, wanted.rows[target], row, i in alignment.by_position)
    return found


def _planned(
    printed: Sequence[PrintedRow], matches: Sequence[int | None], lines: Sequence[Line], wanted: TableForm
) -> Sequence[Line]:
    """The lines of the grids if they are as the form has them, and no label says otherwise that can be read."""
    rows = {id(cells[0]): row for cells, row in lines}
    for row, target in zip(printed, matches, strict=True):
        own = rows.get(id(row.label))
        if target is not None and own is not wanted.rows[target]:
            like = _label_likeness(row, wanted.rows[target])
            if like >= SAID and (own is None or like > _label_likeness(row, own)):
                return []
    return lines


def _assign_by_place(found: FoundTable, line: Line, others: Sequence[Sequence[Cell]]) -> None:
    """The cells of a line of which only the place says what row it is; where strokes have cut it, those beside each
    other that together are as wide as the cells of a line next to it."""
    cells, row = line
    if row is None:
        return
    parts = [[cell] for cell in cells[1:]]
    if len(parts) != len(row.columns):
        whole = [other[1:] for other in others if len(other) == 1 + len(row.columns)]
        near = min(whole, key=lambda other: abs(other[0].top - cells[0].top), default=[])
        parts = [[cell for cell in cells if like.left <= cell.left and cell.right <= like.right] for like in near]
    for column, own in zip(row.columns, parts, strict=False):
        if own:
            found.cells[f"{row.key}.{column.key}"] = FoundCell(joined(own), by_position=True)


def _continued(grid: Grid, header: list[tuple[float, float, str]]) -> Grid:
    """The rest of a table without upright rules: the columns of the header in force hold up to the next block."""
    heads = [c for c in grid.cells if likeness(c.text, CONTENT) >= 0.6 or ITEM.fullmatch(squeeze(c.text))]
    end = min((cell.top for cell in heads), default=grid.rows)
    width = grid.xs[-1] - grid.xs[0]
    shares = [*(left for left, _, _ in header), header[-1][1]]
    return with_columns(grid, [grid.xs[0] + share * width for share in shares], end)[0]


def _collect(
    grid: Grid, header: list[tuple[float, float, str]], printed: list[PrintedRow]
) -> list[tuple[float, float, str]]:
    """Add the grid's rows of figures; gives the header in force at its end, for a table that goes on."""
    after_item = False
    for cells in lines_of_cells(grid):
        first, rest = cells[0], cells[1:]
        item = not rest or _is_item(cells)
        if item:
            pass
        elif likeness(first.text, CONTENT) >= 0.6 or (after_item and _are_heads(first, rest)):
            header = [(_share(grid, c.box[0]), _share(grid, c.box[2]), c.text) for c in rest]
        elif bare(first.text) or any(c.text for c in rest):
            printed.append(PrintedRow(first, tuple((_above(header, grid, c), c) for c in rest), grid.inferred))
        after_item = item
    return header


def _are_heads(first: Cell, cells: Sequence[Cell]) -> bool:
    """Whether they may be the heads that stand below each article's line: words, and no figures; the first of them a
    short one, and not two that were not parted."""
    if len(bare(first.text)) > MOST_OF_CONTENT:
        return False
    texts = [text for cell in cells if (text := bare(cell.text))]
    return bool(texts) and all(len(text) >= HEAD_LENGTH and not re.search(r"\d", text) for text in texts)


def _is_item(cells: list[Cell]) -> bool:
    text = squeeze("".join(cell.text for cell in cells))
    return bool(ITEM.fullmatch(text)) or likeness(text, ANY_ITEM) >= ITEM_LIKE


def _share(grid: Grid, x: float) -> float:
    return (x - grid.xs[0]) / (grid.xs[-1] - grid.xs[0])


def _above(header: list[tuple[float, float, str]], grid: Grid, cell: Cell) -> str:
    """The header that shares most of the cell's width."""
    left, right = _share(grid, cell.box[0]), _share(grid, cell.box[2])
    return max(header, key=lambda h: min(h[1], right) - max(h[0], left), default=(0, 0, ""))[2]


def _row_likeness(printed: PrintedRow, wanted: Row) -> float:
    own = _label_likeness(printed, wanted)
    headers = _header_likeness([h for h, _ in printed.figures], wanted)
    return own + HEADER_WEIGHT * (headers - 0.5) * (own > 0.3)


def _label_likeness(printed: PrintedRow, wanted: Row) -> float:
    return best_label_likeness(printed.label.text, (wanted.label, *wanted.aliases))


def _header_likeness(headers: list[str], wanted: Row) -> float:
    """0–1: how well the printed headers fit the row's columns, each to its best."""
    labels = tuple(column.label for column in wanted.columns)
    if not headers:
        return 0.0
    best = [best_likeness(header, labels) for header in headers]
    return sum(best) / max(len(headers), len(labels))


def _assign(found: FoundTable, wanted: Row, row: PrintedRow, unsure: bool) -> None:
    scores = [[likeness(header, column.label) for column in wanted.columns] for header, _ in row.figures]
    alignment = align(scores, len(wanted.columns))
    if not any(target is not None for target in alignment.matches) and len(row.figures) == len(wanted.columns):
        matches: list[int | None] = list(range(len(row.figures)))
        positions = set(range(len(row.figures)))
    else:
        matches, positions = alignment.matches, alignment.by_position
    left_over = [cell for (_, cell), target in zip(row.figures, matches, strict=True) if target is None]
    # a figure that fits no column of the row may be that of a cell which stray lines have cut
    cut = any(cell.text for cell in left_over)
    # columns that no rule parts are known only if all of them were found
    unsure = unsure or (row.inferred and len(row.figures) != len(wanted.columns))
    for i, (_, cell) in enumerate(row.figures):
        target = matches[i]
        if target is not None:
            found.cells[f"{wanted.key}.{wanted.columns[target].key}"] = FoundCell(cell, unsure or cut or i in positions)
    if cut:
        found.unmatched.append(unmatched_row(found.table, row.label.text, [row.label, *left_over]))
