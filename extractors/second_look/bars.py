"""The 1s of a page that has lost thin strokes: which are told to be 4s whose bar is gone, as far as the sums allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.caution.fours import BAR, has_one
from extractors.cells import CellReading
from extractors.checks.sums import check_sums
from extractors.errors import DocumentError
from extractors.forms.found import FoundTable, forms_of, printed_cell
from extractors.reading.page import PageReading
from extractors.report import Check, TableName
from extractors.second_look.choosing import corrected

if TYPE_CHECKING:
    from cv2.typing import MatLike

FOUR = 0.9
"""How sure it is that a 1 is a 4 that stands where one would."""

PictureOf = Callable[[int], "MatLike"]
"""Gives the picture (RGB, as the file shows it) of the page of that number, at some 300 dpi."""


def with_fours(
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
                ink=ink_in(cut_out(picture, page, printed_cell(found, path).box)),
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
    forms = forms_of(found)
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
