"""The part of a page that shows anything: only there text has to be looked for."""

from __future__ import annotations

import math

import cv2
import numpy as np
from cv2.typing import MatLike

from extractors.reading.components import components

BLOCK = 8
"""Pixels of a side of the blocks whose mean brightness is looked at."""
SPECK, NEAR = 2, 1
"""Blocks: dust covers at most so many either way, and two pieces further apart than twice these stand by themselves."""
RIM = 2
"""Blocks along the edges of a page in which no type stands; what reaches beyond them is looked at up to the edge."""
INKED, PAPER = 9.0, 90
"""Levels of 255 by which the mean of a block that is not all paper is darker than that of paper, as faint type is a
fifth darker and covers a fifth; and the percentile of all blocks that is paper, which noise darkens everywhere."""


def inked(gray: MatLike) -> tuple[int, int, int, int] | None:
    """(x0, y0, x1, y1) in pixels around all that is on a page (paper 255), lone specks and what shows of a desk along
    its rim apart; None of an empty one."""
    height, width = (side // BLOCK * BLOCK for side in gray.shape)
    if not height or not width:
        return None
    means = cv2.resize(gray[:height, :width], (width // BLOCK, height // BLOCK), interpolation=cv2.INTER_AREA)
    dark = (means < np.percentile(means, PAPER) - INKED).astype(np.uint8)
    dark[:RIM] = dark[-RIM:] = dark[:, :RIM] = dark[:, -RIM:] = 0
    x, y, wide, high = cv2.boundingRect(_without_lone(dark))
    return (BLOCK * x, BLOCK * y, BLOCK * (x + wide), BLOCK * (y + high)) if wide else None


def _without_lone(dark: MatLike) -> MatLike:
    """A mask of blocks without small pieces that stand by themselves."""
    reach = np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8)
    labels, boxes, _ = components(cv2.dilate(dark, reach))
    large = np.asarray((boxes[:, 2:4] > SPECK + 2 * NEAR).any(axis=1), np.uint8)
    large[0] = 0
    return np.asarray(dark * large[labels])


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
