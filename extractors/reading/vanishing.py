"""Where the level and the upright lines of a page picture run together: a camera held aslant makes them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.window import framed

LOOK_SIDE = 1200
"""Pixels of the longer side at which straight edges are looked for: a hair line of 0.1 mm still shows."""
MARGIN = 16
"""Pixels of paper around what is on the page that are looked at with it."""
SHORTEST = 0.05
"""Share of the page's shorter side from which an edge is no stroke of type: 0.4 inches of A4."""
STEEPEST = 12.0
"""Degrees by which an edge may lean and still be a level or an upright one."""
STRAY = (4.0, 0.15)
"""Degrees off the others from which a line counts little: at first, and once the others are known."""
NARROWING = 0.6
"""By how much that is narrowed at each step."""
AGREED = 0.3
"""Degrees within which a line agrees with the others."""
LEAST_AGREED, LEAST_SHARE = 0.5, 0.35
"""Shorter sides of the page that agreeing lines must measure to tell anything, and their share of all lines."""
SPREAD = 0.03
"""Share of half the page's side over which lines must lie for half of the change between them to be believed."""


@dataclass(frozen=True)
class Pencil:
    """Lines through one point: the slope of the one through the page's middle, and how much it changes a pixel
    across. A pencil of level lines has exactly this course along the page's upright middle line."""

    slope: float = 0.0
    change: float = 0.0

    def at(self, offset: float) -> float:
        """The slope of the line that crosses so many pixels beside the middle."""
        return self.slope + self.change * offset

    def worst(self, half: float) -> float:
        """Degrees by which a line leans at most, as far as `half` pixels from the middle."""
        return float(np.degrees(np.arctan(abs(self.slope) + abs(self.change) * half)))


def find_edges(
    gray: MatLike, noise: float = 2.0, window: tuple[int, int, int, int] | None = None
) -> NDArray[np.float64]:
    """Straight edges of ink or paper (n × 4: x0, y0, x1, y1 in pixels), by Grompone von Gioi's detector; `noise` is
    by how many levels neighbours may differ for nothing. They are looked for in the whole picture, or in a `window`
    (x0, y0, x1, y1) of it that holds all there is: the detector sorts all pixels, empty ones too."""
    scale = min(LOOK_SIDE / max(gray.shape), 1.0)
    part, x, y = (gray, 0, 0) if window is None else framed(gray, window, scale, MARGIN, 1)
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE, quant=noise).detect(small)[0]
    edges = np.zeros((0, 4)) if found is None else np.asarray(found, np.float64).reshape(-1, 4)
    return np.asarray(edges / scale + np.array([x, y, x, y]), np.float64)


def pencil_of_edges(edges: NDArray[np.float64], shape: tuple[int, int]) -> Pencil:
    """The pencil of the long edges that run along the rows of a page of `shape`; a level one where too few agree.

    For those along the columns, exchange x and y of the edges and of the shape.
    """
    height, width = shape
    start, along, rise = edges[:, :2], edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]
    long = (np.abs(along) >= SHORTEST * min(shape)) & (np.abs(rise) <= np.tan(np.radians(STEEPEST)) * np.abs(along))
    start, along, rise = start[long], along[long], rise[long]
    slopes = rise / along
    offsets = start[:, 1] + slopes * (width / 2 - start[:, 0]) - height / 2
    lengths = np.abs(along)
    pencil = fit_pencil(slopes, offsets, lengths, height / 2)
    off = np.abs(slopes - pencil.slope - pencil.change * offsets)
    agreed = float(lengths[off <= np.tan(np.radians(AGREED))].sum())
    convincing = agreed >= max(LEAST_AGREED * min(shape), LEAST_SHARE * float(lengths.sum()))
    return pencil if convincing else Pencil()


def fit_pencil(
    slopes: NDArray[np.float64], offsets: NDArray[np.float64], lengths: NDArray[np.float64], half: float
) -> Pencil:
    """The pencil of lines with these slopes that cross the middle line of a page of 2 × `half` pixels at these
    offsets from the middle. Those that stray from the others count little, long ones much."""
    if len(slopes) < 2:
        return Pencil()
    # the end of a line is known to a pixel, whatever its length
    weights = np.square(lengths)
    order = np.argsort(slopes)
    slope = float(slopes[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)])
    change, stray = 0.0, STRAY[0]
    terms = np.stack([np.ones_like(offsets), offsets], axis=1)
    while True:
        off = (slopes - slope - change * offsets) / np.tan(np.radians(stray))
        near = weights / np.square(1 + np.square(off))
        hold = np.diag([0.0, float(near.sum()) * (SPREAD * half) ** 2])
        slope, change = (
            float(v) for v in np.linalg.solve(terms.T @ (terms * near[:, None]) + hold, terms.T @ (near * slopes))
        )
        if stray <= STRAY[1]:
            return Pencil(slope, change)
        stray = max(NARROWING * stray, STRAY[1])
