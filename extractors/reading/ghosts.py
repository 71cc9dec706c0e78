"""Print of the other side of the sheet, which shines through: taken out of a page before it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from cv2.typing import MatLike

from extractors.reading.engine import TextBox

GHOSTLY = 0.4
"""Share of the contrast of a page's own type below which a line may be none of it: paper lets a quarter through."""
LONG = 0.3
"""Inches: a line so long can be read."""
SAMPLES, ENOUGH = 6, 0.7
"""Faint lines that are read both ways, and inches that they measure together at least: a lone figure may well read
better mirrored."""
MIRRORED = 0.15
"""Confidence by which they read better mirrored, from which they are print of the back."""
DARKEST = 5
"""Per cent of the pixels of a line that are the middle of its strokes."""
MARGIN = 1.25
"""Times the contrast of the faint lines below which everything is taken for paper."""
RAMP = 30
"""Levels of 255 over which ink goes over into paper, so that strokes keep their edges."""

INKED = 160
"""Brightness of 255 below which a pixel is ink."""
RIM = 0.2
"""Share of a line's height that is left as paper at its ends."""

Legibility = Callable[[Sequence[MatLike]], float]
"""How surely pictures of lines (gray) are read, 0–1."""


def without_ghosts(
    gray: MatLike, text: Sequence[TextBox], dpi: float, legibility: Legibility, known: float = 0.0
) -> tuple[MatLike, list[TextBox], float]:
    """The picture (paper 255) and its lines of text without what shines through, if anything does, and by how many
    levels at most that was darker than paper: 0 where nothing was. `known` is that of the same page seen before."""
    if not text:
        return gray, [], known
    contrasts = np.array([_contrast(gray, box) for box in text])
    long = np.array([box.x1 - box.x0 >= LONG * dpi for box in text])
    # a page may show much of the back and little of itself: the signature
    faint = contrasts < (known or GHOSTLY * contrasts[long].max(initial=0))
    long &= faint
    if not known and not _from_behind(gray, [text[i] for i in np.flatnonzero(long)], dpi, legibility):
        return gray, list(text), 0.0
    paper = 255 - (known or MARGIN * float(contrasts[long].max()))
    levels = np.arange(256)
    ramp = paper - RAMP + (levels - paper + RAMP) * (RAMP + 255 - paper) / RAMP
    table = np.where(levels <= paper - RAMP, levels, np.minimum(ramp, 255)).astype(np.uint8)
    clean = table[gray]
    own = [_around_ink(clean, box) for box, ghost in zip(text, faint, strict=True) if not ghost]
    return clean, [box for box in own if box is not None], 255 - paper


def _from_behind(gray: MatLike, faint: Sequence[TextBox], dpi: float, legibility: Legibility) -> bool:
    """Whether faint lines read better in the mirror."""
    samples = sorted(faint, key=lambda box: box.area, reverse=True)[:SAMPLES]
    if sum(box.x1 - box.x0 for box in samples) < ENOUGH * dpi:
        return False
    crops = [gray[box.y0 : box.y1, box.x0 : box.x1] for box in samples]
    return legibility([crop[:, ::-1] for crop in crops]) >= legibility(crops) + MIRRORED


def _around_ink(clean: MatLike, box: TextBox) -> TextBox | None:
    """The part of a line that is left, with as much paper around as it had above and below; None if none is."""
    inked = np.flatnonzero((clean[box.y0 : box.y1, box.x0 : box.x1] < INKED).any(axis=0))
    if not len(inked):
        return None
    rim = round(RIM * (box.y1 - box.y0))
    return replace(box, x0=max(box.x0, box.x0 + int(inked[0]) - rim), x1=min(box.x1, box.x0 + int(inked[-1]) + rim))


def _contrast(gray: MatLike, box: TextBox) -> float:
    """Levels of 255 by which the strokes of a line are darker than paper."""
    pixels = gray[box.y0 : box.y1, box.x0 : box.x1].ravel()
    rank = DARKEST * pixels.size // 100
    return 255 - float(np.partition(pixels, rank)[rank])
