"""Parts that a cell may have, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from extractors.layout.grids import Cell, Grid
from extractors.report import Box

ENOUGH, EQUAL = 5, 0.12
"""Cells of a row that are equally wide, and share of that by which they may differ."""
INSET = 1.5
"""Points along the sides of a part in which the rest of a rule may be."""

Inked = Callable[[Box], Box | None]
"""The box around the ink within a box (points), if there is any."""
Owners = Mapping[tuple[int, int], Cell]
"""The cell that covers a row and a column."""


def owners_of(grid: Grid) -> Owners:
    return {
        (row, column): cell
        for cell in grid.cells
        for row in range(cell.top, cell.bottom)
        for column in range(cell.left, cell.right)
    }


def is_parted(owners: Owners, line: int, column: int) -> bool:
    """Whether a level line of a table is a border of the cells above and below it in a column."""
    return owners[line - 1, column] is not owners[line, column]


def inks(parts: Sequence[Box], inked: Inked) -> list[tuple[Box, Box]]:
    """The parts that hold ink, each with the box around it."""
    return [(part, ink) for part in parts if (ink := inked(_within(part))) is not None]


def equally_wide(grid: Grid) -> dict[int, tuple[float, list[Cell]]]:
    """Of the rows in which enough cells are equally wide: how wide, and which they are."""
    cells: dict[int, list[Cell]] = {}
    for cell in grid.cells:
        if cell.bottom - cell.top == 1:
            cells.setdefault(cell.top, []).append(cell)
    rows = {}
    for row, own in cells.items():
        usual = median(_width(cell) for cell in own)
        equal = [cell for cell in own if abs(_width(cell) - usual) <= EQUAL * usual]
        if len(equal) >= ENOUGH:
            rows[row] = (usual, equal)
    return rows


def _width(cell: Cell) -> float:
    return cell.box[2] - cell.box[0]


def _within(part: Box) -> Box:
    x0, y0, x1, y1 = part
    return (x0 + INSET, y0 + INSET, x1 - INSET, y1 - INSET)
