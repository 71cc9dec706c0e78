"""Holes punched for a folder: taken for a 0 where they stand beside a line of text, and so filled with paper."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
from cv2.typing import MatLike

INK = 170
"""Brightness of 255 below which a pixel is the edge of a hole, or the dark behind it."""
DIAMETER = (0.17, 0.34)
"""Inches: 6 mm, and what punches of 5 to 8 mm make of it."""
MARGIN = 1.5
"""Inches from the left or right edge of a page within which holes are punched."""
ROUND = 0.08
"""Share of the radius by which the points of a hole's outline stray from a circle, most of them."""
ALIKE, IN_LINE, APART = 0.1, 0.05, 1.0
"""Share of the diameter by which the holes of a page differ, inches by which they are out of line, and inches from one
to the next at least: the 〇 of a year stand side by side."""
BESIDE, EDGE = 0.15, 3
"""Inches beside a hole that stands alone, and pixels that its edge is wide."""
RIM = 0.03
"""Inches around a hole that are its shadow."""


def without_holes(gray: MatLike, dpi: float) -> MatLike:
    """A level page (paper 255) with punched holes filled: round outlines with paper on both sides, or of one size and
    one below the other."""
    found = _circles(gray, dpi)
    holes = {circle for circle in found if _stands_alone(gray, circle, dpi)}
    for a, b in itertools.combinations(found, 2):
        alike = abs(a[2] - b[2]) <= ALIKE * max(a[2], b[2])
        if alike and abs(a[0] - b[0]) <= IN_LINE * dpi and abs(a[1] - b[1]) >= APART * dpi:
            holes |= {a, b}
    if not holes:
        return gray
    filled = gray.copy()
    for x, y, radius in holes:
        cv2.circle(filled, (round(x), round(y)), round(radius + RIM * dpi), (255,), -1)
    return filled


def _stands_alone(gray: MatLike, circle: tuple[float, float, float], dpi: float) -> bool:
    """Whether there is nothing but paper beside a circle: the 〇 of a year has neighbours."""
    x, y, radius = circle
    rows = slice(max(round(y - radius), 0), round(y + radius))
    near, far = radius + EDGE, radius + BESIDE * dpi
    sides = (slice(max(round(x - far), 0), max(round(x - near), 0)), slice(round(x + near), round(x + far)))
    return all((gray[rows, side] >= INK).all() for side in sides)


def _circles(gray: MatLike, dpi: float) -> list[tuple[float, float, float]]:
    """(x, y, radius) in pixels of round outlines as large as a hole near the left and the right edge."""
    width, margin = gray.shape[1], round(MARGIN * dpi)
    least, most = DIAMETER[0] * dpi, DIAMETER[1] * dpi
    found = []
    for left in (0, max(width - margin, 0)):
        strip = (gray[:, left : left + margin] < INK).astype(np.uint8)
        for outline in cv2.findContours(strip, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
            _, _, wide, high = cv2.boundingRect(outline)
            if not (least <= wide <= most and least <= high <= most and abs(wide - high) <= ALIKE * most):
                continue
            points = outline.reshape(-1, 2).astype(float)
            centre = (points.min(axis=0) + points.max(axis=0)) / 2
            radii = np.linalg.norm(points - centre, axis=1)
            radius = float(np.median(radii))
            if np.quantile(np.abs(radii - radius), 0.9) <= ROUND * radius:
                found.append((float(centre[0]) + left, float(centre[1]), radius))
    return found
