"""Tables ruled only across: the columns are told by the paper between what is printed, and by where rules end."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from extractors.layout.grids import REACH, SNAP, Frame
from extractors.layout.stacks import Band, bands_of, find_stacks, together
from extractors.reading.page import Rule
from extractors.report import Box

FULL = 0.6
"""Share of the columns of its block's fullest row that a row must show to tell where they are."""
CENTRED = 0.02
"""Share of a table's width by which the one line of text in a row may stand off its middle and head a new block."""
FEW = 4
"""Columns: a table of blocks has no more of them. Of two rows with so few, one is part of the other's block only if
it shows `FULL` of its columns."""
LABELS = 3
"""Columns of labels, at most: a label stands across no more of them."""
NARROWEST_COLUMN = 8.0
"""Points: a column is wider than a character, and borders closer than this are one."""
SPANNING = 0.2
"""Share of what is printed in the rows of one part of a table, beside their labels, that stands across columns of
another part: from there on they have different columns."""


def free_rules(rules: Sequence[Rule], frames: Sequence[Frame]) -> list[Rule]:
    """The level rules beside which no upright one makes columns; `frames` are the tables that the rules draw."""
    ruled = [frame for frame in frames if frame.columns > 1]
    return [
        rule
        for rule in rules
        if rule.horizontal and not any(f.ys[0] - SNAP <= rule.y0 <= f.ys[-1] + SNAP for f in ruled)
    ]


def missing_columns(free: Sequence[Rule], printed: Sequence[Box], headings: Sequence[float] = ()) -> list[Rule]:
    """The upright borders that free level rules leave out.

    `printed` are the boxes of all runs of text, `headings` the y of lines known to be headings of sections.
    """
    found: list[Rule] = []
    for stack in find_stacks(free, printed, headings):
        left, right = min(rule.x0 for rule in stack), max(rule.x1 for rule in stack)
        bands = bands_of(stack, printed, left, right)
        if not any(band.columns > 1 for band in bands) and not _ends(stack, left, right):
            continue
        own = [_upright(x, stack[0].y0, stack[-1].y0) for x in (left, right)]
        for block in _blocks(bands, stack, left, right):
            own += _borders(block, stack, own, left, right)
        found += own
    return found


def _upright(x: float, top: float, bottom: float) -> Rule:
    return Rule(x0=x, y0=top, x1=x, y1=bottom, inferred=True)


def _ends(stack: Sequence[Rule], left: float, right: float) -> list[tuple[float, float]]:
    """(x, y) of the ends of rules within the table."""
    return [(x, rule.y0) for rule in stack for x in (rule.x0, rule.x1) if left + REACH < x < right - REACH]


def _blocks(bands: Sequence[Band], stack: Sequence[Rule], left: float, right: float) -> Iterator[list[Band]]:
    """Bands that share their columns.

    A single line between two full rules begins a new block if it stands in the middle of the table; elsewhere it
    may be the label of a row without figures, and what follows goes on if it has the same columns.
    """
    full = {rule.y0 for rule in stack if rule.x0 <= left + REACH and rule.x1 >= right - REACH}
    block: list[Band] = []
    part: list[Band] = []
    for band in bands:
        alone = band.columns <= 1 and {band.top, band.bottom} <= full
        if not alone:
            part.append(band)
            continue
        block, closed = _continued(block, part)
        part = []
        if closed:
            yield closed
        if not _is_centred(band, left, right):
            block = [*block, band]
        elif block:
            yield block
            block = []
    block, closed = _continued(block, part)
    yield from (b for b in (closed, block) if b)


def _continued(block: list[Band], part: list[Band]) -> tuple[list[Band], list[Band]]:
    """(the block that goes on, the one that has ended): `part` continues `block` or begins one of its own."""
    return ([*block, *part], []) if _same_columns(block, part) else (part, block)


def _is_centred(band: Band, left: float, right: float) -> bool:
    return any(abs(p[0] + p[2] - left - right) / 2 <= CENTRED * (right - left) for p in band.pieces)


def _same_columns(above: Sequence[Band], below: Sequence[Band]) -> bool:
    """Whether two parts of a table may have the same columns, blank ones left out."""
    parts = sorted((above, below), key=lambda part: len(_columns(part)))
    few, many = (_columns(part) for part in parts)
    if len(few) <= 1:
        return True
    if len(many) <= FEW and len(few) < FULL * len(many):
        return False
    rows = [sorted(band.boxes) for band in _telling(parts[0])]
    if any(sum(_overlap(box, column) for column in many) > LABELS for row in rows for box in row):
        return False
    boxes = [box for row in rows for box in row[1:]]
    across = sum(sum(_overlap(box, column) for column in many) > 1 for box in boxes)
    return across <= SPANNING * len(boxes) and len(_columns([*above, *below])) >= len(many)


def _telling(block: Sequence[Band]) -> list[Band]:
    """The bands that show most of the columns."""
    most = max((band.columns for band in block), default=0)
    return [band for band in block if band.columns > 1 and band.columns >= FULL * most]


def _columns(block: Sequence[Band]) -> list[tuple[float, float]]:
    """The extents of the columns of a block as its fuller bands show them."""
    telling = _telling(block)
    rows = [together([(box[0], box[2]) for box in band.pieces]) for band in telling]
    # what stands across two columns of another row is a label over several of them, or figures set close together
    single = [
        extent
        for row in rows
        for extent in row
        if not any(sum(_overlap((extent[0], 0, extent[1], 0), other) for other in others) > 1 for others in rows)
    ]
    columns: list[tuple[float, float]] = []
    for extent in together(single):
        if not columns or any(_shows(band, columns[-1]) and _shows(band, extent) for band in telling):
            columns.append(extent)
        else:  # labels at the left of a column, its header in the middle
            columns[-1] = (columns[-1][0], extent[1])
    return columns


def _overlap(box: Box, extent: tuple[float, float]) -> bool:
    return box[0] < extent[1] and extent[0] < box[2]


def _shows(band: Band, extent: tuple[float, float]) -> bool:
    return any(_overlap(box, extent) for box in band.pieces)


def _borders(
    block: Sequence[Band], stack: Sequence[Rule], known: Sequence[Rule], left: float, right: float
) -> list[Rule]:
    """Upright rules in each band: where its block's columns meet, if nothing printed stands there, and where rules
    end, if no text goes on across. `known` are the borders of the blocks above."""
    top, bottom = block[0].top, block[-1].bottom
    ends = [(x, y) for x, y in _ends(stack, left, right) if top - SNAP <= y <= bottom + SNAP]
    gaps = [(a[1], b[0]) for a, b in itertools.pairwise(_columns(block))]
    preferred = [x for x, _ in ends], [rule.x0 for rule in known]
    between = [_separator(gap, block, *preferred) for gap in gaps]
    borders = []
    for x in sorted({*between, *(x for x, _ in ends)}):
        for band in block:
            beside = any(abs(x - end) <= SNAP and band.top - SNAP <= y <= band.bottom + SNAP for end, y in ends)
            parted = not band.crossed(x) if beside or (x in between and band.columns > 1) else not band.bridged(x)
            if parted:
                borders.append(_upright(x, band.top, band.bottom))
    return borders


def _separator(gap: tuple[float, float], block: Sequence[Band], ends: Sequence[float], known: Sequence[float]) -> float:
    """Where two columns meet: where a rule ends, else in the widest paper on which the rows print least, those that
    show many things counting more; there where columns meet in the blocks above, if any do, or in its middle."""
    within = [x for x in ends if gap[0] <= x <= gap[1]]
    if within:
        return within[0]
    edges = {x for band in block for box in band.boxes for x in (box[0], box[2]) if gap[0] < x < gap[1]}
    free = list(itertools.pairwise(sorted({*gap, *edges})))

    def cost(paper: tuple[float, float]) -> tuple[int, float]:
        middle = (paper[0] + paper[1]) / 2
        return sum(len(band.boxes) for band in block if band.crossed(middle)), paper[0] - paper[1]

    x0, x1 = min(free, key=cost)
    place = next((x for x in known if x0 < x < x1), (x0 + x1) / 2)
    return next((x for x in ends if abs(x - place) < NARROWEST_COLUMN), place)
