"""Level rules one below the other → the tables that they draw without upright ones, as bands of what is printed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.layout.grids import REACH, SNAP
from extractors.reading.page import Rule
from extractors.report import Box

FEWEST_RULES = 3
"""Fewer level rules are a letterhead or an underline, or the one row of a table that a page break has cut off."""
SHORTEST = 30.0
"""Points: a shorter level rule parts no columns: it is a dash, or a worn piece; one over two columns is longer."""
NARROWEST = 150.0
"""Points: no table of the form is narrower."""
RUN_GAP = 0.4
"""Type heights: runs of text on one line closer than this belong together."""
COLUMN_GAP = 2.0
"""The same for words of a sentence; columns stand further apart somewhere."""
LARGER = 1.2
"""Ratio of type heights from which a line between two rules is a heading between two tables."""
LABEL = 3.0
"""Ratio of width and height from which a box holds words: they tell the table's size of type, figures may be larger."""
BLUR = 1.0
"""Points within which a scan tells where ink and rules end."""
LOWEST = 3.0
"""Points: what is lower is a dash or a speck, and no type."""
USUAL = 0.7
"""Share of all heights below the usual one: some characters are lower than others, and strokes lower still."""
WIDE = 0.65
"""Share of a table's width from which several lines without columns are a paragraph: labels are narrower."""
TALLEST = 15.0
"""Type heights between two rules of one table, at most."""
TALLEST_ROW = 7.0
"""The same between the two rules of a row that a page break has cut off: four lines of a label and the paper around."""
LINES_BEYOND = 1
"""Lines of type that may stand between such a row and the edge of the page: a running header, a page number."""


@dataclass(frozen=True)
class Band:
    """What lies between two level rules of a table: boxes of what is printed, and pieces of text by their extent."""

    top: float
    bottom: float
    boxes: tuple[Box, ...]
    pieces: tuple[Box, ...]
    """Boxes on one line with less than a gap between them, as one."""

    @property
    def columns(self) -> int:
        return len(together([(box[0], box[2]) for box in self.pieces]))

    def crossed(self, x: float) -> bool:
        """Whether something printed stands at `x`."""
        return any(box[0] + BLUR < x < box[2] - BLUR for box in self.boxes)

    def bridged(self, x: float) -> bool:
        """Whether text stands around `x`, be it with a narrow gap there."""
        return any(piece[0] < x < piece[2] for piece in self.pieces)


def find_stacks(rules: Sequence[Rule], printed: Sequence[Box], headings: Sequence[float] = ()) -> Iterator[list[Rule]]:
    """Level rules one below the other that make up one table, from its first full one to its last.

    `headings` are the y of lines that are known to part tables.
    """
    rules = [rule for rule in _lines(rules) if rule.x1 - rule.x0 >= SHORTEST]
    wide = [rule for rule in rules if rule.x1 - rule.x0 >= NARROWEST]
    groups: list[list[Rule]] = []
    for rule in wide:
        own = next((g for g in groups if _same_width(g[0], rule)), None)
        if own is None:
            groups.append([rule])
        else:
            own.append(rule)
    used: set[int] = set()
    for full in sorted(groups, key=lambda g: g[0].x0 - g[0].x1):
        inside = [r for r in rules if r.x0 > full[0].x0 - REACH and r.x1 < full[0].x1 + REACH]
        inside = [r for r in inside if full[0].y0 <= r.y0 <= full[-1].y0 and id(r) not in used]
        usual = _usual_height([box for box in printed if full[0].y0 < box[1] and box[3] < full[-1].y0])
        if not usual:
            continue
        stacks = [inside[:1]]
        for above, rule in itertools.pairwise(inside):
            between = [box for box in printed if above.y0 < (box[1] + box[3]) / 2 < rule.y0]
            headed = any(above.y0 < y < rule.y0 for y in headings)
            if headed or _is_text(between, usual, full[0]) or rule.y0 - above.y0 > TALLEST * usual:
                stacks.append([])
            stacks[-1].append(rule)
        for stack in stacks:
            if len(stack) >= FEWEST_RULES or _is_cut_off(stack, printed):
                used |= {id(rule) for rule in stack}
                yield stack


def bands_of(stack: Sequence[Rule], printed: Sequence[Box], left: float, right: float) -> list[Band]:
    """What stands between each two rules of a stack, from top to bottom."""
    bands = []
    for y0, y1 in itertools.pairwise(sorted({rule.y0 for rule in stack})):
        boxes = [b for b in printed if y0 < (b[1] + b[3]) / 2 < y1 and left - REACH < b[0] and b[2] < right + REACH]
        bands.append(Band(y0, y1, tuple(boxes), tuple(pieces_of(boxes))))
    return bands


def pieces_of(boxes: Sequence[Box], gap: float = RUN_GAP) -> Iterator[Box]:
    """Boxes on one line with less than `gap` type heights between them, as one."""
    for line in printed_lines(boxes):
        high = max(box[3] - box[1] for box in line)
        for x0, x1 in together([(box[0], box[2]) for box in line], gap * high):
            yield (x0, min(b[1] for b in line), x1, max(b[3] for b in line))


def together(extents: Sequence[tuple[float, float]], gap: float = 0.0) -> list[tuple[float, float]]:
    """Extents from left to right, those with no more than `gap` between them as one."""
    joined: list[tuple[float, float]] = []
    for x0, x1 in sorted(extents):
        if joined and x0 - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], x1))
        else:
            joined.append((x0, x1))
    return joined


def _lines(rules: Sequence[Rule]) -> list[Rule]:
    """Level rules from top to bottom, pieces on one line joined."""
    joined: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (round(r.y0 / SNAP), r.x0)):
        last = joined[-1] if joined else None
        if last is not None and abs(last.y0 - rule.y0) <= SNAP and rule.x0 - last.x1 <= REACH:
            joined[-1] = Rule(x0=last.x0, y0=last.y0, x1=max(last.x1, rule.x1), y1=last.y0)
        else:
            joined.append(rule)
    return sorted(joined, key=lambda r: r.y0)


def printed_lines(boxes: Sequence[Box]) -> list[list[Box]]:
    """Boxes side by side on one line, line by line."""
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b[1] - b[3]):  # the tallest first: it tells where its line is
        own = next((line for line in lines if line[0][1] < (box[1] + box[3]) / 2 < line[0][3]), None)
        if own is None:
            lines.append([box])
        else:
            own.append(box)
    return lines


def _usual_height(boxes: Sequence[Box]) -> float:
    """The height of a table's type, 0 where nothing is printed."""
    boxes = [box for box in boxes if box[3] - box[1] >= LOWEST]
    labels = [box for box in boxes if box[2] - box[0] >= LABEL * (box[3] - box[1])]
    heights = sorted(box[3] - box[1] for box in labels or boxes)
    return heights[int(USUAL * len(heights))] if heights else 0.0


def _is_text(boxes: Sequence[Box], usual: float, full: Rule) -> bool:
    """Whether what stands between two rules is a heading or a paragraph: lines without columns, in larger type or
    nearly as wide as a full rule."""
    pieces = list(pieces_of(boxes))
    if len(together([(piece[0], piece[2]) for piece in pieces])) > 1:
        return False
    larger = max((box[3] - box[1] for box in boxes), default=0.0) > LARGER * usual
    wide = any(piece[2] - piece[0] > WIDE * (full.x1 - full.x0) for piece in pieces)
    return larger or (len(pieces) > 1 and wide)


def _is_cut_off(stack: Sequence[Rule], printed: Sequence[Box]) -> bool:
    """Whether two rules hold a row that a page break has cut off: columns, at the top or the bottom of the page."""
    if len(stack) != 2 or not _same_width(*stack):
        return False
    top, bottom = stack[0].y0, stack[1].y0
    within = [box for box in printed if top < (box[1] + box[3]) / 2 < bottom]
    pieces = list(pieces_of(within, COLUMN_GAP))
    if not pieces or bottom - top > TALLEST_ROW * max(box[3] - box[1] for box in within):
        return False
    if len(together([(piece[0], piece[2]) for piece in pieces])) < 2:
        return False
    above = [box for box in printed if (box[1] + box[3]) / 2 < top]
    below = [box for box in printed if (box[1] + box[3]) / 2 > bottom]
    return any(len(printed_lines(boxes)) <= LINES_BEYOND for boxes in (above, below))


def _same_width(a: Rule, b: Rule) -> bool:
    return abs(a.x0 - b.x0) <= REACH and abs(a.x1 - b.x1) <= REACH
