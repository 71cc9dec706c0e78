"""Where the rings of gray seals are on a page: pieces of ink that are round and hollow, or of which circles are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.components import components
from extractors.report import Box

DIAMETER = (0.8, 2.4)
"""Inches: official seals measure 30 to 50 mm."""
ROUND = 0.12
"""Share of the diameter by which width and height of a ring differ."""
HOLLOW = 0.4
"""Share of the square around a ring that its ink covers at most."""
SEVERAL = 3
"""Times the largest diameter that seals measure which touch each other."""
TRIES, SAMPLES = 3000, 90
"""Circles through three points of such a piece that are tried, and places along each where there must be ink."""
CLOSED = 0.95
"""Share of these places where there is."""
STROKE = 0.03
"""Inches that the ink of a ring reaches from the middle of its stroke at most."""


SECTORS, TURNS, AROUND = 36, 20, 2
"""Parts of a ring whose profiles are taken, lines from the middle through each, and how many parts beside each count
with it: type and rules cover less than half of them at any distance from the middle."""
USUAL = 40
"""Per cent of these lines that are darker."""
EVEN = 15
"""Levels of 255 by which a ring is paler than at its darkest, but for its edges."""
LIGHT = 240
"""Brightness of 255 from which what is beside a ring is paper."""


@dataclass(frozen=True)
class Ring:
    """The circle around a ring, in pixels."""

    x: float
    y: float
    radius: float

    def scaled(self, factor: float) -> Ring:
        return Ring(self.x * factor, self.y * factor, self.radius * factor)

    @property
    def box(self) -> Box:
        return (self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius)

    def moved(self, x: float, y: float) -> Ring:
        return Ring(self.x + x, self.y + y, self.radius)

    def circle(self, beyond: float) -> tuple[tuple[int, int], int]:
        """Its middle and its radius and so much more, in whole pixels."""
        return (round(self.x), round(self.y)), round(self.radius + beyond)


def find_rings(ink: MatLike, dpi: float) -> list[Ring]:
    """The rings of a mask of ink that is broader than the strokes of type."""
    labels, stats, _ = components(ink)
    rings = []
    least, most = DIAMETER[0] * dpi, DIAMETER[1] * dpi
    for label, (x, y, width, height, area) in enumerate(stats.tolist()):
        if not label or min(width, height) < least or area > HOLLOW * width * height:
            continue
        piece = (labels[y : y + height, x : x + width] == label).astype(np.uint8)
        if max(width, height) <= most and abs(width - height) <= ROUND * width and _is_round(piece, dpi):
            rings.append(Ring(x + width / 2, y + height / 2, max(width, height) / 2))
        elif max(width, height) <= SEVERAL * most:
            rings += [Ring(x + ring.x, y + ring.y, ring.radius) for ring in _circles(piece, dpi)]
    return rings


def light_of(gray: MatLike, ring: Ring, dpi: float) -> tuple[MatLike, float]:
    """The light in which type over a ring is seen, 255 where it has no ink, and how bright the middle of its stroke is.
    What most of its neighbourhood along the ring shows at the same distance from the middle is the ring's own ink."""
    reach = int(ring.radius + STROKE * dpi)
    size, flags = (reach + 1, SECTORS * TURNS), cv2.INTER_LINEAR | cv2.WARP_POLAR_LINEAR
    padded = cv2.copyMakeBorder(gray, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=(255,))
    polar = cv2.warpPolar(padded, size, (ring.x + reach, ring.y + reach), reach + 1, flags)
    sectors = polar.reshape(SECTORS, TURNS, reach + 1)
    beside = [np.roll(sectors, turn, axis=0) for turn in range(-AROUND, AROUND + 1)]
    profiles = np.percentile(np.concatenate(beside, axis=1), USUAL, axis=1)
    inner = int(ring.radius - 2 * STROKE * dpi)
    middles = inner + profiles[:, inner:].argmin(axis=1)
    shade = float(np.median(profiles[profiles < np.median(profiles[np.arange(SECTORS), middles]) + EVEN]))
    for profile, middle in zip(profiles, middles, strict=True):
        profile[middle:] = np.maximum.accumulate(profile[middle:])
        profile[: middle + 1] = np.maximum.accumulate(profile[middle::-1])[::-1]
    # its edge is not even
    profiles = cv2.erode(profiles.astype(np.float32), np.ones((1, 3), np.uint8))
    profiles[profiles >= LIGHT] = 255
    closed = np.concatenate([profiles[-1:], profiles, profiles[:1]])
    lines = cv2.resize(closed, (reach + 1, (SECTORS + 2) * TURNS))[TURNS : TURNS + SECTORS * TURNS + 1]
    y, x = np.indices(gray.shape, np.float32)
    distance, turn = cv2.cartToPolar(x - np.float32(ring.x), y - np.float32(ring.y))
    rows = turn * np.float32(SECTORS * TURNS / (2 * np.pi))
    light = cv2.remap(lines, distance, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,))
    return light, shade


def _is_round(piece: MatLike, dpi: float) -> bool:
    """Whether there is ink all along the ellipse that fills the box around a piece."""
    height, width = piece.shape
    turns = np.linspace(0, 2 * np.pi, SAMPLES, endpoint=False)[:, None]
    inset = np.arange(2 * round(STROKE * dpi))
    x, y = width / 2 + (width / 2 - 1 - inset) * np.cos(turns), height / 2 + (height / 2 - 1 - inset) * np.sin(turns)
    return bool((piece[y.astype(int), x.astype(int)] > 0).any(axis=1).mean() >= CLOSED)


def _circles(piece: MatLike, dpi: float) -> list[Ring]:
    """The rings in a piece of ink: what touches one of them is taken away with it."""
    found = []
    piece = piece.copy()
    while (circle := _circle(piece, dpi)) is not None:
        x, y, radius = circle
        found.append(Ring(x, y, radius + _half_stroke(piece, circle, dpi)))
        cv2.circle(piece, (round(x), round(y)), round(radius), (0,), 2 * round(STROKE * dpi) + 1)
    return found


def _circle(piece: MatLike, dpi: float) -> tuple[float, float, float] | None:
    """Middle (x, y) and radius of a closed circle of ink, along the middle of its stroke."""
    points = np.argwhere(piece)[:, ::-1].astype(np.float64)
    if len(points) < SAMPLES:
        return None
    chosen = points[np.random.default_rng(0).integers(len(points), size=(TRIES, 3))]
    circles = _through(chosen)
    radius = circles[:, 2]
    circles = circles[(radius >= DIAMETER[0] * dpi / 2) & (radius <= DIAMETER[1] * dpi / 2)]
    if not len(circles):
        return None
    best = circles[_closed(piece, circles).argmax()]
    for _ in range(2):  # by all its ink: x² + y² = 2ax + 2by + (r² − a² − b²)
        near = points[abs(np.hypot(*(points - best[:2]).T) - best[2]) <= STROKE * dpi]
        known = np.column_stack([2 * near, np.ones(len(near))])
        x, y, rest = np.linalg.lstsq(known, (near**2).sum(axis=1), rcond=None)[0]
        best = np.array([x, y, np.sqrt(rest + x**2 + y**2)])
    return (float(best[0]), float(best[1]), float(best[2])) if _closed(piece, best[None])[0] >= CLOSED else None


def _through(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Middle and radius of the circles (n × 3) through three points each (n × 3 × 2); what has none is left out."""
    a, b, c = points[:, 0], points[:, 1], points[:, 2]
    p, q = b - a, c - a
    twice = 2 * (p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0])
    p, q, a, twice = (v[abs(twice) > 1] for v in (p, q, a, twice))
    pp, qq = (p**2).sum(axis=1), (q**2).sum(axis=1)
    x, y = (q[:, 1] * pp - p[:, 1] * qq) / twice, (p[:, 0] * qq - q[:, 0] * pp) / twice
    return np.column_stack([a[:, 0] + x, a[:, 1] + y, np.hypot(x, y)])


def _closed(piece: MatLike, circles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of each circle (n × 3: middle, radius) along which there is ink."""
    turns = np.linspace(0, 2 * np.pi, SAMPLES, endpoint=False)
    x = np.round(circles[:, :1] + circles[:, 2:] * np.cos(turns)).astype(int)
    y = np.round(circles[:, 1:2] + circles[:, 2:] * np.sin(turns)).astype(int)
    height, width = piece.shape
    within = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return np.asarray((within & (piece[y.clip(0, height - 1), x.clip(0, width - 1)] > 0)).mean(axis=1))


def _half_stroke(piece: MatLike, circle: tuple[float, float, float], dpi: float) -> float:
    """How far the ink of a ring reaches outwards from the middle of its stroke."""
    x, y, radius = circle
    reaches = np.arange(round(STROKE * dpi) + 1)
    shares = [_closed(piece, np.array([[x, y, radius + reach]]))[0] for reach in reaches]
    return float(np.count_nonzero(np.array(shares) >= 0.5))
