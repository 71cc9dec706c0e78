"""Places: what stands in a table whose borders are not drawn, or whose labels cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from extractors.cells import LISTED, PLACE, CellReading
from extractors.checks.sums import vouches
from extractors.figures import without_lookalikes
from extractors.forms.found import FoundCell, FoundTable
from extractors.report import Check, TableName

UNRULED = "no borders"
"""The doubt about what stands in a table whose borders were made up."""
ROW_LOST = "row lost in part"
"""The doubt about a row of which cells were not found."""


def torn(cells: Mapping[str, CellReading], checks: Sequence[Check]) -> dict[str, CellReading]:
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


def unruled(
    cells: Mapping[str, CellReading], found: Mapping[TableName, FoundTable], checks: Sequence[Check]
) -> dict[str, CellReading]:
    """What stands in tables whose borders were made up, but for what is clear of these, and for what all sums through
    it confirm in a table of which nothing is missing and nothing left over: there each figure stands beside its label
    and under its head."""
    sums = _told_by_sums(checks)
    open_to_doubt = {}
    for path, cell, place, whole in _places(cells, found):
        if place.cell.ruled or place.cell.clear or cell.reason is not None:
            continue
        if place.by_position or not whole or not all(sums.get(path, [False])):
            open_to_doubt[path] = replace(cell, reason="ambiguous", doubt=UNRULED)
    return open_to_doubt


def in_order(
    cells: Mapping[str, CellReading], found: Mapping[TableName, FoundTable], checks: Sequence[Check]
) -> dict[str, CellReading]:
    """What is known by its place alone, and read plainly, in a table of which all is there and nothing else, where all
    sums through it agree: it has the form's rows and columns, and its totals where the form has them."""
    sums = _told_by_sums(checks)
    return {
        path: replace(cell, reason=None, doubt=None)
        for path, cell, place, whole in _places(cells, found)
        if whole
        and cell.doubt == PLACE
        and _is_plain(cell)
        and place.cell.sure
        and place.cell.ruled
        and all(sums.get(path, [False]))
    }


def _is_plain(cell: CellReading) -> bool:
    """Whether it is blank, or its figure is all that is printed: ink that makes no figure adds nothing to a sum."""
    if cell.value is None:
        return cell.evidence.state == "blank"
    sure = cell.evidence.confidence is None or cell.evidence.confidence >= LISTED
    return sure and without_lookalikes(cell.evidence.raw or "") == str(cell.value)


def _places(
    cells: Mapping[str, CellReading], found: Mapping[TableName, FoundTable]
) -> Iterator[tuple[str, CellReading, FoundCell, bool]]:
    """Each cell that was found, by path, where it was, and whether its table has lost nothing and shows nothing that is
    none of the form's."""
    for name, table in found.items():
        own = {path: cell for path, cell in cells.items() if path.split(".")[0] == name}
        whole = not table.unmatched and not any(cell.missing for cell in own.values())
        for path, cell in own.items():
            if place := table.cells.get(path.partition(".")[2]):
                yield path, cell, place, whole


def _told_by_sums(checks: Sequence[Check]) -> dict[str, list[bool]]:
    """Of each cell of a sum, whether each of its sums vouches for it."""
    sums: dict[str, list[bool]] = {}
    for check in checks:
        for path in check.cells:
            sums.setdefault(path, []).append(vouches(check))
    return sums
