"""Ink on paper: what of it is type, and the box around it. Masks are rows × columns, not 0 where there is ink."""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike

from extractors.reading.engine import TextBox

SPECK = 0.02
"""Inches: a blot smaller than this in both directions is dust."""
PALEST, DARKEST = 233.0, 185.0
"""Bounds of the brightness below which a pixel may be faint ink, where paper is 255."""
FAINT_HEIGHT = 0.035
"""Inches: fainter traces lower than this are noise."""
NEXT_TO = 0.15
"""Inches from dark type within which fainter strokes belong to it."""
FULL, RULE = 0.9, 0.03
"""Share of a cell's height that no type fills, and inches: nothing broader is a rule."""
DIGIT = 0.7
"""Share of the height of dark type from which fainter ink beside it is a digit of its own."""
DASH = 0.025
"""Inches: a stroke beside dark type is at least as wide."""
SMALLEST_TYPE, SMALL_TYPE = 0.055, 0.08
"""Inches: type of 4 points and more, as a page photographed from afar has it; the height of figures of 8 points."""
APART = 2.0
"""Times the height of type: what is so far from the rest of its line does not belong to it, even where digits are set
apart; the border between two cells was not seen."""


def without_specks(ink: MatLike, dpi: float) -> MatLike:
    """Ink without dust: blots too small for a stroke, unless they stand close to larger ink (a decimal point)."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0).astype(np.uint8), connectivity=8)
    smallest, near = SPECK * dpi, 0.06 * dpi
    boxes = stats.tolist()  # numbers of Python, which are looked at one by one
    large = [box for box in boxes[1:] if max(box[2], box[3]) > smallest]
    keep = np.zeros(count, np.uint8)
    for i, (x, y, width, height, area) in enumerate(boxes[1:], 1):
        keep[i] = max(width, height) > smallest or (
            area >= 3
            and any(
                x + width + near > left and x - near < left + wide and top - 2 <= y + height / 2 <= top + high + 2
                for left, top, wide, high, _ in large
            )
        )
    return np.asarray(keep[labels])


def without_rules(ink: MatLike, dpi: float) -> MatLike:
    """The ink within a cell without what is left of a rule beside its border: thin, and as high as the cell is."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0).astype(np.uint8), connectivity=8)
    rules = (stats[:, 3] >= FULL * ink.shape[0]) & (stats[:, 2] <= RULE * dpi)
    rules[0] = False
    if not rules.any():
        return ink
    return np.where(rules[labels], 0, ink).astype(np.uint8)


def without_edges(ink: MatLike, dpi: float) -> MatLike:
    """The ink within a part of a cell without what is left of a level rule along one of its ends: flat, and cut off."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0).astype(np.uint8), connectivity=8)
    above, below = stats[:, 1] == 0, stats[:, 1] + stats[:, 3] == len(ink)
    flat = (above ^ below) & (stats[:, 3] <= RULE * dpi) & (stats[:, 2] >= DASH * dpi)
    flat[0] = False
    return np.where(flat[labels], 0, ink).astype(np.uint8)


def ink_box(ink: MatLike, x0: int, y0: int) -> TextBox | None:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    return TextBox(x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1)


def faint_level(gray: MatLike) -> float:
    """Brightness below which a pixel is ink, however faint, and no noise of the paper (255)."""
    sample = gray[::3, ::3]
    paper = sample[sample > DARKEST]
    if not paper.size:
        return DARKEST
    # a fifth of the paper's pixels are darker than this by noise alone
    noise = 255 - float(np.percentile(paper, 20))
    return float(np.clip(255 - 7 * noise, DARKEST, PALEST))


def type_in(dark: MatLike, faint: MatLike, dpi: float) -> MatLike:
    """Mask of what is printed in a cell: its dark ink and the fainter strokes beside (a minus), or faint type alone.

    `faint` is the mask of all ink, the dark included.
    """
    dark, faint = without_specks(dark, dpi), without_specks(faint, dpi)
    if not dark.any():
        high = np.count_nonzero(faint.any(axis=1)) >= FAINT_HEIGHT * dpi
        return faint if high else np.zeros_like(faint)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((faint > 0).astype(np.uint8), connectivity=8)
    boxes = stats.tolist()
    kept = np.zeros(count, np.uint8)
    kept[np.unique(labels[dark > 0])] = 1
    kept[0] = 0
    around = ink_box(kept[labels], 0, 0)
    if around is None:
        return faint
    reach, type_high = NEXT_TO * dpi, around.y1 - around.y0
    top, bottom = around.y0 - 0.2 * type_high, around.y1 + 0.2 * type_high
    left, right = around.x0 - reach, around.x1 + reach
    # from the dark ink outwards: a figure may be so pale that only one of its digits is dark in part
    for label in sorted(range(1, count), key=lambda i: abs(boxes[i][0] - around.x0)):
        x, y, width, height, _ = boxes[label]
        in_line = top <= y + height / 2 <= bottom
        if in_line and x < right and x + width > left and (height >= FAINT_HEIGHT * dpi or width >= DASH * dpi):
            kept[label] = 1
            if height >= DIGIT * type_high:
                left, right = min(left, x - reach), max(right, x + width + reach)
    return np.asarray(kept[labels])


def far_apart(ink: MatLike, dpi: float) -> list[tuple[int, int]]:
    """The columns (first, last + 1) of each part of a line's ink that has much paper beside it, if each is as high as
    type; none where it is not."""
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    if not len(columns):
        return []
    gap = APART * max(rows[-1] + 1 - rows[0], SMALL_TYPE * dpi)
    parts = np.split(columns, np.flatnonzero(np.diff(columns) > gap) + 1)
    spans = [(int(own[0]), int(own[-1]) + 1) for own in parts]
    high = [np.flatnonzero(ink[:, first:end].any(axis=1)) for first, end in spans]
    return spans if all(own[-1] + 1 - own[0] >= SMALLEST_TYPE * dpi for own in high) else []
