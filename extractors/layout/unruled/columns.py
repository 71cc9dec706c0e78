"""Columns of a table without rules: things whose middles stand one below the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from extractors.layout.unruled.page import RIM, middle_of
from extractors.reading.page import Rule
from extractors.report import Box

APART = 8.0
"""Points between the middles of neighbours in one column, at most: columns of the form are 25 points wide and more, and
figures of one and of four digits of 10 points that end at one line are 8 apart."""
BROADEST = 20.0
"""Points between the first and the last middle in one column, at most: columns are 25 points wide and more, and digits
set apart may stand on both sides of one."""
ON_BORDER = 2.0
"""Points around the paper between two columns within which an upright rule that is left is their border."""
STRAY = 0.25
"""Share of the things in the emptiest column of a table up to which others, one below the other, may be stray marks:
speckles and rests of rules."""


def by_middle(boxes: Sequence[Box], apart: float = APART) -> list[list[Box]]:
    """Boxes in columns, from left to right."""
    columns: list[list[Box]] = []
    for box in sorted(boxes, key=middle_of):
        if columns and middle_of(box) - middle_of(columns[-1][-1]) <= apart:
            columns[-1].append(box)
        else:
            columns.append([box])
    return [part for column in columns for part in _parted(column)]


def _parted(column: list[Box]) -> Iterator[list[Box]]:
    """The columns that stray marks between them have made one, parted where it is thinnest."""
    middles = [middle_of(box) for box in column]
    if middles[-1] - middles[0] <= BROADEST:
        yield column
        return
    at = max(range(1, len(column)), key=lambda i: middles[i] - middles[i - 1])
    yield from _parted(column[:at])
    yield from _parted(column[at:])


def strongest(columns: Sequence[list[Box]], count: int) -> list[list[Box]]:
    """Of more than `count` columns those that hold most, where the others may be stray marks; else all of them."""
    order = sorted(columns, key=len, reverse=True)
    kept, others = order[:count], order[count:]
    if others and len(others[0]) <= STRAY * len(kept[-1]):
        return [column for column in columns if any(column is other for other in kept)]
    return list(columns)


def borders_between(columns: Sequence[Sequence[Box]], uprights: Sequence[Rule]) -> list[float]:
    """The x of the borders between columns."""
    return [border(right_of(a), left_of(b), uprights) for a, b in itertools.pairwise(columns)]


def border(left: float, right: float, uprights: Sequence[Rule]) -> float:
    """Where what ends at `left` and what begins at `right` meet: at an upright rule that is left there, else in the
    middle."""
    low, high = min(left, right) - ON_BORDER, max(left, right) + ON_BORDER
    near = [rule for rule in uprights if low < rule.x0 < high]
    longest = max(near, key=lambda rule: rule.y1 - rule.y0, default=None)
    return (left + right) / 2 if longest is None else longest.x0


def left_of(boxes: Sequence[Box]) -> float:
    """Where the type in boxes begins."""
    return min(box[0] + RIM * (box[3] - box[1]) for box in boxes)


def right_of(boxes: Sequence[Box]) -> float:
    """Where the type in boxes ends."""
    return max(box[2] - RIM * (box[3] - box[1]) for box in boxes)
