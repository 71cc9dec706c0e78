"""A seal in gray, on a page scanned without colour: ring, star and letters, bleached where type is darker than they.

The seal's own ink is the light in which the type under it is seen. A ring shows around it what its ink is like at each
distance from its middle. The strokes of a star are broader than those of type, so that closing the picture leaves them
alone. Letters along the ring are as narrow as type, but all of one shade, the ring's, where strokes of type have a
darker middle or are hairs: that no type beside the seals has such strokes is seen.
"""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.components import components
from extractors.reading.rings import Ring, find_rings, light_of

Mask = NDArray[np.bool_]
Window = tuple[slice, slice]
CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))

BROADEST_TYPE = 0.035
"""Inches: no stroke of a table's type is as broad."""
INKED = 190
"""Brightness of 255 below which what is left is ink of a seal, or of large type."""
LIGHTER = 25
"""Levels of 255 by which a seal is lighter than type at least: what is as dark cannot be told from it."""
TYPE = 0.02
"""Share of the ink beside seals that is the middle of type's strokes: where figures are few, most is hair rules."""
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
NOISE = 10
"""Levels by which a seal's own ink is darker in places."""


def without_seals(gray: MatLike, dpi: float) -> tuple[MatLike, list[Ring]]:
    """A page (paper 255) with gray seals made paper, and type under them as dark on it as beside them; and their rings.
    Their letters stay where type may look like them."""
    half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    rings = [ring.scaled(2) for ring in find_rings(_inked(_broad(half, dpi / 2)), dpi / 2)]
    if not rings:
        return gray, []
    discs = np.zeros(gray.shape, np.uint8)
    for ring in rings:
        cv2.circle(discs, *ring.circle(RIM * dpi), (1,), -1)
    beside = gray[(discs == 0) & (gray < INKED)]
    clean, seals = gray.copy(), []
    for ring in rings:
        window, disc = _surroundings(ring, gray.shape, dpi)
        around = clean[window]
        own_light, shade = light_of(around, ring.moved(-window[1].start, -window[0].start), dpi)
        darker = beside[beside < shade - LIGHTER]
        if darker.size <= TYPE * beside.size:
            continue
        known = np.count_nonzero(_even(gray, shade, dpi) & (discs == 0)) <= STRANGE * beside.size
        within = (disc > 0) & (own_light == 255)
        broad = _broad(around, dpi)
        parts = _parts(around, broad, _inked(broad) * within, shade)
        letters = _even(around, shade, dpi) & within if known else np.zeros_like(parts)
        light = np.where(within, _light(around, broad, parts, letters, shade, dpi), own_light)
        clean[window] = _bleached(around, light, float(np.median(darker)))
        seals.append(ring)
    return clean, seals


def _surroundings(ring: Ring, shape: tuple[int, ...], dpi: float) -> tuple[Window, MatLike]:
    """The part of a page of that shape around a ring, and the mask of what the ring encloses in it."""
    (x, y), radius = ring.circle(RIM * dpi)
    top, left = max(y - radius, 0), max(x - radius, 0)
    window = slice(top, min(y + radius + 1, shape[0])), slice(left, min(x + radius + 1, shape[1]))
    disc = np.zeros((window[0].stop - top, window[1].stop - left), np.uint8)
    return window, cv2.circle(disc, (x - left, y - top), radius, (1,), -1)


def _parts(gray: MatLike, broad: MatLike, pieces: MatLike, shade: float) -> Mask:
    """Mask of a seal's star: of the broad pieces of ink within its ring those that are as pale as it, and flat."""
    labels = components(pieces)[0]
    parts = np.zeros(gray.shape, bool)
    for label in range(1, int(labels.max()) + 1):
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
    covered = np.maximum(cv2.erode(broad, _square(EDGE * dpi)), shade)  # its edge is not even
    return np.where(parts, covered, np.where(rim, np.minimum(light, covered), light)).astype(np.float32)


def _own(gray: MatLike, parts: Mask, shade: float, dpi: float) -> Mask:
    """Mask of what is neither type darker than a seal, its edges included, nor a rule."""
    dark, ink = (gray < shade - DARKER).astype(np.uint8), ((gray < INKED) & ~parts).astype(np.uint8)
    taken = cv2.dilate(dark, np.ones((3, 3), np.uint8))
    for size in ((1, round(HAIR * dpi)), (round(HAIR * dpi), 1)):
        taken = cv2.bitwise_or(taken, cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(size, np.uint8)))
    return np.asarray(taken == 0)


def _bleached(gray: MatLike, light: MatLike, dark: float) -> MatLike:
    """A picture in even light: type that is as `dark` as most in its own light is so in white light."""
    paper = light - NOISE
    clean = 255 - (paper - gray) * ((255 - dark) / (paper - dark))
    return np.where(light < 255, np.clip(clean, 0, 255), gray).astype(np.uint8)


def _broad(gray: MatLike, dpi: float) -> MatLike:
    """What is broader than the strokes of type."""
    return cv2.morphologyEx(gray, cv2.MORPH_CLOSE, _disc(BROADEST_TYPE * dpi))


def _inked(broad: MatLike) -> MatLike:
    return (broad < INKED).astype(np.uint8)


def _square(reach: float) -> MatLike:
    return np.ones((2 * round(reach) + 1, 2 * round(reach) + 1), np.uint8)


def _disc(across: float) -> MatLike:
    size = round(across) | 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
