"""Rows of tables without rules that need no border: each figure is level with its label and alone in its cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from extractors.geometry import around
from extractors.layout.grids import Cell, Grid
from extractors.layout.unruled.page import CHINESE, RIM
from extractors.report import Box

LEVEL = 0.4
"""Heights of the row's type between the middles of what stands in it, at most: a figure between two lines of labels is
0.6 away from both."""
CLEAR = 0.25
"""Heights of the type from a scanned figure to the border beside it, at least: a border that cuts a figure leaves
digits less than that from it on either side. In a text layer a figure is never cut."""
REMARKED = re.compile(r"-?\d+([.,]\d+)?(?![.,、．\d])")
"""The beginning of a figure with Chinese beside it, which is no label; these may begin with the number of the row."""


def mark_clear(grid: Grid) -> None:
    """Mark the cells that hold what belongs to them wherever the borders that were made up are.

    Of a row that is not clear any figure may belong to another, and so may one that is missing in the rows beside it,
    or in a row beside which there is no other: it may stand outside of the table.
    """
    clear = [_is_clear(_in_row(grid.cells, row)) for row in range(-1, grid.rows + 1)]
    for cell in grid.cells:
        if cell.bottom == cell.top + 1:
            own = cell.top + 1
            cell.clear = clear[own] if cell.words else all(clear[own - 1 : own + 2])


def _in_row(cells: Iterable[Cell], row: int) -> list[Cell]:
    """Those with words that are of this row alone."""
    return [cell for cell in cells if (cell.top, cell.bottom) == (row, row + 1) and cell.words]


def _is_clear(cells: Sequence[Cell]) -> bool:
    if not cells:
        return False
    boxes = [around([word.box for word in cell.words]) for cell in cells]
    high = max(word.box[3] - word.box[1] for cell in cells for word in cell.words)  # a dash is lower than type
    middles = [(box[1] + box[3]) / 2 for box in boxes]
    level = max(middles) - min(middles) <= LEVEL * high
    single = all(sum(not CHINESE.search(word.text) for word in cell.words) <= 1 for cell in cells)
    return level and single and all(_keeps_off(box, cell, high) for box, cell in zip(boxes, cells, strict=True))


def _keeps_off(box: Box, cell: Cell, high: float) -> bool:
    """Whether what is printed in a cell keeps off its borders; of a label only the type has to, not its box."""
    scanned = any(word.origin == "ocr" for word in cell.words)
    label = CHINESE.search(cell.text) and not REMARKED.match(cell.text)
    off = (-RIM if label else CLEAR) * high if scanned else 0.0
    return (cell.left == 0 or box[0] >= cell.box[0] + off) and box[2] <= cell.box[2] - off
