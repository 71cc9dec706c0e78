"""Upright sides that are worn off."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from extractors.layout.grids import SNAP, Cell, Grid
from extractors.layout.worn.parts import EQUAL, Inked, Owners, equally_wide, inks
from extractors.reading.page import Rule
from extractors.report import Box

MIDDLE = 0.2
"""Share of its width by which the ink of a part may stand off the part's middle."""
NARROW = 0.7
"""Share of a part's width that its ink fills at most."""
BROAD = range(2, 6)
"""Columns that a cell may be of which the borders are lost."""
FULL = 0.85
"""The same as NARROW for heads, in columns that are known to be equally wide."""


def upright_sides(grid: Grid, owners: Owners, inked: Inked) -> Iterator[Rule]:
    """Those within cells of one row that span columns, where the rows above and below have theirs; such cells that
    stand one below the other are seen together."""

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
    found = inks(parts, inked)
    return len(found) > 1 and all(_in_the_middle(part, ink) for part, ink in found)


def lost_uprights(grid: Grid, inked: Inked) -> Iterator[Rule]:
    """Upright sides on lines of which little or nothing is left, in rows of equal columns: of cells that are as wide as
    several and hold one thing in the middle of each part, and of empty ones above or below such sides."""
    equal = equally_wide(grid)
    broad = {
        id(cell): (cell, cuts)
        for cell in grid.cells
        if cell.bottom - cell.top == 1 and cell.top in equal and (cuts := _cuts(cell, equal[cell.top][0]))
    }
    told = {key: _tells(_parts(cell, cuts), inked) for key, (cell, cuts) in broad.items()}

    def is_side(row: int, x: float, sure: bool) -> bool:
        """Whether there is a side at `x` in a row; or whether there may be one, if that needs not be sure."""
        cell = next(
            (c for c in grid.cells if c.top <= row < c.bottom and c.box[0] - SNAP <= x <= c.box[2] + SNAP), None
        )
        if cell is None:
            return False
        if min(abs(cell.box[0] - x), abs(cell.box[2] - x)) <= SNAP:
            return True
        at_cut = id(cell) in broad and any(abs(cut - x) <= SNAP for cut in broad[id(cell)][1])
        return at_cut and (told[id(cell)] is True or (not sure and told[id(cell)] is False))

    for key, (cell, cuts) in broad.items():
        known = told[key]
        if known is not None and all(
            is_side(cell.top - 1, x, sure=not known) or is_side(cell.bottom, x, sure=not known) for x in cuts
        ):
            yield from (Rule(x0=x, y0=cell.box[1], x1=x, y1=cell.box[3]) for x in cuts)


def _cuts(cell: Cell, usual: float) -> list[float]:
    """Where the columns meet in a cell that is two or three times as wide as is usual in its row."""
    left, _, right, _ = cell.box
    count = round((right - left) / usual)
    if count not in BROAD or abs(right - left - count * usual) > EQUAL * usual:
        return []
    return [left + i * (right - left) / count for i in range(1, count)]


def _parts(cell: Cell, cuts: Sequence[float]) -> list[Box]:
    left, top, right, bottom = cell.box
    return [(x0, top, x1, bottom) for x0, x1 in itertools.pairwise([left, *cuts, right])]


def _tells(parts: Sequence[Box], inked: Inked) -> bool | None:
    """Whether things in the middle of two of the parts or more tell them apart; None where something stands across."""
    found = inks(parts, inked)
    if not all(_in_the_middle(part, ink, FULL) for part, ink in found):
        return None
    return len(found) > 1


def _in_the_middle(part: Box, ink: Box, narrow: float = NARROW) -> bool:
    width, off = part[2] - part[0], (ink[0] + ink[2]) / 2 - (part[0] + part[2]) / 2
    return abs(off) <= MIDDLE * width and ink[2] - ink[0] <= narrow * width
