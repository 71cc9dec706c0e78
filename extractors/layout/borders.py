"""Which sides of the cells of a scanned table are really ruled: each is looked at by itself.

A rule that was found tells where a line of the table runs. Along such a line a worn side shows less ink than
would make a rule of its own, and a row of strokes shows none outside of characters.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from extractors.layout.grids import SNAP, Grid, lies_in
from extractors.reading.page import Rule

NARROWEST = 10.0
"""Points: no row is lower and no column narrower."""
Shown = Callable[[float, float, float, bool], float | None]
"""Share of the side from start to end at a position (points; upright or not) that is ruled; None: cannot be seen."""

RULED = 0.5
"""Share of a side that must show for it to be a border."""
FAINT = 0.25
"""The same between two borders on one line."""
ALONE = 0.75
"""The same where neither side next to it on its line is a border."""


def bridges(rules: Sequence[Rule]) -> Iterator[Rule]:
    """What is missing of level rules that break off and go on on the same line, where that is less than each of the two
    pieces is long: with it, a table of which all of them are broken at one place is one table.

    It only tells where lines run; whether anything is ruled there is for `trace` to say. Tables stand one below the
    other: upright rules that go on further down may be those of the next.
    """
    lines: list[list[Rule]] = []
    for rule in sorted((rule for rule in rules if rule.horizontal), key=lambda rule: rule.y0):
        if lines and rule.y0 - lines[-1][-1].y0 <= SNAP / 2:
            lines[-1].append(rule)
        else:
            lines.append([rule])
    for line in lines:
        for left, right in itertools.pairwise(sorted(line, key=lambda rule: rule.x0)):
            if 0 < right.x0 - left.x1 <= min(left.x1 - left.x0, right.x1 - right.x0):
                yield Rule(x0=left.x1, y0=left.y0, x1=right.x0, y1=left.y0)


def trace(rules: Sequence[Rule], grids: Sequence[Grid], shown: Shown) -> list[Rule]:
    """The rules of a page with those of its grids replaced by the sides that are really ruled."""
    loose = [rule for rule in rules if not any(lies_in(rule, grid) for grid in grids)]
    # each side is asked about as part of its line, and again by itself
    seen = cache(shown)
    return loose + [side for grid in grids for side in _sides(grid, seen)]


def _sides(grid: Grid, shown: Shown) -> Iterator[Rule]:
    ys = _far_enough(grid.ys, grid.xs, shown, upright=False)
    xs = _far_enough(grid.xs, ys, shown, upright=True)
    for y in ys:
        for x0, x1 in _ruled(y, xs, shown, upright=False):
            yield Rule(x0=x0, y0=y, x1=x1, y1=y)
    for x in xs:
        for y0, y1 in _ruled(x, ys, shown, upright=True):
            yield Rule(x0=x, y0=y0, x1=x, y1=y1)


def _far_enough(levels: Sequence[float], across: Sequence[float], shown: Shown, upright: bool) -> list[float]:
    """The lines of a grid without those too close to a stronger one: between them no type would fit. A row of
    dashes looks like one."""
    kept = list(levels)
    strength = {at: sum(_shares(at, across, shown, upright)) for at in levels}
    while True:
        close = [(a, b) for a, b in itertools.pairwise(kept) if b - a < NARROWEST]
        if not close:
            return kept
        kept.remove(min((at for pair in close for at in pair), key=lambda at: strength[at]))


def _shares(at: float, levels: Sequence[float], shown: Shown, upright: bool) -> list[float]:
    # what characters hide is no border: text does not stand across one
    return [shown(start, end, at, upright) or 0.0 for start, end in itertools.pairwise(levels)]


def _ruled(at: float, levels: Sequence[float], shown: Shown, upright: bool) -> Iterator[tuple[float, float]]:
    """(start, end) of the sides along one line of the grid that are borders."""
    shares = [0.0, *_shares(at, levels, shown, upright), 0.0]
    for before, share, after, side in zip(shares, shares[1:], shares[2:], itertools.pairwise(levels), strict=False):
        alone = max(before, after) < RULED
        if share >= (ALONE if alone else FAINT if min(before, after) >= RULED else RULED):
            yield side
