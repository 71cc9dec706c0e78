"""Ruled tables: cells with spans, rows as high as their text needs, broken over pages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

import pymupdf

from tests.making.sheet import Place, Sheet

PADDING = 2.5
LINE = 1.25
"""Distance of base lines in a cell, in type sizes."""
Edge = tuple[float, float, float, float]


@dataclass(frozen=True)
class Cell:
    """A cell of a grid at (row, column), counted from 0, with its text."""

    row: int
    column: int
    text: str = ""
    rows: int = 1
    columns: int = 1
    align: str = "center"
    vertical: bool = False
    """One character a line, as narrow group labels are set."""
    shaded: bool = False
    path: str | None = None
    """The path of the figure that the cell holds."""
    figure: bool = False
    """The text is a figure: it is set in the figures' size, whole, and never broken by character."""


@dataclass
class Grid:
    """A table: the widths of its columns as shares of 1, and its cells; `heads` rows stand above the body."""

    shares: list[float]
    cells: list[Cell] = field(default_factory=list)
    heads: int = 0

    @property
    def row_count(self) -> int:
        return max(cell.row + cell.rows for cell in self.cells)


def draw(sheet: Sheet, grid: Grid, keep_together: bool = False) -> list[Place]:
    """Draw a grid from the sheet's `y` on, over as many pages as it takes; gives the place of each piece."""
    width = sheet.right - sheet.left
    xs = [sheet.left]
    for share in grid.shares:
        xs.append(xs[-1] + share * width)
    heights = _row_heights(sheet, grid, xs)
    if keep_together and sum(heights) > sheet.room():
        sheet.new_page()
    first = 0
    sheet.y += 3.0
    if sheet.layout.split_rows != "never":
        grid, heights = _split(sheet, grid, xs, heights)
    places = []
    while first < grid.row_count:
        heads = list(range(grid.heads)) if first and sheet.layout.repeat_heads else []
        room = sheet.room() - sum(heights[row] for row in heads)
        last = first
        while last < grid.row_count and sum(heights[first : last + 1]) <= room:
            last += 1
        if last == first or (first == 0 and last <= grid.heads < grid.row_count):
            if sheet.room() > 0.9 * (sheet.bottom - sheet.layout.margin[1]):
                raise ValueError("a row of a table is higher than the page")
            sheet.new_page()
            continue
        places.append(_draw_piece(sheet, grid, xs, heights, heads + list(range(first, last))))
        first = last
        if first < grid.row_count:
            sheet.new_page()
    sheet.y += 6.0
    return places


def _split(sheet: Sheet, grid: Grid, xs: list[float], heights: list[float]) -> tuple[Grid, list[float]]:
    """Move the table down until the page ends within a row whose label has several lines, and make two rows of it.

    Unchanged where no such row can come to the end of the page.
    """
    best: tuple[float, Cell, int] | None = None
    for cell in grid.cells:
        count = len(_lines(sheet, cell, xs[cell.column + cell.columns] - xs[cell.column]))
        if cell.row < grid.heads or cell.rows > 1 or cell.figure or count < 2:
            continue
        kept = count // 2
        above = sum(heights[: cell.row]) + kept * sheet.layout.table_size * LINE + 2 * PADDING
        slack = sheet.room() - above
        if slack >= 0 and (best is None or slack < best[0]):
            best = slack, cell, kept
    if best is None:
        return grid, heights
    slack, label, kept = best
    row = label.row
    sheet.y += max(0.0, slack - 0.05)
    first = kept * sheet.layout.table_size * LINE + 2 * PADDING
    cells: list[Cell] = []
    for cell in grid.cells:
        if cell.row > row:
            cells.append(replace(cell, row=cell.row + 1))
        elif cell.row + cell.rows <= row:
            cells.append(cell)
        elif cell.rows > 1:
            cells.append(replace(cell, rows=cell.rows + 1))
        elif cell.figure:
            upper = sheet.layout.split_rows == "first"
            shown = replace(cell, row=row if upper else row + 1)
            cells.extend([shown, replace(cell, row=row + 1 if upper else row, text="", path=None)])
        else:
            lines = _lines(sheet, cell, xs[cell.column + cell.columns] - xs[cell.column])
            keep = kept if cell is label else len(lines)
            cells.append(replace(cell, text="".join(lines[:keep])))
            cells.append(replace(cell, row=row + 1, text="".join(lines[keep:])))
    second = max(heights[row] - first, 16.0)
    return Grid(grid.shares, cells, grid.heads), [*heights[:row], first, second, *heights[row + 1 :]]


def _row_heights(sheet: Sheet, grid: Grid, xs: list[float]) -> list[float]:
    heights = [sheet.layout.row_height] * grid.row_count
    for cell in sorted(grid.cells, key=lambda c: c.rows):
        width = xs[cell.column + cell.columns] - xs[cell.column]
        size = _size(sheet, cell, width)
        lines = _lines(sheet, cell, width)
        need = len(lines) * size * LINE + 2 * PADDING
        rows = range(cell.row, cell.row + cell.rows)
        lack = need - sum(heights[row] for row in rows)
        if lack > 0:
            for row in rows:
                heights[row] += lack / cell.rows
    return heights


def _draw_piece(sheet: Sheet, grid: Grid, xs: list[float], heights: list[float], rows: list[int]) -> Place:
    """Draw those rows of the grid one under another on the present page."""
    tops: dict[int, float] = {}
    y = sheet.y
    for row in rows:
        tops[row] = y
        y += heights[row]
    edges: set[Edge] = set()
    for cell in grid.cells:
        mine = [row for row in range(cell.row, cell.row + cell.rows) if row in tops]
        if not mine:
            continue
        box = (xs[cell.column], tops[mine[0]], xs[cell.column + cell.columns], tops[mine[-1]] + heights[mine[-1]])
        if cell.shaded and sheet.layout.shaded_heads:
            sheet.page.draw_rect(pymupdf.Rect(box), color=None, fill=(0.85, 0.88, 0.93), width=0)
        if cell.path:
            sheet.printed[cell.path] = Place(len(sheet.document) - 1, box)
        edges |= {
            (box[0], box[1], box[2], box[1]),
            (box[0], box[3], box[2], box[3]),
            (box[0], box[1], box[0], box[3]),
            (box[2], box[1], box[2], box[3]),
        }
        _write(sheet, replace(cell, text=_share_of_text(sheet, cell, mine, heights)), box)
    _rule(sheet, edges)
    piece = Place(len(sheet.document) - 1, (xs[0], sheet.y, xs[-1], y))
    sheet.y = y
    return piece


def _share_of_text(sheet: Sheet, cell: Cell, mine: list[int], heights: list[float]) -> str:
    """The text that a cell shows in one piece of the grid when a page break cuts it."""
    if len(mine) == cell.rows or cell.figure:
        return cell.text
    whole = sum(heights[cell.row : cell.row + cell.rows])
    before = sum(heights[cell.row : mine[0]])
    here = sum(heights[row] for row in mine)
    if not sheet.layout.cut_labels:
        return cell.text if here > whole / 2 or (here == whole / 2 and not before) else ""
    start, end = (round(len(cell.text) * part / whole) for part in (before, before + here))
    return cell.text[start:end]


def _write(sheet: Sheet, cell: Cell, box: Edge) -> None:
    """Set the lines of a cell in the middle of its height."""
    face, size = sheet.layout.face, _size(sheet, cell, box[2] - box[0])
    lines = _lines(sheet, cell, box[2] - box[0])
    step = size * LINE
    y = (box[1] + box[3] - len(lines) * step) / 2
    for line in lines:
        length = sheet.width(line, size, face)
        x = box[0] + PADDING if cell.align == "left" else (box[0] + box[2] - length) / 2
        sheet.put(x, y + (step + size) / 2 - size * 0.14, line, size, face)
        y += step


def _lines(sheet: Sheet, cell: Cell, width: float) -> list[str]:
    if not cell.text:
        return []
    if cell.vertical:
        return [character for character in cell.text if not character.isspace()]
    if cell.figure:
        return _figure_lines(cell.text)
    return sheet.break_lines(cell.text, sheet.layout.table_size, sheet.layout.face, width - 2 * PADDING)


def _size(sheet: Sheet, cell: Cell, width: float) -> float:
    """The type size of a cell `width` wide: figures shrink rather than break."""
    layout = sheet.layout
    if not cell.figure:
        return layout.table_size
    size = layout.figure_size or layout.table_size
    longest = max((sheet.width(line, size, layout.face) for line in _figure_lines(cell.text)), default=0.0)
    return size if longest <= width - PADDING else size * (width - PADDING) / longest


def _figure_lines(text: str) -> list[str]:
    """A figure stands on one line, its remark on the next."""
    figure, bracket, remark = text.partition("（")
    return [line for line in (figure, bracket + remark) if line]


def _rule(sheet: Sheet, edges: set[Edge]) -> None:
    layout = sheet.layout
    if layout.rule_style == "none":
        return
    if layout.rule_style == "level":
        edges = {edge for edge in edges if edge[1] == edge[3]}
    ruled = sorted(edges) if layout.rules_per_cell else _joined(edges)
    ruled = [piece for edge in ruled for piece in _styled(edge, layout.rule_style)]
    shape = sheet.page.new_shape()
    half = layout.rule_width / 2
    for x0, y0, x1, y1 in ruled:
        if layout.rules_as_rectangles:
            shape.draw_rect(pymupdf.Rect(x0 - half, y0 - half, x1 + half, y1 + half))
        else:
            shape.draw_line((x0, y0), (x1, y1))
    gray = (layout.rule_gray,) * 3
    if layout.rules_as_rectangles:
        shape.finish(color=None, fill=gray, width=0)
    else:
        shape.finish(color=gray, width=layout.rule_width)
    shape.commit()


def _styled(edge: Edge, style: str) -> list[Edge]:
    """The strokes that draw one rule: with gaps where it is broken, two of them where it is double."""
    x0, y0, x1, y1 = edge
    across = y0 == y1
    if style == "double":
        apart = (0.0, 0.9) if across else (0.9, 0.0)
        return [(x0 + s * apart[0], y0 + s * apart[1], x1 + s * apart[0], y1 + s * apart[1]) for s in (-1, 1)]
    if style != "broken":
        return [edge]
    rng = Random(f"{edge}")
    strokes, at, length = [], 0.0, (x1 - x0) + (y1 - y0)
    while at < length:
        end = min(length, at + rng.uniform(6.0, 30.0))
        strokes.append((x0 + at, y0, x0 + end, y1) if across else (x0, y0 + at, x1, y0 + end))
        at = end + rng.uniform(0.6, 3.0)
    return strokes


def _joined(edges: set[Edge]) -> list[Edge]:
    """Edges that meet end to end become one rule."""
    joined: list[Edge] = []
    for across in (True, False):
        lines: dict[float, list[tuple[float, float]]] = {}
        for x0, y0, x1, y1 in edges:
            if (y0 == y1) == across:
                lines.setdefault(y0 if across else x0, []).append((x0, x1) if across else (y0, y1))
        for at, spans in lines.items():
            start, end = min(spans)
            for low, high in sorted(spans):
                if low > end + 0.01:
                    joined.append((start, at, end, at) if across else (at, start, at, end))
                    start = low
                end = max(end, high) if low <= end + 0.01 else high
            joined.append((start, at, end, at) if across else (at, start, at, end))
    return joined
