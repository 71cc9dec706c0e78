"""Table 三 without rules: seven columns of figures beside the labels of its rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from extractors.forms import TableForm, form_names, load_form
from extractors.layout.unruled.columns import (
    APART,
    border,
    borders_between,
    by_middle,
    left_of,
    right_of,
    strongest,
)
from extractors.layout.unruled.page import CHINESE, Part, level, middle_height, middle_of, pieces_of, upright, within
from extractors.layout.unruled.rows import EDGE, Label, borders_of, find_bands, find_labels
from extractors.reading.page import Rule, Word
from extractors.report import Box
from extractors.text import bare, best_likeness

SUPPORT = 2
"""Things one below the other that make a column: a stray mark makes none."""
FEWEST_COLUMNS = 4
"""Side by side on a page without the header: others may be blank there, and are known from the page before."""
FURTHER = 3.0
"""Times the usual distance of columns from which there is no column further left: two may be blank."""
LABELS = 10
"""Columns of figures that are as wide as those of labels, at least: official tables give these 58 % of the width. So a
table begins at the same place on each of its pages, whatever labels are on it."""
TELLING = 5
"""Characters of a label that no other table has: one such label, where all columns are there, else two."""
ROW = 3
"""Figures side by side that make a row of which the label is not known."""
HEAD = 0.7
"""Likeness from which a single word is the head of a column."""
NARROW = 1.3
"""Times the distance of columns up to which a head stands over one of them."""
HEADED = 4
"""Columns with heads above the first row: then it is a header, and no running title."""
HEAD_GAP = 2.5
"""Heights of a line between two lines of heads, at most."""


@dataclass(frozen=True)
class Heads:
    """What is printed in a header: heads over one column, and those over several."""

    single: tuple[Box, ...] = ()
    wide: tuple[Box, ...] = ()


def find_requests(part: Part) -> list[Rule]:
    """The rules that table 三 would have; none where the words show no such table."""
    forms = [load_form(name).requests for name in form_names()]
    heads_of_form = tuple(column.label for column in forms[0].columns)
    count = len(heads_of_form)
    columns = _of_figures(part.figures, count)
    if not FEWEST_COLUMNS <= len(columns) <= count:
        return []
    first, pitch = min(box[0] for box in columns[0]), _pitch(columns)
    labels, groups = _labels(part, first, forms)
    telling = sum(len(bare(label.text)) >= TELLING for label in labels)
    if telling < (1 if len(columns) == count else 2):
        return []
    high = max(w.box[3] - w.box[1] for label in labels for w in label.words)
    figures = [box for box in part.figures if box[0] > first - high]
    bands = _bands(labels, figures)
    ys = borders_of(bands)
    heads = _heads(part, first - high, ys[0], pitch)
    if heads.single or len(bands) > 1:
        known = [w.box for w in part.words if best_likeness(w.text, heads_of_form) >= HEAD]
        # broader ones are those of two columns that touch
        narrow = [box for box in within(figures, ys[0], ys[-1]) if box[2] - box[0] < pitch]
        columns = _columns(narrow, heads.single, known, count)
    if len(columns) != count and (heads.single or not FEWEST_COLUMNS <= len(columns) <= count):
        return []
    xs = _borders(labels, columns, pitch, part.uprights)
    begin = min(w.box[0] for label in labels for w in label.words)
    left = max(min(xs[-1] - (count + LABELS) * pitch, begin, *(w.box[0] for w in groups)), 0.0)
    return [*_header(left, heads, xs, ys[0]), *_body(left, part.uprights, labels, groups, bands, xs, ys)]


def _labels(part: Part, first: float, forms: Sequence[TableForm]) -> tuple[list[Label], list[Word]]:
    """The labels of rows left of the first column, and the words of those of groups, which stand left of others."""
    texts = [w for w in part.words if CHINESE.search(w.text) and w.box[2] < first + w.box[3] - w.box[1]]
    groups = [w for w in texts if any(_beside(w.box, other.box) for other in texts)]
    leaves = [w for w in texts if w not in groups]
    found = [find_labels(leaves, _template(form), part.figures) for form in forms]
    return max(found, key=lambda pair: pair[1])[0], groups


def _template(form: TableForm) -> list[tuple[str, ...]]:
    return [(row.label, *row.aliases) for row in form.rows]


def _of_figures(figures: Sequence[Box], count: int) -> list[list[Box]]:
    """The columns that figures make: those of several, or all of one row."""
    columns = by_middle(figures)
    if len(columns) < FEWEST_COLUMNS:
        return []
    usual = median(itertools.starmap(_apart, itertools.pairwise(columns)))
    columns = by_middle([box for box in figures if box[2] - box[0] < usual])  # not those of two columns that touch
    supported = [column for column in columns if len(column) >= SUPPORT]
    if len(supported) < FEWEST_COLUMNS:
        lines = [by_middle(within(figures, *band)) for band in find_bands([], figures)]
        return next((line for line in lines if len(line) == count), supported)
    # what stands further left are marks beside the labels
    further = (i for i in range(len(supported) - 1, 0, -1) if _apart(*supported[i - 1 : i + 1]) > FURTHER * usual)
    return strongest(supported[next(further, 0) :], count)[-count:]


def _beside(box: Box, other: Box) -> bool:
    """Whether the other stands to the right of a box, on the same line: then that is the label of a group."""
    high = min(box[3] - box[1], other[3] - other[1])
    return other[0] > box[2] - 0.5 * high and min(box[3], other[3]) - max(box[1], other[1]) > 0.25 * high


def _bands(labels: Sequence[Label], figures: Sequence[Box]) -> list[tuple[float, float]]:
    """The rows: those whose labels are known, and lines of several figures."""
    boxes = [label.box for label in labels]
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    bands = find_bands(boxes, figures)
    return [band for band in bands if (top <= band[1] and band[0] <= bottom) or len(within(figures, *band)) >= ROW]


def _heads(part: Part, left: float, bottom: float, pitch: float) -> Heads:
    """What stands above the first row, close to it and to each other, from `left` on."""
    above = pieces_of([w for w in part.words if middle_height(w.box) < bottom])
    words = [word.box for piece in above if piece[0].box[0] > left for word in piece]
    heads: list[Box] = []
    top = bottom
    for box in sorted(words, key=lambda b: -b[3]):
        if top - box[3] > HEAD_GAP * (box[3] - box[1]):
            break
        heads.append(box)
        top = min(top, box[1])
    pieces = [box for box in within(part.pieces, top, bottom) if middle_of(box) > left]
    single = tuple(box for box in pieces if box[2] - box[0] <= NARROW * pitch)
    if len(by_middle(single)) < HEADED:
        return Heads()
    return Heads(single, tuple(box for box in pieces if box not in single))


def _columns(figures: Sequence[Box], heads: Sequence[Box], known: Sequence[Box], count: int) -> list[list[Box]]:
    """The columns that figures and heads over one of them make, be it a single one that is `known`."""
    columns = by_middle([*figures, *heads])
    near = [any(abs(middle_of(k) - middle_of(c[0])) < APART for k in known) for c in columns]
    return strongest([c for c, named in zip(columns, near, strict=True) if named or len(c) >= SUPPORT], count)


def _middle(column: Sequence[Box]) -> float:
    return median(middle_of(box) for box in column)


def _apart(left: Sequence[Box], right: Sequence[Box]) -> float:
    return _middle(right) - _middle(left)


def _pitch(columns: Sequence[Sequence[Box]]) -> float:
    """Points from one column to the next, where none between them is blank."""
    return min(itertools.starmap(_apart, itertools.pairwise(columns)))


def _borders(
    labels: Sequence[Label], columns: Sequence[Sequence[Box]], pitch: float, uprights: Sequence[Rule]
) -> list[float]:
    """The x of the borders of the columns of figures; the outer ones are half a column away from the middle, so that
    they are the same on each page."""
    first = _middle(columns[0])
    ends = [right_of([w.box]) for label in labels for w in label.words if w.box[2] < first]
    end = max([first - pitch / 2, *ends])
    start = border(end, max(end, left_of(columns[0])), uprights)
    right = max(_middle(columns[-1]) + pitch / 2, *(box[2] for box in columns[-1]))
    return [start, *borders_between(columns, uprights), right]


def _header(left: float, heads: Heads, xs: Sequence[float], bottom: float) -> list[Rule]:
    """The rules of the header above `bottom`: heads over several columns stand above those of each."""
    if not heads.single:
        return []
    boxes = [*heads.single, *heads.wide]
    top = min(box[1] for box in boxes) - EDGE * min(box[3] - box[1] for box in boxes)
    rules = [level(top, left, xs[-1]), *(upright(x, top, bottom) for x in (left, xs[0], xs[-1]))]
    wide = find_bands([], heads.wide)
    if not wide:
        return [*rules, *(upright(x, top, bottom) for x in xs[1:-1])]
    tops = [*(box[1] for box in heads.single), *(band[0] for band in wide[1:])]
    over_all = (wide[0][1] + min(tops)) / 2
    rules.append(level(over_all, xs[0], xs[-1]))
    inner = [box[1] for box in heads.single if xs[1] < middle_of(box) < xs[-2]]
    split = over_all
    if len(wide) > 1 and inner:
        split = (wide[1][1] + min(inner)) / 2
        rules.append(level(split, xs[1], xs[-2]))
    rules += [upright(x, over_all, bottom) for x in (xs[1], xs[-2])]
    return [*rules, *(upright(x, split, bottom) for x in xs[2:-2])]


def _body(
    left: float,
    uprights: Sequence[Rule],
    labels: Sequence[Label],
    groups: Sequence[Word],
    bands: Sequence[tuple[float, float]],
    xs: Sequence[float],
    ys: Sequence[float],
) -> list[Rule]:
    """The rules of the rows: labels of groups stand beside several of them."""
    beside = _end_of_groups(uprights, labels, [w.box for w in groups if ys[0] < middle_height(w.box) < ys[-1]])
    rules = [upright(x, ys[0], ys[-1]) for x in (left, *xs)]
    if beside is None:
        return [*rules, *(level(y, left, xs[-1]) for y in ys)]
    # a label of a row that begins further left reaches over those of groups
    over = [w.box for label in labels for w in label.words if left_of([w.box]) < beside]
    spanning = {i for i, band in enumerate(bands) if within(over, *band)}
    for i, y in enumerate(ys):
        inside = 0 < i < len(bands) and not spanning & {i - 1, i}
        rules.append(level(y, beside if inside else left, xs[-1]))
    return [*rules, *(upright(beside, ys[i], ys[i + 1]) for i in range(len(bands)) if i not in spanning)]


def _end_of_groups(uprights: Sequence[Rule], labels: Sequence[Label], groups: Sequence[Box]) -> float | None:
    """Where the labels of groups end and those of their rows begin; None where there are none."""
    if not groups:
        return None
    end = right_of(groups)
    words = [w.box for label in labels for w in label.words if middle_of(w.box) > end]
    inner = [box for box in words if any(_beside(group, box) for group in groups)]
    return border(end, left_of(inner), uprights) if inner else None
