"""Which way up a page picture is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.engine import Engine, TextBox, boxes_through

SAMPLES = 5
"""Lines that are read to tell up from down."""
FIRST, SURER = 2, 0.95
"""Lines that are read at first, and the mean confidence from which they tell by themselves."""
SURE = 0.85
"""Mean confidence from which the lines as they stand are the right way up: 0.95 and more upright, 0.5 and less not."""
OBLONG = 1.5
"""Ratio of sides from which a line tells which way it runs."""
LONGEST = 10
"""Characters of a line that are read to tell up from down."""
WIDER = 1.1
"""Times its height from which a page counts as wider."""
UPSIDE_DOWN = 180
TURNS: dict[int, int | None] = {
    0: None,
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def likely_rotation(gray: MatLike) -> int:
    """Degrees clockwise after which a page's lines most likely lie, either way up: few pages are wider than high."""
    height, width = gray.shape
    return 90 if width > WIDER * height else 0


def find_rotation(gray: MatLike, lines: NDArray[np.float64], engine: Engine) -> int:
    """Degrees clockwise that turn a gray picture upright: 0, 90, 180 or 270; `lines` are the detected lines of text,
    n × 4 × 2."""
    boxes = sorted(boxes_through(lines, np.eye(3), gray.shape), key=lambda b: b.area, reverse=True)
    lying = [b for b in boxes if b.x1 - b.x0 > OBLONG * (b.y1 - b.y0)]
    standing = [b for b in boxes if b.y1 - b.y0 > OBLONG * (b.x1 - b.x0)]
    upright = sum(b.area for b in standing) <= sum(b.area for b in lying)
    candidates = (0, 180) if upright else (90, 270)
    samples = (lying if upright else standing)[:SAMPLES]
    if not samples:
        return 0
    if _legibility(gray, samples[:FIRST], candidates[0], engine) >= SURER:
        return candidates[0]
    first = _legibility(gray, samples, candidates[0], engine)
    if first >= SURE:
        return candidates[0]
    return candidates[0] if first >= _legibility(gray, samples, candidates[1], engine) else candidates[1]


def turn(picture: MatLike, rotation: int) -> tuple[MatLike, NDArray[np.float64]]:
    """The picture turned clockwise, and the 3×3 matrix from its pixels back to the picture's as it was."""
    height, width = picture.shape[:2]
    code = TURNS[rotation]
    if code is None:
        return picture, np.eye(3)
    back = {
        90: [[0, 1, 0], [-1, 0, height], [0, 0, 1]],
        180: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        270: [[0, -1, width], [1, 0, 0], [0, 0, 1]],
    }[rotation]
    return cv2.rotate(picture, code), np.array(back, float)


def _legibility(gray: MatLike, lines: Sequence[TextBox], rotation: int, engine: Engine) -> float:
    """Mean confidence with which the beginnings of the lines are read after turning each, 0–1."""
    crops = [turn(gray[line.y0 : line.y1, line.x0 : line.x1], rotation)[0] for line in lines]
    return engine.legibility([crop[:, : LONGEST * crop.shape[0]] for crop in crops])
