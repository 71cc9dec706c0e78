"""What a page without rules holds between two headings of sections, and the rules that are made up for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.layout.grids import lines_of
from extractors.layout.stacks import RUN_GAP
from extractors.reading.page import Rule, Word
from extractors.report import Box
from extractors.text import squeeze

FIGURE = re.compile(r"[-—–－一]?[0-9OoQ〇○.,，]{1,12}(元|万元|件)?|[-—–－/／\\|]")
"""What a figure may be read as before it is known to be one, and marks for none."""
RIM = 0.2
"""Share of a box's height by which a detected box reaches beyond its type at each side."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Part:
    """What stands between two headings: words that are no lines of a paragraph, all that is printed, parted where
    columns may be, the figures, and the upright rules that are left; and where the text of the page begins and ends."""

    words: tuple[Word, ...]
    pieces: tuple[Box, ...]
    figures: tuple[Box, ...]
    uprights: tuple[Rule, ...]
    left: float
    right: float
    first: bool
    """It is the first of its page: a table may go on there."""


def pieces_of(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words on one line with less than a gap between them."""
    for line in lines_of(words):
        piece: list[Word] = []
        for word in line:
            high = word.box[3] - word.box[1]
            rims = 2 * RIM * high if word.origin == "ocr" else 0.0
            if piece and word.box[0] - max(w.box[2] for w in piece) + rims > RUN_GAP * high:
                yield piece
                piece = []
            piece.append(word)
        yield piece


def find_figures(words: Sequence[Word]) -> list[Box]:
    """The boxes of words that are figures, or marks for none."""
    return [word.box for word in words if FIGURE.fullmatch(squeeze(word.text))]


def without_numbers(figures: Sequence[Box], words: Sequence[Word]) -> list[Box]:
    """The figures with no text further right on their lines: labels begin with numbers."""
    texts = [word.box for word in words if CHINESE.search(word.text)]
    return [box for box in figures if not any(_before(box, text) for text in texts)]


def _before(box: Box, other: Box) -> bool:
    """Whether the other stands further right on the same line."""
    return other[0] >= box[2] - (box[3] - box[1]) and other[1] < middle_height(box) < other[3]


def level(y: float, x0: float, x1: float) -> Rule:
    return Rule(x0=x0, y0=y, x1=x1, y1=y, inferred=True)


def upright(x: float, y0: float, y1: float) -> Rule:
    return Rule(x0=x, y0=y0, x1=x, y1=y1, inferred=True)


def within(boxes: Sequence[Box], top: float, bottom: float) -> list[Box]:
    """The boxes whose middles lie between two heights."""
    return [box for box in boxes if top < middle_height(box) < bottom]


def middle_of(box: Box) -> float:
    """The x in the middle of a box."""
    return (box[0] + box[2]) / 2


def middle_height(box: Box) -> float:
    """The y in the middle of a box."""
    return (box[1] + box[3]) / 2
