"""Level sides that are worn off."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from statistics import median

from extractors.layout.grids import Cell, Grid
from extractors.layout.worn.parts import Inked, Owners, equally_wide, inks, is_parted
from extractors.reading.page import Rule
from extractors.report import Box

HALFWAY = 0.15
"""Share of its height by which lines of type may stand above or below the middle of a part."""
LEADING = 0.8
"""Heights of the lower of two lines of type: those of one label are closer, one below the other."""
MOST = 0.5
"""Share of the columns in which a line between two rows must run."""
DOUBLE = 3
"""Cells of one row that hold two figures, one below the other, where it is two rows."""
TALL = 1.6
"""Times the height of the lowest row that two rows have at least."""
CLEAR = 2.0
"""Points at least between a label and the lines above and below it."""


def level_sides(grid: Grid, owners: Owners, inked: Inked) -> Iterator[Rule]:
    """Those within cells that span rows, where the columns beside them and most others have theirs."""
    for cell in grid.cells:
        if cell.bottom - cell.top == 1:
            continue
        beside = [column for column in (cell.left - 1, cell.right) if 0 <= column < grid.columns]
        lines = [
            line
            for line in range(cell.top + 1, cell.bottom)
            if beside
            and all(is_parted(owners, line, column) for column in beside)
            and sum(is_parted(owners, line, column) for column in range(grid.columns)) >= MOST * grid.columns
        ]
        if not lines:
            continue
        left, right = cell.box[0], cell.box[2]
        ends = [cell.box[1], *(grid.ys[line] for line in lines), cell.box[3]]
        if _hold_lines([(left, top, right, bottom) for top, bottom in itertools.pairwise(ends)], inked):
            yield from (Rule(x0=left, y0=grid.ys[line], x1=right, y1=grid.ys[line]) for line in lines)


def lost_levels(grid: Grid, owners: Owners, inked: Inked) -> Iterator[Rule]:
    """Sides on lines of which nothing is left: cells of equal width hold figures one below the other, each halfway up
    in its part, and labels stand beside both."""
    lowest = min(bottom - top for top, bottom in itertools.pairwise(grid.ys))
    for row, (_, equal) in equally_wide(grid).items():
        if grid.ys[row + 1] - grid.ys[row] < TALL * lowest:
            continue
        first = min(cell.left for cell in equal)
        halves = [inks(_cut(cell.box, (cell.box[1] + cell.box[3]) / 2), inked) for cell in equal]
        pairs = [(own[0][1], own[1][1]) for own in halves if len(own) == 2]
        if not first or len(pairs) < DOUBLE or not all(_apart(above, below) for above, below in pairs):
            continue
        # what stands halfway up in the upper row is as far from the line as from the row's top
        y = median(line for above, below in pairs for line in _lines_between(equal[0].box, above, below))
        if not all(_halfway(part, ink) for cell in equal for part, ink in inks(_cut(cell.box, y), inked)):
            continue
        beside = list({id(cell): cell for column in reversed(range(first)) for cell in [owners[row, column]]}.values())
        labelled = _labelled(beside, equal[0].box, y, inked)
        if labelled:
            yield Rule(x0=min(cell.box[0] for cell in labelled), y0=y, x1=max(cell.box[2] for cell in equal), y1=y)


def _labelled(beside: Sequence[Cell], row: Box, y: float, inked: Inked) -> list[Cell]:
    """The cells to the left of a row, next first, that a line through it at `y` goes on in; none where one label stands
    across it, or none in each of its parts. Of cells that reach into other rows, those in which something stands
    halfway up in a part."""
    found: list[Cell] = []
    parts = set[float]()
    for cell in beside:
        held = inks(_cut((cell.box[0], row[1], cell.box[2], row[3]), y), inked)
        clear = all(min(ink[1] - part[1], part[3] - ink[3]) >= CLEAR for part, ink in held)
        if not clear and cell.bottom - cell.top == 1:
            return []
        if not (clear and held):
            break
        found.append(cell)
        parts |= {part[1] for part, _ in held}
    return found if len(parts) == 2 else []


def _lines_between(row: Box, above: Box, below: Box) -> tuple[float, float]:
    """Where the line between two figures runs, told by each of them: as far from it as from its other side."""
    return above[1] + above[3] - row[1], below[1] + below[3] - row[3]


def _cut(box: Box, y: float) -> list[Box]:
    x0, y0, x1, y1 = box
    return [(x0, y0, x1, y), (x0, y, x1, y1)]


def _hold_lines(parts: Sequence[Box], inked: Inked) -> bool:
    """Whether what each part holds stands halfway up in it, apart from that in the next, and two of them hold
    something."""
    found = inks(parts, inked)
    apart = all(_apart(above, below) for (_, above), (_, below) in itertools.pairwise(found))
    return len(found) > 1 and apart and all(_halfway(part, ink) for part, ink in found)


def _halfway(part: Box, ink: Box) -> bool:
    return abs(ink[1] + ink[3] - part[1] - part[3]) / 2 <= HALFWAY * (part[3] - part[1])


def _apart(above: Box, below: Box) -> bool:
    return below[1] - above[3] >= LEADING * min(above[3] - above[1], below[3] - below[1])
