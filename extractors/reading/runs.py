"""Runs of text on a picture before it is read: the ink within each detected line, and what the detector did not see.

They tell the columns of tables without upright rules. The detector takes what stands side by side in two columns
for one line where they are close; of lines with paper in them the parts are read, as paper beside a bracket or a
stop is none between columns, and paper between figures may be.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np
from cv2.typing import MatLike

from extractors.geometry import around
from extractors.headings import is_heading
from extractors.layout.columns import NARROWEST_COLUMN
from extractors.layout.grids import SNAP
from extractors.layout.stacks import printed_lines, together
from extractors.reading.engine import Engine, TextBox
from extractors.reading.ink import DASH
from extractors.reading.page import Rule, Word
from extractors.report import Box
from extractors.text import squeeze

STROKES = 0.02
"""Inches between the strokes of one character."""
UNSEEN = 0.05
"""Inches between characters of a word that the detector did not see."""
BETWEEN = 0.4
"""Heights of a line between what stands in two columns of figures, at least: digits are closer."""
NARROWEST = 0.022
"""Inches: a 1 of 7 points is wider, and a rule of a fax narrower."""
TALLEST = 1.5
"""Heights of a line up to which ink is type."""
CLOSE = 0.2
"""Type heights: figures further apart may be those of two columns."""
WIDE = 0.5
"""Type heights: other characters leave less paper between them."""
WIDEST = 1.2
"""Type heights between characters of one label, at most: a stop and a bracket leave half a square each."""
SPACED = 1.0
"""Heights of a digit between the digits of a figure that is spaced out."""
MARKS = frozenset("、，,。.．：:；;（）()《》〈〉“”‘’")
"""Marks that leave half a square of paper beside them."""
SET_WIDE = ("总计", "合计", "其他", "其它")
"""Labels of two characters that are set wide to fill their cell."""
MARGIN = 3
"""Pixels around the ink of a part that is read."""
EDGE = 0.25
"""Share of a detected line's height at its top and bottom where a rule may run along."""
UPRIGHT = 1.5
"""Ratio of height and width from which characters stand one below the other."""


def find_runs(
    ocr: Engine,
    gray: MatLike,
    ink: MatLike,
    lines: Sequence[TextBox],
    rules: Sequence[Rule],
    to_points: float,
) -> list[Box]:
    """Boxes in points around all that is printed on a picture of which `ink` is the mask and `lines` what the
    detector saw; those between the level rules are parted at columns."""
    top, bottom = (end(rule.y0 for rule in rules) / to_points for end in (min, max))
    boxes = _ink_boxes(ink, STROKES / to_points * 72)
    inside: dict[int, list[Box]] = {}
    for box, line in zip(boxes, _lines_of(boxes, lines), strict=True):
        inside.setdefault(line, []).append(box)
    runs: list[Box] = []
    parted: list[list[Box]] = []
    for line, group in inside.items():
        if line < 0:
            for row in printed_lines(group):
                runs += _cut_across(row, UNSEEN / to_points * 72)
        elif _is_upright(lines[line]):
            runs.append(around(group))
        else:
            whole = around(group)
            parts = _parts(group) if top < whole[1] and whole[3] < bottom else [whole]
            (parted.append if len(parts) > 1 else runs.extend)(parts)
    runs += _joined(ocr, gray, parted)
    high_enough = (run for run in runs if max(run[2] - run[0], run[3] - run[1]) * to_points >= DASH * 72)
    return [_scaled(square, to_points) for run in high_enough for square in _squares(run)]


def find_pieces(ink: MatLike, words: Sequence[Word], to_points: float) -> tuple[list[Box], list[Box]]:
    """Boxes in points of what is printed on a picture of which `ink` is the mask, parted where columns may be, and of
    those among them that may be figures: what `words`, its lines as they were read, do not show to be text.

    What is lower than type is given its height: a dash stands where a figure would. Heads whose characters stand one
    below the other make a piece each.
    """
    boxes = _ink_boxes(ink, STROKES / to_points * 72)
    lines = [TextBox(*(round(v / to_points) for v in word.box)) for word in words]
    inside: dict[int, list[Box]] = {}
    for box, line in zip(boxes, _lines_of(boxes, lines), strict=True):
        inside.setdefault(line, []).append(box)
    figured = [word for word in words if not _is_text(word.text)] or words
    usual = median(word.box[3] - word.box[1] for word in figured) / to_points
    pieces: list[Box] = []
    figures: list[Box] = []
    for line, group in inside.items():
        upright = line >= 0 and _is_upright(lines[line])
        if upright and words[line].box[3] - words[line].box[1] > TALLEST * usual * to_points:
            group = [square for box in group for square in _squares(box)]
        rows = printed_lines(group) if line < 0 or upright else [group]
        parts = [part for row in rows for part in _cut_across(row, BETWEEN * max(box[3] - box[1] for box in row))]
        parts = [_as_high_as(usual, part) for part in parts if _may_be_type(part, usual, to_points)]
        pieces += parts
        if line < 0 or not _is_text(words[line].text):
            figures += parts
    return [_scaled(box, to_points) for box in pieces], [_scaled(box, to_points) for box in figures]


def _is_text(text: str) -> bool:
    """Whether a line is no row of figures: those are taken for a character now and then."""
    plain = squeeze(text)
    return 2 * sum("\u4e00" <= char <= "\u9fff" for char in plain) > len(plain)


def _may_be_type(box: Box, usual: float, to_points: float) -> bool:
    """Whether ink is large enough for a dash, and neither higher than a line of type nor narrower than a figure: rests
    of rules are."""
    x0, y0, x1, y1 = box
    large = max(x1 - x0, y1 - y0) * to_points >= DASH * 72
    return large and y1 - y0 <= TALLEST * usual and (x1 - x0) * to_points >= NARROWEST * 72


def _as_high_as(usual: float, box: Box) -> Box:
    lack = max(usual - (box[3] - box[1]), 0.0) / 2
    return (box[0], box[1] - lack, box[2], box[3] + lack)


def without_strokes(rules: Sequence[Rule], lines: Sequence[TextBox], to_points: float) -> list[Rule]:
    """Level rules (points) without the strokes of type in line with them: no rule ends in the middle of a line of text,
    unless others end there too."""
    boxes = [_scaled((line.x0, line.y0, line.x1, line.y1), to_points) for line in lines]
    lefts, rights = [rule.x0 for rule in rules], [rule.x1 for rule in rules]
    return [
        replace(rule, x0=_end(rule.x0, rule.y0, boxes, 2, lefts), x1=_end(rule.x1, rule.y0, boxes, 0, rights))
        for rule in rules
    ]


def _end(x: float, y: float, boxes: Sequence[Box], edge: int, ends: Sequence[float]) -> float:
    """Where a rule ends at height `y` that was seen to end at `x`, as `ends` does; `edge` is that of a box of type to
    which it may reach."""
    if sum(abs(end - x) <= SNAP for end in ends) > 1:
        return x
    for box in boxes:
        inset = EDGE * (box[3] - box[1])
        if box[0] <= x <= box[2] and box[1] + inset < y < box[3] - inset:
            return _nearest(box[edge], [end for end in ends if end != x])
    return x


def _nearest(x: float, others: Sequence[float]) -> float:
    """Where another rule ends less than a character away, else `x`."""
    near = min(others, key=lambda other: abs(other - x), default=x)
    return near if abs(near - x) < NARROWEST_COLUMN else x


def find_headings(
    ocr: Engine, gray: MatLike, lines: Sequence[TextBox], rules: Sequence[Rule], to_points: float
) -> list[float]:
    """The y in points of the lines between level rules that are headings of sections."""
    alone = list(_alone(lines, [rule.y0 / to_points for rule in rules]))
    readings = ocr.recognise([_cut(gray, (line.x0, line.y0, line.x1, line.y1)) for line in alone])
    read = zip(alone, readings, strict=True)
    return [(line.y0 + line.y1) / 2 * to_points for line, reading in read if is_heading(reading.text)]


def _ink_boxes(ink: MatLike, gap: float) -> list[Box]:
    """Boxes in pixels around ink with less than `gap` between."""
    reach = round(gap / 2)
    grown = cv2.dilate((ink > 0).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
    return [(x + reach, y + reach, x + w - reach, y + h - reach) for x, y, w, h, _ in stats[1:].tolist()]


def _lines_of(boxes: Sequence[Box], lines: Sequence[TextBox]) -> list[int]:
    """The index of the line that holds the middle of each box, of several the one that is nearest; −1 for none."""
    if not boxes or not lines:
        return [-1] * len(boxes)
    x0, y0, x1, y1 = np.array([(t.x0, t.y0, t.x1, t.y1) for t in lines], float).T[:, :, None]
    left, top, right, bottom = np.array(boxes).T
    x, y = (left + right) / 2, (top + bottom) / 2
    away = np.where((x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1), abs((y0 + y1) / 2 - y), np.inf)
    return [int(i) if np.isfinite(away[i, j]) else -1 for j, i in enumerate(away.argmin(axis=0))]


def _is_upright(line: TextBox) -> bool:
    return line.y1 - line.y0 > UPRIGHT * (line.x1 - line.x0)


def _parts(boxes: Sequence[Box]) -> list[Box]:
    """The boxes of one line from left to right, those close together as one."""
    return _cut_across(boxes, CLOSE * max(box[3] - box[1] for box in boxes))


def _cut_across(boxes: Sequence[Box], gap: float) -> list[Box]:
    """Boxes side by side from left to right, those with no more than `gap` pixels between them as one."""
    extents = together([(box[0], box[2]) for box in boxes], gap)
    return [around([box for box in boxes if x0 <= box[0] and box[2] <= x1]) for x0, x1 in extents]


def _joined(ocr: Engine, gray: MatLike, parted: Sequence[Sequence[Box]]) -> Iterator[Box]:
    """The parts of lines, joined where the paper between them is that of type, of a mark or of what is set wide."""
    readings = iter(ocr.recognise([_cut(gray, part) for parts in parted for part in parts]))
    for parts in parted:
        texts = [squeeze(next(readings).text) for _ in parts]
        high = max(part[3] - part[1] for part in parts)
        spaced = _is_spaced(texts)
        run, before = parts[0], texts[0]
        for part, after in zip(parts[1:], texts[1:], strict=True):
            if _is_one_run(before, after, (part[0] - run[2]) / high, spaced):
                run = around([run, part])
            else:
                yield run
                run = part
            before = after
        yield run


def _is_spaced(texts: Sequence[str]) -> bool:
    """Whether the parts of a line are the digits of one figure; a point may keep two of them together."""
    digits = [sum(char.isdecimal() for char in text) for text in texts]
    return max(digits) <= 2 and 2 * sum(text.isdecimal() and len(text) == 1 for text in texts) > len(texts)


def _is_one_run(before: str, after: str, gap: float, spaced: bool) -> bool:
    """Whether what two neighbouring parts of a line say, `gap` type heights apart, belongs together; the parts of a
    `spaced` line are digits: columns of single ones stand further apart."""
    if spaced:
        return gap <= SPACED
    if gap <= WIDE:
        return not (before.isdecimal() and after.isdecimal())
    marked = before[-1:] in MARKS or after[:1] in MARKS
    return gap <= WIDEST and (marked or before[-1:] + after in SET_WIDE)


def _squares(run: Box) -> Iterator[Box]:
    """A run of characters one below the other as boxes of the height of type, any other as it is."""
    x0, y0, x1, y1 = run
    count = round((y1 - y0) / max(x1 - x0, 1)) if y1 - y0 > UPRIGHT * (x1 - x0) else 1
    ys = [y0 + (y1 - y0) * i / count for i in range(count + 1)]
    for top, bottom in itertools.pairwise(ys):
        yield (x0, top, x1, bottom)


def _scaled(box: Box, factor: float) -> Box:
    return (box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor)


def _cut(gray: MatLike, box: Box) -> MatLike:
    x0, y0, x1, y1 = (round(v) for v in box)
    return gray[max(y0 - MARGIN, 0) : y1 + MARGIN, max(x0 - MARGIN, 0) : x1 + MARGIN]


def _alone(lines: Sequence[TextBox], levels: Sequence[float]) -> Iterator[TextBox]:
    """The lines beside which no other stands, between the highest and the lowest of the rules at `levels`."""
    for line in lines:
        middle = (line.y0 + line.y1) / 2
        others = (other for other in lines if other is not line)
        if min(levels) < middle < max(levels) and not any(other.y0 < middle < other.y1 for other in others):
            yield line
