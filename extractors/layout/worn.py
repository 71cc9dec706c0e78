"""Sides of cells that are worn off altogether: what stands in the middle of each of two cells tells that there are two.

Where a side between two cells shows nothing, they are taken for one that is merged. What is printed in a merged cell
stands in its middle, though, and not in the middle of each part.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median

from extractors.layout.grids import SNAP, Cell, Grid
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
ENOUGH, EQUAL = 5, 0.12
"""Cells of a row that are equally wide, and share of that by which they may differ."""
BROAD = (2, 3)
"""Columns that a cell may be of which the borders are lost."""
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
    yield from _lost_sides(grid, inked)


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


def _lost_sides(grid: Grid, inked: Inked) -> Iterator[Rule]:
    """Upright sides on lines of which little or nothing is left, in rows of equal columns: of cells that are as wide as
    several and hold one thing in the middle of each part, and of empty ones above or below such sides."""
    usual = _usual_widths(grid)
    broad = {
        id(cell): (cell, cuts)
        for cell in grid.cells
        if cell.bottom - cell.top == 1 and (cuts := _cuts(cell, usual.get(cell.top, 0.0)))
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
    count = round((right - left) / usual) if usual else 1
    if count not in BROAD or abs(right - left - count * usual) > EQUAL * usual:
        return []
    return [left + i * (right - left) / count for i in range(1, count)]


def _parts(cell: Cell, cuts: Sequence[float]) -> list[Box]:
    left, top, right, bottom = cell.box
    return [(x0, top, x1, bottom) for x0, x1 in itertools.pairwise([left, *cuts, right])]


def _usual_widths(grid: Grid) -> dict[int, float]:
    """Of the cells of each row in which enough of them are equally wide."""
    widths: dict[int, list[float]] = {}
    for cell in grid.cells:
        if cell.bottom - cell.top == 1:
            widths.setdefault(cell.top, []).append(cell.box[2] - cell.box[0])
    usual = {row: median(own) for row, own in widths.items()}
    return {
        row: usual[row]
        for row, own in widths.items()
        if sum(abs(width - usual[row]) <= EQUAL * usual[row] for width in own) >= ENOUGH
    }


def _tells(parts: Sequence[Box], inked: Inked) -> bool | None:
    """Whether things in the middle of two of the parts or more tell them apart; None where something stands across."""
    found = [(part, ink) for part in parts if (ink := inked(_within(part))) is not None]
    if not all(_in_the_middle(part, ink) for part, ink in found):
        return None
    return len(found) > 1


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
    found = [(part, ink) for part in parts if (ink := inked(_within(part))) is not None]
    return len(found) > 1 and all(_in_the_middle(part, ink) for part, ink in found)


def _within(part: Box) -> Box:
    x0, y0, x1, y1 = part
    return (x0 + INSET, y0 + INSET, x1 - INSET, y1 - INSET)


def _in_the_middle(part: Box, ink: Box) -> bool:
    width, off = part[2] - part[0], (ink[0] + ink[2]) / 2 - (part[0] + part[2]) / 2
    return abs(off) <= MIDDLE * width and ink[2] - ink[0] <= NARROW * width
