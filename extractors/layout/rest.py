"""The rest of a table on the next page, of which the outer border beside the labels is worn off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extractors.layout.grids import Cell, Grid
from extractors.reading.page import Word

SAME_PLACE = 6.0
"""Points by which a border may lie elsewhere on the next page, scans included."""
SHARED = 0.75
"""Share of its borders that a table has where the part before has them."""
FEWEST = 5
"""Such borders at least: those of two or three columns may be alike by chance."""


def with_labels(grid: Grid, before: Grid, words: Sequence[Word]) -> Grid:
    """The first grid of a page with a column for labels at its left, where the part of the table on the page before
    has one and words stand there; else the grid as it is."""
    left = before.xs[0]
    shared = sum(any(abs(x - other) <= SAME_PLACE for other in before.xs) for x in grid.xs)
    if shared < max(FEWEST, SHARED * len(grid.xs)) or abs(grid.xs[-1] - before.xs[-1]) > SAME_PLACE:
        return grid
    if grid.xs[0] - left <= SAME_PLACE or not any(_lies_beside(word, left, grid) for word in words):
        return grid
    labels = [
        Cell(row, 0, row + 1, 1, (left, top, grid.xs[0], bottom), ruled=not grid.unruled)
        for row, (top, bottom) in enumerate(pairwise(grid.ys))
    ]
    moved = [replace(cell, left=cell.left + 1, right=cell.right + 1) for cell in grid.cells]
    return replace(grid, xs=[left, *grid.xs], cells=sorted([*labels, *moved], key=lambda c: (c.top, c.left)))


def _lies_beside(word: Word, left: float, grid: Grid) -> bool:
    """Whether the middle of a word lies between `left` and the grid, beside its rows."""
    x0, y0, x1, y1 = word.box
    return left < (x0 + x1) / 2 < grid.xs[0] and grid.ys[0] < (y0 + y1) / 2 < grid.ys[-1]
