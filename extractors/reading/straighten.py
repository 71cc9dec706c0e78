"""A page picture → even light and level lines, with the way back to the page as shown."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

STEEPEST = 10.0
"""Degrees: pages are levelled up to this much skew."""
SMALLEST_SKEW = 0.05
"""Degrees: less is left alone."""


@dataclass(frozen=True)
class Level:
    """`gray` (rows × columns, ink dark on 255) and the 3×3 matrix from its pixels to the picture's."""

    gray: MatLike
    to_picture: NDArray[np.float64]
    skew: float


def level(picture: MatLike) -> Level:
    """Even out the light and take out the skew of an RGB picture."""
    gray = even_light(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    skew = measure_skew(gray)
    if abs(skew) < SMALLEST_SKEW:
        return Level(gray, np.eye(3), 0.0)
    height, width = gray.shape
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0), [0, 0, 1]])
    level_gray = cv2.warpAffine(gray, turn[:2], (width, height), flags=cv2.INTER_CUBIC, borderValue=(255,))
    return Level(level_gray, np.linalg.inv(turn), skew)


def even_light(gray: MatLike) -> MatLike:
    """Divide by the paper's own brightness, so that paper is 255 everywhere."""
    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 21)
    paper = cv2.resize(paper, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray, np.maximum(paper, 1), scale=255)


def measure_skew(gray: MatLike) -> float:
    """Degrees clockwise that the lines of a page lean, by the sharpest row profile."""
    scale = 800 / max(gray.shape)
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = (255 - small).astype(np.float32)
    ink[ink < 60] = 0
    coarse = max(np.arange(-STEEPEST, STEEPEST + 0.01, 0.5), key=lambda a: _sharpness(ink, float(a)))
    fine = max(np.arange(coarse - 0.5, coarse + 0.51, 0.1), key=lambda a: _sharpness(ink, float(a)))
    finest = max(np.arange(fine - 0.1, fine + 0.101, 0.02), key=lambda a: _sharpness(ink, float(a)))
    return float(round(finest, 2))


def _sharpness(ink: MatLike, angle: float) -> float:
    """How unevenly the ink falls on the rows after shearing the page level by `angle` degrees."""
    height, width = ink.shape
    shear = np.array([[1, 0, 0], [-np.tan(np.radians(angle)), 1, np.tan(np.radians(angle)) * width / 2]], np.float32)
    sheared = cv2.warpAffine(ink, shear, (width, height), flags=cv2.INTER_LINEAR)
    rows = sheared.sum(axis=1)
    return float(np.square(np.diff(rows)).sum())
