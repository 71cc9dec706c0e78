"""Traces of ink: a 1 that may be a slash, and cells that seem empty where figures stand around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from extractors.caution.fours import SUM
from extractors.cells import USUAL, CellReading
from extractors.checks.sums import vouches
from extractors.report import Check

SLASH = "stroke or figure"
"""The doubt about a 1 that may be a slash."""
EMPTY_TOTAL = "empty total"
"""The doubt about a total that is blank over figures."""
LONE_BLANK = "lone blank"
"""The doubt about a cell that seems empty in a table where hardly another is."""
RARE = 0.05
"""Share of a table's cells up to which those without ink are rare."""


def maybe_slashes(cells: Mapping[str, CellReading], checks: Sequence[Check]) -> dict[str, CellReading]:
    """Each lone 1 that its sums do not bear out, in a table whose mark for nothing is a slash: worn, it reads so. In a
    table that shows few marks, where the report's is a slash, each that a sum speaks against."""
    marks = Counter(path.split(".")[0] for path, cell in cells.items() if cell.evidence.raw == "/")
    vouched = {path for check in checks if vouches(check) for path in check.cells}
    failing = {path for check in checks if check.status == "fail" for path in check.cells}
    return {
        path: replace(cell, reason="ambiguous", doubt=SLASH)
        for path, cell in cells.items()
        if cell.value == 1
        and cell.reason is None
        and cell.evidence.origin == "ocr"
        and (
            path not in vouched - failing
            if marks[path.split(".")[0]] >= USUAL
            else path in failing and marks.total() >= USUAL
        )
    }


def rare_blanks(cells: Mapping[str, CellReading], few: int = 0) -> set[str]:
    """The few cells of a scanned table in which no ink was seen at first, where the others have some, be it a dash, but
    for those that show one at the second look; so many of a table are `few` in any case."""
    blank = {path for path, cell in cells.items() if cell.seems_empty and cell.evidence.origin == "ocr"}
    without, of = (Counter(path.split(".")[0] for path in paths) for paths in (blank, cells))
    rare = {table for table, count in without.items() if count <= max(few, RARE * of[table])}
    return {path for path in blank if path.split(".")[0] in rare and not cells[path].is_mark}


def lone_blanks(cells: Mapping[str, CellReading]) -> dict[str, CellReading]:
    """These: theirs may be too faint to see."""
    return {
        path: replace(cells[path], reason="ambiguous", doubt=LONE_BLANK)
        for path in rare_blanks(cells)
        if cells[path].reason is None
    }


def empty_totals(cells: Mapping[str, CellReading], checks: Sequence[Check]) -> dict[str, CellReading]:
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
