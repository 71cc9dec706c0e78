"""Lenses, light and feeding rollers: where the page lands in the picture, and how it is lit.

Pictures are gray or RGB (uint8). What moves the page also gives the 3×3 matrix that takes a pixel of the
flat page to the pixel of the picture, so that one knows where a figure is printed in it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Matrix = NDArray[np.float64]

DESKS: Final = {"plain": (96, 74, 52), "wood": (74, 44, 26), "light": (226, 222, 214), "cloth": (60, 84, 120)}
"""Colours (RGB) of what lies under a photographed page; wood has a grain, light is nearly as bright as paper."""


def clipped(page: NDArray[np.float32]) -> Picture:
    return np.clip(page, 0, 255).astype(np.uint8)


def lit(page: Picture, light: NDArray[np.float32]) -> Picture:
    """The page times the light that falls on each pixel (rows × columns, 0–1)."""
    return clipped(page.astype(np.float32) * (light[..., None] if page.ndim == 3 else light))


def turned(page: Picture, degrees: float) -> tuple[Picture, Matrix]:
    height, width = page.shape[:2]
    white = (255,) * (page.shape[2] if page.ndim == 3 else 1)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    picture = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=white)
    return np.asarray(picture, np.uint8), np.vstack([matrix, [0.0, 0.0, 1.0]])


def bent(page: Picture, reach: float, rng: np.random.Generator) -> Picture:
    """Paper that does not lie flat: pixels move up or down, by at most `reach`, smoothly along and down the page."""
    height, width = page.shape[:2]
    x, y = np.arange(width, dtype=np.float32) / width, np.arange(height, dtype=np.float32) / height
    waves = rng.uniform(0.4, 1.1)
    along = np.sin(2 * np.pi * (waves * x + rng.uniform())).astype(np.float32)
    down = (0.6 + 0.4 * np.cos(np.pi * (y + rng.uniform()))).astype(np.float32)
    ys = np.arange(height, dtype=np.float32)[:, None] + np.float32(reach) * down[:, None] * along[None, :]
    xs = np.broadcast_to(np.arange(width, dtype=np.float32)[None, :], (height, width))
    moved = cv2.remap(page, np.ascontiguousarray(xs), ys.astype(np.float32), cv2.INTER_LINEAR, borderMode=1)
    return np.asarray(moved, np.uint8)


def photographed(page: Picture, wander: float, desk: str, rng: np.random.Generator) -> tuple[Picture, Matrix]:
    """The page seen by a camera held not quite above it: a trapezium on a desk."""
    height, width = page.shape[:2]
    margin = max(0.06, 1.05 * wander)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inset = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32) * margin * np.array([width, height], np.float32)
    moved = corners + inset + rng.uniform(-wander, wander, (4, 2)).astype(np.float32) * width
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    table = np.full_like(page, 70 if desk == "plain" else round(sum(DESKS[desk]) / 3))
    if page.ndim == 3:
        table[:] = DESKS[desk]
    grain = rng.normal(0, 5, page.shape[:2]).astype(np.float32)
    if desk == "wood":
        rings = 14 * np.sin(np.arange(height, dtype=np.float32)[:, None] / 9 + 3 * np.sin(np.arange(width) / 170)[None])
        grain = (grain + rings).astype(np.float32)
    table = clipped(table.astype(np.float32) + (grain[..., None] if page.ndim == 3 else grain))
    seen = cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_LINEAR)
    where = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, (width, height))
    mask = where[..., None] if page.ndim == 3 else where
    return np.where(mask > 127, np.asarray(seen, np.uint8), table), np.asarray(matrix, np.float64)


def shaded(page: Picture, strength: float, rng: np.random.Generator) -> Picture:
    """A shadow that falls from one side."""
    height, width = page.shape[:2]
    angle = float(rng.uniform(0, 2 * np.pi))
    across = np.cos(angle) * (np.arange(width, dtype=np.float32) / width - 0.5)
    down = np.sin(angle) * (np.arange(height, dtype=np.float32) / height - 0.5)
    return lit(page, (1 - strength * np.clip(across[None, :] + down[:, None] + 0.5, 0, 1)).astype(np.float32))


def lamplit(page: Picture, strength: float, rng: np.random.Generator) -> Picture:
    """A lamp above one spot: the light falls off all around it."""
    height, width = page.shape[:2]
    x = np.arange(width, dtype=np.float32)[None, :] / width - float(rng.uniform(0.25, 0.75))
    y = np.arange(height, dtype=np.float32)[:, None] / width - float(rng.uniform(0.3, 1.1))
    return lit(page, (1 - strength * (1 - np.exp(-2.2 * (x * x + y * y)))).astype(np.float32))


def hand_shadowed(page: Picture, strength: float, rng: np.random.Generator) -> Picture:
    """The shadow of hand and phone: a patch from one side with an edge that one sees."""
    height, width = page.shape[:2]
    mask = np.zeros((height, width), np.float32)
    left = bool(rng.integers(0, 2))
    points = [(0.0, rng.uniform(0.1, 0.3)), (rng.uniform(0.3, 0.55), rng.uniform(0.3, 0.5))]
    points += [(rng.uniform(0.25, 0.6), rng.uniform(0.6, 0.8)), (0.0, rng.uniform(0.85, 1.0))]
    outline = np.array([[(x if left else 1 - x) * width, y * height] for x, y in points], np.int32)
    cv2.fillPoly(mask, [outline], (1.0,))
    soft = cv2.GaussianBlur(mask, (0, 0), width * 0.006)
    return lit(page, (1 - strength * np.asarray(soft)).astype(np.float32))
