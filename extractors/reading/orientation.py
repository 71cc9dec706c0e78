"""Which way up a page picture is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.engine import Engine, TextBox

LOOK_SIDE = 736
"""Pixels of the longer side at which lines of text are looked for: enough to see which way they run."""
SAMPLES = 5
"""Lines that are read to tell up from down."""
SURE = 0.85
"""Mean confidence from which the lines as they stand are the right way up: 0.95 and more upright, 0.5 and less not."""
TURNS: dict[int, int | None] = {
    0: None,
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def find_rotation(picture: MatLike, engine: Engine) -> int:
    """Degrees clockwise that turn a picture (rows × columns × 3) upright: 0, 90, 180 or 270."""
    boxes = engine.detect(picture, LOOK_SIDE)
    lying = sum(b.area for b in boxes if b.x1 - b.x0 > 1.5 * (b.y1 - b.y0))
    standing = sum(b.area for b in boxes if b.y1 - b.y0 > 1.5 * (b.x1 - b.x0))
    candidates = (90, 270) if standing > lying else (0, 180)
    lines = sorted(boxes, key=lambda b: b.area, reverse=True)[:SAMPLES]
    first = _legibility(picture, lines, candidates[0], engine)
    if first >= SURE or not lines:
        return candidates[0] if lines else 0
    return candidates[0] if first >= _legibility(picture, lines, candidates[1], engine) else candidates[1]


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


def _legibility(picture: MatLike, lines: Sequence[TextBox], rotation: int, engine: Engine) -> float:
    """Mean confidence with which the lines are read after turning each, 0–1."""
    if not lines:
        return 0.0
    crops = [turn(picture[line.y0 : line.y1, line.x0 : line.x1], rotation)[0] for line in lines]
    return float(np.mean([result.confidence for result in engine.recognise(crops)]))
