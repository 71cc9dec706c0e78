"""Which way up a page picture is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.engine import Engine

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
    widths, heights = np.ptp(lines[:, :, 0], axis=1), np.ptp(lines[:, :, 1], axis=1)
    lying, standing = widths > OBLONG * heights, heights > OBLONG * widths
    areas = widths * heights
    upright = areas[standing].sum() <= areas[lying].sum()
    candidates = (0, 180) if upright else (90, 270)
    largest = np.argsort(-areas, kind="stable")
    along = [i for i in largest if (lying if upright else standing)[i]]
    samples = [_strip(gray, lines[i]) for i in along[:SAMPLES]]
    if not samples:
        return 0
    if _legibility(samples[:FIRST], candidates[0], engine) >= SURER:
        return candidates[0]
    first = _legibility(samples, candidates[0], engine)
    if first >= SURE:
        return candidates[0]
    return candidates[0] if first >= _legibility(samples, candidates[1], engine) else candidates[1]


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


def _strip(gray: MatLike, line: NDArray[np.float64]) -> MatLike:
    """A line of text (4 corners, clockwise) as it stands or lies, without its skew: the upright box around a long one
    holds pieces of all its neighbours."""
    line = np.roll(line, -int(line.sum(axis=1).argmin()), axis=0)  # from its upper left on
    width, height = (max(round(float(np.linalg.norm(line[i] - line[0]))), 1) for i in (1, 3))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return cv2.warpPerspective(gray, cv2.getPerspectiveTransform(line.astype(np.float32), target), (width, height))


def _legibility(strips: Sequence[MatLike], rotation: int, engine: Engine) -> float:
    """Mean confidence with which the beginnings of the lines are read after turning each, 0–1."""
    crops = [turn(strip, rotation)[0] for strip in strips]
    return engine.legibility([crop[:, : LONGEST * crop.shape[0]] for crop in crops])
