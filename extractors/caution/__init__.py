"""Figures that are doubtful for what is around them: a page that is hard to read, a row of which cells are lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extractors.caution.fours import maybe_fours
from extractors.caution.legibility import blurred, hard_to_read
from extractors.caution.order import in_order, torn, unruled
from extractors.caution.seals import under_seals
from extractors.caution.traces import LONE_BLANK, empty_totals, lone_blanks, maybe_slashes, rare_blanks
from extractors.cells import CellReading
from extractors.checks.sums import check_sums
from extractors.forms.found import FoundTable, forms_of
from extractors.reading.page import PageReading
from extractors.report import TableName

__all__ = ["LONE_BLANK", "hard_to_read", "rare_blanks", "with_caution"]


def with_caution(
    cells: Mapping[str, CellReading], found: Mapping[TableName, FoundTable], readings: Sequence[PageReading]
) -> dict[str, CellReading]:
    """All cells, those listed that their surroundings make doubtful."""
    forms = forms_of(found)
    held = {**cells, **blurred(cells, found, forms, readings)}
    held |= under_seals(held, found, forms, readings)
    checks = check_sums(forms, held)
    kept = {reading.number for reading in readings if reading.strokes_kept}
    held = (
        held
        | torn(held, checks)
        | maybe_slashes(held, checks)
        | maybe_fours(held, checks, kept)
        | lone_blanks(held)
        | empty_totals(held, checks)
    )
    return held | unruled(held, found, checks) | in_order(held, found, checks)
