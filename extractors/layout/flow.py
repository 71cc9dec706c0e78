"""Pages of words and rules → lines and tables in reading order, without page furniture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from extractors.geometry import around
from extractors.headings import is_heading
from extractors.layout.grids import Cell, Grid, find_grids, lines_of
from extractors.layout.rest import with_labels
from extractors.layout.typed import lay_out
from extractors.layout.unruled.clearance import mark_clear
from extractors.reading.page import PageReading, Word
from extractors.report import Box, TableName
from extractors.text import squeeze

MARGIN = 0.11
"""Share of the page's height, at the top and at the bottom, where furniture stands."""
SAME_EDGE = 6.0
"""Points: edges of one table on two pages differ by less, scans included."""
LARGER = 1.25
"""Ratio of type sizes from which a line is no repetition of the others of its wording."""
PAGE_NUMBER = re.compile(
    r"[-—–－一ー─━·.•~\s]*(第?\d{1,4}页?|[ivxIVX]{1,5})([/／|,，]?(共|of)?\d{1,4}页?)?[-—–－一ー─━·.•~\s]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """Words side by side outside of any table."""

    page: int
    text: str
    box: Box
    size: float
    """Height of the type, in points."""
    bold: bool
    words: tuple[Word, ...]
    whole: bool = False
    """It is a paragraph by itself: the file says so."""


@dataclass(frozen=True)
class Table:
    """A ruled table on one page, its cells filled with words."""

    page: int
    grid: Grid
    under: TableName | None = None
    """The table of the form that belongs under the heading above it; see `sections`."""


Element = Line | Table


def read_flow(pages: Sequence[PageReading]) -> list[Element]:
    """Lines and tables of all pages, top to bottom, page after page."""
    if any(page.typed is not None for page in pages):
        return [element for page in pages for element in _typed_flow(page)]
    flow: list[Element] = []
    found = {page.number: find_grids(page.rules) for page in pages}
    for page in pages:
        neighbours = [g for n in (page.number - 1, page.number, page.number + 1) for g in found.get(n, [])]
        grids = [grid for grid in found[page.number] if len(grid.cells) > 1 or _part_of(grid, neighbours)]
        if grids and (before := found.get(page.number - 1)):
            grids[0] = with_labels(grids[0], before[-1], page.words)
        loose = _fill(grids, page)
        grids, headings = _cut_at_headings(grids)
        loose += headings
        lines = [_line(page.number, words) for words in lines_of(loose)]
        flow.extend(_in_reading_order(lines, [Table(page.number, grid) for grid in grids]))
    return _without_furniture(flow, {page.number: _upright_height(page) for page in pages})


def _typed_flow(page: PageReading) -> list[Element]:
    """The same of a file that says what its paragraphs and tables are, and has no furniture of pages."""
    words, grids = lay_out(page)
    grids, headings = _cut_at_headings(grids)
    lines = [_line(page.number, [word], whole=True) for word in words]
    lines += [_line(page.number, row) for row in lines_of(headings)]
    return _in_reading_order(lines, [Table(page.number, grid) for grid in grids])


def _part_of(frame: Grid, grids: Iterable[Grid]) -> bool:
    """Whether a frame of a single cell is a row of a table that a page break has cut off: it is as wide."""
    left, right = frame.xs[0], frame.xs[-1]
    return any(
        len(grid.cells) > 1 and abs(grid.xs[0] - left) < SAME_EDGE and abs(grid.xs[-1] - right) < SAME_EDGE
        for grid in grids
    )


def _fill(grids: list[Grid], page: PageReading) -> list[Word]:
    """Put each word into the cell that its middle lies in; gives back the words outside all grids."""
    loose = []
    for word in page.words:
        cell = cell_at(grids, (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2)
        if cell is None:
            loose.append(word)
        else:
            cell.words.append(word)
    for grid in grids:
        for cell in grid.cells:
            cell.page = page.number
        if grid.unruled:
            mark_clear(grid)
    return loose


def _cut_at_headings(grids: Iterable[Grid]) -> tuple[list[Grid], list[Word]]:
    """Tables that rules alone do not part are parted by the heading of a section that stands in a row of its own."""
    parts: list[Grid] = []
    words: list[Word] = []
    for grid in grids:
        start = 0
        for row in range(grid.rows):
            cells = [cell for cell in grid.cells if cell.top <= row < cell.bottom and cell.words]
            if len(cells) == 1 and (cells[0].top, cells[0].bottom) == (row, row + 1) and is_heading(cells[0].text):
                parts.append(grid.between(start, row))
                words += cells[0].words
                start = row + 1
        parts.append(grid.between(start, grid.rows) if start else grid)
    return [part for part in parts if part.cells], words


def cell_at(grids: Iterable[Grid], x: float, y: float) -> Cell | None:
    """The cell that covers a point of the page."""
    for grid in grids:
        x0, y0, x1, y1 = grid.box
        if x0 <= x <= x1 and y0 <= y <= y1:
            for cell in grid.cells:
                if cell.box[0] <= x <= cell.box[2] and cell.box[1] <= y <= cell.box[3]:
                    return cell
    return None


def _line(page: int, words: list[Word], whole: bool = False) -> Line:
    parts: list[str] = []
    for before, word in zip([None, *words], words, strict=False):
        if before is not None and word.box[0] - before.box[2] > 0.25 * max(word.box[3] - word.box[1], 1):
            parts.append(" ")
        parts.append(word.text)
    box = around([word.box for word in words])
    size = median(w.size or (w.box[3] - w.box[1]) for w in words)
    bold = sum(len(w.text) for w in words if w.bold) * 2 > sum(len(w.text) for w in words)
    return Line(page, "".join(parts).strip(), box, size, bold, tuple(words), whole)


def _in_reading_order(lines: list[Line], tables: list[Table]) -> list[Element]:
    return sorted([*lines, *tables], key=lambda e: e.box[1] if isinstance(e, Line) else e.grid.box[1])


def _upright_height(page: PageReading) -> float:
    return page.sheet_height or (page.width if page.rotation in (90, 270) else page.height)


def _without_furniture(flow: list[Element], heights: dict[int, float]) -> list[Element]:
    """Drop page numbers, and headers and footers that return on other pages."""
    repeated: dict[str, list[Line]] = {}
    for element in flow:
        if isinstance(element, Line) and _at_edge(element, heights[element.page]):
            repeated.setdefault(_wording(element), []).append(element)
    outermost = _outermost(flow)

    def furniture(element: Element) -> bool:
        if not isinstance(element, Line) or not _at_edge(element, heights[element.page]):
            return False
        if id(element) in outermost and PAGE_NUMBER.fullmatch(squeeze(element.text)):
            return True
        same = repeated[_wording(element)]
        if len({line.page for line in same}) < max(2, len(heights) / 2) or len(heights) < 3:
            return False
        # a title that the running header repeats stands in larger type
        return element.size <= LARGER * median(line.size for line in same)

    return [element for element in flow if not furniture(element)]


def _at_edge(line: Line, height: float) -> bool:
    return line.box[3] < MARGIN * height or line.box[1] > (1 - MARGIN) * height


def _wording(line: Line) -> str:
    """The text by which furniture is known again on another page: numbers may differ."""
    return re.sub(r"\d+", "#", squeeze(line.text))


def _outermost(flow: list[Element]) -> set[int]:
    """Ids of the first and the last element of each page: only there a bare number is a page number."""
    by_page: dict[int, list[Element]] = {}
    for element in flow:
        by_page.setdefault(element.page, []).append(element)
    return {id(e) for elements in by_page.values() for e in (elements[0], elements[-1])}
