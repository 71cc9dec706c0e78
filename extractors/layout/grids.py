"""Ruled lines → grids of cells with spans. Geometry only, in points."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from extractors.reading.page import Rule, Word
from extractors.report import Box, Place

SNAP = 3.0
"""Rules closer than this are one rule, drawn doubly or in pieces."""
REACH = 4.0
"""A rule that ends this close to another one meets it."""
DRAWN = 0.5
"""Share of a cell's side that must be ruled for the side to be a border."""
RUNS_ON = 0.2
"""The same where the rule runs on from the next cell."""

FEWEST = 3
"""Rules of a table: two that meet are the edges of a sheet or a stroke."""
NARROWEST = 60.0
"""Points: crossing strokes of large type make narrower things than any table is."""


@dataclass
class Cell:
    """Rows `top`…`bottom` − 1 and columns `left`…`right` − 1 of its grid."""

    top: int
    left: int
    bottom: int
    right: int
    box: Box
    page: int = 0
    words: list[Word] = field(default_factory=list)
    place: Place | None = None
    """Where it is in a file without pages."""
    sure: bool = True
    """It is known to stand in its column; see `TypedCell`."""
    ruled: bool = True
    """Rules part it from others, in its row at least."""
    clear: bool = False
    """Without rules, it holds what belongs to it all the same; see `unruled.clearance`."""

    @cached_property
    def lines(self) -> list[list[Word]]:
        """Its words by line; to be asked for once all of them are in."""
        return lines_of(self.words)

    @cached_property
    def text(self) -> str:
        """Its words in reading order; lines are joined without a space."""
        return "".join(_joined(line) for line in self.lines)


@dataclass
class Grid:
    """A ruled table: `xs` and `ys` are the positions of its column and row borders."""

    xs: list[float]
    ys: list[float]
    cells: list[Cell]
    inferred: bool = False
    """Some of its column borders are not drawn."""
    unruled: bool = False
    """No border at all is drawn."""

    @property
    def box(self) -> Box:
        return (self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    @property
    def rows(self) -> int:
        return len(self.ys) - 1

    @property
    def columns(self) -> int:
        return len(self.xs) - 1

    def between(self, start: int, end: int) -> Grid:
        """Its rows `start`…`end` − 1 as a grid of their own."""
        cells = [
            replace(cell, top=cell.top - start, bottom=cell.bottom - start)
            for cell in self.cells
            if start <= cell.top and cell.bottom <= end
        ]
        return Grid(self.xs, self.ys[start : end + 1], cells, self.inferred, self.unruled)


@dataclass(frozen=True)
class Frame:
    """Rules that make up one table, its outer borders among them, and the positions of its borders."""

    xs: list[float]
    ys: list[float]
    across: list[Rule]
    down: list[Rule]

    @property
    def columns(self) -> int:
        return len(self.xs) - 1


def find_frames(rules: Sequence[Rule]) -> list[Frame]:
    """The tables that the ruled lines draw, without their cells, from top to bottom; single lines are none."""
    level: list[Rule] = []
    upright: list[Rule] = []
    for rule in rules:
        (level if rule.horizontal else upright).append(rule)
    horizontals, verticals = _merge(level, horizontal=True), _merge(upright, horizontal=False)
    frames = []
    for across, down in _connected(horizontals, verticals):
        if len(_levels(r.y0 for r in across)) + len(_levels(r.x0 for r in down)) < FEWEST:
            continue
        across, down = _close(across, down)
        ys, xs = _levels(r.y0 for r in across), _levels(r.x0 for r in down)
        if len(ys) > 1 and len(xs) > 1 and xs[-1] - xs[0] >= NARROWEST:
            frames.append(Frame(xs, ys, across, down))
    return sorted(frames, key=lambda f: (f.ys[0], f.xs[0]))


def find_grids(rules: Sequence[Rule]) -> list[Grid]:
    """The same with their cells."""
    grids = [_build(frame) for frame in find_frames(rules)]
    inferred = [rule for rule in rules if rule.inferred]
    for grid in grids:
        made_up = [rule for rule in inferred if lies_in(rule, grid)]
        grid.inferred = bool(made_up)
        grid.unruled = any(rule.horizontal for rule in made_up)
        for cell in grid.cells:
            cell.ruled = not grid.unruled
    return grids


def lies_in(rule: Rule, grid: Grid) -> bool:
    """Whether a rule is one within a table, or one of its outer borders."""
    x0, y0, x1, y1 = grid.box
    return x0 - SNAP <= (rule.x0 + rule.x1) / 2 <= x1 + SNAP and y0 - SNAP <= (rule.y0 + rule.y1) / 2 <= y1 + SNAP


def lines_of(words: Iterable[Word]) -> list[list[Word]]:
    """Words grouped into lines from top to bottom, each from left to right."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.box[1] + w.box[3]) / 2):
        if lines:
            last = lines[-1]
            top, bottom = min(w.box[1] for w in last), max(w.box[3] for w in last)
            if _side_by_side(top, bottom, word.box[1], word.box[3]):
                last.append(word)
                continue
        lines.append([word])
    return [sorted(line, key=lambda w: w.box[0]) for line in lines]


def _side_by_side(top: float, bottom: float, y0: float, y1: float) -> bool:
    """Whether two things stand on one line: the middle of one lies well within the height of the other."""
    inset, other = 0.15 * (bottom - top), 0.15 * (y1 - y0)
    return top + inset < (y0 + y1) / 2 < bottom - inset or y0 + other < (top + bottom) / 2 < y1 - other


def _joined(line: list[Word]) -> str:
    parts: list[str] = []
    for before, word in zip([None, *line], line, strict=False):
        if before is not None and word.box[0] - before.box[2] > 0.2 * (word.box[3] - word.box[1]):
            parts.append(" ")
        parts.append(word.text)
    return "".join(parts)


def _merge(rules: list[Rule], horizontal: bool) -> list[Rule]:
    """Pieces that lie on one line and touch or overlap become one rule, level or upright."""
    merged: list[Rule] = []
    flat = [(r.y0 + r.y1, r.x0, r.x1) if horizontal else (r.x0 + r.x1, r.y0, r.y1) for r in rules]
    lines: list[list[tuple[float, float, float]]] = []
    for piece in sorted((position / 2, start, end) for position, start, end in flat):
        if lines and piece[0] - lines[-1][-1][0] <= SNAP / 2:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    for line in lines:
        pieces = sorted(line, key=lambda piece: piece[1])
        start, end, group = pieces[0][1], pieces[0][2], [pieces[0]]
        for piece in pieces[1:]:
            if piece[1] - end <= REACH:
                end = max(end, piece[2])
                group.append(piece)
            else:
                merged.append(_rule(group, start, end, horizontal))
                start, end, group = piece[1], piece[2], [piece]
        merged.append(_rule(group, start, end, horizontal))
    return merged


def _rule(group: list[tuple[float, float, float]], start: float, end: float, horizontal: bool) -> Rule:
    weight = sum(b - a for _, a, b in group) or 1.0
    position = sum(p * (b - a) for p, a, b in group) / weight
    if horizontal:
        return Rule(x0=start, y0=position, x1=end, y1=position)
    return Rule(x0=position, y0=start, x1=position, y1=end)


def _connected(horizontals: list[Rule], verticals: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of rules that hang together by crossings; rules that cross nothing are left out."""
    total = len(horizontals)
    parent = list(range(total + len(verticals)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    uprights = sorted((v.x0, v.y0 - REACH, v.y1 + REACH, total + j) for j, v in enumerate(verticals))
    xs = [x for x, *_ in uprights]
    for i, h in enumerate(horizontals):
        y = h.y0
        for _, top, bottom, j in uprights[bisect_left(xs, h.x0 - REACH) : bisect_right(xs, h.x1 + REACH)]:
            if top <= y <= bottom:
                parent[root(i)] = root(j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for i, rule in enumerate([*horizontals, *verticals]):
        across, down = groups.setdefault(root(i), ([], []))
        (across if i < total else down).append(rule)
    return [(across, down) for across, down in groups.values() if across and down]


def _levels(values: Iterable[float]) -> list[float]:
    levels: list[list[float]] = []
    for value in sorted(values):
        if levels and value - levels[-1][-1] <= SNAP:
            levels[-1].append(value)
        else:
            levels.append([value])
    return [sum(level) / len(level) for level in levels]


def _build(frame: Frame) -> Grid:
    xs, ys = frame.xs, frame.ys
    rows, columns = len(ys) - 1, len(xs) - 1
    parent = list(range(rows * columns))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for column in range(1, columns):
        pieces = [(r.y0, r.y1) for r in frame.down if abs(r.x0 - xs[column]) <= SNAP]
        borders = _borders([_drawn(pieces, top, bottom) for top, bottom in itertools.pairwise(ys)])
        for row in (r for r in range(rows) if not borders[r]):
            parent[root(row * columns + column)] = root(row * columns + column - 1)
    for row in range(1, rows):
        pieces = [(r.x0, r.x1) for r in frame.across if abs(r.y0 - ys[row]) <= SNAP]
        borders = _borders([_drawn(pieces, left, right) for left, right in itertools.pairwise(xs)])
        for column in (c for c in range(columns) if not borders[c]):
            parent[root(row * columns + column)] = root((row - 1) * columns + column)
    members: dict[int, list[int]] = {}
    for i in range(rows * columns):
        members.setdefault(root(i), []).append(i)
    cells = []
    for group in members.values():
        for top, left, bottom, right in _rectangles({divmod(i, columns) for i in group}):
            cells.append(Cell(top, left, bottom, right, (xs[left], ys[top], xs[right], ys[bottom])))
    return Grid(xs, ys, sorted(cells, key=lambda c: (c.top, c.left)))


def _rectangles(places: set[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """(top, left, bottom, right) of the cells that (row, column) places make which no border parts.

    One, as a rule; where a border is too worn to see, places of another shape, which is cut along its rows.
    """
    if len(places) == 1:
        ((row, column),) = places
        return [(row, column, row + 1, column + 1)]
    found: list[tuple[int, int, int, int]] = []
    for row in sorted({row for row, _ in places}):
        columns = sorted(column for r, column in places if r == row)
        for _, run in itertools.groupby(enumerate(columns), key=lambda pair: pair[1] - pair[0]):
            across = [column for _, column in run]
            left, right = across[0], across[-1] + 1
            above = next((i for i, (_, x0, y1, x1) in enumerate(found) if (x0, y1, x1) == (left, row, right)), None)
            if above is None:
                found.append((row, left, row + 1, right))
            else:
                found[above] = (found[above][0], left, row + 1, right)
    return found


def _close(across: list[Rule], down: list[Rule]) -> tuple[list[Rule], list[Rule]]:
    """Add the outer borders that a page break or an open frame leaves undrawn."""
    left, right = _second([r.x0 for r in across]), -_second([-r.x1 for r in across])
    top, bottom = _second([r.y0 for r in down]), -_second([-r.y1 for r in down])
    across, down = list(across), list(down)
    for y in (top, bottom):
        if min(abs(r.y0 - y) for r in across) > 2 * REACH:
            across.append(Rule(x0=left, y0=y, x1=right, y1=y))
    for x in (left, right):
        if min(abs(r.x0 - x) for r in down) > 2 * REACH:
            down.append(Rule(x0=x, y0=top, x1=x, y1=bottom))
    return across, down


def _second(values: list[float]) -> float:
    """The second smallest: a single rule that juts out makes no border."""
    return sorted(values)[:2][-1]


def _borders(shares: list[float]) -> list[bool]:
    """Which sides along one line are borders, from the share of each that is ruled.

    A worn rule that runs on from the next cell counts although little of it is left; where cells are
    merged, it stops at their edge.
    """
    around = [0.0, *shares, 0.0]
    return [
        share >= DRAWN or (share >= RUNS_ON and max(before, after) >= DRAWN)
        for before, share, after in zip(around, shares, around[2:], strict=False)
    ]


def _drawn(pieces: Sequence[tuple[float, float]], start: float, end: float) -> float:
    """Share of a side between two levels that pieces of rules on its line cover."""
    covered = 0.0
    for a, b in pieces:
        if a - 1 < end and b + 1 > start:
            covered += min(b + 1, end) - max(a - 1, start)
    return covered / (end - start)
