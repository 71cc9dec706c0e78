"""Level sides that are no borders: a dash, or the feet of characters, in a table whose rows are parted in most of its
columns of figures or in none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from extractors.layout.grids import SNAP, Grid, find_grids, lies_in
from extractors.layout.worn.parts import equally_wide, is_parted, owners_of
from extractors.reading.page import Rule

MOST = 0.5
"""Share of the columns of figures in which a line between two rows runs."""


def without_strays(rules: Sequence[Rule]) -> list[Rule]:
    """The rules of a scanned page but for those sides; each rule is one side of a cell."""
    stray = [(grid, y) for grid in find_grids(rules) for y in _stray_lines(grid)]
    return [
        rule
        for rule in rules
        if not any(rule.horizontal and abs(rule.y0 - y) <= SNAP and lies_in(rule, grid) for grid, y in stray)
    ]


def _stray_lines(grid: Grid) -> Iterator[float]:
    """The y of lines that run in few of the equal columns."""
    columns = _equal_columns(grid)
    owners = owners_of(grid)
    for line in range(1, grid.rows) if columns else ():
        parted = sum(is_parted(owners, line, column) for column in columns)
        if parted < MOST * len(columns):
            yield grid.ys[line]


def _equal_columns(grid: Grid) -> tuple[int, ...]:
    """Which of the grid's columns those of figures begin with, as most rows of equal cells have it."""
    shown = Counter(tuple(cell.left for cell in equal) for _, equal in equally_wide(grid).values())
    return max(shown, key=lambda columns: (shown[columns], len(columns)), default=())
