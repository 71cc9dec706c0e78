"""Table 四 without rules: fifteen columns of one figure, below the heads of outcomes and of blocks."""

from __future__ import annotations

from collections.abc import Sequence, Set
from statistics import median, median_low

from extractors.forms import form_names, load_form
from extractors.layout.unruled.columns import borders_between, by_middle
from extractors.layout.unruled.page import Part, level, middle_of, upright, within
from extractors.layout.unruled.rows import borders_of, find_bands
from extractors.reading.page import Rule, Word
from extractors.report import Box
from extractors.text import squeeze

HEAD = 0.6
"""Share of the characters of heads of outcomes from which a word is some of them, or a line of some."""
FEWEST = 20
"""Characters of such words, of 54 in all; no sentence is made of them."""
LINES = 4.0
"""Heights of a line that the heads take, at most, and between them and the figures."""
ABOVE = 6.0
"""The same of the heads of blocks above them."""
NARROW = 1.05
"""Times the width of a column from which a head is two that were seen as one."""
SPACED = 0.6
"""The same between the middles of what stands in one column."""


def find_review(part: Part) -> list[Rule]:
    """The rules that table 四 would have; none where the words show no such table."""
    form = load_form(form_names()[0]).review_litigation
    each = len(form.columns)
    known = heads_among(part.words)
    if not known:
        return []
    high = median(w.box[3] - w.box[1] for w in known)
    at = median_low(w.box[1] for w in known)
    known = [w for w in known if abs(w.box[1] - at) <= LINES * high]
    top, bottom = min(w.box[1] for w in known), max(w.box[3] for w in known)
    rows = [b for b in find_bands([], part.figures) if bottom - 0.5 * high < b[0] < bottom + LINES * high]
    if not rows:
        return []
    # pieces of heads that were not seen as text may look like figures
    row = max(rows, key=lambda band: len(_within(part.figures, band)))
    figures = _within(part.figures, row)
    heads = within(part.pieces, top, bottom)
    count = each * len(form.rows)
    columns = _columns(heads, figures, count, (part.right - part.left) / count)
    if not columns:
        return []
    xs = [part.left, *borders_between(columns, part.uprights), part.right]
    ys = borders_of([(top, bottom), row])
    return _rules(xs, ys, xs[each], xs[2 * each], _over(part.words, top, high, xs[each]))


def heads_among(words: Sequence[Word]) -> list[Word]:
    """The words that are heads of outcomes, or lines of some; none where they are too few for the table."""
    columns = load_form(form_names()[0]).review_litigation.columns
    characters = {char for column in columns for char in column.label}
    known = [w for w in words if _share(squeeze(w.text), characters) >= HEAD]
    return known if sum(len(squeeze(w.text)) for w in known) >= FEWEST else []


def _within(figures: Sequence[Box], band: tuple[float, float]) -> list[Box]:
    """The figures that begin within a row."""
    return [box for box in figures if band[0] <= box[1] < band[1]]


def _columns(heads: Sequence[Box], figures: Sequence[Box], count: int, pitch: float) -> list[list[Box]]:
    """The columns that the heads make, or the figures where heads were seen as one; none where neither are all.

    `pitch` is the width of a column in points. Of a head over two lines one may be seen as one with its neighbours'.
    """
    # the characters of a short head may be set apart
    columns = by_middle([box for box in heads if box[2] - box[0] <= NARROW * pitch], SPACED * pitch)
    if len(columns) != count:
        columns = by_middle(figures)
    if len(columns) != count:
        return []
    middles = [median(map(middle_of, column)) for column in columns]
    for box in figures:
        own = min(range(count), key=lambda i: abs(middles[i] - middle_of(box)))
        columns[own].append(box)
    return columns


def _share(text: str, characters: Set[str]) -> float:
    """Share of a text's characters that are among some."""
    return sum(char in characters for char in text) / max(len(text), 1)


def _over(words: Sequence[Word], bottom: float, high: float, left: float) -> list[tuple[float, float]]:
    """The lines of heads of blocks above the heads of outcomes, beside the first block: the two lowest."""
    boxes: list[Box] = [w.box for w in words if bottom - ABOVE * high < w.box[1] and w.box[3] < bottom + 0.5 * high]
    return find_bands([], [box for box in boxes if middle_of(box) > left and box[0] > left - high])[-2:]


def _rules(
    xs: Sequence[float], ys: Sequence[float], second: float, third: float, over: Sequence[tuple[float, float]]
) -> list[Rule]:
    """`second` and `third` are where those blocks begin, `over` the lines of heads of blocks."""
    left, right = xs[0], xs[-1]
    rules = [level(y, left, right) for y in ys[1:]]
    heads = ys[0]
    if over:
        heads = (over[-1][1] + ys[0]) / 2
        top = borders_of(over)[0]
        split = (over[0][1] + over[-1][0]) / 2 if len(over) > 1 else top
        rules += [level(top, left, right), upright(left, top, heads), upright(right, top, heads)]
        rules += [upright(second, top, heads), upright(third, split, heads)]
        rules += [level(split, second, right)] if len(over) > 1 else []
    return [*rules, level(heads, left, right), *(upright(x, heads, ys[-1]) for x in xs)]
