"""Sides of cells that are worn off altogether: figures, each in the middle of its own cell, tell that they were there.

Where a side between two cells shows nothing, they are taken for one that is merged. What is printed in a merged cell
stands in its middle, though, and not in the middle of each part.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from extractors.layout.grids import Grid
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
    """The upright sides within cells of one row that span columns, where the rows above and below have theirs."""
    owners = {
        (row, column): cell
        for cell in grid.cells
        for row in range(cell.top, cell.bottom)
        for column in range(cell.left, cell.right)
    }

    def parted(row: int, line: int) -> bool:
        left, right = owners.get((row, line - 1)), owners.get((row, line))
        return left is not None and right is not None and left is not right

    for cell in grid.cells:
        lines = range(cell.left + 1, cell.right)
        if not lines or cell.bottom - cell.top > 1:
            continue
        if all(parted(row, line) for row in (cell.top - 1, cell.bottom) for line in lines):
            top, bottom = cell.box[1], cell.box[3]
            parts = [(x0, top, x1, bottom) for x0, x1 in itertools.pairwise(grid.xs[cell.left : cell.right + 1])]
            if _hold_figures(parts, inked):
                yield from (Rule(x0=grid.xs[line], y0=top, x1=grid.xs[line], y1=bottom) for line in lines)


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
