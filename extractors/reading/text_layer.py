"""Words and ruled lines out of a PDF page's own text layer and drawings."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from extractors.geometry import around
from extractors.headings import is_heading
from extractors.layout.columns import free_rules, missing_columns
from extractors.layout.grids import find_frames, lines_of
from extractors.layout.unruled import find_figures, find_unruled, may_be_tables
from extractors.reading.content import Content
from extractors.reading.page import PageReading, Rule, Word
from extractors.report import Box
from extractors.sources.mupdf import pymupdf

THIN = 3.0
"""Points: a filled rectangle no thicker than this is a ruled line, not shading."""
SHORTEST_RULE = 5.0
"""Points: shorter strokes are parts of glyphs or ornaments."""
WORD_GAP = 0.6
"""Share of the type size: a wider gap on a line separates two words."""
SAME_PLACE = 1.5
"""Points: a character printed again this close makes bold type of a plain face."""
UNTURNED = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

Spans = list[tuple[tuple[float, float], Any]]
"""(direction of writing on the page as shown, PyMuPDF's span)."""

RUN = 0.1
"""The same within a run of text: figures of two columns may be set very close."""


def read_text_layer(content: Content, number: int) -> PageReading:
    """The words and rules of a page, upright, in points."""
    page = content.page
    rect, shown = page.rect, page.rotation_matrix
    spans = _spans(content.lines, shown)
    rotation = _reading_direction(spans)
    upright = _turn(rotation, rect.width, rect.height)
    strokes = map(_mover(upright), _strokes(content.drawings, _mover(shown)))
    rules = [Rule(x0=x0, y0=y0, x1=x1, y1=y1) for x0, y0, x1, y1 in strokes]
    move = _mover(shown * upright)
    verticals = [rule for rule in rules if not rule.horizontal]
    words = _words(spans, move, verticals)
    columns: list[Rule] = []
    frames = find_frames(rules)
    if free := free_rules(rules, frames):
        printed = [_type_box(run) for run in _words(spans, move, verticals, runs=True)]
        columns = missing_columns(free, printed, _headings(words))
    if not columns and not frames and may_be_tables(words):
        runs = _words(spans, move, verticals, runs=True)
        columns = find_unruled(words, [word.box for word in words], find_figures(runs), rules)
    if columns:
        rules += columns
        words = _words(spans, move, [rule for rule in columns if not rule.horizontal])
    back = ~upright
    return PageReading(
        number=number,
        width=rect.width,
        height=rect.height,
        origin="text",
        rotation=rotation,
        words=words,
        rules=rules,
        to_page=(back.a, back.c, back.e, back.b, back.d, back.f, 0.0, 0.0, 1.0),
    )


def _spans(lines: Sequence[Any], turn: Any) -> Spans:
    spans: Spans = []
    for line in lines:
        x, y = line["dir"]
        direction = (x * turn.a + y * turn.c, x * turn.b + y * turn.d)
        spans.extend((direction, span) for span in line["spans"])
    return spans


def _reading_direction(spans: Spans) -> int:
    """Degrees clockwise that make most of the text run from left to right."""
    votes: Counter[int] = Counter()
    for (x, y), span in spans:
        if len(span["chars"]) > 1:
            turn = (0 if x > 0 else 180) if abs(x) >= abs(y) else (270 if y > 0 else 90)
            votes[turn] += len(span["chars"])
    return votes.most_common(1)[0][0] if votes else 0


def _turn(rotation: int, width: float, height: float) -> Any:
    """The matrix that turns the page as shown by `rotation` degrees clockwise, corner back at the origin."""
    return {
        0: pymupdf.Matrix(1, 0, 0, 1, 0, 0),
        90: pymupdf.Matrix(0, 1, -1, 0, height, 0),
        180: pymupdf.Matrix(-1, 0, 0, -1, width, height),
        270: pymupdf.Matrix(0, -1, 1, 0, 0, width),
    }[rotation]


def _mover(matrix: Any) -> Callable[[Box], Box]:
    """Gives the upright box around a box that a PyMuPDF matrix moves."""
    if tuple(matrix) == UNTURNED:
        return lambda box: box

    def moved(box: Box) -> Box:
        rect = pymupdf.Rect(box) * matrix
        return (rect.x0, rect.y0, rect.x1, rect.y1)

    return moved


class _Borders:
    """The upright rules of a page, by where they stand."""

    def __init__(self, verticals: Sequence[Rule]) -> None:
        self._rules = sorted(verticals, key=lambda rule: rule.x0)
        self._xs = [rule.x0 for rule in self._rules]

    def part(self, before: Box, after: Box) -> bool:
        """Whether one stands between the middles of two characters."""
        left, right, y = (before[0] + before[2]) / 2, (after[0] + after[2]) / 2, (after[1] + after[3]) / 2
        for i in range(bisect_right(self._xs, left), len(self._xs)):
            if self._xs[i] >= right:
                return False
            if self._rules[i].y0 <= y <= self._rules[i].y1:
                return True
        return False


def _words(spans: Spans, move: Callable[[Box], Box], verticals: Sequence[Rule], runs: bool = False) -> list[Word]:
    """The words of the spans; as `runs`, what is set without paper between, be it with spaces typed in."""
    words: list[Word] = []
    current: list[tuple[str, Box]] = []
    before: Box | None = None  # of the last character that is no space
    printed: set[tuple[str, int, int]] = set()
    borders = _Borders(verticals)
    for _, span in spans:
        if span.get("alpha", 255) == 0:
            continue
        size = span["size"]
        bold = bool(span["flags"] & pymupdf.TEXT_FONT_BOLD)
        for char in span["chars"]:
            text = char["c"]
            box = move(char["bbox"])
            if text.isspace() or text == "\u200b":
                # a printed space stays within its word when it is narrow; a wide one ends it
                narrow = not char.get("synthetic", False) if runs else box[2] - box[0] < WORD_GAP * size
                if current and narrow and text != "\u3000":
                    current.append((" ", box))
                else:
                    _flush(current, size, bold, words)
                continue
            key = (text, round(box[0] / SAME_PLACE), round(box[1] / SAME_PLACE))
            if key in printed:
                continue
            printed.add(key)
            gap = (RUN if runs else WORD_GAP) * size
            if current and before and (_apart(current[-1][1], box, gap, size) or borders.part(before, box)):
                _flush(current, size, bold, words)
            current.append((text, box))
            before = box
        if not runs:
            _flush(current, size, bold, words)
    if current:  # a run may change its face, at a space for one
        _flush(current, size, bold, words)
    return words


def _type_box(word: Word) -> Box:
    """The box of a word as high as its type: faces leave different room above and below."""
    x0, y0, x1, y1 = word.box
    middle = (y0 + y1) / 2
    return (x0, middle - word.size / 2, x1, middle + word.size / 2)


def _headings(words: list[Word]) -> list[float]:
    """The y of the lines that are headings of sections."""
    lines = [line for line in lines_of(words) if is_heading("".join(word.text for word in line))]
    return [(line[0].box[1] + line[0].box[3]) / 2 for line in lines]


def _apart(before: Box, after: Box, gap: float, size: float) -> bool:
    middle = (after[1] + after[3]) / 2
    return not -size < after[0] - before[2] < gap or not before[1] <= middle <= before[3]


def _flush(current: list[tuple[str, Box]], size: float, bold: bool, words: list[Word]) -> None:
    while current and current[-1][0] == " ":
        current.pop()
    if current:
        box = around([box for _, box in current])
        words.append(Word(text="".join(text for text, _ in current), box=box, size=size, bold=bold))
    current.clear()


def _strokes(drawings: Sequence[Any], move: Callable[[Box], Box]) -> Iterator[Box]:
    """The lines of a page's drawings that may be ruled ones, in points of the page as shown; no thickness is left."""
    for box in _drawn_lines(drawings):
        x0, y0, x1, y1 = move(box)
        width, height = x1 - x0, y1 - y0
        if max(width, height) < SHORTEST_RULE or min(width, height) > THIN:
            continue
        if width >= height:
            y = _single((y0 + y1) / 2)
            yield (x0, y, x1, y)
        else:
            x = _single((x0 + x1) / 2)
            yield (x, y0, x, y1)


def _drawn_lines(drawings: Sequence[Any]) -> Iterator[Box]:
    """Lines, thin rectangles and the edges of framed ones, by the boxes around them."""
    for path in drawings:
        stroked = "s" in path["type"]
        if not stroked and _invisible(path):
            continue
        for item in path["items"]:
            if item[0] == "l":
                (xa, ya), (xb, yb) = item[1], item[2]
                yield (min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb))
            elif item[0] in ("re", "qu"):
                corners = item[1] if item[0] == "re" else [c for point in item[1] for c in point]
                xs, ys = corners[0::2], corners[1::2]
                x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
                if min(x1 - x0, y1 - y0) <= THIN:
                    yield (x0, y0, x1, y1)
                elif stroked:
                    yield from ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))


def _single(value: float) -> float:
    """In the precision of MuPDF's own coordinates."""
    return float(_SINGLE.unpack(_SINGLE.pack(value))[0])


_SINGLE = struct.Struct("f")


def _invisible(path: Any) -> bool:
    """White fills cover things up; they do not rule lines."""
    fill = path.get("fill")
    return path.get("fill_opacity", 1.0) == 0 or (fill is not None and min(fill) > 0.97)
