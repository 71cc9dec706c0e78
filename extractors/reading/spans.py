"""Rows of cells that say how far they reach → places in a grid as browsers make it, mended where a span is wrong.

Source: the HTML standard, "forming a table". A span that is too long pushes the cells of a later row beyond the
table's edge, one that is too short leaves a gap there. Most rows are as wide as the table: so it shows which span is
wrong, and by how much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from extractors.reading.page import TypedCell, TypedTable

MOST_COLUMNS, MOST_ROWS = 200, 65534
"""Of a table, and of one cell: what is further right is no part of any table of a report."""


class Spanning(Protocol):
    rows: int
    columns: int


C = TypeVar("C", bound=Spanning)


@dataclass
class RawTable(Generic[C]):
    """Rows of cells, each where it begins."""

    rows: list[list[C]] = field(default_factory=list)
    owner: int = 0
    """The element of a web page that it stands in."""


@dataclass(eq=False)
class _Placed(Generic[C]):
    cell: C
    top: int
    left: int
    bottom: int
    right: int
    sure: bool = True


def place_cells(table: RawTable[C], lines: Callable[[C], list[str]]) -> TypedTable:
    """The table's cells at their places; `lines` gives the text of one."""
    width = _usual_width(table)
    placed: list[_Placed[C]] = []
    before: list[_Placed[C]] = []
    for top, row in enumerate(table.rows):
        over, sure = _reaching(before, row, top, width) if row else (_below(before, top), True)
        here = _placed_in_row(row, over, top, len(table.rows), width)
        for cell in here:
            cell.sure = sure
        placed += here
        before = over + here
    columns = max((cell.right for cell in placed), default=0)
    cells = [TypedCell(p.top, p.left, p.bottom, p.right, lines(p.cell), p.sure) for p in placed]
    return TypedTable(len(table.rows), columns, cells)


def _usual_width(table: RawTable[C]) -> int:
    """Columns that most rows take up, what reaches into them from above included; the wider of equals."""
    widths: Counter[int] = Counter()
    reaching: list[tuple[int, int]] = []
    for top, row in enumerate(table.rows):
        reaching = [(bottom, columns) for bottom, columns in reaching if bottom > top]
        widths[sum(columns for _, columns in reaching) + sum(cell.columns for cell in row)] += bool(row)
        reaching += [(top + cell.rows, cell.columns) for cell in row]
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _below(before: list[_Placed[C]], top: int) -> list[_Placed[C]]:
    return [cell for cell in before if cell.bottom > top]


def _reaching(before: list[_Placed[C]], row: list[C], top: int, width: int) -> tuple[list[_Placed[C]], bool]:
    """The cells from above that really reach into a row, those that leave it as wide as the table is, and whether that
    is sure: where it is not, the row may stand a column too far to the left or right."""
    over = _below(before, top)
    excess = _width_of(row, over) - width
    if excess > 0:
        others = [[p for p in over if p is not wrong] for wrong in over if wrong.right - wrong.left == excess]
        fitting = [some for some in others if _fits(row, some)]
        ends = {id(p): p.bottom for p in over}
        fitting.sort(key=lambda some: sum(ends[id(p)] for p in some), reverse=True)  # without the one that ends first
        if fitting:
            (wrong,) = (p for p in over if p not in fitting[0])
            sure = len(fitting) == 1 or wrong.bottom == top + 1
            wrong.bottom = top
            return fitting[0], sure
    elif excess < 0:
        ended = [p for p in before if p.bottom == top and p.bottom - p.top > 1 and p.right - p.left == -excess]
        fitting = [[*over, p] for p in ended if _fits(row, [*over, p])]
        if len(fitting) == 1:
            fitting[0][-1].bottom = top + 1
            return fitting[0], True
        return over, not (over or ended)
    return over, excess == 0 or not over


def _width_of(row: list[C], over: list[_Placed[C]]) -> int:
    return sum(p.right - p.left for p in over) + sum(cell.columns for cell in row)


def _fits(row: list[C], over: list[_Placed[C]]) -> bool:
    """Whether no cell of the row would be cut by one that reaches into it from above."""
    taken = {column for p in over for column in range(p.left, p.right)}
    left = 0
    for cell in row:
        while left in taken:
            left += 1
        if taken & set(range(left, left + cell.columns)):
            return False
        left += cell.columns
    return True


def _placed_in_row(row: list[C], over: list[_Placed[C]], top: int, rows: int, width: int) -> list[_Placed[C]]:
    """The cells that begin in a row, each in the next free column."""
    taken = {column for p in over for column in range(p.left, p.right)}
    spans = [cell.columns for cell in row]
    excess = len(taken) + sum(spans) - width
    wide = [i for i, span in enumerate(spans) if span > 1]
    if excess > 0 and len(wide) == 1 and spans[wide[0]] > excess:
        spans[wide[0]] -= excess
    found: list[_Placed[C]] = []
    left = 0
    for cell, span in zip(row, spans, strict=True):
        while left in taken:
            left += 1
        if left >= MOST_COLUMNS:
            break
        right = left + 1
        while right < min(left + span, MOST_COLUMNS) and right not in taken:
            right += 1
        found.append(_Placed(cell, top, left, min(top + cell.rows, rows), right))
        left = right
    return found
