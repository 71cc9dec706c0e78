"""Ruled lines of a level page picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from cv2.typing import MatLike

from extractors.reading.engine import TextBox

Segment = tuple[float, float, float, float]

INK = 170
"""Brightness below which a pixel is ink, where paper is 255: grey and thin rules pass too."""
SHORTEST = 0.16
"""Inches: the shortest run of ink taken for a rule; rows of the form are at least as high."""
STROKE = 0.3
"""Inches: a run no longer than this, or than the text is high, within detected text is a stroke."""
GAP = 0.015
"""Inches: a break in a rule that is bridged."""


def find_rules(gray: MatLike, dpi: float) -> tuple[list[Segment], MatLike]:
    """Segments (x0, y0, x1, y1) in pixels, and a mask (255) of the pixels that belong to them."""
    ink = ((gray < INK) * np.uint8(255)).astype(np.uint8)
    length = max(12, round(dpi * SHORTEST))
    gap = max(2, round(dpi * GAP))
    across, across_mask = _segments(ink, length, gap, upright=False)
    down, down_mask = _segments(ink, length, gap, upright=True)
    return across + down, cv2.bitwise_or(across_mask, down_mask)


def without_strokes(segments: list[Segment], text: Sequence[TextBox], dpi: float) -> list[Segment]:
    """Leave out runs that are strokes of characters: short, and inside a box of detected text."""

    def is_stroke(segment: Segment) -> bool:
        x0, y0, x1, y1 = segment
        length = max(x1 - x0, y1 - y0)
        return any(
            length <= max(STROKE * dpi, 1.3 * min(b.x1 - b.x0, b.y1 - b.y0))
            and b.x0 <= x0 + 3
            and x1 - 3 <= b.x1
            and b.y0 <= y0 + 3
            and y1 - 3 <= b.y1
            for b in text
        )

    return [segment for segment in segments if not is_stroke(segment)]


def _segments(ink: MatLike, length: int, gap: int, upright: bool) -> tuple[list[Segment], MatLike]:
    """Straight runs of ink of at least `length` pixels with gaps of at most `gap`."""

    def box(along: int, thick: int) -> MatLike:
        return np.ones((along, thick) if upright else (thick, along), np.uint8)

    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, box(gap, 1))
    runs = cv2.morphologyEx(closed, cv2.MORPH_OPEN, box(length, 1))
    count, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    segments: list[Segment] = []
    mask = np.zeros_like(ink)
    for x, y, width, height, area in stats[1:count]:
        long, across = (height, width) if upright else (width, height)
        if long < length or area / long > 12 or across > max(14, 0.05 * long):
            continue  # a filled area or a blot
        if upright:
            middle = float(x) + width / 2
            segments.append((middle, float(y), middle, float(y + height)))
        else:
            middle = float(y) + height / 2
            segments.append((float(x), middle, float(x + width), middle))
        part = np.s_[y : y + height, x : x + width]
        mask[part] = np.maximum(mask[part], runs[part])
    return segments, mask
