"""What scanners, copiers, cameras and hands do to a page, as functions on gray or colour pictures (uint8)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Damage:
    """How pages are scanned; the defaults are a flawless gray scan."""

    dpi: int = 200
    colour: bool = False
    bilevel: bool = False
    noise: float = 0.0
    """Standard deviation of gray levels."""
    blur: float = 0.0
    """Sigma of a Gaussian, pixels at 200 dpi."""
    skew: float = 0.0
    """Largest angle of a page, degrees either way."""
    shading: float = 0.0
    """Darkening towards one side, 0–1."""
    perspective: float = 0.0
    """How far the corners of a photographed page may wander, share of its width; with a desk behind it."""
    jpeg: int = 85
    rotations: tuple[int, ...] = (0,)
    """Degrees clockwise; pages take them in turn."""
    faint: float = 0.0
    """How much paler the ink is, 0–1."""
    specks: float = 0.0
    """Dirt: share of the pixels."""
    broken_rules: float = 0.0
    """Share of the page's rows and columns that the drum of the copier left out."""
    seal: bool = False
    """A red round seal on the last page."""
    holes: bool = False
    """Two punched holes at the left edge."""
    black_edges: bool = False


def spoil(picture: Picture, damage: Damage, rng: np.random.Generator, last: bool = False) -> Picture:
    """The page as it comes out of the scanner; RGB in, RGB or gray out."""
    scale = damage.dpi / 200
    page = picture
    if damage.seal and last:
        page = _sealed(page, rng)
    if damage.holes:
        page = _punched(page, scale)
    if not damage.colour:
        page = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)
    if damage.faint:
        page = (255 - (255 - page.astype(np.float32)) * (1 - damage.faint)).astype(np.uint8)
    if damage.broken_rules:
        page = _worn_lines(page, damage.broken_rules, rng)
    if damage.skew:
        page = _turned(page, float(rng.uniform(-damage.skew, damage.skew)))
    if damage.perspective:
        page = _photographed(page, damage.perspective, rng)
    if damage.blur:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), damage.blur * scale), np.uint8)
    if damage.shading:
        page = _shaded(page, damage.shading, rng)
    if damage.noise:
        grain = rng.normal(0, damage.noise, page.shape[:2]).astype(np.float32)
        page = _clipped(page.astype(np.float32) + (grain[..., None] if page.ndim == 3 else grain))
    if damage.black_edges:
        page = _black_edged(page, rng, scale)
    if damage.specks:
        page = _specked(page, damage.specks, rng)
    if damage.bilevel:
        page = np.where(page > 150, np.uint8(255), np.uint8(0))
    return page


def _clipped(page: NDArray[np.float32]) -> Picture:
    return np.clip(page, 0, 255).astype(np.uint8)


def _white(page: Picture) -> tuple[int, ...]:
    return (255,) * (page.shape[2] if page.ndim == 3 else 1)


def _turned(page: Picture, degrees: float) -> Picture:
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=_white(page))
    return np.asarray(turned, np.uint8)


def _photographed(page: Picture, wander: float, rng: np.random.Generator) -> Picture:
    """The page seen by a camera held not quite above it: a trapezium on a dark desk."""
    height, width = page.shape[:2]
    margin = 0.06
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inset = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32) * margin * np.array([width, height], np.float32)
    moved = corners + inset + rng.uniform(-wander, wander, (4, 2)).astype(np.float32) * width
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    desk = np.full_like(page, 70)
    if page.ndim == 3:
        desk[:] = (96, 74, 52)
    grain = rng.normal(0, 5, page.shape[:2]).astype(np.float32)
    desk = _clipped(desk.astype(np.float32) + (grain[..., None] if page.ndim == 3 else grain))
    seen = cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_LINEAR)
    where = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, (width, height))
    mask = where[..., None] if page.ndim == 3 else where
    return np.where(mask > 127, np.asarray(seen, np.uint8), desk)


def _shaded(page: Picture, strength: float, rng: np.random.Generator) -> Picture:
    """A shadow that falls from one side."""
    height, width = page.shape[:2]
    angle = float(rng.uniform(0, 2 * np.pi))
    across = np.cos(angle) * (np.arange(width, dtype=np.float32) / width - 0.5)
    down = np.sin(angle) * (np.arange(height, dtype=np.float32) / height - 0.5)
    light = (1 - strength * np.clip(across[None, :] + down[:, None] + 0.5, 0, 1)).astype(np.float32)
    return _clipped(page.astype(np.float32) * (light[..., None] if page.ndim == 3 else light))


def _worn_lines(page: Picture, share: float, rng: np.random.Generator) -> Picture:
    """Pale stripes along and across the page, where toner was missing."""
    worn = page.astype(np.float32)
    for axis in (0, 1):
        hit = rng.random((int(page.shape[axis]),)) < share
        pale = np.asarray(rng.uniform(0.35, 0.9, hit.shape), np.float32) * hit
        shape = [1] * page.ndim
        shape[axis] = -1
        worn = worn + (255 - worn) * pale.reshape(shape)
    return _clipped(worn)


def _specked(page: Picture, share: float, rng: np.random.Generator) -> Picture:
    height, width = page.shape[:2]
    page = page.copy()
    for _ in range(int(share * height * width)):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        cv2.circle(page, (x, y), int(rng.integers(0, 2)), (int(rng.integers(0, 90)),) * 3, -1)
    return page


def _punched(page: Picture, scale: float) -> Picture:
    page = page.copy()
    height = page.shape[0]
    for share in (0.37, 0.63):
        cv2.circle(page, (int(60 * scale), int(height * share)), int(24 * scale), (45, 45, 45), -1)
    return page


def _black_edged(page: Picture, rng: np.random.Generator, scale: float) -> Picture:
    """The lid of the scanner was open: dark strips at two edges."""
    page = page.copy()
    page[: int(rng.integers(6, 28) * scale)] = 20
    page[:, -int(rng.integers(6, 28) * scale) :] = 20
    return page


def _sealed(page: Picture, rng: np.random.Generator) -> Picture:
    """A red ring with a star's worth of ink in it, over whatever stands in the lower right."""
    height, width = page.shape[:2]
    ink = np.full_like(page, 255)
    centre = (int(width * rng.uniform(0.62, 0.78)), int(height * rng.uniform(0.3, 0.8)))
    radius = int(width * 0.1)
    red = (215, 40, 45)
    cv2.circle(ink, centre, radius, red, max(2, radius // 18))
    turns = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2 == 0, radius * 0.38, radius * 0.16)
    star = np.stack([centre[0] + reach * np.cos(turns), centre[1] + reach * np.sin(turns)], axis=1)
    cv2.fillPoly(ink, [star.astype(np.int32)], red)
    return np.minimum(page, ink)
