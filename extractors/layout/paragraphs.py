"""Lines → paragraphs, also across pages."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

from extractors.layout.flow import Element, Line, Table

INDENT = 1.2
"""Type sizes: a line that starts this far right of the margin opens a paragraph (the usual indent is 2)."""
SHORT = 1.8
"""Type sizes: in a text without indents, a line that ends this far left of the right margin closes its paragraph."""
GAP = 1.9
"""Line pitches: a wider gap parts paragraphs."""
OTHER_SIZE = 1.2
"""Ratio of type sizes from which two lines are of different paragraphs."""


@dataclass(frozen=True)
class Paragraph:
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return join_lines([line.text for line in self.lines])

    @property
    def pages(self) -> list[int]:
        return sorted({line.page for line in self.lines})


@dataclass(frozen=True)
class Measure:
    """The text column: margins in points from the left of the page."""

    left: float
    right: float
    indented: bool
    """Whether paragraphs open with an indent."""


def join_lines(texts: list[str]) -> str:
    """One string; a space only where two Latin words meet at the line's end."""
    joined = ""
    for text in texts:
        latin = joined[-1:].isascii() and joined[-1:].isalpha() and text[:1].isascii() and text[:1].isalpha()
        joined += (" " if latin else "") + text
    return joined


def measure(flow: list[Element]) -> Measure:
    """The margins that most lines of text keep to."""
    lines = [e for e in flow if isinstance(e, Line) and len(e.text) > 4]
    if not lines:
        return Measure(0, 0, indented=True)
    lefts = Counter(round(line.box[0] / 3) for line in lines)
    rights = sorted(line.box[2] for line in lines)
    common = [left for left, n in lefts.items() if n >= max(2, max(lefts.values()) * 0.25)] or list(lefts)
    left = min(common) * 3
    indents = sum(INDENT * line.size < line.box[0] - left < 3.5 * line.size for line in lines)
    return Measure(left, rights[int(len(rights) * 0.9)], indented=indents >= max(2, 0.04 * len(lines)))


def read_paragraphs(flow: list[Element], column: Measure) -> list[Paragraph | Table]:
    """Paragraphs and tables in order, within the text column of the whole document."""
    pitch = _pitch(flow)
    result: list[Paragraph | Table] = []
    current: list[Line] = []

    def close() -> None:
        if current:
            result.append(Paragraph(tuple(current)))
            current.clear()

    for element in flow:
        if isinstance(element, Table):
            close()
            result.append(element)
            continue
        if current and _opens(current[-1], element, column, pitch):
            close()
        current.append(element)
    close()
    return result


def _pitch(flow: list[Element]) -> float:
    """Points from one line of text to the next, as most often seen."""
    steps: Counter[int] = Counter()
    for before, line in itertools.pairwise(flow):
        if isinstance(before, Line) and isinstance(line, Line) and before.page == line.page:
            steps[round(line.box[1] - before.box[1])] += 1
    return float(steps.most_common(1)[0][0]) if steps else 0.0


def _opens(before: Line, line: Line, column: Measure, pitch: float) -> bool:
    """Whether `line` opens a new paragraph after `before`."""
    if before.whole or line.whole:
        return True
    size = max(line.size, 1.0)
    if max(before.size, line.size) > OTHER_SIZE * min(before.size, line.size):
        return True
    if line.box[0] - column.left > INDENT * size:
        return True
    if before.page == line.page and pitch and line.box[1] - before.box[1] > GAP * pitch:
        return True
    # with indents, short lines are only lines that a long number or a bracket did not fit into
    return not column.indented and column.right - before.box[2] > SHORT * size
