"""A cell of a scan, cut out of its page's picture: level, finer than at the first reading, without its borders."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from cv2.typing import MatLike

from extractors.reading.ghosts import bleached
from extractors.reading.ink import DASH, faint_level, ink_box, type_in
from extractors.reading.page import PageReading
from extractors.reading.seals import without_seals
from extractors.reading.straighten import even_light, ink_of
from extractors.report import Box

DPI = 300
"""Of the cut-outs, whatever the picture is of."""
BORDER = 0.5
"""Points around the cell that are cut out with it."""
INK = 0.62
"""Brightness, as a share of the paper's, below which a pixel is ink."""
SMOOTHER = 1.5
"""Sigma in pixels by which paper is smoothed where only traces of ink may be left."""
SHADE = 5
"""Pixels around dark ink in which paper is not as light as elsewhere."""
TRACE, LEAST_NOISE = 6.0, 0.7
"""Times the noise of the paper by which traces are darker, and levels of 255 that the noise is at least."""
TYPE_HEIGHT = 0.06
"""Inches: figures of 7-point type are as high."""
PALE, STRONG = 90.0, 200.0
"""Levels of 255 by which the darkest ink of a figure is darker than paper where it is strengthened, and to how many."""
THICK = 0.035
"""Inches: neither a rule nor a stroke of a table's type is thicker."""
SIGN = 0.08
"""Inches before a figure where its sign stands."""
BLOT = 4
"""Pixels of ink that are more than noise."""
DUST, COMMA = 0.3, 0.25
"""Share of a digit's height that dust beside it is smaller than, and that a comma stays in."""
EDGE = 0.03
"""Inches along the cell's edge where ink that touches it belongs to a ruled line."""
PADDINGS = (0.018, 0.035)
"""Inches of paper around the ink, one variant each."""
SMALL_TYPE = 0.1
"""Inches: the height of 7-point type."""
SMOOTH = 0.8
"""Sigma in pixels of the variant that is smoothed, as the dots of a fax need."""


def without_gray_seals(picture: MatLike, page: PageReading) -> MatLike:
    """The page as the file shows it: as it is (RGB), or in gray without the seals that were on it."""
    if not page.seals:
        return picture
    return without_seals(even_light(ink_of(picture)), 72 * picture.shape[1] / page.width)[0]


def cut_out(picture: MatLike, page: PageReading, box: Box) -> MatLike:
    """The cell in gray, paper at 255, without what shines through; `picture` is the page as the file shows it (RGB or
    gray), `box` in level points."""
    scale = picture.shape[1] / page.width
    to_picture = np.diag([scale, scale, 1.0]) @ np.array(page.to_page, float).reshape(3, 3)
    x0, y0, x1, y1 = box[0] - BORDER, box[1] - BORDER, box[2] + BORDER, box[3] + BORDER
    from_cut = np.array([[72 / DPI, 0, x0], [0, 72 / DPI, y0], [0, 0, 1.0]])
    size = (max(1, round((x1 - x0) * DPI / 72)), max(1, round((y1 - y0) * DPI / 72)))
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    cut = cv2.warpPerspective(picture, to_picture @ from_cut, size, flags=flags, borderValue=(255, 255, 255))
    gray = ink_of(cut) if cut.ndim == 3 else cut
    paper = max(float(np.percentile(gray, 85)), 1.0)
    cut = cv2.convertScaleAbs(gray, alpha=255 / paper)
    return bleached(cut, page.behind) if page.behind else cut


def ink_in(cut: MatLike) -> MatLike:
    """Mask of the ink in a cut-out, without borders and dust: of what is left of it, where there seems to be none."""
    smooth, edge, inked = cv2.GaussianBlur(cut, (0, 0), SMOOTH), round(EDGE * DPI), cut < INK * 255
    # the shade along borders and strokes is no noise of the paper
    near = cv2.dilate(inked.astype(np.uint8), np.ones((2 * SHADE + 1, 2 * SHADE + 1), np.uint8)) > 0
    pale = faint_level(np.where(near, 0, smooth)[edge:-edge, edge:-edge])
    masks = inked, inked | (smooth < pale)
    dark, faint = (_without_borders(mask.astype(np.uint8)) for mask in masks)
    found = type_in(dark, faint, DPI)
    return found if found.any() else _traces(cut)


def _traces(cut: MatLike) -> MatLike:
    """Mask of ink worn nearly off: as high as type, and hardly darker than paper, but more so than its noise."""
    smooth = cv2.GaussianBlur(cut, (0, 0), SMOOTHER).astype(np.float32)
    edge = round(EDGE * DPI)
    inner = smooth[edge:-edge, edge:-edge]
    if not inner.size:
        return np.zeros_like(cut)
    paper = float(np.median(inner))
    noise = max(float(np.median(np.abs(inner - paper))) * 1.48, LEAST_NOISE)
    mask = _without_borders((smooth < paper - TRACE * noise).astype(np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    high = (stats[:, 3] >= TYPE_HEIGHT * DPI) & (stats[:, 2] >= 2)
    high[0] = False
    return np.asarray(high[labels], np.uint8) if count > 1 else mask


def without_blots(ink: MatLike) -> MatLike:
    """The ink of a count without dust beside its digits: blots that do not stand on the line, as commas do."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0).astype(np.uint8), connectivity=8)
    tallest = max(range(1, count), key=lambda label: stats[label][3], default=0)
    if not tallest:
        return ink
    high, bottom = int(stats[tallest][3]), int(stats[tallest][1] + stats[tallest][3])
    kept = np.ones(count, np.uint8)
    for label in range(1, count):
        _, y, width, height, _ = (int(v) for v in stats[label])
        if max(width, height) < DUST * high and y + height / 2 < bottom - COMMA * high:
            kept[label] = 0
    kept[0] = 0
    return np.asarray(kept[labels])


def soiled(cut: MatLike) -> bool:
    """Whether something too thick for a rule reaches into a cell, a seal for one: it may hide a figure."""
    side = round(THICK * DPI)
    edge = round(EDGE * DPI)
    dark = (cut < INK * 255).astype(np.uint8)
    thick = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    return bool(thick[edge:-edge, edge:-edge].any())


def sign_unclear(cut: MatLike, ink: MatLike) -> bool:
    """Whether a blot stands where the minus of a figure would, that is too small to be told from dust."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((ink > 0).astype(np.uint8), connectivity=8)
    high = max((int(stats[label][3]) for label in range(1, count)), default=0)
    digits = [stats[label] for label in range(1, count) if stats[label][3] > high / 2]
    if not digits:
        return False
    x, top = min(int(digit[0]) for digit in digits), min(int(digit[1]) for digit in digits)
    middle = np.s_[top + high // 6 : top + high - high // 6, max(x - round(SIGN * DPI), 0) : max(x - 1, 0)]
    blot = ink_box((cut[middle] < faint_level(cut)).astype(np.uint8), 0, 0)
    if blot is None or blot.area < BLOT:
        return False
    return blot.x1 - blot.x0 < DASH * DPI or blot.x1 - blot.x0 < 1.3 * (blot.y1 - blot.y0)


def variants(cut: MatLike, ink: MatLike) -> Iterator[MatLike]:
    """The figure in a cut-out, in several ways; none where there is no ink."""
    around = ink_box(ink, 0, 0)
    if around is None:
        return
    near = cv2.dilate((ink > 0).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    clean: MatLike = _strengthened(np.where(near, cut, 255).astype(np.uint8), ink)
    for picture, paddings in ((clean, PADDINGS), (cv2.GaussianBlur(clean, (0, 0), SMOOTH), PADDINGS[:1])):
        for padding in paddings:
            pad = round(padding * DPI)
            # a stroke scaled up to the height of a figure would look like one
            above = pad + max(0, round(SMALL_TYPE * DPI) - (around.y1 - around.y0)) // 2
            figure = picture[around.y0 : around.y1, around.x0 : around.x1]
            yield np.pad(figure, ((above, above), (pad, pad)), constant_values=255)


def _strengthened(clean: MatLike, ink: MatLike) -> MatLike:
    """A figure with those of its strokes that are nearly worn off in the contrast of plain type."""
    count, labels = cv2.connectedComponents((ink > 0).astype(np.uint8), connectivity=8)
    strong: MatLike = clean.copy()
    for label in range(1, count):
        own = labels == label
        contrast = 255 - float(np.percentile(clean[own], 10))
        if contrast < PALE:
            around = cv2.dilate(own.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
            stretched = cv2.bitwise_not(cv2.convertScaleAbs(cv2.bitwise_not(clean), alpha=STRONG / max(contrast, 1.0)))
            strong[around] = np.minimum(strong, stretched)[around]
    return strong


def _without_borders(ink: MatLike) -> MatLike:
    """Leave out the ruled lines at the edges: ink there that is long, or does not reach into the cell."""
    edge = round(EDGE * DPI)
    height, width = ink.shape[:2]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = np.ones(count, np.uint8)
    for label in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[label])
        at_edge = x < edge or y < edge or x + w > width - edge or y + h > height - edge
        within = edge <= x + w / 2 <= width - edge and edge <= y + h / 2 <= height - edge
        if at_edge and (not within or w > 0.8 * width or h > 0.9 * height):
            kept[label] = 0
    return np.asarray(kept[labels] * (labels > 0), np.uint8)
