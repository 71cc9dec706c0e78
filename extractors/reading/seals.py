"""A seal in gray, on a page scanned without colour: ring, star and letters, bleached where type is darker than they.

Strokes of a ring and a star are broader than those of type, so that closing the picture leaves them alone: their ink is
the light in which the type under it is seen. Letters along the ring are as narrow as type, but all of one shade, the
ring's, where strokes of type have a darker middle or are hairs: that no type beside the seals has such strokes is seen.
"""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.components import components

Mask = NDArray[np.bool_]
CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))

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
DARKEST_TYPE = 2
"""Per cent of the ink beside seals that are the middle of type's strokes: where figures are few, most is hair rules."""
DARKER = 20
"""Levels by which type is darker than a seal, and what is no part of it."""
ALIKE, PALER = 15, 30
"""Levels by which the middle of a seal's strokes is darker and paler than its ring at most: shaded cells are evened up,
and the seal over them with them."""
FLAT = 0.5
"""Share of a broad part of a seal that is as dark as what is around: where letters stand close, their gaps are not."""
EVEN = 0.014
"""Inches that a seal's letters are of one shade across."""
STRANGE = 0.005
"""Share of the ink beside the seals that may look like their letters: with more, type does."""
FADED, REACH = 40, 0.06
"""Levels by which the ends of a letter's strokes are paler than the ring, and inches that they reach beyond its even
middle."""
HAIR = 0.3
"""Inches: a straight line so long is a rule and no stroke of a letter."""
RIM, EDGE = 0.015, 0.01
"""Inches around broad parts of a seal and around its letters in which its ink fades."""
NOISE = 8
"""Levels by which a seal's own ink is darker in places."""


def without_seals(gray: MatLike, dpi: float) -> tuple[MatLike, bool]:
    """A page (paper 255) with gray seals made paper, and type under them as dark on it as beside them; and whether
    there were any. Their letters stay where type may look like them."""
    half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    if not _rings(_broad(half, dpi / 2), dpi / 2)[0]:
        return gray, False
    broad = _broad(gray, dpi)
    rings, labels, stats, centres = _rings(broad, dpi)
    discs = _discs(gray.shape, stats[rings], dpi)
    beside = gray[~discs & (gray < INKED)]
    darkest = float(np.percentile(beside, DARKEST_TYPE)) if beside.size else 255.0
    clean, rim = gray.copy(), round(RIM * dpi)
    sealed = False
    for ring in rings:
        x, y, width, height = (int(v) for v in stats[ring][:4])
        shade = float(np.median(gray[labels == ring]))
        if shade < darkest + LIGHTER:
            continue
        window = (slice(max(y - rim, 0), y + height + rim), slice(max(x - rim, 0), x + width + rim))
        inside = np.flatnonzero((np.abs(centres[1:] - centres[ring]) < (width / 2, height / 2)).all(axis=1)) + 1
        parts = _parts(gray[window], broad[window], labels[window], inside, shade)
        even = _even(gray, shade, dpi)
        known = np.count_nonzero(even & ~discs) <= STRANGE * beside.size
        letters = even[window] & discs[window] if known else np.zeros_like(parts)
        light = _light(gray[window], broad[window], parts, letters, shade, dpi)
        clean[window] = _bleached(gray[window], light, darkest)
        sealed = True
    return clean, sealed


def _discs(shape: tuple[int, ...], rings: MatLike, dpi: float) -> Mask:
    """Mask of what rings enclose, themselves included; `rings` are their statistics."""
    discs = np.zeros(shape, np.uint8)
    for x, y, width, height in rings[:, :4].tolist():
        radius = round(max(width, height) / 2 + RIM * dpi)
        cv2.circle(discs, (round(x + width / 2), round(y + height / 2)), radius, (1,), -1)
    return discs > 0


def _parts(gray: MatLike, broad: MatLike, labels: MatLike, inside: NDArray[np.int_], shade: float) -> Mask:
    """Mask of a seal's broad parts: of the pieces `inside` its ring, itself too, those that are as pale, and flat."""
    parts = np.zeros(gray.shape, bool)
    for label in inside:
        piece = labels == label
        if np.median(broad[piece]) >= shade - DARKER and np.mean(broad[piece] - gray[piece] <= ALIKE) >= FLAT:
            parts |= piece
    return parts


def _even(gray: MatLike, shade: float, dpi: float) -> Mask:
    """Mask of what is of a seal's shade across more than the edge of a stroke."""
    alike = ((gray >= shade - ALIKE) & (gray <= shade + PALER)).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(alike, cv2.MORPH_OPEN, _disc(EVEN * dpi)) > 0)


def _light(gray: MatLike, broad: MatLike, parts: Mask, letters: Mask, shade: float, dpi: float) -> MatLike:
    """The light in which type around a seal is seen, 255 where it has no ink: by the masks of its broad `parts` and of
    the middles of its `letters`, and its shade."""
    seeds, own = parts | letters, _own(gray, parts, shade, dpi)
    inked = (own & (gray <= shade + FADED) | seeds).astype(np.uint8)
    strokes: MatLike = seeds.astype(np.uint8)
    for _ in range(round(REACH * dpi)):
        strokes = cv2.bitwise_and(cv2.dilate(strokes, CROSS), inked)
    near = (cv2.dilate(strokes, _square(EDGE * dpi)) > 0) & (own | seeds)
    light = np.where(near, np.maximum(gray, shade), 255)
    rim = cv2.dilate(parts.astype(np.uint8), _square(RIM * dpi)) > 0
    return np.where(rim, np.minimum(light, np.maximum(broad, shade)), light).astype(np.float32)


def _own(gray: MatLike, parts: Mask, shade: float, dpi: float) -> Mask:
    """Mask of what is neither type darker than a seal, its edges included, nor a rule."""
    dark, ink = (gray < shade - DARKER).astype(np.uint8), ((gray < INKED) & ~parts).astype(np.uint8)
    taken = cv2.dilate(dark, np.ones((3, 3), np.uint8))
    for size in ((1, round(HAIR * dpi)), (round(HAIR * dpi), 1)):
        taken = cv2.bitwise_or(taken, cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(size, np.uint8)))
    return np.asarray(taken == 0)


def _bleached(gray: MatLike, light: MatLike, darkest: float) -> MatLike:
    """A picture in even light, type in it as dark as the darkest beside."""
    paper = light - NOISE
    clean = 255 - (paper - gray) * ((255 - darkest) / (paper - darkest))
    return np.where(light < 255, np.clip(clean, 0, 255), gray).astype(np.uint8)


def _broad(gray: MatLike, dpi: float) -> MatLike:
    """What is broader than the strokes of type."""
    return cv2.morphologyEx(gray, cv2.MORPH_CLOSE, _disc(BROADEST_TYPE * dpi))


def _rings(broad: MatLike, dpi: float) -> tuple[list[int], MatLike, MatLike, MatLike]:
    """Labels of the pieces of ink that are as large, round and hollow as a seal's ring; all labels, their statistics
    (x, y, width, height, area) and centres."""
    labels, stats, centres = components((broad < INKED).astype(np.uint8))
    _, _, width, height, area = stats.T
    least, most = DIAMETER[0] * dpi, DIAMETER[1] * dpi
    fits = (np.minimum(width, height) >= least) & (np.maximum(width, height) <= most)
    rings = fits & (abs(width - height) <= ROUND * width) & (area <= HOLLOW * width * height)
    return [int(i) for i in np.flatnonzero(rings) if i], labels, stats, centres


def _square(reach: float) -> MatLike:
    return np.ones((2 * round(reach) + 1, 2 * round(reach) + 1), np.uint8)


def _disc(across: float) -> MatLike:
    size = round(across) | 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
