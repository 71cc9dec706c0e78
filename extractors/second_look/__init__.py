"""Doubtful figures of scans, looked at again: cut out finer, read in several ways, held against the sums.

The sums only choose between figures that the pixels support. What is changed says so; what was read
beyond doubt is never touched, so that an error of the report itself stays as printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.caution import LONE_BLANK, hard_to_read
from extractors.caution.fours import BAR, has_one
from extractors.cells import USUAL, CellReading, tells_place_only
from extractors.checks.sums import check_sums, vouches
from extractors.errors import DocumentError
from extractors.figures import APART, DASH
from extractors.forms import Column, load_form
from extractors.forms.found import FoundTable
from extractors.layout.grids import Cell
from extractors.reading.page import PageReading
from extractors.report import Box, Check, TableName
from extractors.second_look.choosing import choose, corrected

if TYPE_CHECKING:
    from cv2.typing import MatLike

    from extractors.second_look.rereading import Rereading

DPI = 300
"""Of the pictures of pages that cells are cut out of; the first reading works at 200."""
ABOUT_THE_FIGURE = {"no number", "stroke or figure", "read in pieces", APART, "number over two lines", LONE_BLANK}
"""Doubts that pixels can settle; what a unit or a decimal means, they cannot."""

FOUR = 0.9
"""How sure it is that a 1 is a 4 that stands where one would."""
LONE = 2
"""Cells of a table up to which those that seem empty are few."""

__all__ = ["DPI", "PictureOf", "look_again"]

PictureOf = Callable[[int], "MatLike"]
"""Gives the picture (RGB, as the file shows it) of the page of that number, at some 300 dpi."""


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
    cells = _with_fours(cells, found, [pages[number] for number in sorted(faded)], picture_of)
    forms = {name: load_form(table.form).table(name) for name, table in found.items()}

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
        cell = _printed(path, found)
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
    now = _with_fours(now, found, [pages[number] for number in sorted(faded & seen)], picture_of)
    return _with_thin_dashes(now, {path for path in again if again[path] == STROKE})


def _printed(path: str, found: Mapping[TableName, FoundTable]) -> Cell:
    """The cell of a path as it stands on its page."""
    table, _, place = path.partition(".")
    return next(own.cells[place].cell for name, own in found.items() if name == table)


def _with_fours(
    cells: Mapping[str, CellReading],
    found: Mapping[TableName, FoundTable],
    pages: Sequence[PageReading],
    picture_of: PictureOf,
) -> dict[str, CellReading]:
    """All cells, the figures of pages that have lost thin strokes with their 1s told from 4s, where that can be."""
    told: dict[str, CellReading] = {}
    for page in pages:
        own = {path: cell for path, cell in cells.items() if cell.evidence.page == page.number and _is_plain(cell)}
        if not any(has_one(cell.value) for cell in own.values()):
            continue
        try:
            picture = picture_of(page.number)
        except DocumentError:
            continue  # the first reading stands, and the doubts of its page
        from extractors.second_look.cutouts import cut_out, ink_in, without_gray_seals
        from extractors.second_look.stems import Figure, tell_fours

        picture = without_gray_seals(picture, page)
        figures = {
            path: Figure(
                digits=str(cell.value),
                column=path.partition(".")[0] + path.rpartition(".")[2],
                ink=ink_in(cut_out(picture, page, _printed(path, found).box)),
            )
            for path, cell in own.items()
        }
        for path, digits in tell_fours(figures).items():
            same = digits == str(own[path].value)
            told[path] = replace(own[path], upright=True) if same else corrected(own[path], int(digits), FOUR)
    return _as_sums_allow(cells, told, found)


def _as_sums_allow(
    cells: Mapping[str, CellReading], told: Mapping[str, CellReading], found: Mapping[TableName, FoundTable]
) -> dict[str, CellReading]:
    """The cells with what was told of them, but for each 4 without which more sums agree: it stays a 1, in doubt."""
    forms = {name: load_form(table.form).table(name) for name, table in found.items()}
    now = {**cells, **told}
    for path, cell in told.items():
        if cell.upright:
            continue
        without = {**now, path: replace(cells[path], reason="ambiguous", doubt=BAR)}
        if _failing(check_sums(forms, without)) < _failing(check_sums(forms, now)):
            now = without
    return now


def _failing(checks: Sequence[Check]) -> int:
    return sum(check.status == "fail" for check in checks)


def _is_plain(cell: CellReading) -> bool:
    """Whether the cell was read as a number that is printed as nothing but digits."""
    shown = cell.evidence.raw == str(cell.value) or cell.evidence.state == "corrected"
    return cell.evidence.origin == "ocr" and isinstance(cell.value, int) and cell.value >= 0 and shown


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
    blank = [path for path, cell in cells.items() if cell.seems_empty]
    blanks = Counter(path.split(".")[0] for path in blank)
    # a 0 that is nearly worn off adds nothing to a sum
    agreed -= {path for path in blank if blanks[path.split(".")[0]] <= LONE}
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
