"""A 1 that may be a 4: what a scan without thin strokes leaves of a 4 is an upright stroke, and reads as a 1 beyond
doubt. The sums tell some of them apart, all together."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from decimal import Decimal

from extractors.cells import CellReading
from extractors.checks.sums import sides, vouches
from extractors.report import Check, Value

SUM = re.compile(r"\.(row_sum|handled_sum|sum)\.")
"""The checks whose last cell is the total of the others."""
BAR = "one or four"
"""The doubt about a 1 that may be a 4 without its bar."""
MOST_WAYS = 64
"""In which a figure of several 1s is tried."""
MOST_SUMS = 4096
"""Of 1s taken for 4s that are told apart; beyond that a sum tells too little."""

Changes = Set[Decimal]
"""By how much a figure may grow."""


def has_one(value: Value) -> bool:
    return value is not None and "1" in str(value)


def fours_for(value: int | float) -> set[Decimal]:
    """What a figure may be of which some 1s are 4s, as it is printed: −1 may be −4."""
    text = str(value)
    ways = itertools.product(*(digit if digit != "1" else "14" for digit in text))
    return {Decimal("".join(way)) for way in itertools.islice(ways, MOST_WAYS)} - {Decimal(text)}


def as_fours(value: int | float) -> Changes:
    """By how much it grows then."""
    return {other - Decimal(str(value)) for other in fours_for(value)}


def borne_out(cells: Mapping[str, CellReading], checks: Sequence[Check], open_to_doubt: Set[str]) -> set[str]:
    """Those of the figures `open_to_doubt` whose 1s are none but 1s: in a sum that agrees, of which all is read, no
    choice of its other 1s makes up for a 4 there."""
    telling = [
        check
        for check in checks
        if vouches(check) and not any(cells[path].reason or cells[path].missing for path in check.cells)
    ]
    left = set(open_to_doubt)
    while ruled := {path for check in telling for path in _ruled_out(check, cells, left)}:
        left -= ruled
    return set(open_to_doubt) - left


def _ruled_out(check: Check, cells: Mapping[str, CellReading], left: Set[str]) -> Iterable[str]:
    changes = _changes(check, cells, left)
    for path, own in changes.items():
        made_up = _sums([some for other, some in changes.items() if other != path])
        if made_up is not None and not any(-change in made_up for change in own):
            yield path


def _changes(check: Check, cells: Mapping[str, CellReading], paths: Set[str]) -> dict[str, set[Decimal]]:
    """By how much what is added up may grow beyond what it must come to, for each of the `paths` that the sum has."""
    return {
        path: {side * change for change in as_fours(value)}
        for path, side in sides(check).items()
        if path in paths and (value := cells[path].value) is not None
    }


def _sums(changes: Iterable[Changes]) -> Changes | None:
    """All sums of at most one of each of several changes; None where there are too many."""
    found = {Decimal(0)}
    for some in changes:
        found |= {total + change for total in found for change in some}
        if len(found) > MOST_SUMS:
            return None
    return found


def maybe_fours(cells: Mapping[str, CellReading], checks: Sequence[Check], kept: Set[int]) -> dict[str, CellReading]:
    """Each figure with a 1 that would mend a sum as a 4, by itself or with one other, on a scanned page that has not
    shown that it has kept thin strokes."""
    doubted = {}
    scanned = {path for path, cell in cells.items() if cell.evidence.origin == "ocr" and cell.evidence.page not in kept}
    for check in checks:
        if check.status != "fail" or not SUM.search(check.id):
            continue
        gap = Decimal(str(check.actual)) - Decimal(str(check.expected))
        changes = _changes(check, cells, scanned)
        for path, own in changes.items():
            others = {change for other, some in changes.items() if other != path for change in some}
            if cells[path].reason is None and any(change == gap or gap - change in others for change in own):
                doubted[path] = replace(cells[path], reason="ambiguous", doubt=BAR)
    return doubted
