"""Pages of words and rules → lines and tables in reading order, without page furniture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from extractors.layout.grids import Cell, Grid, find_grids, lines_of
from extractors.reading.page import PageReading, Word
from extractors.report import Box
from extractors.text import squeeze

MARGIN = 0.11
"""Share of the page's height, at the top and at the bottom, where furniture stands."""
PAGE_NUMBER = re.compile(
    r"[-—–－一·.•~\s]*(第?\d{1,4}页?|[ivxIVX]{1,5})([/／|,，]?(共|of)?\d{1,4}页?)?[-—–－一·.•~\s]*", re.IGNORECASE
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


@dataclass(frozen=True)
class Table:
    """A ruled table on one page, its cells filled with words."""

    page: int
    grid: Grid


Element = Line | Table


def read_flow(pages: Sequence[PageReading]) -> list[Element]:
    """Lines and tables of all pages, top to bottom, page after page."""
    flow: list[Element] = []
    for page in pages:
        grids = find_grids(page.rules)
        loose = _fill(grids, page)
        lines = [_line(page.number, words) for words in lines_of(loose)]
        flow.extend(_in_reading_order(lines, [Table(page.number, grid) for grid in grids]))
    return _without_furniture(flow, {page.number: _upright_height(page) for page in pages})


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
    return loose


def cell_at(grids: Iterable[Grid], x: float, y: float) -> Cell | None:
    """The cell that covers a point of the page."""
    for grid in grids:
        x0, y0, x1, y1 = grid.box
        if x0 <= x <= x1 and y0 <= y <= y1:
            for cell in grid.cells:
                if cell.box[0] <= x <= cell.box[2] and cell.box[1] <= y <= cell.box[3]:
                    return cell
    return None


def _line(page: int, words: list[Word]) -> Line:
    parts: list[str] = []
    for before, word in zip([None, *words], words, strict=False):
        if before is not None and word.box[0] - before.box[2] > 0.25 * max(word.box[3] - word.box[1], 1):
            parts.append(" ")
        parts.append(word.text)
    box = (
        min(w.box[0] for w in words),
        min(w.box[1] for w in words),
        max(w.box[2] for w in words),
        max(w.box[3] for w in words),
    )
    size = median(w.size or (w.box[3] - w.box[1]) for w in words)
    bold = sum(len(w.text) for w in words if w.bold) * 2 > sum(len(w.text) for w in words)
    return Line(page, "".join(parts).strip(), box, size, bold, tuple(words))


def _in_reading_order(lines: list[Line], tables: list[Table]) -> list[Element]:
    return sorted([*lines, *tables], key=lambda e: e.box[1] if isinstance(e, Line) else e.grid.box[1])


def _upright_height(page: PageReading) -> float:
    return page.width if page.rotation in (90, 270) else page.height


def _without_furniture(flow: list[Element], heights: dict[int, float]) -> list[Element]:
    """Drop page numbers, and headers and footers that return on other pages."""
    at_edge: dict[int, str] = {}
    for element in flow:
        if isinstance(element, Line):
            height = heights[element.page]
            if element.box[3] < MARGIN * height or element.box[1] > (1 - MARGIN) * height:
                at_edge[id(element)] = re.sub(r"\d+", "#", squeeze(element.text))
    pages_of: Counter[str] = Counter()
    for text in {(e.page, at_edge[id(e)]) for e in flow if isinstance(e, Line) and id(e) in at_edge}:
        pages_of[text[1]] += 1
    outermost = _outermost(flow)

    def furniture(element: Element) -> bool:
        if not isinstance(element, Line) or id(element) not in at_edge:
            return False
        if id(element) in outermost and PAGE_NUMBER.fullmatch(squeeze(element.text)):
            return True
        return len(heights) > 2 and pages_of[at_edge[id(element)]] >= max(2, len(heights) / 2)

    return [element for element in flow if not furniture(element)]


def _outermost(flow: list[Element]) -> set[int]:
    """Ids of the first and the last element of each page: only there a bare number is a page number."""
    by_page: dict[int, list[Element]] = {}
    for element in flow:
        by_page.setdefault(element.page, []).append(element)
    return {id(e) for elements in by_page.values() for e in (elements[0], elements[-1])}
