"""The plan of a table of the form: the spans of its header, by which it is known where no label can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from extractors.forms import TableForm
from extractors.layout.grids import Cell, Grid

MOST = 0.5
"""Share of the rows of figures that must have the same columns."""
Extent = tuple[int, int]
"""First column and last + 1."""


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
