"""Tables ruled only across: the columns are told by the paper between what is printed, and by where rules end."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.layout.grids import REACH, SNAP, find_frames
from extractors.reading.page import Rule
from extractors.report import Box

FEWEST_RULES = 3
"""Fewer level rules are a letterhead or an underline."""
NARROWEST = 150.0
"""Points: no table of the form is narrower."""
GAP = 0.8
"""Type heights: things on one line closer than this belong together."""
COLUMN_GAP = 2.0
"""The same for words of a sentence; columns stand further apart somewhere."""
LARGER = 1.2
"""Ratio of type heights from which a line between two rules is a heading between two tables."""
USUAL = 0.7
"""Share of all heights below the usual one: figures are lower than Chinese type, and some strokes lower still."""
TALLEST = 15.0
"""Type heights between two rules of one table, at most."""
FULL = 0.6
"""Share of the columns of its block's fullest row that a row must show to tell where they are."""


@dataclass(frozen=True)
class Band:
    """What lies between two level rules of a table: pieces of text by their extent."""

    top: float
    bottom: float
    pieces: tuple[Box, ...]

    @property
    def columns(self) -> int:
        return len(_together([(box[0], box[2]) for box in self.pieces], 0.0))

    def crossed(self, x: float) -> bool:
        return any(box[0] < x < box[2] for box in self.pieces)


def missing_columns(rules: Sequence[Rule], printed: Sequence[Box]) -> list[Rule]:
    """The upright borders that level rules alone leave out; `printed` are the boxes of all words or characters."""
    ruled = [frame for frame in find_frames(rules) if frame.columns > 1]
    free = [
        rule
        for rule in rules
        if rule.horizontal and not any(f.ys[0] - SNAP <= rule.y0 <= f.ys[-1] + SNAP for f in ruled)
    ]
    found: list[Rule] = []
    for stack in _stacks(_lines(free), printed):
        left, right = min(rule.x0 for rule in stack), max(rule.x1 for rule in stack)
        bands = list(_bands(stack, printed, left, right))
        if not any(band.columns > 1 for band in bands):
            continue
        found += [Rule(x0=x, y0=stack[0].y0, x1=x, y1=stack[-1].y0) for x in (left, right)]
        for block in _blocks(bands, stack, left, right):
            found += _borders(block, _separators(block, stack, left, right))
    return found


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


def _stacks(rules: list[Rule], printed: Sequence[Box]) -> Iterator[list[Rule]]:
    """Level rules one below the other that make up one table, from its first full one to its last."""
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
        heights = sorted(box[3] - box[1] for box in printed if full[0].y0 < box[1] and box[3] < full[-1].y0)
        if not heights:
            continue
        usual = heights[int(USUAL * len(heights))]
        stacks = [inside[:1]]
        for above, rule in itertools.pairwise(inside):
            between = [box for box in printed if above.y0 < (box[1] + box[3]) / 2 < rule.y0]
            if _is_text(between, usual) or rule.y0 - above.y0 > TALLEST * usual:
                stacks.append([])
            stacks[-1].append(rule)
        for stack in stacks:
            if len(stack) >= FEWEST_RULES:
                used |= {id(rule) for rule in stack}
                yield stack


def _is_text(boxes: Sequence[Box], usual: float) -> bool:
    """Whether what stands between two rules is a heading or a paragraph: larger type, in lines without columns."""
    if max((box[3] - box[1] for box in boxes), default=0.0) <= LARGER * usual:
        return False
    pieces = list(_pieces(boxes, COLUMN_GAP))
    return not any(a[1] < (b[1] + b[3]) / 2 < a[3] for a, b in itertools.permutations(pieces, 2))


def _same_width(a: Rule, b: Rule) -> bool:
    return abs(a.x0 - b.x0) <= REACH and abs(a.x1 - b.x1) <= REACH


def _bands(stack: Sequence[Rule], printed: Sequence[Box], left: float, right: float) -> Iterator[Band]:
    for y0, y1 in itertools.pairwise(sorted({rule.y0 for rule in stack})):
        boxes = [b for b in printed if y0 < (b[1] + b[3]) / 2 < y1 and left - REACH < b[0] and b[2] < right + REACH]
        yield Band(y0, y1, tuple(_pieces(boxes, GAP)))


def _pieces(boxes: Sequence[Box], gap: float) -> Iterator[Box]:
    """Boxes on one line with less than `gap` type heights between them, as one."""
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b[1] - b[3]):  # the tallest first: it tells where its line is
        own = next((line for line in lines if line[0][1] < (box[1] + box[3]) / 2 < line[0][3]), None)
        if own is None:
            lines.append([box])
        else:
            own.append(box)
    for line in lines:
        high = max(box[3] - box[1] for box in line)
        for x0, x1 in _together([(box[0], box[2]) for box in line], gap * high):
            yield (x0, min(b[1] for b in line), x1, max(b[3] for b in line))


def _together(extents: Sequence[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for x0, x1 in sorted(extents):
        if joined and x0 - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], x1))
        else:
            joined.append((x0, x1))
    return joined


def _blocks(bands: Sequence[Band], stack: Sequence[Rule], left: float, right: float) -> list[list[Band]]:
    """Bands that share their columns: one line of text between two full rules begins the next block."""
    full = {rule.y0 for rule in stack if rule.x0 <= left + REACH and rule.x1 >= right - REACH}
    blocks: list[list[Band]] = [[]]
    for band in bands:
        alone = band.columns <= 1 and {band.top, band.bottom} <= full
        if alone:
            blocks.append([])
        else:
            blocks[-1].append(band)
    return [block for block in blocks if block]


def _separators(block: Sequence[Band], stack: Sequence[Rule], left: float, right: float) -> list[float]:
    """Where the columns of a block meet: in the middle of paper that its full rows leave free, or where rules end."""
    top, bottom = block[0].top, block[-1].bottom
    ends = {
        x
        for rule in stack
        if top - SNAP <= rule.y0 <= bottom + SNAP
        for x in (rule.x0, rule.x1)
        if left + REACH < x < right - REACH
    }
    most = max(band.columns for band in block)
    telling = [band for band in block if band.columns >= FULL * most]
    covered = _together([(box[0], box[2]) for band in telling for box in band.pieces], 0.0)
    columns = covered[:1]
    for extent in covered[1:]:
        if any(_shows(band, columns[-1]) and _shows(band, extent) for band in telling):
            columns.append(extent)
        else:  # labels at the left of a column, its header in the middle
            columns[-1] = (columns[-1][0], extent[1])
    separators = []
    for (_, x0), (x1, _) in itertools.pairwise(columns):
        within = [x for x in ends if x0 <= x <= x1]
        separators.append(within[0] if within else (x0 + x1) / 2)
    return sorted({*separators, *ends})


def _shows(band: Band, extent: tuple[float, float]) -> bool:
    return any(box[0] < extent[1] and extent[0] < box[2] for box in band.pieces)


def _borders(block: Sequence[Band], separators: Sequence[float]) -> Iterator[Rule]:
    """Upright rules in each band that nothing printed crosses."""
    for band in block:
        for x in separators:
            if not band.crossed(x):
                yield Rule(x0=x, y0=band.top, x1=x, y1=band.bottom)
