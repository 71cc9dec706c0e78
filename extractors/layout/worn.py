"""Sides of cells that are worn off altogether: figures, each in the middle of its own cell, tell that they were there.

Where a side between two cells shows nothing, they are taken for one that is merged. What is printed in a merged cell
stands in its middle, though, and not in the middle of each part.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from extractors.layout.grids import Cell, Grid
from extractors.reading.page import Rule
from extractors.report import Box

MIDDLE = 0.2
"""Share of its width by which the ink of a part may stand off the part's middle."""
NARROW = 0.7
"""Share of a part's width that its ink fills at most."""
INSET = 1.5
"""Points along the sides of a part in which the rest of a rule may be."""

Inked = Callable[[Box], Box | None]
"""The box around the ink within a box (points), if there is any."""


def worn_sides(grid: Grid, inked: Inked) -> Iterator[Rule]:
    """The upright sides within cells of one row that span columns, where the rows above and below have theirs; such
    cells that stand one below the other are seen together."""
    owners = {
        (row, column): cell
        for cell in grid.cells
        for row in range(cell.top, cell.bottom)
        for column in range(cell.left, cell.right)
    }

    def parted(row: int, line: int) -> bool:
        left, right = owners.get((row, line - 1)), owners.get((row, line))
        return left is not None and right is not None and left is not right

    for cells in _one_below_the_other(grid):
        first, last = cells[0], cells[-1]
        lines = range(first.left + 1, first.right)
        if not all(parted(row, line) for row in (first.top - 1, last.bottom) for line in lines):
            continue
        columns = list(itertools.pairwise(grid.xs[first.left : first.right + 1]))
        if all(_hold_figures([(x0, c.box[1], x1, c.box[3]) for x0, x1 in columns], inked) for c in cells):
            top, bottom = first.box[1], last.box[3]
            yield from (Rule(x0=grid.xs[line], y0=top, x1=grid.xs[line], y1=bottom) for line in lines)


def _one_below_the_other(grid: Grid) -> Iterator[list[Cell]]:
    """Cells of one row that span the same columns, those in a list that follow each other: the ring of a seal hides a
    rule in several rows."""
    spanning = [cell for cell in grid.cells if cell.right - cell.left > 1 and cell.bottom - cell.top == 1]
    spanning.sort(key=lambda cell: (cell.left, cell.right, cell.top))
    run: list[Cell] = []
    for cell in spanning:
        if run and (cell.left, cell.right, cell.top) != (run[-1].left, run[-1].right, run[-1].bottom):
            yield run
            run = []
        run.append(cell)
    if run:
        yield run


def _hold_figures(parts: Sequence[Box], inked: Inked) -> bool:
    """Whether something narrow stands in the middle of each part that holds anything, and two of them do."""
    found = [(part, ink) for part in parts if (ink := inked(_within(part))) is not None]
    return len(found) > 1 and all(_in_the_middle(part, ink) for part, ink in found)


def _within(part: Box) -> Box:
    x0, y0, x1, y1 = part
    return (x0 + INSET, y0 + INSET, x1 - INSET, y1 - INSET)


def _in_the_middle(part: Box, ink: Box) -> bool:
    width, off = part[2] - part[0], (ink[0] + ink[2]) / 2 - (part[0] + part[2]) / 2
    return abs(off) <= MIDDLE * width and ink[2] - ink[0] <= NARROW * width
