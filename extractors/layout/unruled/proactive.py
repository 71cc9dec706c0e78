"""Table 二 without rules: blocks below the articles of the regulation, each with its own heads."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from extractors.forms import TableForm, form_names, load_form
from extractors.layout.stacks import pieces_of, together
from extractors.layout.unruled.columns import border
from extractors.layout.unruled.page import CHINESE, RIM, Part, level, upright, within
from extractors.layout.unruled.rows import Label, borders_of, find_bands, find_labels
from extractors.reading.page import Rule
from extractors.report import Box
from extractors.text import bare, best_label_likeness, best_likeness

CONTENT = "信息内容"
"""The first head of each block."""
ARTICLE = 0.7
"""Likeness from which a line by itself names an article."""
FEWEST_LABELS = 3
"""Articles, heads and rows that are known: a sentence may name an article, and a list what it is about."""
EXACT, TELLING = 0.9, 4
"""Likeness and characters of a label beside a figure that tells by itself that the table goes on there."""
FURNITURE = 2
"""Words of a running header above it, at most."""
BEYOND = 3.5
"""Heights of a line beyond the labels known within which a row may stand whose label is not."""


def find_proactive(part: Part) -> list[Rule]:
    """The rules that table 二 would have; none where the words show no such table."""
    forms = [load_form(name).proactive_disclosure for name in form_names()]
    articles = tuple({row.groups[0] for form in forms for row in form.rows})
    if not part.figures or not (part.first or any(best_likeness(w.text, articles) >= ARTICLE for w in part.words)):
        return []
    texts = [w for w in part.words if CHINESE.search(w.text)]
    first = [w for w in texts if not any(_beside(other.box, w.box) for other in texts)]
    templates = [_template(form) for form in forms]
    found = [find_labels(first, template, part.figures) for template in templates]
    (labels, _), template = max(zip(found, templates, strict=True), key=lambda pair: pair[0][1])
    named = [label for label in labels if template[label.place][0] in articles]
    known = len(labels) >= FEWEST_LABELS and named
    if not known and not _goes_on(part, labels, template):
        return []
    boxes = _around([w.box for w in part.words], labels)
    bands = _trimmed(find_bands([label.box for label in labels], boxes), labels, part.figures, [w.box for w in texts])
    ys = borders_of(bands)
    over = [any(band[0] <= label.box[1] < band[1] for label in named) for band in bands]
    rules = [level(y, part.left, part.right) for y in ys]
    rules += [upright(x, ys[0], ys[-1]) for x in (part.left, part.right)]
    for start, end in _blocks(over):
        inside = within(boxes, ys[start], ys[end])
        rules += [upright(x, ys[start], ys[end]) for x in _borders(inside, labels, part.uprights)]
    return rules


def _template(form: TableForm) -> list[tuple[str, ...]]:
    """What the table prints at the left or by itself, from top to bottom."""
    lines: list[tuple[str, ...]] = []
    for article, rows in itertools.groupby(form.rows, key=lambda row: row.groups[0]):
        lines += [(article,), (CONTENT,), *((row.label, *row.aliases) for row in rows)]
    return lines


def _goes_on(part: Part, labels: Sequence[Label], template: Sequence[tuple[str, ...]]) -> bool:
    """Whether the page begins with rows of the table that a page break has parted from the others."""
    if not part.first or not labels:
        return False
    above = [w for w in part.words if w.box[3] < labels[0].box[1]]
    return len(above) <= FURNITURE and any(
        len(bare(label.text)) >= TELLING
        and best_label_likeness(label.text, template[label.place]) >= EXACT
        and within(part.figures, label.box[1], label.box[3])
        for label in labels
    )


def _beside(left: Box, box: Box) -> bool:
    return left[2] <= box[0] and left[1] < (box[1] + box[3]) / 2 < left[3]


def _around(boxes: Iterable[Box], labels: Sequence[Label]) -> list[Box]:
    """The boxes from the first to the last of the labels, and a little beyond."""
    top, bottom = min(label.box[1] for label in labels), max(label.box[3] for label in labels)
    beyond = BEYOND * max(w.box[3] - w.box[1] for label in labels for w in label.words)
    return within(list(boxes), top - beyond, bottom + beyond)


def _trimmed(
    bands: list[tuple[float, float]], labels: Sequence[Label], figures: Sequence[Box], texts: Sequence[Box]
) -> list[tuple[float, float]]:
    """The bands from the first to the last that holds a label, or text and a figure."""

    def belongs(band: tuple[float, float]) -> bool:
        known = any(band[0] <= label.box[1] < band[1] for label in labels)
        return known or bool(within(figures, *band) and within(texts, *band))

    kept = [i for i, band in enumerate(bands) if belongs(band)]
    return bands[kept[0] : kept[-1] + 1]


def _blocks(over: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """(start, end) of the bands between those that name an article."""
    at = 0
    for named, group in itertools.groupby(over):
        size = len(list(group))
        if not named:
            yield at, at + size
        at += size


def _borders(boxes: Sequence[Box], labels: Sequence[Label], uprights: Sequence[Rule]) -> list[float]:
    """Where the columns of a block meet; its labels make the first, be they at its left or in its middle."""
    own = {word.box for label in labels for word in label.words} & set(boxes)
    first = [(min(box[0] for box in own), max(_type(box)[1] for box in own))] if own else []
    extents = together([*first, *map(_type, pieces_of([box for box in boxes if box not in own]))])
    return [border(a[1], b[0], uprights) for a, b in itertools.pairwise(extents)]


def _type(box: Box) -> tuple[float, float]:
    """The extent of the type in a box."""
    rim = RIM * (box[3] - box[1])
    return (box[0] + rim, box[2] - rim)
