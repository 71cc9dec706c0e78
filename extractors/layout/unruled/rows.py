"""Rows of a table without rules: labels of the form, told apart though some take several lines, and what stands beside
them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.forms.alignment import ALIKE
from extractors.geometry import around
from extractors.reading.page import Word
from extractors.report import Box
from extractors.text import best_label_likeness

MOST_LINES = 5
"""Of a label: the longest of the form has 36 characters, and its column is wider than eight."""
LINE_GAP = 0.9
"""Heights of a line between two lines of one label, at most; beyond twice the type's size nobody sets a label."""
BESIDE = 0.6
"""Heights of a line by which the middle of what stands beside a label may lie above or below it: a remark under a
figure makes two lines beside one, and the next row is more than a line away."""
LEVEL = 0.3
"""The same of a figure on the line of a label: one between two lines is half a line away from both."""
EDGE = 0.25
"""Heights of the lowest row around a table: its heading stands further off."""
Template = Sequence[tuple[str, ...]]
"""What a form prints one below the other, each in all its wordings."""


@dataclass(frozen=True)
class Label:
    """Words one below the other that say what the form prints at a place of its template."""

    words: tuple[Word, ...]
    place: int

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        return around([word.box for word in self.words])


def find_labels(words: Sequence[Word], template: Template, figures: Sequence[Box]) -> tuple[list[Label], float]:
    """The labels among words of one column, in the order of the template, and how well they fit it in all.

    Each line is a label, part of one, or none: of all ways to see them the one whose labels are most alike. Two lines
    with figures beside each are not of one label: its figures stand in its middle.
    """
    lines = sorted(words, key=lambda word: word.box[1] + word.box[3])
    ends = _ends(lines, [any(_level_with(word.box, figure) for figure in figures) for word in lines])
    n, m = len(lines), len(template)
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    taken = [[0] * m for _ in range(n)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            for end in range(i + 1, ends[i] + 1):
                text = "".join(line.text for line in lines[i:end])
                gain = best_label_likeness(text, template[j]) - ALIKE
                if gain > 0 and gain + best[end][j + 1] > best[i][j]:
                    best[i][j], taken[i][j] = gain + best[end][j + 1], end
    labels: list[Label] = []
    i = j = 0
    while i < n and j < m:
        if taken[i][j]:
            labels.append(Label(tuple(lines[i : taken[i][j]]), j))
            i, j = taken[i][j], j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return labels, best[0][0]


def _ends(lines: Sequence[Word], figured: Sequence[bool]) -> list[int]:
    """Where a label that begins with each line ends at the latest: its lines are close, one below the other."""
    ends = []
    for start in range(len(lines)):
        end = start + 1
        while end < len(lines) and end - start < MOST_LINES and _goes_on(lines[end - 1].box, lines[end].box):
            if sum(figured[start : end + 1]) > 1:
                break
            end += 1
        ends.append(end)
    return ends


def _level_with(label: Box, figure: Box) -> bool:
    """Whether a figure stands on the line of a label."""
    away = abs(label[1] + label[3] - figure[1] - figure[3]) / 2
    return away <= LEVEL * (label[3] - label[1])


def _goes_on(above: Box, below: Box) -> bool:
    high = max(above[3] - above[1], below[3] - below[1])
    return below[1] - above[3] < LINE_GAP * high and min(above[2], below[2]) > max(above[0], below[0])


def find_bands(labels: Sequence[Box], others: Sequence[Box]) -> list[tuple[float, float]]:
    """(top, bottom) of what is printed in each row: a label and what stands beside it, or things side by side."""
    bands = sorted((box[1], box[3]) for box in labels)
    extents = list(bands)
    alone: list[Box] = []
    for box in others:
        middle = (box[1] + box[3]) / 2
        away = [max(top - middle, middle - bottom, 0.0) for top, bottom in bands]
        nearest = min(range(len(bands)), key=lambda i: away[i], default=None)
        if nearest is not None and away[nearest] <= BESIDE * (box[3] - box[1]):
            top, bottom = extents[nearest]
            extents[nearest] = (min(top, box[1]), max(bottom, box[3]))
        else:
            alone.append(box)
    for box in sorted(alone, key=lambda b: b[1] - b[3]):  # the tallest first: it tells where its line is
        middle = (box[1] + box[3]) / 2
        own = next((i for i in range(len(bands), len(extents)) if extents[i][0] < middle < extents[i][1]), None)
        if own is None:
            extents.append((box[1], box[3]))
        else:
            extents[own] = (min(extents[own][0], box[1]), max(extents[own][1], box[3]))
    return sorted(extents, key=lambda extent: extent[0] + extent[1])


def borders_of(bands: Sequence[tuple[float, float]]) -> list[float]:
    """The y of the borders of rows, those at the top and the bottom half a line away."""
    between = [(above[1] + below[0]) / 2 for above, below in itertools.pairwise(bands)]
    pad = EDGE * min(bottom - top for top, bottom in bands)
    return [bands[0][0] - pad, *between, bands[-1][1] + pad]
