"""What happens to the paper and its ink before and while it is scanned: seals, holes, wear, dirt."""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.making.faces import BUILT_IN, chinese
from tests.making.optics import Picture, clipped

SEAL_RED = (215, 40, 45)
LETTERS = "青岚县人民政府信息公开办公室"


def sealed(page: Picture, rng: np.random.Generator) -> Picture:
    """A red seal over whatever stands in the lower right."""
    height, width = page.shape[:2]
    return _stamped(page, (int(width * rng.uniform(0.62, 0.78)), int(height * rng.uniform(0.3, 0.8))), int(width * 0.1))


def sealed_over(page: Picture, box: Sequence[float], rng: np.random.Generator, lettered: bool) -> Picture:
    """A red seal somewhere over the box (x0, y0, x1, y1 in pixels), mostly over its right half."""
    x = int(box[0] + (box[2] - box[0]) * rng.uniform(0.55, 0.9))
    y = int(box[1] + (box[3] - box[1]) * rng.uniform(0.2, 0.8))
    return _stamped(page, (x, y), int(page.shape[1] * 0.1), lettered)


def _stamped(page: Picture, centre: tuple[int, int], radius: int, lettered: bool = False) -> Picture:
    """A red ring with a star's worth of ink in it, and the name of an office along it if it is lettered."""
    ink = np.full_like(page, 255)
    cv2.circle(ink, centre, radius, SEAL_RED, max(2, radius // 18))
    turns = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2 == 0, radius * 0.38, radius * 0.16)
    star = np.stack([centre[0] + reach * np.cos(turns), centre[1] + reach * np.sin(turns)], axis=1)
    cv2.fillPoly(ink, [star.astype(np.int32)], SEAL_RED)
    if lettered:
        _letter(ink, centre, radius)
    return np.minimum(page, ink)


def _letter(ink: Picture, centre: tuple[int, int], radius: int) -> None:
    """Write along the inside of a ring, from the lower left over the top."""
    size = round(radius * 0.27)
    font = ImageFont.truetype(io.BytesIO(chinese(BUILT_IN).buffer), size)
    for index, letter in enumerate(LETTERS):
        turn = -125 + 250 * index / (len(LETTERS) - 1)
        tile = Image.new("L", (2 * size, 2 * size))
        ImageDraw.Draw(tile).text((size, size), letter, font=font, fill=255, anchor="mm")
        x, y = (round(c) for c in _around(centre, radius * 0.78, turn))
        mask = np.asarray(tile.rotate(-turn, Image.Resampling.BICUBIC))[..., None] / 255
        rows, columns = slice(max(y - size, 0), y + size), slice(max(x - size, 0), x + size)
        under = ink[rows, columns]
        mask = mask[max(size - y, 0) :, max(size - x, 0) :][: under.shape[0], : under.shape[1]]
        ink[rows, columns] = np.minimum(under, (255 - mask * (255 - np.array(SEAL_RED))).astype(np.uint8))


def _around(centre: tuple[int, int], radius: float, degrees: float) -> tuple[float, float]:
    """The point so far from the centre, clockwise from the top."""
    angle = np.radians(degrees)
    return centre[0] + radius * float(np.sin(angle)), centre[1] - radius * float(np.cos(angle))


def punched(page: Picture, scale: float) -> Picture:
    """Two holes at the left edge."""
    page = page.copy()
    height = page.shape[0]
    for share in (0.37, 0.63):
        cv2.circle(page, (int(60 * scale), int(height * share)), int(24 * scale), (45, 45, 45), -1)
    return page


def punched_deep(page: Picture, holes: int, scale: float, rng: np.random.Generator) -> Picture:
    """So many holes, of 6 mm, where the text begins; dark or light, as the lid behind them is."""
    page = page.copy()
    height = page.shape[0]
    behind = (40, 40, 40) if rng.integers(0, 2) else (235, 235, 235)
    for index in range(holes):
        y = int(height * ((index + 0.5) / holes + rng.uniform(-0.03, 0.03)))
        centre = (int(rng.uniform(190, 225) * scale), y)
        cv2.circle(page, centre, int(24 * scale), behind, -1)
        cv2.circle(page, centre, int(24 * scale), (120, 120, 120), max(1, int(2 * scale)))
    return page


def shone_through(page: Picture, behind: Picture, strength: float) -> Picture:
    """The other side of the sheet, mirrored, blurred and pale."""
    other = np.asarray(cv2.GaussianBlur(behind[:, ::-1], (0, 0), 1.5), np.float32)
    height, width = min(page.shape[0], other.shape[0]), min(page.shape[1], other.shape[1])
    mixed = page.astype(np.float32)
    mixed[:height, :width] -= (255 - other[:height, :width]) * strength
    return clipped(mixed)


def worn_lines(page: Picture, share: float, rng: np.random.Generator) -> Picture:
    """Pale stripes along and across the page, where toner was missing."""
    worn = page.astype(np.float32)
    for axis in (0, 1):
        hit = rng.random((int(page.shape[axis]),)) < share
        pale = np.asarray(rng.uniform(0.35, 0.9, hit.shape), np.float32) * hit
        shape = [1] * page.ndim
        shape[axis] = -1
        worn = worn + (255 - worn) * pale.reshape(shape)
    return clipped(worn)


def worn_ink(page: Picture, strength: float, scale: float, rng: np.random.Generator) -> Picture:
    """Ink that has come off in blotches and crumbs: where it has, up to `strength` of it is gone."""
    height, width = page.shape[:2]
    lost = np.zeros((height, width), np.float32)
    for grain, weight in ((40.0, 0.6), (2.5, 0.4)):
        size = max(2, round(height / (grain * scale))), max(2, round(width / (grain * scale)))
        field = rng.random(size).astype(np.float32)
        lost += weight * np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR))
    lost = (np.clip((lost - 0.3) * 2.0, 0, 1) * strength).astype(np.float32)
    whole = page.astype(np.float32)
    return clipped(whole + (255 - whole) * (lost[..., None] if page.ndim == 3 else lost))


def specked(page: Picture, share: float, rng: np.random.Generator) -> Picture:
    height, width = page.shape[:2]
    page = page.copy()
    for _ in range(int(share * height * width)):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        cv2.circle(page, (x, y), int(rng.integers(0, 2)), (int(rng.integers(0, 90)),) * 3, -1)
    return page


def black_edged(page: Picture, rng: np.random.Generator, scale: float, widest: int = 28) -> Picture:
    """The lid of the scanner was open: dark strips at two edges, at most so many pixels at 200 dpi."""
    page = page.copy()
    page[: int(rng.integers(6, widest) * scale)] = 20
    page[:, -int(rng.integers(6, widest) * scale) :] = 20
    return page
