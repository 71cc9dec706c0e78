"""Tables of a scanned page of which most rules are lost: known by the specks that are left, or by words alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from cv2.typing import MatLike

from extractors.layout.dotted import completed, parted
from extractors.layout.flow import cell_at
from extractors.layout.grids import Cell, Grid, find_grids, lies_in
from extractors.layout.unruled import find_figures, find_unruled, heights_of_headings, may_be_tables
from extractors.layout.worn import with_worn_sides
from extractors.reading.crops import Crop, seen_ink, stands_across, type_box
from extractors.reading.engine import TextBox
from extractors.reading.page import Rule, Word
from extractors.reading.runs import find_pieces
from extractors.reading.specks import find_speckled, is_dotted, without_specks
from extractors.report import Box

FEW_ROWS, MORE_ROWS = 4, 2
"""Rows of a table that may be nothing but rests of rules, or the edges of shaded heads; and how many times as many rows
the words must show then."""
SHARED, MORE_ALONE = 0.25, 2
"""Share of the figures in ruled cells that stand there with others from which rules seem to be lost; and how many times
as many the words must show by themselves then."""


@dataclass(frozen=True)
class Found:
    """All rules of such a page, the tables among them that were found anew, and its ink without specks of rules."""

    rules: list[Rule]
    tables: list[Grid]
    ink: MatLike


def seem_lost(crops: Sequence[Crop], words: Sequence[Word], grids: Sequence[Grid]) -> bool:
    """Whether a page shows tables of which hardly a row, or so few sides, are ruled that rules seem to be lost."""
    rows = max((grid.rows for grid in grids), default=0)
    return (rows <= FEW_ROWS or _crowded(crops, words, grids)) and may_be_tables(words)


def _crowded(crops: Sequence[Crop], words: Sequence[Word], grids: Sequence[Grid]) -> bool:
    """Whether so many figures share their cells that the rules between them seem to be lost."""
    held = Counter(id(crop.cell) for crop in crops if crop.cell is not None)
    if sum(count for count in held.values() if count > 1) <= SHARED * held.total():  # which takes no time to tell
        return False
    figures = [box for box in find_figures(words) if cell_of(box, grids) is not None]
    return _alone(figures, grids) < (1 - SHARED) * len(figures)


def find_lost(
    words: Sequence[Word],
    text: Sequence[TextBox],
    rules: Sequence[Rule],
    gray: MatLike,
    ink: MatLike,
    to_points: float,
) -> Found | None:
    """The rules of a page of which most are lost: those that specks make, or words alone; None where neither parts more
    of the figures than `rules` do. `text` are its detected lines, `gray` and `ink` the page in pixels."""
    dpi, grids = 72 / to_points, find_grids(rules)
    specks = find_speckled(gray, text, dpi)
    ink = without_specks(ink, specks, dpi)
    pieces, figures = find_pieces(seen_ink(ink, text), words, to_points)
    with_specks = parted([*rules, *specks], heights_of_headings(words))
    dotted = _of_specks(with_specks, gray, ink, to_points) if specks else []
    made = find_unruled(words, pieces, figures, [*rules, *specks])
    known, of_dots = find_grids(made), find_grids(dotted)
    if _filled(figures, of_dots) > max(_filled(figures, grids), _filled(figures, known)):
        return Found(dotted, of_dots, ink)
    rows = max((grid.rows for grid in grids), default=0)
    more = any(grid.rows >= max(MORE_ROWS * rows, 1) for grid in known)
    alone = _alone(figures, grids)
    if known and _alone(figures, known) > (alone if more else MORE_ALONE * max(alone, 1)):
        apart = (grid for grid in grids if not any(_overlap(grid, other) for other in known))
        beside = [grid for grid in apart if _alone(figures, [grid])]
        kept = [rule for rule in rules if any(lies_in(rule, grid) for grid in beside)]
        return Found(made + kept, known, ink)
    return None


def _of_specks(rules: Sequence[Rule], gray: MatLike, ink: MatLike, to_points: float) -> list[Rule]:
    """The rules of tables of which a fax has left specks, with the sides that show too few of them."""
    dotted, crossed = partial(is_dotted, gray, 72 / to_points), partial(stands_across, ink, to_points)
    whole = [*rules, *completed(rules, dotted, crossed)]
    return with_worn_sides(whole, partial(type_box, ink, to_points))


def _filled(figures: Sequence[Box], grids: Sequence[Grid]) -> int:
    """How many cells hold figures."""
    return len({id(cell) for box in figures if (cell := cell_of(box, grids)) is not None})


def _alone(figures: Sequence[Box], grids: Sequence[Grid]) -> int:
    """How many cells hold one of the figures and no other."""
    held = Counter(id(cell) for box in figures if (cell := cell_of(box, grids)) is not None)
    return sum(count == 1 for count in held.values())


def cell_of(box: Box, grids: Sequence[Grid]) -> Cell | None:
    """The cell in which the middle of a box lies."""
    return cell_at(grids, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def _overlap(grid: Grid, other: Grid) -> bool:
    """Whether two tables take the same part of the height of a page."""
    return grid.ys[0] < other.ys[-1] and other.ys[0] < grid.ys[-1]
