"""A seal in gray, on a page scanned without colour: a ring and what fills it, bleached where type is darker than it.

Strokes of a seal are broader than those of type, so that closing the picture leaves the seal alone. Its ink is then
the light in which the type under it is seen: dividing by it leaves type as dark on paper as it was on the seal.
"""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.components import components

Mask = NDArray[np.bool_]

BROADEST_TYPE = 0.035
"""Inches: no stroke of a table's type is as broad."""
INKED = 190
"""Brightness of 255 below which what is left is ink of a seal, or of large type."""
DIAMETER = (0.8, 2.4)
"""Inches: official seals measure 30 to 50 mm."""
ROUND = 0.12
"""Share of the diameter by which width and height of a ring differ."""
HOLLOW = 0.4
"""Share of the square around a ring that its ink covers at most."""
LIGHTER = 25
"""Levels of 255 by which a seal is lighter than type at least: what is as dark cannot be told from it."""
DARKER = 30
"""Levels by which a part of a seal may be darker than its ring."""
DARKEST = 0.9
"""Of a seal's own level: type beside its edge is not taken for a darker part of it."""
TIP, TIP_ALIKE = 0.1, 15
"""Inches that the tips of a star, narrow as type, reach beyond its broad part, and levels by which they differ."""
RIM = 0.015
"""Inches around the ink of a seal in which it fades."""
INK, FADING = 120, 60
"""Brightness of 255 up to which what has been bleached is ink, and the levels over which it goes over into paper."""


def without_seals(gray: MatLike, dpi: float) -> tuple[MatLike, bool]:
    """A page (paper 255) with rings and stars of gray seals made paper, and type under them as dark on it as it was on
    them; and whether there were any. Their letters, narrow as those of type and not always lighter, stay."""
    half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    if not _rings(_broad(half, dpi / 2), dpi / 2)[0]:
        return gray, False
    broad = _broad(gray, dpi)
    rings, labels, stats, centres = _rings(broad, dpi)
    darkest = float(np.percentile(gray[gray < INKED], 10))
    clean, rim = gray.copy(), round(RIM * dpi)
    sealed = False
    for ring in rings:
        x, y, width, height = (int(v) for v in stats[ring][:4])
        shade = float(np.median(broad[labels == ring]))
        if shade < darkest + LIGHTER:
            continue
        inside = np.flatnonzero((np.abs(centres - centres[ring]) < (width / 2, height / 2)).all(axis=1))
        parts = [i for i in inside if i and np.median(broad[labels == i]) >= shade - DARKER]
        window = (slice(max(y - rim, 0), y + height + rim), slice(max(x - rim, 0), x + width + rim))
        clean[window] = _bleached(gray[window], broad[window], np.isin(labels[window], parts), shade, dpi)
        sealed = True
    return clean, sealed


def _bleached(gray: MatLike, broad: MatLike, parts: Mask, shade: float, dpi: float) -> MatLike:
    """The surroundings of a seal without it: `parts` is the mask of its broad parts, `shade` how dark it is."""
    rim = cv2.dilate(parts.astype(np.uint8), _square(RIM * dpi)) > 0
    light = np.maximum(broad.astype(np.float32), DARKEST * shade)
    clean = np.where(rim, _without_remains(gray * (255 / light)), gray)
    clean[_tips(gray, parts, shade, dpi)] = 255
    return np.asarray(clean, np.uint8)


def _tips(gray: MatLike, parts: Mask, shade: float, dpi: float) -> Mask:
    """The tips of a star, as narrow as type: next to its broad part, and as dark."""
    near = cv2.dilate(parts.astype(np.uint8), _square(TIP * dpi)) > 0
    alike = ((np.abs(gray.astype(np.float32) - shade) <= TIP_ALIKE) & near) | parts
    labels = cv2.connectedComponents(alike.astype(np.uint8), connectivity=4)[1]
    return np.asarray(np.isin(labels, np.unique(labels[parts])) & ~parts & alike, bool)


def _broad(gray: MatLike, dpi: float) -> MatLike:
    """What is broader than the strokes of type."""
    size = round(BROADEST_TYPE * dpi) | 1
    return cv2.morphologyEx(gray, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))


def _rings(broad: MatLike, dpi: float) -> tuple[list[int], MatLike, MatLike, MatLike]:
    """Labels of the pieces of ink that are as large, round and hollow as a seal's ring; all labels, their statistics
    (x, y, width, height, area) and centres."""
    labels, stats, centres = components((broad < INKED).astype(np.uint8))
    _, _, width, height, area = stats.T
    least, most = DIAMETER[0] * dpi, DIAMETER[1] * dpi
    fits = (np.minimum(width, height) >= least) & (np.maximum(width, height) <= most)
    rings = fits & (abs(width - height) <= ROUND * width) & (area <= HOLLOW * width * height)
    return [int(i) for i in np.flatnonzero(rings) if i], labels, stats, centres


def _without_remains(bleached: MatLike) -> MatLike:
    """What is lighter than type made paper, and ink faded into it."""
    faded = np.where(bleached <= INK, bleached, INK + (bleached - INK) * (255 - INK) / FADING)
    return np.clip(faded, 0, 255).astype(np.uint8)


def _square(reach: float) -> MatLike:
    return np.ones((2 * round(reach) + 1, 2 * round(reach) + 1), np.uint8)
