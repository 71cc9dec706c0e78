"""Pages that are hard to read: what is believed of them all the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from extractors.caution.fours import borne_out, has_one
from extractors.cells import CellReading
from extractors.checks.sums import check_sums, vouches
from extractors.forms import TableForm
from extractors.forms.found import FoundTable
from extractors.reading.page import PageReading
from extractors.report import Check, TableName

LEGIBLE, LEGIBLE_AT_ALL = 0.99, 0.975
"""Share of a page's Chinese characters that the quick recogniser must take for whole for all figures to be believed,
and for those to be that sums vouch for. Thin strokes that are gone turn a 4 into a 1 that reads as one beyond doubt,
but they leave Chinese characters in pieces too: 0.997 and more on made scans whose figures came out right, 0.90 to 0.98
on faxes where some did not. The pages of a report come from one machine: where one is not legible at all, all are hard
to read."""
ROW = re.compile(r"\.(row_sum|sum)\.")
"""The checks of one row."""
WHOLE = 0.95
"""Confidence from which a figure is believed on a page that is hard to read, but for its 1s: of 1,550 on faxes three
were wrong, none of which is believed for other reasons."""
HARD_TO_READ = 0.84
"""Confidence at most of the others there."""


def hard_to_read(readings: Sequence[PageReading]) -> set[int]:
    """The numbers of the pages of which not every figure is to be believed."""
    worst = min((reading.legibility for reading in readings), default=1.0)
    return {reading.number for reading in readings if worst < LEGIBLE_AT_ALL or reading.legibility < LEGIBLE}


def blurred(
    cells: Mapping[str, CellReading],
    found: Mapping[TableName, FoundTable],
    forms: Mapping[TableName, TableForm],
    readings: Sequence[PageReading],
) -> dict[str, CellReading]:
    """The cells of pages that are hard to read which are not sure all the same, and listed but for those that sums
    vouch for."""
    hard = hard_to_read(readings)
    if not hard:
        return {}
    illegible = {reading.number for reading in readings if reading.legibility < LEGIBLE_AT_ALL}
    summed = {name for name, table in found.items() if table.summed}
    checks = check_sums(forms, cells)
    doubtful = {path for path, cell in cells.items() if cell.evidence.page in hard}
    lacking = _lacking(cells, checks)
    doubtful -= _whole(cells, checks, doubtful) - lacking - _may_lack_minus(cells, forms) - _loose(cells, found)
    agreed = _agreed(cells, checks)
    # what one page of a machine has lost, others have lost here and there
    ones = {path for path in doubtful if illegible and has_one(cells[path].value) and not cells[path].upright}
    maybe_four = ones - borne_out(cells, checks, ones)

    def vouched(path: str) -> bool:
        cell = cells[path]
        nothing = not cell.value and path.split(".")[0] in summed and path not in lacking
        # along its row and down its column nothing but a 4 for a 1 is misread alike
        needed = 1 if cell.evidence.page not in illegible else 2
        return nothing or (agreed[path] >= needed and path not in maybe_four)

    return {path: less_sure(cells[path], vouched(path)) for path in doubtful}


def _whole(cells: Mapping[str, CellReading], checks: Sequence[Check], hard: Set[str]) -> set[str]:
    """The figures of pages that are hard to read which are sure all the same: a 1 only where it is told from a 4 by
    where it stands, or no sum leaves a 4 open."""
    sure = {path for path in hard if cells[path].reason is None and (cells[path].evidence.confidence or 0.0) >= WHOLE}
    ones = {path for path in hard if has_one(cells[path].value) and not cells[path].upright}
    return sure - ones | sure & borne_out(cells, checks, ones)


def _lacking(cells: Mapping[str, CellReading], checks: Sequence[Check]) -> set[str]:
    """What shows nothing in a row that does not add up: what is left of a figure may look like the mark for nothing."""
    failing = {path for check in checks if check.status == "fail" and ROW.search(check.id) for path in check.cells}
    return {path for path in failing if cells[path].value is None}


def _may_lack_minus(cells: Mapping[str, CellReading], forms: Mapping[TableName, TableForm]) -> set[str]:
    """The figures without a sign where one may be printed: a minus is as thin a stroke as any."""
    return {
        path
        for name, form in forms.items()
        for row in form.rows
        for column in form.columns_of(row)
        if column.signed
        and (value := cells[path := f"{name}.{row.key}.{column.key}"].value)
        and value > 0
        and (cells[path].evidence.raw or "")[:1].isdigit()
    }


def _loose(cells: Mapping[str, CellReading], found: Mapping[TableName, FoundTable]) -> set[str]:
    """The cells of tables of which a row was not found, or one was that is none of the form's: where labels are hard
    to read, another may have been taken for it."""
    there = {path.rpartition(".")[0] for path, cell in cells.items() if not cell.missing}
    loose = {path.split(".")[0] for path in cells if path.rpartition(".")[0] not in there}
    loose |= {name for name, table in found.items() if table.unmatched}
    return {path for path in cells if path.split(".")[0] in loose}


def _agreed(cells: Mapping[str, CellReading], checks: Sequence[Check]) -> Counter[str]:
    """How many sums bear each figure out as it was read, if none fails; one that a figure was chosen by tells
    nothing."""
    chosen = {path for path, cell in cells.items() if cell.evidence.state == "corrected"}
    failing = {path for check in checks if check.status == "fail" for path in check.cells}
    telling = [check for check in checks if vouches(check) and not chosen & set(check.cells)]
    return Counter(path for check in telling for path in check.cells if path not in failing)


def less_sure(cell: CellReading, vouched: bool) -> CellReading:
    """Less sure, and listed unless sums vouch for it; where every 4 has become a 1, sums agree all the same."""
    if cell.evidence.origin != "ocr" or cell.evidence.confidence is None:
        return cell
    evidence = cell.evidence.model_copy(update={"confidence": min(cell.evidence.confidence, HARD_TO_READ)})
    return replace(cell, evidence=evidence, reason=cell.reason or (None if vouched else "low_confidence"))
