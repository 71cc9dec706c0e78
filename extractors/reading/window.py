"""The part of a page that shows anything: only there text has to be looked for."""

from __future__ import annotations

import math

import cv2
import numpy as np
from cv2.typing import MatLike

BLOCK = 8
"""Pixels of a side of the blocks whose mean brightness is looked at."""
INKED = 246
"""Mean brightness of 255 below which a block is not all paper: faint type is a fifth darker and covers a fifth."""


def inked(gray: MatLike) -> tuple[int, int, int, int] | None:
    """(x0, y0, x1, y1) in pixels around all that is on a page (paper 255), a lone speck apart; None of an empty one."""
    height, width = (side // BLOCK * BLOCK for side in gray.shape)
    if not height or not width:
        return None
    means = cv2.resize(gray[:height, :width], (width // BLOCK, height // BLOCK), interpolation=cv2.INTER_AREA)
    dark = (means < INKED).astype(np.uint8)
    pairs = [cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) for shape in ((1, 2), (2, 1))]
    x, y, wide, high = cv2.boundingRect(cv2.bitwise_or(*pairs))
    return (BLOCK * x, BLOCK * y, BLOCK * (x + wide), BLOCK * (y + high)) if wide else None


def framed(
    gray: MatLike, window: tuple[int, int, int, int], scale: float, margin: int, step: int
) -> tuple[MatLike, int, int]:
    """The window of a page with up to `margin` pixels around it, and as much more that its sides times `scale` are
    whole steps; and the place (x, y) of its corner on the page. Beyond the page there is paper."""
    height, width = gray.shape
    x0, y0 = max(window[0] - margin, 0), max(window[1] - margin, 0)
    x1, y1 = min(window[2] + margin, width), min(window[3] + margin, height)
    part = gray[y0:y1, x0:x1]
    wide, high = (round(math.ceil(scale * side / step) * step / scale) for side in (x1 - x0, y1 - y0))
    lacking = (0, high - (y1 - y0), 0, wide - (x1 - x0))
    return cv2.copyMakeBorder(part, *lacking, cv2.BORDER_CONSTANT, value=(255,)), x0, y0
