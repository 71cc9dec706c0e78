"""A page picture → even light and level, square lines, with the way back to the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.ruling import Ridge, Ruling
from extractors.reading.vanishing import Pencil, find_edges, fit_pencil, pencil_of_edges
from extractors.reading.window import inked

STEEPEST = 10.0
"""Degrees: pages are levelled up to this much skew, and squared up to this much lean."""
SMALLEST_SKEW = 0.05
"""Degrees: less is left alone."""
RED = 40
"""Levels of 255 by which red must exceed green and blue for ink to be a seal's."""
FADING = 0.6, 0.87
"""Of a seal's own red: up to the first it is type under the seal that is as dark, from the second the seal alone, whose
edges a JPEG makes darker and which would be seen as hairs."""
TYPE = 26
"""Half pixels of the working resolution: broader than the strokes of any type."""
COARSE_SIDE, FINE_SIDE = 800, 1700
"""Pixels of the longer side at which angles are looked for, and settled."""
NARROWED = 3
"""Pixels along the rows that are taken together there: at the steepest they differ by half a row."""
TYPE_INK = 60
"""Levels of 255 by which the type of a small picture is at least darker than paper."""
LONG_RULE = 0.15
"""Share of the page's side from which a rule tells how the page leans."""
STEP, STEP_APART = 4.0, 0.08
"""Pixels across by which the next piece of a rule may be off the end of the one before: two on each row of a coarse fax
and a little; and the share of the page's side along that may be missing between them."""
FEW = 3
"""Level rules from which a page shows a table."""
EVEN = 0.97
"""Share of the brightest paper's light that the darkest has at least in a flat scan: 0.99 and more on made ones, 0.81
and less in photographs that are lit from one side."""
CROOKED = 0.12
"""Degrees by which lines may lean, somewhere on the page, before it is squared up."""


@dataclass(frozen=True)
class Level:
    """What a level page shows: `gray` (rows × columns, ink dark on 255) begins at `corner` (x, y) of the whole page."""

    gray: MatLike
    corner: tuple[int, int]
    from_page: NDArray[np.float64]
    """The 3×3 matrix from the pixels of the whole level page to the picture's."""
    skew: float
    picture: Evened

    @property
    def to_picture(self) -> NDArray[np.float64]:
        """The 3×3 matrix from the pixels of `gray` to the picture's."""
        return np.asarray(self.from_page @ _moved(*self.corner), np.float64)


@dataclass(frozen=True)
class Evened:
    """An upright gray picture of a page, evenly lit, before it is levelled."""

    gray: MatLike
    margin: int = 0
    """Pixels of paper around what it shows that are looked at with it."""

    @cached_property
    def window(self) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) around what it shows; all of an empty one."""
        height, width = self.gray.shape
        return inked(self.gray) or (0, 0, width, height)

    def seen_through(self, from_page: NDArray[np.float64], skew: float) -> Level:
        """The level page that `from_page` leads back from, as large as the picture."""
        height, width = self.gray.shape
        x0, y0, x1, y1 = self.window
        ends = np.array([[(x0, y0)], [(x1, y0)], [(x1, y1)], [(x0, y1)]], np.float64)
        xs, ys = cv2.perspectiveTransform(ends, np.linalg.inv(from_page)).reshape(-1, 2).T
        left, right = max(int(xs.min()) - self.margin, 0), min(ceil(xs.max()) + self.margin, width)
        top, bottom = max(int(ys.min()) - self.margin, 0), min(ceil(ys.max()) + self.margin, height)
        matrix, size = from_page @ _moved(left, top), (right - left, bottom - top)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        if (from_page == np.eye(3)).all():
            seen: MatLike = np.ascontiguousarray(self.gray[top:bottom, left:right])
        elif (from_page[2] == (0, 0, 1)).all():  # turned alone, which takes a quarter less
            seen = cv2.warpAffine(self.gray, matrix[:2], size, flags=flags, borderValue=(255,))
        else:
            seen = cv2.warpPerspective(self.gray, matrix, size, flags=flags, borderValue=(255,))
        return Level(seen, (left, top), from_page, skew, self)


def level(picture: Evened, seen_aside: bool = True) -> Level:
    """Take out of a picture its skew and, where it may have been `seen_aside`, what its long edges tell of that."""
    height, width = picture.gray.shape
    x0, y0, x1, y1 = picture.window
    skew, back = measure_skew(picture.gray[y0:y1, x0:x1]), np.eye(3)
    if abs(skew) < SMALLEST_SKEW:
        skew = 0.0
    else:
        back[:2] = cv2.invertAffineTransform(cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0))
    # both are taken out at once
    straight = without_lean(picture, back, skew) if seen_aside else None
    return straight or picture.seen_through(back, skew)


def without_lean(picture: Evened, from_page: NDArray[np.float64], skew: float) -> Level | None:
    """The page that `from_page` leads back from as its long edges say that it is seen from straight above; None where
    they do not lean."""
    height, width = picture.gray.shape
    ends = find_edges(picture.gray, window=picture.window).reshape(-1, 1, 2)
    if not len(ends):
        return None
    edges = cv2.perspectiveTransform(ends, np.linalg.inv(from_page)).reshape(-1, 4).astype(np.float64)
    across, down = pencil_of_edges(edges, (height, width)), pencil_of_edges(edges[:, [1, 0, 3, 2]], (width, height))
    back = _from_above((height, width), across, down)
    return None if back is None else picture.seen_through(from_page @ back, skew)


def square(page: Level, ruling: Ruling) -> Level | None:
    """The page with its rules level and upright everywhere; None where they are."""
    height, width = ruling.shape
    back = _from_above(ruling.shape, _pencil(ruling.level, width, height), _pencil(ruling.upright, height, width))
    if back is None:
        return None
    x, y = page.corner
    return page.picture.seen_through(page.to_picture @ back @ _moved(-x, -y), page.skew)


def leans(ruling: Ruling) -> bool:
    """Whether a page may lean too much for its upright rules to be found: it has level ones alone."""
    height, width = ruling.shape
    return len(_long(ruling.level, width)) >= FEW and not _long(ruling.upright, height)


def _from_above(shape: tuple[int, int], across: Pencil, down: Pencil) -> NDArray[np.float64] | None:
    """The 3×3 matrix back from the pixels of a page of `shape` seen from straight above, by the pencils of its level
    and its upright lines (these with x and y exchanged); None where nothing is crooked."""
    height, width = shape
    worst = max(across.worst(height / 2), down.worst(width / 2))
    if worst < CROOKED or worst > STEEPEST:
        return None
    corners = []
    for x, y in ((0, 0), (width, 0), (width, height), (0, height)):
        slope, slant = across.at(y - height / 2), down.at(x - width / 2)
        # y' = y + slope (x' − width/2) and x' = x + slant (y' − height/2)
        crossing = np.linalg.solve([[-slope, 1], [1, -slant]], [y - slope * width / 2, x - slant * height / 2])
        corners.append(crossing)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(target, np.array(corners, np.float32)), np.float64)


def _long(ridges: Sequence[Ridge], along: int) -> list[Ridge]:
    """Those that tell how a page of so many pixels leans."""
    return [ridge for ridge in ridges if ridge.length >= LONG_RULE * along]


def _pencil(ridges: Sequence[Ridge], along: int, across: int) -> Pencil:
    """The pencil of the long rules of a page of so many pixels."""
    long = [course for course in _courses(ridges, along) if course[-1].end - course[0].start >= LONG_RULE * along]
    if len(long) < 2:
        return Pencil()
    lines = np.array([_line(course) for course in long])
    slopes, middles, heights, lengths = lines.T
    places = heights + slopes * (along / 2 - middles)
    return fit_pencil(slopes, places - across / 2, lengths, across / 2)


def _courses(ridges: Sequence[Ridge], along: int) -> list[list[Ridge]]:
    """The pieces of each rule one after the other: a coarse fax makes stairs of one that leans, each of them level."""
    courses: list[list[Ridge]] = []
    for ridge in sorted(ridges, key=lambda ridge: ridge.start):
        before = [course for course in courses if _goes_on(course[-1], ridge, along)]
        if before:
            min(before, key=lambda course: abs(ridge.middles[0] - course[-1].middles[-1])).append(ridge)
        else:
            courses.append([ridge])
    return courses


def _goes_on(ridge: Ridge, other: Ridge, along: int) -> bool:
    """Whether the other may be the next piece of the same rule, of a page of so many pixels: a step further."""
    if not -min(ridge.length, other.length) / 2 < other.start - ridge.end < STEP_APART * along:
        return False
    return bool(abs(other.middles[0] - ridge.middles[-1]) <= STEP)


def _line(course: Sequence[Ridge]) -> tuple[float, float, float, float]:
    """The slope of a rule, its middle along and across, and how long it is, in pixels."""
    at = np.concatenate([np.arange(ridge.start, ridge.start + len(ridge.middles)) for ridge in course])
    middles = np.concatenate([ridge.middles for ridge in course])
    slope = np.polyfit(at - at.mean(), middles, 1)[0]
    return slope, at.mean(), middles.mean(), course[-1].end - course[0].start


def _moved(x: float, y: float) -> NDArray[np.float64]:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def ink_of(picture: MatLike, sheet: NDArray[np.float32] | None = None) -> MatLike:
    """Gray levels of an RGB picture, in which a red seal is no ink: black type under it stays. Seals are on the sheet
    between the given corners (4 × 2), if it does not fill the picture: a desk may be red all over."""
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    red, green, blue = cv2.split(picture)
    redder = cv2.subtract(red, cv2.max(green, blue))
    seal = redder > RED
    if sheet is not None:
        corners = np.round(sheet).astype(np.int32)
        seal &= cv2.fillConvexPoly(np.zeros_like(gray), corners, (1,)) > 0
    if not seal.any():
        return gray
    # around a seal, a JPEG's colours run over its edges
    halo = (cv2.dilate(seal.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0) & (redder > RED / 4)
    # the seal's own red becomes white; type under it, dark in every colour, stays dark
    shares = np.arange(256) / max(float(np.median(red[seal])), 1.0)
    bleached = cv2.LUT(red, np.interp(shares, (0, *FADING), (0, 255 * FADING[0], 255)).astype(np.uint8))
    return np.where(halo, np.maximum(bleached, gray), gray)


def paper_of(gray: MatLike) -> MatLike:
    """How bright the paper of a gray picture is everywhere, up to the edge of a shadow, at half its size."""
    small = cv2.medianBlur(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), 3)
    # what is darker and broader than type is a shadow, a shaded cell or the desk
    return cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((TYPE, TYPE), np.uint8)), (5, 5))


def is_shaded(paper: MatLike, part: float = 2) -> bool:
    """Whether paper is darker in places, in so many per cent of the page at least: lit by no scanner's lamp."""
    darkest, brightest = np.percentile(paper[::8, ::8], (part, 98))
    return bool(darkest < EVEN * brightest)


def even_light(gray: MatLike, paper: MatLike | None = None) -> MatLike:
    """Divide by the paper's own brightness (`paper_of`, if it is known), so that paper is 255 everywhere."""
    small = paper_of(gray) if paper is None else paper
    whole = cv2.resize(small, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray, np.maximum(whole, 1), scale=255)


def measure_skew(gray: MatLike) -> float:
    """Degrees clockwise that the lines of a page lean, by the sharpest row profile."""
    scale = min(FINE_SIDE / max(gray.shape), 1.0)
    small = _smaller(gray, scale / NARROWED, scale)
    coarser = min(COARSE_SIDE / max(gray.shape), 1.0) / scale
    coarse = max(_angles(0, STEEPEST, 0.5), key=_ink(_smaller(small, coarser, coarser)).sharpness)
    # both lines of a double rule must be told from each other, or one end of the one aligns with the other's
    ink = _ink(small)
    fine = max(_angles(coarse, 0.3, 0.1), key=ink.sharpness)
    finest: float = max(_angles(fine, 0.06, 0.02), key=ink.sharpness)
    return round(finest, 2)


def _angles(middle: float, reach: float, step: float) -> list[float]:
    count = round(reach / step)
    return [middle + i * step for i in range(-count, count + 1)]


@dataclass(frozen=True)
class Ink:
    """The dark pixels of a picture, n each: column, row and how dark."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    dark: NDArray[np.float32]

    def sharpness(self, angle: float) -> float:
        """How unevenly the ink falls on the rows after shearing the page level by `angle` degrees."""
        if not len(self.y):
            return 0.0
        y = self.y - self.x * np.float32(np.tan(np.radians(angle)))
        y -= y.min()
        row = y.astype(np.int32)
        below = self.dark * (y - row)
        rows = np.bincount(row, self.dark - below, row.max() + 2)
        rows[1:] += np.bincount(row, below, row.max() + 2)[:-1]
        return float(np.square(np.diff(rows)).sum())


def _smaller(gray: MatLike, across: float, down: float) -> MatLike:
    return cv2.resize(gray, None, fx=across, fy=down, interpolation=cv2.INTER_AREA)


def _ink(small: MatLike) -> Ink:
    """The ink of a small page in which NARROWED pixels beside each other are one."""
    dark = (255 - small).astype(np.float32)
    y, x = np.nonzero(dark >= TYPE_INK)
    return Ink(NARROWED * x.astype(np.float32), y.astype(np.float32), dark[y, x])
