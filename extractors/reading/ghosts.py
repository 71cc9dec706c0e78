"""Print of the other side of the sheet, which shines through: taken out of a page before it is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from cv2.typing import MatLike

from extractors.reading.engine import TextBox

GHOSTLY = 0.4
"""Share of the contrast of a page's own type below which a line is none of it: paper lets a quarter through."""
OWN_TYPE = 0.9
"""Share of the lines below the contrast of a page's own type: a page may show more of the back than of itself."""
LONG = 1.5
"""Inches: a line so long is text; faint figures of a table are short."""
FEWEST = 3
"""Long faint lines from which the back shines through; fewer are a stamp or a pencil's note."""
DARKEST = 5
"""Per cent of the pixels of a line that are the middle of its strokes."""
MARGIN = 1.25
"""Times the contrast of the faint lines below which everything is taken for paper."""
RAMP = 30
"""Levels of 255 over which ink goes over into paper, so that strokes keep their edges."""


def without_ghosts(gray: MatLike, text: Sequence[TextBox], dpi: float) -> tuple[MatLike, list[TextBox]]:
    """The picture (paper 255) and its lines of text without what shines through, if anything does."""
    if not text:
        return gray, []
    contrasts = np.array([_contrast(gray, box) for box in text])
    faint = contrasts < GHOSTLY * np.quantile(contrasts, OWN_TYPE)
    long = np.array([box.x1 - box.x0 >= LONG * dpi for box in text])
    if np.count_nonzero(faint & long) < FEWEST:
        return gray, list(text)
    paper = 255 - MARGIN * contrasts[faint & long].max()
    levels = np.arange(256)
    ramp = paper - RAMP + (levels - paper + RAMP) * (RAMP + 255 - paper) / RAMP
    table = np.where(levels <= paper - RAMP, levels, np.minimum(ramp, 255)).astype(np.uint8)
    return table[gray], [box for box, ghost in zip(text, faint, strict=True) if not ghost]


def _contrast(gray: MatLike, box: TextBox) -> float:
    """Levels of 255 by which the strokes of a line are darker than paper."""
    return 255 - float(np.percentile(gray[box.y0 : box.y1, box.x0 : box.x1], DARKEST))
