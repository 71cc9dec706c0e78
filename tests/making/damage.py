"""What scanners, copiers, cameras and hands do to a page, as functions on gray or colour pictures (uint8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from tests.making import optics, paper
from tests.making.optics import Matrix, Picture

__all__ = ["Damage", "Picture", "Surroundings", "spoil"]


@dataclass(frozen=True)
class Damage:
    """How pages are scanned; the defaults are a flawless gray scan. Pixels are those at 200 dpi."""

    dpi: int = 200
    colour: bool = False
    bilevel: bool = False
    noise: float = 0.0
    """Standard deviation of gray levels."""
    blur: float = 0.0
    """Sigma of a Gaussian, pixels at 200 dpi."""
    skew: float = 0.0
    """Largest angle of a page, degrees either way."""
    least_skew: float = 0.0
    """Smallest angle of a page: skew from here on."""
    shading: float = 0.0
    """Darkening towards one side, 0–1."""
    lamp: float = 0.0
    """Darkening away from a lamp above one spot, 0–1."""
    hand_shadow: float = 0.0
    """Darkening within the shadow of a hand, 0–1."""
    perspective: float = 0.0
    """How far the corners of a photographed page may wander, share of its width; with a desk behind it."""
    desk: str = "plain"
    """Of what colour the desk is: a name in `optics.DESKS`."""
    bend: float = 0.0
    """Pixels that paper which does not lie flat moves up or down at most."""
    jpeg: int = 85
    rotations: tuple[int, ...] = (0,)
    """Degrees clockwise; pages take them in turn."""
    faint: float = 0.0
    """How much paler the ink is, 0–1."""
    worn: float = 0.0
    """How much of the ink has come off in blotches, 0–1."""
    bleed: float = 0.0
    """How much of the other side's ink shows through, 0–1."""
    specks: float = 0.0
    """Dirt: share of the pixels."""
    broken_rules: float = 0.0
    """Share of the page's rows and columns that the drum of the copier left out."""
    seal: bool = False
    """A red round seal on the last page."""
    seal_tables: bool = False
    """A red round seal over each table."""
    lettered: bool = False
    """These seals bear letters along their ring."""
    holes: bool = False
    """Two punched holes at the left edge."""
    deep_holes: int = 0
    """So many holes punched where the text begins."""
    black_edges: bool = False
    threshold: int = 150
    """Gray level below which a bilevel scan is black: low makes strokes thin, high thick."""
    coarse: bool = False
    """A fax of the standard mode: half as many rows as columns to the inch."""


@dataclass(frozen=True)
class Surroundings:
    """What a page's damage depends on beside the page itself."""

    last: bool = False
    """Whether it is the last page."""
    tables: Sequence[Sequence[float]] = ()
    """Where its tables are: x0, y0, x1, y1 in pixels."""
    behind: Picture | None = None
    """The picture of the other side of the sheet."""


def spoil(
    picture: Picture, damage: Damage, rng: np.random.Generator, around: Surroundings | None = None
) -> tuple[Picture, Matrix]:
    """The page as it comes out of the scanner, RGB in, RGB or gray out, and where its pixels went."""
    around = around or Surroundings()
    scale = damage.dpi / 200
    page = _on_paper(picture, damage, rng, around)
    page, moved = _moved(page, damage, rng)
    if damage.blur:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), damage.blur * scale), np.uint8)
    page = _lit(page, damage, rng)
    if damage.noise:
        grain = rng.normal(0, damage.noise, page.shape[:2]).astype(np.float32)
        page = optics.clipped(page.astype(np.float32) + (grain[..., None] if page.ndim == 3 else grain))
    if damage.black_edges:
        page = paper.black_edged(page, rng, scale)
    if damage.specks:
        page = paper.specked(page, damage.specks, rng)
    if damage.coarse:
        height, width = page.shape[:2]
        page = np.asarray(cv2.resize(page, (width, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
    if damage.bilevel:
        page = np.where(page > damage.threshold, np.uint8(255), np.uint8(0))
    if damage.coarse:
        page = np.asarray(cv2.resize(page, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    return page, moved


def _on_paper(page: Picture, damage: Damage, rng: np.random.Generator, around: Surroundings) -> Picture:
    """What is on the sheet when it goes into the scanner."""
    scale = damage.dpi / 200
    if damage.bleed and around.behind is not None:
        page = paper.shone_through(page, around.behind, damage.bleed)
    if damage.seal and around.last:
        page = paper.sealed(page, rng)
    if damage.seal_tables:
        for box in around.tables:
            page = paper.sealed_over(page, box, rng, damage.lettered)
    if damage.holes:
        page = paper.punched(page, scale)
    if damage.deep_holes:
        page = paper.punched_deep(page, damage.deep_holes, scale, rng)
    if not damage.colour:
        page = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)
    if damage.faint:
        page = (255 - (255 - page.astype(np.float32)) * (1 - damage.faint)).astype(np.uint8)
    if damage.worn:
        page = paper.worn_ink(page, damage.worn, scale, rng)
    if damage.broken_rules:
        page = paper.worn_lines(page, damage.broken_rules, rng)
    return page


def _moved(page: Picture, damage: Damage, rng: np.random.Generator) -> tuple[Picture, Matrix]:
    """Bent, skewed, seen from aside; the matrix leaves the bend out, which is a few pixels."""
    moved = np.eye(3)
    if damage.bend:
        page = optics.bent(page, damage.bend * damage.dpi / 200, rng)
    if damage.skew:
        angle = float(rng.uniform(-damage.skew, damage.skew))
        if damage.least_skew:
            angle = float(np.sign(angle)) * max(abs(angle), damage.least_skew)
        page, moved = optics.turned(page, angle)
    if damage.perspective:
        page, seen = optics.photographed(page, damage.perspective, damage.desk, rng)
        moved = seen @ moved
    return page, moved


def _lit(page: Picture, damage: Damage, rng: np.random.Generator) -> Picture:
    if damage.shading:
        page = optics.shaded(page, damage.shading, rng)
    if damage.lamp:
        page = optics.lamplit(page, damage.lamp, rng)
    if damage.hand_shadow:
        page = optics.hand_shadowed(page, damage.hand_shadow, rng)
    return page
