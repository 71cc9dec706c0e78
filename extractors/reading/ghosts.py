"""Print of the other side of the sheet, which shines through: taken out of a page before it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from cv2.typing import MatLike

from extractors.reading.components import components
from extractors.reading.engine import TextBox

GHOSTLY = 0.3
"""Share of the contrast of a page's own type below which ink may be none of it: paper lets a quarter through."""
BESIDE = 2
"""Pixels around the page's own ink that its edges take."""
FAINTEST, SHARE = 10, 0.005
"""Levels of 255 by which what shines through is darker than paper, averaged over two pixels either way; and the share
of a page that such ink covers at least: 0.006 and more of those with a back, up to 0.003 of most others."""
CHARACTER, BREADTH, FILLED, FEWEST = (0.035, 0.3), 0.03, 0.4, 25
"""Inches of the larger side of a character, at least and at most, and of its smaller side; share of its box that is
ink; and how many pieces of faint ink are like that where type shines through: pieces of gray rules are not."""
LONG = 0.3
"""Inches: a line so long can be read."""
SAMPLES, TALLER, ENOUGH = 16, 1.5, 0.7
"""Faint lines that are read both ways, the longest of those that are no more than so many times as high as most; and
inches that print of the back measures at least: a lone figure may well read better mirrored."""
MIRRORED, LEGIBLE, FEWER = 0.15, 0.8, 4
"""Confidence by which a line reads better one way than the other, and that it reads with that way, to tell; and how
many times as much of the lines must read better mirrored as does not."""
STRONG = 200
"""Levels by which what is faint is made darker than paper for lines to be looked for in it, and read."""
DARKEST = 1
"""Per cent of the pixels of a line that are the middle of its darkest strokes."""
BOLDER = 2.0
"""Times the contrast of most faint lines that heads of the back have at most, as paper blurs thin strokes more; what
has more is thin type of the page's own."""
MARGIN = 1.15
"""Times the contrast of the faint lines up to which everything shines through."""
EDGE = 1
"""Pixels around a stroke that are its edge, as light as what shines through."""

Detection = Callable[[MatLike], Sequence[TextBox]]
"""Where lines of text are on a picture (gray, paper 255)."""
Confidences = Callable[[Sequence[MatLike]], Sequence[float]]
"""How surely each of several pictures of lines (gray) is read, 0–1."""


def without_ghosts(
    gray: MatLike,
    text: Sequence[TextBox],
    dpi: float,
    detect: Detection,
    confidences: Confidences,
    shaded: bool = False,
    known: float = 0.0,
) -> tuple[MatLike, float]:
    """The picture (paper 255) without what shines through, if anything does, and by how many levels at most that was
    darker than paper: 0 where nothing was.

    `text` are its lines as far as known; fainter ones are looked for with `detect`, unless paper that is `shaded` looks
    like faint ink. `known` is the level of the same page seen before.
    """
    level = known or _shining(gray, text, dpi, detect, confidences, shaded)
    return (bleached(gray, level), level) if level else (gray, 0.0)


def bleached(gray: MatLike, level: float) -> MatLike:
    """A picture (paper 255) in which all that is at most so many levels darker than paper is paper, but for the edges
    of what is darker."""
    return cv2.bitwise_or(gray, cv2.bitwise_not(_around_ink(gray, level, EDGE)))


def _around_ink(gray: MatLike, level: float, reach: int) -> MatLike:
    """Mask (255) of what is darker than paper by more than so many levels, and of so many pixels around it."""
    _, ink = cv2.threshold(gray, 255 - level, 255, cv2.THRESH_BINARY_INV)
    return cv2.dilate(ink, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))


def _shining(
    gray: MatLike, text: Sequence[TextBox], dpi: float, detect: Detection, confidences: Confidences, shaded: bool
) -> float:
    """By how many levels what shines through is darker than paper at most; 0 where nothing does."""
    lines = _long(text, dpi)
    contrasts = [_contrast(gray, box) for box in lines]
    bound = GHOSTLY * max(contrasts, default=0.0)
    if bound <= FAINTEST:
        return 0.0
    faint = [box for box, contrast in zip(lines, contrasts, strict=True) if contrast < bound]
    level = _level_of(gray, faint, dpi, confidences)
    if not level:
        half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        if shaded or not _shows_type(cv2.bitwise_or(half, _around_ink(half, bound, BESIDE)), dpi / 2):
            return 0.0
    # most lines of the back are too faint to be seen beside those of the page
    scale = STRONG / bound
    rest = cv2.bitwise_or(gray, _around_ink(gray, bound, BESIDE))
    strong = cv2.bitwise_not(cv2.convertScaleAbs(cv2.bitwise_not(rest), alpha=scale))
    return max(level, _level_of(strong, _long(detect(strong), dpi), dpi, confidences) / scale)


def _long(text: Sequence[TextBox], dpi: float) -> list[TextBox]:
    return [box for box in text if box.x1 - box.x0 >= LONG * dpi]


def _shows_type(faint: MatLike, dpi: float) -> bool:
    """Whether what is faint on a page may be type."""
    _, ink = cv2.threshold(faint, 254 - FAINTEST, 1, cv2.THRESH_BINARY_INV)
    if cv2.countNonZero(ink) < SHARE * ink.size:
        return False
    width, height, area = components(ink)[1][1:, 2:].T
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    alike = (longer >= CHARACTER[0] * dpi) & (longer <= CHARACTER[1] * dpi) & (shorter >= BREADTH * dpi)
    return bool(np.count_nonzero(alike & (area >= FILLED * width * height)) >= FEWEST)


def _level_of(picture: MatLike, faint: Sequence[TextBox], dpi: float, confidences: Confidences) -> float:
    """By how many levels lines are darker than paper at most, if they read better in the mirror; else 0."""
    if not faint:
        return 0.0
    usual = float(np.median([box.y1 - box.y0 for box in faint]))
    even = [box for box in faint if box.y1 - box.y0 <= TALLER * usual]
    samples = sorted(even, key=lambda box: box.x1 - box.x0, reverse=True)[:SAMPLES]
    lengths = np.array([box.x1 - box.x0 for box in samples]) / dpi
    if lengths.sum() < ENOUGH:
        return 0.0
    crops = [picture[box.y0 : box.y1, box.x0 : box.x1] for box in samples]
    as_it_is, mirrored = np.array(confidences(crops)), np.array(confidences([crop[:, ::-1] for crop in crops]))
    behind = (mirrored >= LEGIBLE) & (mirrored >= as_it_is + MIRRORED)
    before = (as_it_is >= LEGIBLE) & (as_it_is >= mirrored + MIRRORED)
    if lengths[behind].sum() < max(ENOUGH, FEWER * lengths[before].sum()):
        return 0.0
    most = np.median([_contrast(picture, samples[i]) for i in np.flatnonzero(behind)])
    return MARGIN * min(max(_contrast(picture, box) for box in faint), BOLDER * float(most))


def _contrast(gray: MatLike, box: TextBox) -> float:
    """Levels of 255 by which the darkest strokes of a line are darker than paper."""
    pixels = gray[box.y0 : box.y1, box.x0 : box.x1].ravel()
    rank = DARKEST * pixels.size // 100
    return 255 - float(np.partition(pixels, rank)[rank])
