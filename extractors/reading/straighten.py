"""A page picture → even light and level, square lines, with the way back to the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
FEW = 3
"""Level rules from which a page shows a table."""
EVEN = 0.97
"""Share of the brightest paper's light that the darkest has at least in a flat scan: 0.99 and more on made ones, 0.81
and less in photographs that are lit from one side."""
CROOKED = 0.12
"""Degrees by which lines may lean, somewhere on the page, before it is squared up."""


@dataclass(frozen=True)
class Level:
    """`gray` (rows × columns, ink dark on 255) and the 3×3 matrix from its pixels to the picture's."""

    gray: MatLike
    to_picture: NDArray[np.float64]
    skew: float
    even: MatLike
    """The picture before it was levelled."""
    corner: tuple[int, int] = (0, 0)
    """Where (x, y) on the level page `gray` begins, if it is only the part of it that shows anything."""

    def part(self, margin: int) -> Level:
        """What a whole page shows, with up to `margin` pixels of paper around."""
        window = inked(self.gray)
        if window is None:
            return self
        height, width = self.gray.shape
        x0, y0 = max(window[0] - margin, 0), max(window[1] - margin, 0)
        x1, y1 = min(window[2] + margin, width), min(window[3] + margin, height)
        gray = np.ascontiguousarray(self.gray[y0:y1, x0:x1])
        return replace(self, gray=gray, to_picture=self.to_picture @ _moved(x0, y0), corner=(x0, y0))

    def from_page(self) -> NDArray[np.float64]:
        """The 3×3 matrix from the pixels of the whole level page to the picture's."""
        x, y = self.corner
        return np.asarray(self.to_picture @ _moved(-x, -y), np.float64)


def level(even: MatLike, seen_aside: bool = True) -> Level:
    """Take out of an upright gray picture, evenly lit, its skew and, where it may have been `seen_aside`, what its long
    edges tell of that."""
    height, width = even.shape
    skew, back = measure_skew(even), np.eye(3)
    if abs(skew) < SMALLEST_SKEW:
        skew = 0.0
    else:
        back[:2] = cv2.invertAffineTransform(cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0))
    page = Level(even, back, skew, even)
    if seen_aside and (straight := without_lean(page)):
        return straight
    return replace(page, gray=_seen_through(even, back)) if skew else page


def without_lean(page: Level) -> Level | None:
    """The page as its long edges say that it is seen from straight above; None where they do not lean. They are looked
    for before it was levelled: it is seen through one matrix for both."""
    height, width = page.even.shape
    ends = find_edges(page.even, window=inked(page.even)).reshape(-1, 1, 2)
    if not len(ends):
        return None
    edges = cv2.perspectiveTransform(ends, np.linalg.inv(page.to_picture)).reshape(-1, 4).astype(np.float64)
    across, down = pencil_of_edges(edges, (height, width)), pencil_of_edges(edges[:, [1, 0, 3, 2]], (width, height))
    return _from_above(page, across, down)


def square(page: Level, ruling: Ruling) -> Level | None:
    """The whole page with the rules found on it, or on its part, level and upright everywhere; None where they are."""
    height, width = ruling.shape
    return _from_above(page, _pencil(ruling.level, width, height), _pencil(ruling.upright, height, width))


def leans(ruling: Ruling) -> bool:
    """Whether a page may lean too much for its upright rules to be found: it has level ones alone."""
    height, width = ruling.shape
    return len(_long(ruling.level, width)) >= FEW and not _long(ruling.upright, height)


def _from_above(page: Level, across: Pencil, down: Pencil) -> Level | None:
    """The whole page seen from straight above, by the pencils of its level and its upright lines (these with x and y
    exchanged); None where nothing is crooked."""
    height, width = page.gray.shape
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
    back = cv2.getPerspectiveTransform(target, np.array(corners, np.float32))
    x, y = page.corner
    to_picture = page.to_picture @ back @ _moved(-x, -y)
    return Level(_seen_through(page.even, to_picture), to_picture, page.skew, page.even)


def _long(ridges: Sequence[Ridge], along: int) -> list[Ridge]:
    """Those that tell how a page of so many pixels leans."""
    return [ridge for ridge in ridges if ridge.length >= LONG_RULE * along]


def _pencil(ridges: Sequence[Ridge], along: int, across: int) -> Pencil:
    """The pencil of the long rules of a page of so many pixels."""
    long = _long(ridges, along)
    if len(long) < 2:
        return Pencil()
    slopes = np.array([np.polyfit(np.arange(len(ridge.middles)), ridge.middles, 1)[0] for ridge in long])
    middles = np.array([(ridge.start + ridge.end) / 2 for ridge in long])
    places = np.array([ridge.middles.mean() for ridge in long]) + slopes * (along / 2 - middles)
    return fit_pencil(slopes, places - across / 2, np.array([ridge.length for ridge in long], float), across / 2)


def _moved(x: float, y: float) -> NDArray[np.float64]:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def _seen_through(gray: MatLike, to_picture: NDArray[np.float64]) -> MatLike:
    """The picture as the page that `to_picture` leads back from, of the same size."""
    height, width = gray.shape
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(gray, to_picture, (width, height), flags=flags, borderValue=(255,))


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
    bleached = cv2.multiply(red, np.ones_like(red), scale=255 / max(float(np.median(red[seal])), 1.0))
    return np.where(halo, np.maximum(bleached, gray), gray)


def paper_of(gray: MatLike) -> MatLike:
    """How bright the paper of a gray picture is everywhere, up to the edge of a shadow, at half its size."""
    small = cv2.medianBlur(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), 3)
    # what is darker and broader than type is a shadow, a shaded cell or the desk
    return cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((TYPE, TYPE), np.uint8)), (5, 5))


def is_shaded(paper: MatLike) -> bool:
    """Whether paper is darker in places: lit by no scanner's lamp."""
    darkest, brightest = np.percentile(paper[::8, ::8], (2, 98))
    return bool(darkest < EVEN * brightest)


def even_light(gray: MatLike, paper: MatLike | None = None) -> MatLike:
    """Divide by the paper's own brightness (`paper_of`, if it is known), so that paper is 255 everywhere."""
    small = paper_of(gray) if paper is None else paper
    whole = cv2.resize(small, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray, np.maximum(whole, 1), scale=255)


def measure_skew(gray: MatLike) -> float:
    """Degrees clockwise that the lines of a page lean, by the sharpest row profile."""
    scale = min(FINE_SIDE / max(gray.shape), 1.0)
    small = _smaller(_shown(gray), scale / NARROWED, scale)
    coarser = min(COARSE_SIDE / max(gray.shape), 1.0) / scale
    coarse = max(_angles(0, STEEPEST, 0.5), key=_ink(_smaller(small, coarser, coarser)).sharpness)
    # both lines of a double rule must be told from each other, or one end of the one aligns with the other's
    ink = _ink(small)
    fine = max(_angles(coarse, 0.3, 0.1), key=ink.sharpness)
    finest: float = max(_angles(fine, 0.06, 0.02), key=ink.sharpness)
    return round(finest, 2)


def _shown(gray: MatLike) -> MatLike:
    """The part of a page that shows anything; all of an empty one."""
    x0, y0, x1, y1 = inked(gray) or (0, 0, *gray.shape[::-1])
    return gray[y0:y1, x0:x1]


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
