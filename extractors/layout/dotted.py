"""Sides of cells of which a fax has left too little to tell, in a table whose lines are known by specks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.layout.grids import SNAP, Frame, find_frames
from extractors.layout.worn.parts import EQUAL
from extractors.reading.page import Rule
from extractors.report import Box

HALF = 1.2
"""Points on each side of a line within which ink stands across it."""
CROSSING = 2.0
"""Points at the ends of a side that lines crossing it take."""
TIMES = 3
"""How often the sides told tell further ones."""
DRAWN = 0.5
"""Share of a side that is ruled."""

Crossed = Callable[[Box], bool]
"""Whether something reaches over both long sides of a box (points)."""
Dotted = Callable[[float, float, float, bool], bool]
"""Whether specks of a rule are seen from start to end at a position (points; upright or not)."""


@dataclass(frozen=True)
class Sides:
    """The sides of a table in one direction: of each line, each from one of the lines across to the next."""

    upright: bool
    lines: Sequence[float]
    levels: Sequence[float]
    ruled: list[list[bool]]

    def places(self) -> Iterator[tuple[int, int]]:
        """(line, side) of those that are not ruled."""
        return ((i, j) for i, line in enumerate(self.ruled) for j, ruled in enumerate(line) if not ruled)

    def rule(self, i: int, j: int) -> Rule:
        at, start, end = self.lines[i], self.levels[j], self.levels[j + 1]
        return Rule(x0=at, y0=start, x1=at, y1=end) if self.upright else Rule(x0=start, y0=at, x1=end, y1=at)

    def band(self, i: int, j: int) -> Box:
        """What lies along a side, but for its ends."""
        rule, across, along = self.rule(i, j), HALF, -CROSSING
        x, y = (across, along) if self.upright else (along, across)
        return (rule.x0 - x, rule.y0 - y, rule.x1 + x, rule.y1 + y)

    def must_be(self, i: int, j: int, others: Sides) -> bool:
        """Whether there has to be a side: between two on its line, between those as far from it on both sides, or
        where a rule would end at none of the `others`, which cross it."""
        line = self.ruled[i]
        if 0 < j < len(line) - 1 and line[j - 1] and line[j + 1]:
            return True
        if 0 < i < len(self.lines) - 1 and self.ruled[i - 1][j] and self.ruled[i + 1][j] and self._halfway(i):
            return True
        return (j > 0 and line[j - 1] and not others.meets(j, i)) or (
            j < len(line) - 1 and line[j + 1] and not others.meets(j + 1, i)
        )

    def _halfway(self, i: int) -> bool:
        before, at, after = self.lines[i - 1 : i + 2]
        return abs(before + after - 2 * at) <= EQUAL * (after - before) / 2

    def meets(self, i: int, at: int) -> bool:
        """Whether a side of line `i` begins or ends at the line `at` across it."""
        return any(self.ruled[i][max(at - 1, 0) : at + 1])


def parted(rules: Sequence[Rule], headings: Sequence[float]) -> list[Rule]:
    """The same without what of upright rules runs past headings of sections, at their heights, from one table to the
    next: few specks tell no end."""
    levels = sorted(rule.y0 for rule in rules if rule.horizontal)
    for heading in headings:
        above = max((y for y in levels if y < heading), default=None)
        below = min((y for y in levels if y > heading), default=None)
        if above is not None and below is not None:
            rules = [part for rule in rules for part in _without(rule, above, below)]
    return list(rules)


def _without(rule: Rule, above: float, below: float) -> Iterator[Rule]:
    """What of a rule lies higher than `above` or lower than `below`, if it runs from there to there."""
    if rule.horizontal or rule.y0 > above or rule.y1 < below:
        yield rule
        return
    for y0, y1 in ((rule.y0, above), (below, rule.y1)):
        if y1 - y0 > SNAP:
            yield replace(rule, y0=y0, y1=y1)


def completed(rules: Sequence[Rule], dotted: Dotted, crossed: Crossed) -> Iterator[Rule]:
    """The sides that the lines of tables have besides: those that show specks, and those that must be there as nothing
    stands across them."""
    for frame in find_frames(rules):
        level = Sides(False, frame.ys, frame.xs, _ruled(frame, upright=False))
        upright = Sides(True, frame.xs, frame.ys, _ruled(frame, upright=True))
        for sides in (level, upright):
            for i, j in list(sides.places()):
                if dotted(sides.levels[j], sides.levels[j + 1], sides.lines[i], sides.upright):
                    sides.ruled[i][j] = True
                    yield sides.rule(i, j)
        for _ in range(TIMES):
            for sides, others in ((level, upright), (upright, level)):
                fresh = [
                    (i, j) for i, j in sides.places() if sides.must_be(i, j, others) and not crossed(sides.band(i, j))
                ]
                for i, j in fresh:
                    sides.ruled[i][j] = True
                    yield sides.rule(i, j)


def _ruled(frame: Frame, upright: bool) -> list[list[bool]]:
    """Of each line, which of its sides are ruled for the most part."""
    lines, levels, rules = (frame.xs, frame.ys, frame.down) if upright else (frame.ys, frame.xs, frame.across)
    sides = [[False] * (len(levels) - 1) for _ in lines]
    for rule in rules:
        at, first, last = (rule.x0, rule.y0, rule.y1) if upright else (rule.y0, rule.x0, rule.x1)
        i = min(range(len(lines)), key=lambda k: abs(lines[k] - at))
        for j, (start, end) in enumerate(itertools.pairwise(levels)):
            if min(end, last) - max(start, first) >= DRAWN * (end - start):
                sides[i][j] = True
    return sides
