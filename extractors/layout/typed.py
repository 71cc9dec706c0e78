"""Paragraphs and tables as they were typed → words and grids on a sheet without end.

Where a file says what its tables are, a grid needs no geometry. Later steps ask for some (which column a figure is
under, what stands closely above): every row and column is `STEP` wide, every paragraph as high as its type. These
positions never leave the house.
"""

from __future__ import annotations

from extractors.layout.grids import Cell, Grid
from extractors.reading.page import PageReading, TypedCell, TypedTable, Word
from extractors.report import Place

STEP = 20.0
"""Points: the width of a column and the height of a row."""
LINE = 1.5
"""Type heights from one paragraph to the next."""
WIDTH = 450.0
"""Points: of a paragraph."""


def lay_out(page: PageReading) -> tuple[list[Word], list[Grid]]:
    """A word for each paragraph, and a filled grid for each table, one below the other."""
    words: list[Word] = []
    grids: list[Grid] = []
    y = 0.0
    for block in page.typed or ():
        if isinstance(block, TypedTable):
            grids.append(_grid(block, y, page.number, len(grids) + 1))
            y = grids[-1].ys[-1] + STEP
        else:
            words.append(Word(block.text, (0.0, y, WIDTH, y + block.size), size=block.size, bold=block.bold))
            y += LINE * block.size
    return words, grids


def _grid(table: TypedTable, y: float, page: int, number: int) -> Grid:
    xs = [STEP * column for column in range(table.columns + 1)]
    ys = [y + STEP * row for row in range(table.rows + 1)]
    return Grid(xs, ys, [_cell(cell, xs, ys, page, number) for cell in table.cells])


def _cell(cell: TypedCell, xs: list[float], ys: list[float], page: int, table: int) -> Cell:
    x0, y0, x1, y1 = xs[cell.left], ys[cell.top], xs[cell.right], ys[cell.bottom]
    high = (y1 - y0) / max(len(cell.lines), 1)
    words = [Word(text, (x0, y0 + i * high, x1, y0 + (i + 1) * high)) for i, text in enumerate(cell.lines)]
    place = Place(table=table, row=cell.top + 1, column=cell.left + 1)
    return Cell(cell.top, cell.left, cell.bottom, cell.right, (x0, y0, x1, y1), page, words, place, cell.sure)
