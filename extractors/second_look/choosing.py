"""What a doubtful cell says after all: its second reading, and the sums where the pixels leave a choice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from extractors.caution.fours import fours_for
from extractors.cells import DOTS, CellReading
from extractors.report import Check, Value

if TYPE_CHECKING:
    from extractors.second_look.rereading import Rereading

DISPUTED = "two readings"
"""The doubt of a cell that two readings disagree about."""

Checks = Callable[[Mapping[str, CellReading]], list[Check]]

SURE = 0.85
"""Support from which a second reading that agrees with the first settles it."""
SURER = 0.95
"""Support from which a unanimous second reading overrules the first."""
POSSIBLE = 0.04
"""Support from which a figure may be chosen by the sums."""
LIKELY = 0.3
"""The same where the first reading was sure of itself."""
MOST_CELLS, MOST_CHOICES = 4, 4
"""Of one sum that are tried together; beyond that the sums tell too little."""
LIKELIER = 3.0
"""How many times likelier the best choice must be than the next that makes as many sums agree."""


def choose(
    cells: Mapping[str, CellReading], again: Mapping[str, Rereading], checks: Checks, faded: Set[int] = frozenset()
) -> dict[str, CellReading]:
    """All cells, those in `again` settled, corrected or left on the list; `faded` pages may have lost thin strokes."""
    again = {
        path: _with_bars(cells[path], reading) if cells[path].evidence.page in faded else reading
        for path, reading in again.items()
    }
    now = dict(cells)
    choices: dict[str, dict[Value, float]] = {}
    for path, reading in again.items():
        first = cells[path]
        if reading.leaning and first.is_mark:
            continue
        reading = _whole(first, reading)
        support = _with_first(first, reading)
        if reading.unanimous and _agrees(first, reading) and reading.support[reading.best] >= SURE:
            now[path] = _settled(first, reading.support[reading.best])
        elif reading.best is None and not reading.inked:
            continue  # finding nothing is no reading: it cannot overrule one
        elif reading.unanimous and reading.support.get(reading.best, 0.0) >= SURER and not _firm(first):
            now[path] = corrected(first, reading.best, reading.support[reading.best])
        else:
            least = LIKELY if _firm(first) else POSSIBLE
            choices[path] = {v: share for v, share in support.items() if share >= least or v == first.value}
    now = _by_sums(now, choices, checks)
    open_to_dispute = [path for path in again if not (again[path].leaning and cells[path].is_mark)]
    now |= {path: _disputed(now[path]) for path in open_to_dispute if _disputes(now[path], again[path])}
    return _confirmed(now, again, checks)


def _agrees(first: CellReading, reading: Rereading) -> bool:
    """Whether both say the same; ink that makes no figure is not the same as none, a dot is no stroke, and ink that is
    not found a second time settles nothing."""
    if first.value is None:
        raw = first.evidence.raw or ""
        blank = first.evidence.state == "blank" and raw not in DOTS
        return reading.best is None and blank and (reading.inked or not raw)
    return reading.best == first.value


def _whole(first: CellReading, reading: Rereading) -> Rereading:
    """The second reading without what is only part of the first: a cut-out may lose digits at a cell's edge."""
    digits = "".join(char for char in first.evidence.raw or "" if char.isdigit())
    parts = {v for v in reading.support if v is not None and v != first.value and _is_part(str(v).strip("-"), digits)}
    if not parts:
        return reading
    support = {value: share for value, share in reading.support.items() if value not in parts}
    return replace(reading, support=support or {first.value: 0.0}, unanimous=False)


def _with_bars(first: CellReading, reading: Rereading) -> Rereading:
    """The second reading where it has a 1 for what was seen to be a 4: a bar may be lost, but none is made."""
    fours = [v for v in reading.support if v is not None and first.value in fours_for(v)]
    if not fours:
        return reading
    support = {value: share for value, share in reading.support.items() if value not in fours}
    support[first.value] = support.get(first.value, 0.0) + sum(reading.support[value] for value in fours)
    return replace(reading, support=support)


def _is_part(some: str, digits: str) -> bool:
    return some in digits and some != digits


def _firm(first: CellReading) -> bool:
    """Whether the first reading was sure of itself: then two readings disagree, and a person must look."""
    confidence = first.evidence.confidence
    return confidence is not None and confidence >= SURER and first.reason is None


def _disputes(cell: CellReading, reading: Rereading) -> bool:
    """Whether the second reading says something else than the first, or more, and the cell is not listed yet; ink that
    makes no figure is more than none."""
    more = reading.unclear or (cell.seems_empty and reading.inked and not reading.unanimous)
    return cell.reason is None and (reading.best != cell.value or more)


def _disputed(cell: CellReading) -> CellReading:
    return replace(cell, reason="ambiguous", doubt=DISPUTED)


def _with_first(first: CellReading, reading: Rereading) -> dict[Value, float]:
    """The support of each value, the first reading counted as one variant among four."""
    support = {value: 0.75 * share for value, share in reading.support.items()}
    own = first.evidence.confidence if first.evidence.confidence is not None else 1.0
    support[first.value] = support.get(first.value, 0.0) + 0.25 * own
    return support


def _by_sums(
    cells: dict[str, CellReading], choices: Mapping[str, Mapping[Value, float]], checks: Checks
) -> dict[str, CellReading]:
    """Change what the pixels leave open where only one choice lets more sums agree."""
    for _ in range(3):
        failing = [check for check in checks(cells) if check.status == "fail"]
        changed = False
        for check in sorted(failing, key=lambda c: sum(path in choices for path in c.cells)):
            better = _better(cells, check, choices, checks)
            if better:
                cells = cells | better
                changed = True
                break
        if not changed:
            return cells
    return cells


def _better(
    cells: Mapping[str, CellReading], check: Check, choices: Mapping[str, Mapping[Value, float]], checks: Checks
) -> dict[str, CellReading]:
    """New readings of the open cells of one failing sum; none where no choice or more than one helps."""
    open_cells = [path for path in check.cells if len(choices.get(path, {})) > 1]
    if not open_cells or len(open_cells) > MOST_CELLS:
        return {}
    before = _failures(checks(cells))
    tried = []
    ranked = [sorted(choices[path].items(), key=lambda item: -item[1])[:MOST_CHOICES] for path in open_cells]
    for combination in itertools.product(*ranked):
        values = [value for value, _ in combination]
        if values == [cells[path].value for path in open_cells]:
            continue
        attempt = {
            path: corrected(cells[path], value, share) if value != cells[path].value else cells[path]
            for path, (value, share) in zip(open_cells, combination, strict=True)
        }
        failures = _failures(checks({**cells, **attempt}))
        if check.id not in failures and failures < before:
            tried.append((len(failures), -prod(share for _, share in combination), attempt))
    tried.sort(key=lambda entry: entry[:2])
    if not tried:
        return {}
    fewest, likelihood, best = tried[0]
    rivals = [entry for entry in tried[1:] if entry[0] == fewest]
    if rivals and rivals[0][1] * LIKELIER < likelihood:
        return {}
    return best


def _failures(checks: Sequence[Check]) -> set[str]:
    return {check.id for check in checks if check.status == "fail"}


def _confirmed(cells: dict[str, CellReading], again: Mapping[str, Rereading], checks: Checks) -> dict[str, CellReading]:
    """Take off the list what both readings say, however faintly, and what every sum through it agrees with.

    Ink that makes no figure stays there: it may be a 0, which sums cannot tell from nothing."""
    passing: dict[str, list[bool]] = {}
    for check in checks(cells):
        for path in check.cells:
            passing.setdefault(path, []).append(check.status == "pass")
    for path, reading in again.items():
        cell = cells[path]
        sums = passing.get(path, [])
        agrees = _agrees(cell, reading) and cell.evidence.state != "corrected"
        if agrees and cell.reason in ("low_confidence", "ambiguous") and len(sums) > 1 and all(sums):
            cells[path] = replace(cell, reason=None, doubt=None)
    return cells


def _settled(first: CellReading, support: float) -> CellReading:
    confidence = max(first.evidence.confidence or 0.0, round(support, 4))
    evidence = first.evidence.model_copy(update={"confidence": confidence})
    return replace(first, evidence=evidence, reason=None, doubt=None)


def corrected(first: CellReading, value: Value, support: float) -> CellReading:
    """The cell with another value, `support` of which the pixels show; that it was changed is on the review list."""
    evidence = first.evidence.model_copy(
        update={
            "state": "corrected",
            "first_reading": first.evidence.raw or "",
            "note": None if first.doubt == "no number" else first.evidence.note,
            "confidence": round(min(support, 1.0), 4),
        }
    )
    return replace(first, value=value, evidence=evidence, reason="corrected", doubt=None)
