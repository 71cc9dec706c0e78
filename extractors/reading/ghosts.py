"""Print of the other side of the sheet, which shines through: taken out of a page before it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from cv2.typing import MatLike

from extractors.reading.engine import TextBox

GHOSTLY = 0.3
"""Share of the contrast of a page's own type below which a line may be none of it: paper lets a quarter through."""
LONG = 0.3
"""Inches: a line so long can be read."""
SAMPLES, ENOUGH = 6, 0.7
"""Faint lines that are read both ways, and inches that they measure together at least: a lone figure may well read
better mirrored."""
MIRRORED = 0.15
"""Confidence by which they read better mirrored, from which they are print of the back."""
DARKEST = 1
"""Per cent of the pixels of a line that are the middle of its darkest strokes: a word of the page's own that stands in
a line of the back has as many."""
BOLDER = 2.0
"""Times the contrast of most faint lines that heads of the back have at most, as paper blurs thin strokes more; a line
that has more is crossed by a rule of the page's own."""
MARGIN = 1.15
"""Times the contrast of the faint lines up to which everything shines through."""
EDGE = 1
"""Pixels around a stroke that are its edge, as light as what shines through."""

Legibility = Callable[[Sequence[MatLike]], float]
"""How surely pictures of lines (gray) are read, 0–1."""


def without_ghosts(
    gray: MatLike, text: Sequence[TextBox], dpi: float, legibility: Legibility, known: float = 0.0
) -> tuple[MatLike, float]:
    """The picture (paper 255) without what shines through, if anything does, and by how many levels at most that was
    darker than paper: 0 where nothing was. `known` is that of the same page seen before."""
    level = known or _shining(gray, text, dpi, legibility)
    return (bleached(gray, level), level) if level else (gray, 0.0)


def bleached(gray: MatLike, level: float) -> MatLike:
    """A picture (paper 255) in which all that is at most so many levels darker than paper is paper, but for the edges
    of what is darker."""
    own = (gray < 255 - level).astype(np.uint8)
    kept = cv2.dilate(own, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8))
    return np.where(kept > 0, gray, np.uint8(255))


def _shining(gray: MatLike, text: Sequence[TextBox], dpi: float, legibility: Legibility) -> float:
    """By how many levels what shines through is darker than paper at most; 0 where nothing does."""
    long = [box for box in text if box.x1 - box.x0 >= LONG * dpi]
    contrasts = np.array([_contrast(gray, box) for box in long])
    faint = contrasts < GHOSTLY * contrasts.max(initial=0)
    if not _from_behind(gray, [long[i] for i in np.flatnonzero(faint)], dpi, legibility):
        return 0.0
    return MARGIN * min(float(contrasts[faint].max()), BOLDER * float(np.median(contrasts[faint])))


def _from_behind(gray: MatLike, faint: Sequence[TextBox], dpi: float, legibility: Legibility) -> bool:
    """Whether faint lines read better in the mirror."""
    samples = sorted(faint, key=lambda box: box.area, reverse=True)[:SAMPLES]
    if sum(box.x1 - box.x0 for box in samples) < ENOUGH * dpi:
        return False
    crops = [gray[box.y0 : box.y1, box.x0 : box.x1] for box in samples]
    return legibility([crop[:, ::-1] for crop in crops]) >= legibility(crops) + MIRRORED


def _contrast(gray: MatLike, box: TextBox) -> float:
    """Levels of 255 by which the darkest strokes of a line are darker than paper."""
    pixels = gray[box.y0 : box.y1, box.x0 : box.x1].ravel()
    rank = DARKEST * pixels.size // 100
    return 255 - float(np.partition(pixels, rank)[rank])
