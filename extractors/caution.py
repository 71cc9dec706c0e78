"""Figures that are doubtful for what is around them: a page that is hard to read, a row of which cells are lost."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from decimal import Decimal

from extractors.cells import USUAL, CellReading
from extractors.checks.sums import check_sums, vouches
from extractors.forms import load_form
from extractors.forms.found import FoundTable
from extractors.reading.page import PageReading
from extractors.report import Box, Check, TableName

LEGIBLE, LEGIBLE_AT_ALL = 0.99, 0.975
"""Share of a page's Chinese characters that the quick recogniser must take for whole for figures to be believed, and
for those to be that sums vouch for. Thin strokes that are gone turn a 4 into a 1 that reads as one beyond doubt, but
they leave Chinese characters in pieces too: 0.997 and more on made scans whose figures came out right, 0.90 to 0.98 on
faxes where some did not. The pages of a report come from one machine: where one is not legible at all, none is
believed."""
HARD_TO_READ = 0.84
"""Confidence at most of a figure on a page that is less legible."""
SLASH = "stroke or figure"
"""The doubt about a 1 that may be a slash."""
BAR = "one or four"
"""The doubt about a 1 that may be a 4 without its bar."""
MOST_WAYS = 64
"""In which a figure of several 1s is tried."""
SUM = re.compile(r"\.(row_sum|handled_sum|sum)\.")
"""The checks whose last cell is the total of the others."""
EMPTY_TOTAL = "empty total"
"""The doubt about a total that is blank over figures."""
LONE_BLANK = "lone blank"
"""The doubt about a cell that seems empty in a table where hardly another is."""
RARE = 0.05
"""Share of a table's cells up to which those without ink are rare."""
ROW_LOST = "row lost in part"
"""The doubt about a row of which cells were not found."""
UNRULED = "no borders"
"""The doubt about what stands in a table whose borders were made up."""


def with_caution(
    cells: Mapping[str, CellReading], found: Mapping[TableName, FoundTable], readings: Sequence[PageReading]
) -> dict[str, CellReading]:
    """All cells, those listed that their surroundings make doubtful."""
    legibility = {reading.number: reading.legibility for reading in readings}
    summed = {name for name, table in found.items() if table.summed}
    least = math.inf if min(legibility.values(), default=1.0) < LEGIBLE_AT_ALL else LEGIBLE
    kept = {reading.number for reading in readings if reading.strokes_kept}
    held = {}
    for path, cell in cells.items():
        legible = legibility.get(cell.evidence.page or 0, 1.0)
        vouched = path.split(".")[0] in summed and (legible >= LEGIBLE_AT_ALL or not cell.value)
        held[path] = _hard_to_read(cell, vouched) if legible < least else cell
    checks = check_sums({name: load_form(table.form).table(name) for name, table in found.items()}, held)
    held |= _under_seals(held, found, readings, checks)
    held = (
        held
        | _torn(held, checks)
        | _maybe_slashes(held, checks)
        | _maybe_fours(held, checks, kept)
        | _lone_blanks(held)
        | _empty_totals(held, checks)
    )
    return held | _unruled(held, found, checks)


def _hard_to_read(cell: CellReading, vouched: bool) -> CellReading:
    """Less sure, and listed unless sums vouch for it; where every 4 has become a 1, sums agree all the same."""
    if cell.evidence.origin != "ocr" or cell.evidence.confidence is None:
        return cell
    evidence = cell.evidence.model_copy(update={"confidence": min(cell.evidence.confidence, HARD_TO_READ)})
    return replace(cell, evidence=evidence, reason=cell.reason or (None if vouched else "low_confidence"))


def _under_seals(
    cells: Mapping[str, CellReading],
    found: Mapping[TableName, FoundTable],
    readings: Sequence[PageReading],
    checks: Sequence[Check],
) -> dict[str, CellReading]:
    """Each cell that a gray seal reaches into and no sum agrees with, less sure: what is left of the seal's ink may be
    read as a digit."""
    borne_out = {path for check in checks if check.status == "pass" for path in check.cells}
    seals = {reading.number: reading.seals for reading in readings if reading.seals}
    return {
        path: _hard_to_read(cells[path], vouched=True)
        for name, table in found.items()
        for key, place in table.cells.items()
        if (path := f"{name}.{key}") in cells
        and path not in borne_out
        and any(_reaches_into(place.cell.box, seal) for seal in seals.get(place.cell.page, ()))
    }


def _reaches_into(box: Box, seal: Box) -> bool:
    """Whether the circle that fills the box around a seal covers some of a box."""
    x, y, radius = (seal[0] + seal[2]) / 2, (seal[1] + seal[3]) / 2, (seal[2] - seal[0]) / 2
    across, down = (max(low - at, at - high, 0.0) for at, low, high in ((x, box[0], box[2]), (y, box[1], box[3])))
    return math.hypot(across, down) < radius


def _maybe_slashes(cells: Mapping[str, CellReading], checks: Sequence[Check]) -> dict[str, CellReading]:
    """Each lone 1 that its sums do not bear out, in a table whose mark for nothing is a slash: worn, it reads so."""
    marks = Counter(path.split(".")[0] for path, cell in cells.items() if cell.evidence.raw == "/")
    vouched = {path for check in checks if vouches(check) for path in check.cells}
    vouched -= {path for check in checks if check.status == "fail" for path in check.cells}
    return {
        path: replace(cell, reason="ambiguous", doubt=SLASH)
        for path, cell in cells.items()
        if marks[path.split(".")[0]] >= USUAL
        and cell.value == 1
        and cell.reason is None
        and cell.evidence.origin == "ocr"
        and path not in vouched
    }


def _maybe_fours(cells: Mapping[str, CellReading], checks: Sequence[Check], kept: Set[int]) -> dict[str, CellReading]:
    """Each figure with a 1 that would mend a sum as a 4, by itself or with one other, on a scanned page that has not
    shown that it has kept thin strokes."""
    doubted = {}
    for check in checks:
        if check.status != "fail" or not SUM.search(check.id):
            continue
        gap = Decimal(str(check.expected)) - Decimal(str(check.actual))
        changes: dict[str, set[Decimal]] = {}
        for path in check.cells:
            cell = cells[path]
            if cell.evidence.origin == "ocr" and cell.evidence.page not in kept and cell.value is not None:
                side = 1 if path == check.cells[-1] else -1
                changes[path] = {side * change for change in _as_fours(cell.value)}
        for path, own in changes.items():
            others = {change for other, some in changes.items() if other != path for change in some}
            if cells[path].reason is None and any(change == gap or gap - change in others for change in own):
                doubted[path] = replace(cells[path], reason="ambiguous", doubt=BAR)
    return doubted


def _as_fours(value: int | float) -> set[Decimal]:
    """By how much a figure grows where some of its 1s are 4s."""
    text = str(value)
    ways = itertools.product(*(digit if digit != "1" else "14" for digit in text))
    return {Decimal("".join(way)) - Decimal(text) for way in itertools.islice(ways, MOST_WAYS)} - {Decimal(0)}


def _lone_blanks(cells: Mapping[str, CellReading]) -> dict[str, CellReading]:
    """The few cells of a scanned table without ink where the others have some, be it a dash: theirs may be too faint
    to see."""
    blank = [path for path, cell in cells.items() if cell.evidence.origin == "ocr" and cell.evidence.raw == ""]
    without, of = (Counter(path.split(".")[0] for path in paths) for paths in (blank, cells))
    return {
        path: replace(cells[path], reason="ambiguous", doubt=LONE_BLANK)
        for path in blank
        if cells[path].reason is None and without[path.split(".")[0]] <= RARE * of[path.split(".")[0]]
    }


def _empty_totals(cells: Mapping[str, CellReading], checks: Sequence[Check]) -> dict[str, CellReading]:
    """Each total on a scan that seems empty over figures, where most such totals of its table are printed: something
    that is no paper may have gone with it."""
    sums = [check for check in checks if check.expected and SUM.search(check.id)]
    empty = {check.cells[-1] for check in sums if check.status == "unknown" and check.actual is None}
    totals = Counter(check.cells[-1].split(".")[0] for check in sums)
    lacking = Counter(path.split(".")[0] for path in empty)
    return {
        path: replace(cells[path], reason="ambiguous", doubt=EMPTY_TOTAL)
        for path in empty
        if lacking[path.split(".")[0]] <= totals[path.split(".")[0]] / 2
        and cells[path].reason is None
        and cells[path].evidence.origin == "ocr"
        and not cells[path].evidence.raw
    }


def _torn(cells: Mapping[str, CellReading], checks: Sequence[Check]) -> dict[str, CellReading]:
    """The figures of scanned rows that have lost cells, where no sum vouches for them: their borders may be wrong."""
    lost = {path.rpartition(".")[0] for path, cell in cells.items() if cell.missing}
    vouched = {path for check in checks if vouches(check) for path in check.cells}
    return {
        path: replace(cell, reason="ambiguous", doubt=ROW_LOST)
        for path, cell in cells.items()
        if path.rpartition(".")[0] in lost
        and cell.reason is None
        and cell.evidence.origin == "ocr"
        and path not in vouched
    }


def _unruled(
    cells: Mapping[str, CellReading], found: Mapping[TableName, FoundTable], checks: Sequence[Check]
) -> dict[str, CellReading]:
    """What stands in tables whose borders were made up, but for what is clear of these, and for what all sums through
    it confirm in a table of which nothing is missing and nothing left over: there each figure stands beside its label
    and under its head."""
    sums: dict[str, list[bool]] = {}
    for check in checks:
        for path in check.cells:
            sums.setdefault(path, []).append(vouches(check))
    open_to_doubt = {}
    for name, table in found.items():
        own = {path: cell for path, cell in cells.items() if path.split(".")[0] == name}
        whole = not table.unmatched and not any(cell.missing for cell in own.values())
        for path, cell in own.items():
            place = table.cells.get(path.partition(".")[2])
            if place is None or place.cell.ruled or place.cell.clear or cell.reason is not None:
                continue
            if place.by_position or not whole or not all(sums.get(path, [False])):
                open_to_doubt[path] = replace(cell, reason="ambiguous", doubt=UNRULED)
    return open_to_doubt
