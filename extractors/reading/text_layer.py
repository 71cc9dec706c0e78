"""Words and ruled lines out of a PDF page's own text layer and drawings."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pymupdf

from extractors.headings import is_heading
from extractors.layout.columns import missing_columns
from extractors.layout.grids import lines_of
from extractors.layout.stacks import RUN_GAP
from extractors.reading.page import PageReading, Rule, Word
from extractors.report import Box

THIN = 3.0
"""Points: a filled rectangle no thicker than this is a ruled line, not shading."""
SHORTEST_RULE = 5.0
"""Points: shorter strokes are parts of glyphs or ornaments."""
WORD_GAP = 0.6
"""Share of the type size: a wider gap on a line separates two words."""

RUN = 0.1
"""The same within a run of text: figures of two columns may be set very close."""


def read_text_layer(page: Any, number: int) -> PageReading:
    """The words and rules of a PyMuPDF page, upright, in points."""
    rect = page.rect
    spans = _spans(page)
    rotation = _reading_direction(spans)
    upright = _turn(rotation, rect.width, rect.height)
    matrix = page.rotation_matrix * upright
    rules = [rule for rule in (_transform_rule(r, upright) for r in _rules(page)) if rule]
    verticals = [rule for rule in rules if not rule.horizontal]
    words = _words(spans, matrix, verticals)
    printed = [_type_box(run) for run in _words(spans, matrix, verticals, runs=True)]
    columns = missing_columns(rules, printed, RUN_GAP, _headings(words))
    if columns:
        rules += columns
        words = _words(spans, matrix, columns)
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


def _spans(page: Any) -> list[tuple[tuple[float, float], Any]]:
    """(direction of writing on the page as shown, span) of all text."""
    flags = pymupdf.TEXTFLAGS_RAWDICT & ~pymupdf.TEXT_PRESERVE_IMAGES
    turn = page.rotation_matrix
    spans: list[tuple[tuple[float, float], Any]] = []
    for block in page.get_text("rawdict", flags=flags)["blocks"]:
        for line in block.get("lines", ()):
            x, y = line["dir"]
            direction = (x * turn.a + y * turn.c, x * turn.b + y * turn.d)
            spans.extend((direction, span) for span in line["spans"])
    return spans


def _reading_direction(spans: list[tuple[tuple[float, float], Any]]) -> int:
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


def _words(
    spans: list[tuple[tuple[float, float], Any]], matrix: Any, verticals: list[Rule], runs: bool = False
) -> list[Word]:
    """The words of the spans; as `runs`, what is set without paper between, be it with spaces typed in."""
    words: list[Word] = []
    printed: set[tuple[str, int, int]] = set()
    current: list[tuple[str, Any]] = []
    for _, span in spans:
        if span.get("alpha", 255) == 0:
            continue
        size = span["size"]
        bold = bool(span["flags"] & pymupdf.TEXT_FONT_BOLD)
        for char in span["chars"]:
            text = char["c"]
            box = pymupdf.Rect(char["bbox"]) * matrix
            if text.isspace() or text == "\u200b":
                # a printed space stays within its word when it is narrow; a wide one ends it
                narrow = not char.get("synthetic", False) if runs else box.width < WORD_GAP * size
                if current and narrow and text != "\u3000":
                    current.append((" ", box))
                else:
                    _flush(current, size, bold, words)
                continue
            key = (text, round(box.x0 / 1.5), round(box.y0 / 1.5))
            if key in printed:
                continue  # bold type faked by printing twice
            printed.add(key)
            before = next((b for c, b in reversed(current) if c != " "), None)
            gap = RUN if runs else WORD_GAP
            if before is not None and (
                _apart(current[-1][1], box, gap * size, size) or _ruled_off(before, box, verticals)
            ):
                _flush(current, size, bold, words)
            current.append((text, box))
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


def _apart(before: Any, after: Any, gap: float, size: float) -> bool:
    middle = (after.y0 + after.y1) / 2
    return bool(not -size < after.x0 - before.x1 < gap or not before.y0 <= middle <= before.y1)


def _ruled_off(before: Any, after: Any, verticals: list[Rule]) -> bool:
    left, right, y = (before.x0 + before.x1) / 2, (after.x0 + after.x1) / 2, (after.y0 + after.y1) / 2
    return any(left < rule.x0 < right and rule.y0 <= y <= rule.y1 for rule in verticals)


def _flush(current: list[tuple[str, Any]], size: float, bold: bool, words: list[Word]) -> None:
    while current and current[-1][0] == " ":
        current.pop()
    if current:
        boxes = [box for _, box in current]
        box = (
            min(b.x0 for b in boxes),
            min(b.y0 for b in boxes),
            max(b.x1 for b in boxes),
            max(b.y1 for b in boxes),
        )
        words.append(Word(text="".join(text for text, _ in current), box=box, size=size, bold=bold))
    current.clear()


def _rules(page: Any) -> list[Rule]:
    """Horizontal and vertical lines of the page's drawings, in points of the page as shown."""
    turn = page.rotation_matrix
    rules: list[Rule] = []

    def add(x0: float, y0: float, x1: float, y1: float) -> None:
        start, end = pymupdf.Point(x0, y0) * turn, pymupdf.Point(x1, y1) * turn
        rule = Rule(x0=min(start.x, end.x), y0=min(start.y, end.y), x1=max(start.x, end.x), y1=max(start.y, end.y))
        length, thickness = max(rule.x1 - rule.x0, rule.y1 - rule.y0), min(rule.x1 - rule.x0, rule.y1 - rule.y0)
        if length >= SHORTEST_RULE and thickness <= THIN:
            rules.append(_straight(rule))

    for path in page.get_cdrawings():
        stroked = "s" in path["type"]
        if not stroked and _invisible(path):
            continue
        for item in path["items"]:
            if item[0] == "l":
                add(*item[1], *item[2])
            elif item[0] in ("re", "qu"):
                corners = item[1] if item[0] == "re" else [c for point in item[1] for c in point]
                xs, ys = corners[0::2], corners[1::2]
                x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
                if min(x1 - x0, y1 - y0) <= THIN:
                    add(x0, y0, x1, y1)
                elif stroked:
                    for edge in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
                        add(*edge)
    return rules


def _invisible(path: Any) -> bool:
    """White fills cover things up; they do not rule lines."""
    fill = path.get("fill")
    return path.get("fill_opacity", 1.0) == 0 or (fill is not None and min(fill) > 0.97)


def _straight(rule: Rule) -> Rule:
    """The centre line of a thin rectangle."""
    if rule.horizontal:
        y = (rule.y0 + rule.y1) / 2
        return Rule(x0=rule.x0, y0=y, x1=rule.x1, y1=y)
    x = (rule.x0 + rule.x1) / 2
    return Rule(x0=x, y0=rule.y0, x1=x, y1=rule.y1)


def _transform_rule(rule: Rule, matrix: Any) -> Rule:
    a, b = pymupdf.Point(rule.x0, rule.y0) * matrix, pymupdf.Point(rule.x1, rule.y1) * matrix
    return Rule(x0=min(a.x, b.x), y0=min(a.y, b.y), x1=max(a.x, b.x), y1=max(a.y, b.y))
