"""The plan of a table of the form: the spans of its header, by which it is known where no label can be read."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from extractors.forms import Row, TableForm
from extractors.layout.grids import Cell, Grid

MOST = 0.5
"""Share of the rows of figures that must have the same columns."""
ALIKE = 0.7
"""Share of the lines of a table of blocks that have as many cells as the form gives them; strokes cut others."""
FIGURE = re.compile(r".*\d.*|[-—–－一/／\\|OoQ〇○]", re.DOTALL)
"""What a cell of figures may be read as on a page of which no label can be read."""
Extent = tuple[int, int]
"""First column and last + 1."""
Line = tuple[list[Cell], Row | None]
"""Cells side by side, and the row of the form that they are, if they are figures and their label."""


def heads_by_plan(grid: Grid, table: TableForm, blocks: bool) -> list[Cell]:
    """The lowest heads of a grid whose header has all the spans that the form gives it and no other, and figures
    below; none where it has not.

    `blocks` tells a table whose rows stand side by side as blocks of columns.
    """
    count = len(table.columns) * (len(table.rows) if blocks else 1)
    wanted = _block_spans(table) if blocks else _group_spans(table)
    for bottom in range(2, grid.rows):
        leaves = sorted((c for c in grid.cells if c.bottom == bottom), key=lambda c: c.left)[-count:]
        first = leaves[0].left if leaves else 0
        if len(leaves) != count or not _side_by_side(leaves) or (blocks and first):
            continue
        above = [c for c in grid.cells if c.bottom < bottom and c.left >= first]
        spans = [(c.left - first, c.right - first) for c in above]
        figures = [(c.left, c.right) for c in grid.cells if (c.top, c.bottom) == (bottom, bottom + 1)][-count:]
        if sorted(spans) == sorted(wanted) and figures == [(c.left, c.right) for c in leaves]:
            return leaves
    return []


def figure_columns(grid: Grid, start: int, heads: Sequence[Cell], count: int) -> list[Extent]:
    """The `count` columns from the first to the last of the heads that most rows from `start` on show; none where they
    show no such columns."""
    shown: Counter[tuple[Extent, ...]] = Counter()
    for row in range(start, grid.rows):
        cells = sorted((c for c in grid.cells if c.top <= row < c.bottom), key=lambda c: c.left)
        shown[tuple((c.left, c.right) for c in cells if c.left >= heads[0].left)] += 1
    usual, rows = shown.most_common(1)[0] if shown else ((), 0)
    whole = len(usual) == count and (usual[0][0], usual[-1][1]) == (heads[0].left, heads[-1].right)
    return list(usual) if whole and rows > MOST * (grid.rows - start) else []


def columns_of_rows(grid: Grid, count: int) -> tuple[int, list[Extent]]:
    """The first row of figures and the last `count` columns, where most rows of the grid have the same, and labels
    beside them; (0, []) where they have not."""
    shown: Counter[tuple[Extent, ...]] = Counter()
    first: dict[tuple[Extent, ...], int] = {}
    for row in range(grid.rows):
        own = sorted((c for c in grid.cells if (c.top, c.bottom) == (row, row + 1)), key=lambda c: c.left)[-count:]
        columns = tuple((c.left, c.right) for c in own)
        if len(own) == count and own[-1].right == grid.columns and own[0].left:
            shown[columns] += 1
            if _are_figures(own):
                first.setdefault(columns, row)
    usual, rows = shown.most_common(1)[0] if shown else ((), 0)
    return (first[usual], list(usual)) if usual in first and rows > MOST * grid.rows else (0, [])


def row_of_blocks(grid: Grid, table: TableForm) -> list[Cell]:
    """The lowest row of a grid, if it has a cell in each column of each block, and others above it; else nothing."""
    cells = sorted((c for c in grid.cells if c.bottom == grid.rows), key=lambda c: c.left)
    whole = len(cells) == len(table.rows) * len(table.columns) and _are_figures(cells)
    return cells if whole and cells[0].top > 0 and len({c.top for c in cells}) == 1 else []


def lines_of_stack(grids: Sequence[Grid], table: TableForm) -> list[Line]:
    """Each line of the grids with the row of figures that it is, if it is one, by the number of cells that the form has
    on each of its lines; nothing where the grids do not have as many lines, or most are no such ones."""
    wanted: list[tuple[int, Row | None]] = []
    for _, rows in itertools.groupby(table.rows, key=lambda row: row.groups[0]):
        block = list(rows)
        wanted += [(1, None), (1 + len(block[0].columns), None)]
        wanted += [(1 + len(row.columns), row) for row in block]
    lines = [line for grid in grids for line in lines_of_cells(grid)]
    fitting = sum(len(cells) == count for cells, (count, _) in zip(lines, wanted, strict=False))
    if len(lines) != len(wanted) or fitting < ALIKE * len(lines):
        return []
    return [(cells, row) for cells, (_, row) in zip(lines, wanted, strict=True)]


def lines_of_cells(grid: Grid) -> Iterator[list[Cell]]:
    """The cells side by side, from top to bottom and from left to right; web pages have rows without any."""
    top = 0
    while top < grid.rows:
        cells = sorted((c for c in grid.cells if c.top <= top < c.bottom), key=lambda c: c.left)
        if cells:
            yield cells
        top = max(min((c.bottom for c in cells), default=top), top + 1)


def _are_figures(cells: Sequence[Cell]) -> bool:
    """Whether most of the cells in which anything stands hold figures, or marks for nothing, and not heads."""
    texts = [text for cell in cells if (text := cell.text)]
    return not texts or sum(bool(FIGURE.fullmatch(text)) for text in texts) > MOST * len(texts)


def _side_by_side(cells: Sequence[Cell]) -> bool:
    """Whether each takes one column of the grid, next to the one before."""
    return all((c.left, c.right) == (cells[0].left + i, cells[0].left + i + 1) for i, c in enumerate(cells))


def _block_spans(table: TableForm) -> list[Extent]:
    """Of the heads over those of each block's columns: the blocks, and the groups of blocks."""
    each = len(table.columns)
    rows = [(i * each, (i + 1) * each) for i in range(len(table.rows))]
    groups = _extents([row.groups for row in table.rows])
    return [*rows, *((first * each, end * each) for first, end in groups)]


def _group_spans(table: TableForm) -> list[Extent]:
    """Of the heads over several columns."""
    return list(_extents([column.groups for column in table.columns]))


def _extents(groups: Sequence[tuple[str, ...]]) -> Iterator[Extent]:
    """Where each group begins and ends among the things that name their groups."""
    names = dict.fromkeys(name for own in groups for name in own)
    for name in names:
        own = [i for i, named in enumerate(groups) if name in named]
        yield own[0], own[-1] + 1
