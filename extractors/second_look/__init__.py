"""Doubtful figures of scans, looked at again: cut out finer, read in several ways, held against the sums.

The sums only choose between figures that the pixels support. What is changed says so; what was read
beyond doubt is never touched, so that an error of the report itself stays as printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING

from extractors.caution import LONE_BLANK, hard_to_read, rare_blanks
from extractors.cells import USUAL, CellReading, tells_place_only
from extractors.checks.sums import check_sums, vouches
from extractors.errors import DocumentError
from extractors.figures import APART, DASH, LEADING_ZERO, SPECKED
from extractors.forms import Column
from extractors.forms.found import FoundTable, forms_of, printed_cell
from extractors.reading.page import PageReading
from extractors.report import Box, Check, TableName
from extractors.second_look.bars import PictureOf, with_fours
from extractors.second_look.choosing import choose

if TYPE_CHECKING:
    from extractors.second_look.rereading import Rereading

DPI = 300
"""Of the pictures of pages that cells are cut out of; the first reading works at 200."""
ABOUT_THE_FIGURE = {
    "no number",
    "stroke or figure",
    "read in pieces",
    APART,
    SPECKED,
    LEADING_ZERO,
    "number over two lines",
    LONE_BLANK,
}
"""Doubts that pixels can settle; what a unit or a decimal means, they cannot."""
LONE = 2
"""Cells of a table that seem empty that are few, be the table ever so small."""

__all__ = ["DPI", "PictureOf", "look_again"]


def look_again(
    cells: Mapping[str, CellReading],
    found: Mapping[TableName, FoundTable],
    readings: Sequence[PageReading],
    picture_of: PictureOf,
) -> dict[str, CellReading]:
    """All cells, the doubtful ones as they stand after a second look."""
    if all(cell.evidence.origin != "ocr" for cell in cells.values()):
        return dict(cells)
    pages = {reading.number: reading for reading in readings}
    faded = hard_to_read(readings)
    cells = with_fours(cells, found, [pages[number] for number in sorted(faded)], picture_of)
    forms = forms_of(found)

    def checks(now: Mapping[str, CellReading]) -> list[Check]:
        return check_sums(forms, now)

    suspects = _suspects(cells, checks(cells))
    if not suspects:
        return dict(cells)
    from extractors.second_look.rereading import STROKE, reread

    by_page: dict[int, list[tuple[str, Box, Column]]] = {}
    for path in suspects:
        name, row, column = path.split(".")
        form = next(f for table, f in forms.items() if table == name)
        cell = printed_cell(found, path)
        columns = {c.key: c for c in form.columns_of(form.row(row))}
        by_page.setdefault(cell.page, []).append((path, cell.box, columns[column]))
    again: dict[str, Rereading] = {}
    for number, wanted in by_page.items():
        try:
            picture = picture_of(number)
        except DocumentError:
            continue  # the first reading stands, and its doubts
        again |= reread(picture, pages[number], wanted)
    now = choose(cells, again, checks, faded)
    seen = {cells[path].evidence.page for path in now if now[path].value != cells[path].value}
    now = with_fours(now, found, [pages[number] for number in sorted(faded & seen)], picture_of)
    return _with_thin_dashes(now, {path for path in again if again[path] == STROKE})


def _with_thin_dashes(cells: Mapping[str, CellReading], strokes: Set[str]) -> dict[str, CellReading]:
    """A level stroke too thin to be seen at first is no remains of a figure where many cells of its table show one: it
    is that table's mark for nothing."""
    marks = Counter(path.split(".")[0] for path, cell in cells.items() if cell.evidence.raw == DASH and cell.is_mark)
    usual = {path for path in strokes if cells[path].reason is None and marks[path.split(".")[0]] >= USUAL}
    return dict(cells) | {path: cells[path].as_mark() for path in usual if cells[path].evidence.state == "blank"}


def _suspects(cells: Mapping[str, CellReading], checks: Sequence[Check]) -> list[str]:
    """Cells of scans whose figure no sum vouches for: doubtful ones, those of a sum that does not agree, those that are
    in no sum at all, and the few of a table that seem empty."""
    failing = {path for check in checks if check.status == "fail" for path in check.cells}
    agreed = {path for check in checks if vouches(check) for path in check.cells} - failing
    agreed -= rare_blanks(cells, LONE)  # a 0 that is nearly worn off adds nothing to a sum
    return [
        path
        for path, cell in cells.items()
        if cell.evidence.origin == "ocr"
        and cell.evidence.state != "corrected"
        and (tells_place_only(cell.evidence.note) or cell.doubt == "no number")
        and (cell.doubt is None or cell.doubt in ABOUT_THE_FIGURE)
        and (cell.reason is not None or not _has_words(cell))
        and (cell.reason is not None or path not in agreed)
    ]


def _has_words(cell: CellReading) -> bool:
    """Whether the figure is printed with a word (增5): what reads figures alone cannot confirm it."""
    return any("\u4e00" <= char <= "\u9fff" for char in cell.evidence.raw or "")
