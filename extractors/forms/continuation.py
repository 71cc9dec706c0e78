"""The rest of a table on the next page: without rules its columns are those of the part with the header."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from extractors.layout.grids import SNAP, Cell, Grid
from extractors.layout.unruled.clearance import mark_clear
from extractors.reading.page import Word

MOVED = 0.4
"""Share of the narrower of two columns by which the border between them, told by paper alone, may differ between
pages."""
JUTS = 0.15
"""Share of a word's height by which it may reach into the next column."""


def with_columns(grid: Grid, borders: Sequence[float], end: int) -> tuple[Grid, list[float]]:
    """The grid with its rows above `end` cut at the borders (points) of the columns of figures, the first of them the
    end of the labels; and those borders, moved to where the grid has its own.

    A row in which something stands across a border stays as it is.
    """
    rows = range(end)
    own = [x for cell in grid.cells if cell.top in rows for x in (cell.box[0], cell.box[2])]
    borders = [_nearest(x, own, _room(borders, i)) for i, x in enumerate(borders)]
    borders[-1] = grid.xs[-1] if abs(borders[-1] - grid.xs[-1]) <= 2 * SNAP else borders[-1]
    cut = {row for row in rows if _fits(grid, row, borders)}
    cells = [cell for cell in grid.cells if cell.top not in cut]
    for row in sorted(cut):
        cells += _cut(grid, row, borders)
    xs: list[float] = []
    for x in sorted({x for cell in cells for x in (cell.box[0], cell.box[2])}):
        if not xs or x - xs[-1] > SNAP:
            xs.append(x)
    cells = [replace(cell, left=_index(xs, cell.box[0]), right=_index(xs, cell.box[2])) for cell in cells]
    parted = Grid(xs, grid.ys, sorted(cells, key=lambda c: (c.top, c.left)), grid.inferred, grid.unruled)
    if parted.unruled:
        mark_clear(parted)
    return parted, borders


def _room(borders: Sequence[float], i: int) -> float:
    """Points by which border `i` may move."""
    widths = [b - a for a, b in itertools.pairwise(borders)]
    return MOVED * min(widths[max(i - 1, 0) : i + 1])


def _nearest(x: float, own: Sequence[float], room: float) -> float:
    nearest = min(own, key=lambda other: abs(other - x), default=x)
    return nearest if abs(nearest - x) <= room else x


def _fits(grid: Grid, row: int, borders: Sequence[float]) -> bool:
    """Whether the row is one of figures, and all that is printed in it keeps within the columns."""
    beside = [c for c in grid.cells if c.top <= row < c.bottom and c.box[2] > borders[0] + SNAP]
    if any((c.top, c.bottom) != (row, row + 1) for c in beside):
        return False
    return not any(_crosses(word, x) for cell in beside for word in cell.words for x in borders)


def _crosses(word: Word, x: float) -> bool:
    x0, y0, x1, y1 = word.box
    return min(x - x0, x1 - x) > JUTS * (y1 - y0)


def _cut(grid: Grid, row: int, borders: Sequence[float]) -> list[Cell]:
    """The cells that begin in a row: labels up to the first border, then one in each column."""
    cells = [cell for cell in grid.cells if cell.top == row]
    labels = sorted((c for c in cells if c.box[0] < borders[0] - SNAP), key=lambda c: c.box[0])
    beside = [word for cell in cells if cell.box[2] > borders[0] + SNAP for word in cell.words]
    parted = []
    for i, cell in enumerate(labels):
        x0, y0, x1, y1 = cell.box
        words = [word for word in cell.words if word not in beside or _middle(word) < borders[0]]
        last = i == len(labels) - 1 and cell.bottom == row + 1
        parted.append(replace(cell, box=(x0, y0, borders[0] if last else min(x1, borders[0]), y1), words=words))
    top, bottom, page = grid.ys[row], grid.ys[row + 1], cells[0].page if cells else 0
    for x0, x1 in itertools.pairwise(borders):
        words = [word for word in beside if x0 <= _middle(word) < x1]
        parted.append(Cell(row, 0, row + 1, 0, (x0, top, x1, bottom), page, words, ruled=not grid.unruled))
    return parted


def _middle(word: Word) -> float:
    return (word.box[0] + word.box[2]) / 2


def _index(xs: Sequence[float], x: float) -> int:
    return min(range(len(xs)), key=lambda i: abs(xs[i] - x))
