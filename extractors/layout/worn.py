"""Sides of cells that are worn off altogether: what stands in the middle of each of two cells tells that there are two.

Where a side between two cells shows nothing, they are taken for one that is merged. What is printed in a merged cell
stands in its middle, though, and not in the middle of each part.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from extractors.layout.grids import Cell, Grid
from extractors.reading.page import Rule
from extractors.report import Box

MIDDLE = 0.2
"""Share of its width by which the ink of a part may stand off the part's middle."""
NARROW = 0.7
"""Share of a part's width that its ink fills at most."""
HALFWAY = 0.15
"""Share of its height by which lines of type may stand above or below the middle of a part."""
LEADING = 0.8
"""Heights of the lower of two lines of type: those of one label are closer, one below the other."""
MOST = 0.5
"""Share of the columns in which a line between two rows must run."""
INSET = 1.5
"""Points along the sides of a part in which the rest of a rule may be."""

Inked = Callable[[Box], Box | None]
"""The box around the ink within a box (points), if there is any."""
Owners = Mapping[tuple[int, int], Cell]
"""The cell that covers a row and a column."""


def worn_sides(grid: Grid, inked: Inked) -> Iterator[Rule]:
    """The sides that are worn off: upright ones and level ones."""
    owners = {
        (row, column): cell
        for cell in grid.cells
        for row in range(cell.top, cell.bottom)
        for column in range(cell.left, cell.right)
    }
    yield from _upright_sides(grid, owners, inked)
    yield from _level_sides(grid, owners, inked)


def _level_sides(grid: Grid, owners: Owners, inked: Inked) -> Iterator[Rule]:
    """Those within cells that span rows, where the columns beside them and most others have theirs."""

    def parted(line: int, column: int) -> bool:
        return owners.get((line - 1, column)) is not owners.get((line, column))

    for cell in grid.cells:
        if cell.bottom - cell.top == 1:
            continue
        beside = [column for column in (cell.left - 1, cell.right) if 0 <= column < grid.columns]
        lines = [
            line
            for line in range(cell.top + 1, cell.bottom)
            if beside
            and all(parted(line, column) for column in beside)
            and sum(parted(line, column) for column in range(grid.columns)) >= MOST * grid.columns
        ]
        if not lines:
            continue
        left, right = cell.box[0], cell.box[2]
        ends = [cell.box[1], *(grid.ys[line] for line in lines), cell.box[3]]
        if _hold_lines([(left, top, right, bottom) for top, bottom in itertools.pairwise(ends)], inked):
            yield from (Rule(x0=left, y0=grid.ys[line], x1=right, y1=grid.ys[line]) for line in lines)


def _hold_lines(parts: Sequence[Box], inked: Inked) -> bool:
    """Whether what each part holds stands halfway up in it, apart from that in the next, and two of them hold
    something."""
    found = [(part, ink) for part in parts if (ink := inked(_within(part))) is not None]
    halfway = all(abs(ink[1] + ink[3] - part[1] - part[3]) / 2 <= HALFWAY * (part[3] - part[1]) for part, ink in found)
    apart = all(
        below[1] - above[3] >= LEADING * min(above[3] - above[1], below[3] - below[1])
        for (_, above), (_, below) in itertools.pairwise(found)
    )
    return len(found) > 1 and halfway and apart


def _upright_sides(grid: Grid, owners: Owners, inked: Inked) -> Iterator[Rule]:
    """Those within cells of one row that span columns, where the rows above and below have theirs."""

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
