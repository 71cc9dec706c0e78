"""The sheet of paper in a photograph: its four corners, seen against the desk."""

from __future__ import annotations

from itertools import pairwise, product
from statistics import median

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.vanishing import find_edges

LOOK_SIDE = 600
"""Pixels of the longer side at which the sheet is looked for."""
SMALLEST = 0.3
"""Share of the picture that a sheet covers at least."""
SAME = 0.95
"""Ratio of areas from which two outlines are the same sheet; the one found with the surer bound counts."""
FRAME, AS_PAPER, ALL = 0.015, 4, 0.99
"""Share of the picture's side that is its edge, levels of Lab by which paper differs from paper, and the share of the
edge that is paper where there is no desk."""
LARGEST = 0.97
"""Share above which there is no desk to be seen."""
FILLED = 0.94
"""Share of its four-cornered outline that a sheet fills, and that of it which lies within."""
EDGE = 12.0
"""Levels of Lab (of 255) by which a sheet differs from the desk right beside it."""
LEAST_EDGE = 8.0
"""The same for the faintest edge of a sheet."""
DARKER = 4.0
"""Levels of L by which a side of a sheet may be darker than what is beside it; more is a shaded table's."""
BITE = 31
"""Pixels of a dark line of text at the edge of a sheet."""
EDGES = (6, 14)
"""Gradients of brightness (of 255) that make an edge next to a surer one, and by themselves."""
PARTS = 6
"""Of a side, each looked at by itself."""
BESIDE = 4
"""Pixels from the outline, on both sides, where they are compared."""
GRAIN = 1.0
"""Levels by which neighbours differ in a picture from which type has been taken and that has been smoothed."""
LINES = 4
"""Long lines on each side of the middle, of which one may be the sheet's."""
LEAST_PIECE, LEAST_SIDE = 0.03, 0.25
"""Shares of the picture's side: a straight piece of an edge, and of all its pieces together."""
ASTRAY = 2.0
"""Pixels by which the pieces of one edge may be off its line."""
SQUARE = 25.0
"""Degrees by which a corner may differ from a right angle."""
DESK = 0.25
"""Share of the picture's edge that shows something other than paper."""


def flatten(gray: MatLike, corners: NDArray[np.float32]) -> tuple[MatLike, NDArray[np.float64]]:
    """The sheet between `corners` (4 × 2, clockwise from the top left) alone, seen from straight above, and the 3×3
    matrix from its pixels to those of the gray picture."""
    top, right, bottom, left = (float(np.linalg.norm(b - a)) for a, b in pairwise([*corners, corners[0]]))
    width, height = round(max(top, bottom)), round(max(left, right))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    flat = cv2.warpPerspective(gray, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return flat, np.linalg.inv(matrix).astype(np.float64)


def find_sheet(picture: MatLike) -> NDArray[np.float32] | None:
    """Corners (4 × 2, clockwise from the top left, in pixels) of the sheet in an RGB picture; None without a desk."""
    scale = LOOK_SIDE / max(picture.shape[:2])
    small = _smaller(picture, scale)
    if _all_paper(small):
        return None
    outlines = [corners for corners in map(_outline, _candidates(small)) if corners is not None]
    lab = _without_type(small)
    contrasts = [_edge_contrast(corners, lab) for corners in outlines]
    least = max(LEAST_EDGE, min(EDGE, max(contrasts, default=0.0)))
    outlines = [corners for corners, contrast in zip(outlines, contrasts, strict=True) if contrast >= least]
    if not outlines:
        outlines = [corners for corners in _framed(lab) if _edge_contrast(corners, lab) >= LEAST_EDGE]
    if not outlines:
        return None
    # a shadow's edge may part the sheet: the whole of it is the largest outline, or one as large to a hair
    largest = max(cv2.contourArea(corners) for corners in outlines)
    return next(corners for corners in outlines if cv2.contourArea(corners) >= SAME * largest) / np.float32(scale)


def _smaller(picture: MatLike, scale: float) -> MatLike:
    """The picture at that scale; a mean of two pixels either way, first, takes half the time of a mean of three and a
    bit."""
    if scale <= 0.5:
        picture = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        scale *= 2
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _all_paper(small: MatLike) -> bool:
    """Whether the picture's edge shows what its middle shows, on all sides: then there is no desk."""
    height, width = small.shape[:2]
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.int16)
    middle = lab[height // 4 : -height // 4, width // 4 : -width // 4].reshape(-1, 3)
    paper = np.median(middle, axis=0)
    rim = max(2, round(FRAME * LOOK_SIDE))
    sides = (lab[:rim], lab[-rim:], lab[:, :rim], lab[:, -rim:])
    frame = np.concatenate([side.reshape(-1, 3) for side in sides])
    return bool((np.abs(frame - paper).max(axis=1) <= AS_PAPER).mean() >= ALL)


def _candidates(small: MatLike) -> list[MatLike]:
    """Masks (255) of what may be paper: lighter than the desk, or of another colour."""
    light = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (0, 0), 2)
    light = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))  # type is no part of the outline
    _, brighter = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    lab = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), (0, 0), 2)
    height, width = light.shape
    middle = np.s_[height // 4 : -height // 4, width // 4 : -width // 4]
    paper = np.median(lab[middle][:, :, 1:].reshape(-1, 2), axis=0)
    distance = np.abs(lab[:, :, 1:].astype(np.int16) - paper).sum(axis=2).clip(0, 255).astype(np.uint8)
    otsu, other = cv2.threshold(distance, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    masks = [brighter, np.asarray(other)] if otsu >= 4 else [brighter]
    # a shadow over part of the sheet, or a light desk: lower and higher bounds than the one in the middle
    masks += [
        cv2.threshold(light, share * float(light[middle].max()), 255, cv2.THRESH_BINARY)[1]
        for share in (0.45, 0.6, 0.75, 0.85, 0.9, 0.95)
    ]
    return [*masks, _within_edges(light)]


def _within_edges(light: MatLike) -> MatLike:
    """Mask of the region around the middle that edges close in: under uneven light no one bound parts it from the
    desk."""
    edges = cv2.dilate(cv2.Canny(light, *EDGES), np.ones((5, 5), np.uint8))
    count, labels = cv2.connectedComponents((edges == 0).astype(np.uint8), connectivity=4)
    height, width = light.shape
    middle = labels[height // 4 : -height // 4, width // 4 : -width // 4]
    sizes = np.bincount(middle[middle > 0], minlength=count)
    own = (labels == int(sizes.argmax())).astype(np.uint8) * np.uint8(255)
    return cv2.dilate(own, np.ones((5, 5), np.uint8))


def _framed(lab: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Corners of what long edges on four sides frame: where a shadow lies across sheet and desk, or falls off along
    both, no region is the sheet."""
    height, width = lab.shape[:2]
    edges = find_edges(lab[:, :, 0].astype(np.uint8), GRAIN)
    top, bottom = _long_lines(edges, (height, width))
    left, right = _long_lines(edges[:, [1, 0, 3, 2]], (width, height))
    found = []
    for sides in product(top, right, bottom, left):
        above, after, below, before = sides
        pairs = ((above, before), (above, after), (below, after), (below, before))
        corners = np.array([_crossing(*pair) for pair in pairs], np.float32)
        inside = cv2.fillConvexPoly(np.zeros((height, width), np.uint8), np.round(corners).astype(np.int32), (255,))
        if SMALLEST <= np.mean(inside > 0) <= LARGEST and _rectangular(corners) and _shows_desk(inside):
            found.append(corners)
    return found


Line = tuple[float, float]
"""Slope of a line along the rows (or columns), and where it begins at the picture's edge."""


def _long_lines(edges: NDArray[np.float64], shape: tuple[int, int]) -> tuple[list[Line], list[Line]]:
    """The longest lines along the rows of a picture of `shape` that pieces of edges make up, above its middle and
    below."""
    height, width = shape
    along, rise = edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]
    long = (np.abs(along) >= LEAST_PIECE * width) & (np.abs(rise) <= np.tan(np.radians(SQUARE)) * np.abs(along))
    pieces = edges[long][np.argsort(-np.abs(along[long]))]
    sides: tuple[list[tuple[int, Line]], list[tuple[int, Line]]] = ([], [])
    left = np.ones(len(pieces), bool)
    for i, (x0, y0, x1, y1) in enumerate(pieces):
        if not left[i]:
            continue
        slope = (y1 - y0) / (x1 - x0)
        for _ in range(2):  # a short piece does not tell how its line goes on
            off = pieces[:, 1::2] - y0 - slope * (pieces[:, ::2] - x0)
            own = left & (np.abs(off) <= ASTRAY).all(axis=1)
            if not own.any():
                break
            xs, ys = pieces[own][:, ::2].ravel(), pieces[own][:, 1::2].ravel()
            slope, y0 = (float(v) for v in np.polyfit(xs, ys, 1))
            x0 = 0.0
        else:
            left &= ~own
            covered = np.zeros(width, bool)
            for first, last in np.sort(pieces[own][:, ::2], axis=1).round().astype(int):
                covered[max(first, 0) : last] = True
            if np.mean(covered) >= LEAST_SIDE:
                sides[y0 + slope * width / 2 > height / 2].append((int(covered.sum()), (slope, y0)))
    above, below = ([line for _, line in sorted(lines, reverse=True)[:LINES]] for lines in sides)
    return above, below


def _crossing(level: Line, upright: Line) -> tuple[float, float]:
    """Where y = a x + b and x = c y + d meet."""
    (a, b), (c, d) = level, upright
    y = (a * d + b) / (1 - a * c)
    return c * y + d, y


def _shows_desk(inside: MatLike) -> bool:
    """Whether enough of the picture's edge lies outside of a sheet's mask."""
    edge = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    return bool(np.mean(edge == 0) >= DESK)


def _without_type(small: MatLike) -> NDArray[np.float32]:
    """The picture in Lab (0–255) without type and thin rules."""
    lab = cv2.morphologyEx(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return np.asarray(cv2.GaussianBlur(lab, (0, 0), 1), np.float32)


def _outline(mask: MatLike) -> NDArray[np.float32] | None:
    """The four corners of the largest region, if it is a sheet."""
    # text and shaded cells bite into a sheet in a weak light
    framed = cv2.copyMakeBorder(mask, BITE, BITE, BITE, BITE, cv2.BORDER_CONSTANT, value=(0,))
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, np.ones((BITE, BITE), np.uint8))[BITE:-BITE, BITE:-BITE]
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    contours, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    hull = cv2.convexHull(max(contours, key=cv2.contourArea))
    area, total = cv2.contourArea(hull), float(mask.size)
    if not SMALLEST * total <= area <= LARGEST * total:
        return None
    corners = _four_corners(hull)
    if corners is None or not _rectangular(corners):
        return None
    filled = np.zeros_like(mask)
    cv2.fillConvexPoly(filled, np.round(corners).astype(np.int32), (255,))
    region = np.zeros_like(mask)
    cv2.fillPoly(region, [max(contours, key=cv2.contourArea)], (255,))
    both = np.count_nonzero(cv2.bitwise_and(filled, region))
    if both < FILLED * np.count_nonzero(filled) or both < FILLED * np.count_nonzero(region):
        return None
    return corners if _shows_desk(filled) else None


def _edge_contrast(corners: NDArray[np.float32], lab: NDArray[np.float32]) -> float:
    """By how much most of the outline's faintest side differs from the desk close beside it, in Lab without type."""
    height, width = lab.shape[:2]
    contrasts = []
    for a, b in pairwise([*corners, corners[0]]):
        across = np.array([b[1] - a[1], a[0] - b[0]]) / (np.linalg.norm(b - a) or 1.0)  # outwards
        points = a + np.linspace(0.05, 0.95, PARTS * 10)[:, None] * (b - a)
        inner, outer = np.round(points - BESIDE * across).astype(int), np.round(points + BESIDE * across).astype(int)
        seen = ((outer >= 0) & (outer < [width, height]) & (inner >= 0) & (inner < [width, height])).all(axis=1)
        if np.count_nonzero(seen) < len(points) / 4:
            continue  # the sheet reaches beyond the picture
        difference = lab[inner[seen, 1], inner[seen, 0]] - lab[outer[seen, 1], outer[seen, 0]]
        # noise evens out over a part of the side
        parts = [part.mean(axis=0) for part in np.array_split(difference, PARTS)]
        if median(float(part[0]) for part in parts) < -DARKER:
            return 0.0
        contrasts.append(float(np.quantile(np.linalg.norm(parts, axis=1), 0.3)))
    return min(contrasts, default=0.0)


def _four_corners(hull: MatLike) -> NDArray[np.float32] | None:
    """A polygon of four corners around a hull, clockwise from the top left."""
    length = cv2.arcLength(hull, True)
    for share in (0.01, 0.015, 0.02, 0.03, 0.04, 0.06):
        polygon = cv2.approxPolyDP(hull, share * length, True)
        if len(polygon) == 4:
            return _fitted(hull.reshape(-1, 2).astype(np.float32), polygon.reshape(4, 2).astype(np.float32))
    return None


def _fitted(outline: NDArray[np.float32], rough: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Corners where lines through the outline between rough corners cross: finer than any one point of it."""
    rough = _clockwise(rough)
    dense = np.linspace(outline, np.roll(outline, -1, axis=0), 20).reshape(-1, 2)
    lines = []
    for a, b in pairwise([*rough, rough[0]]):
        along = (b - a) / np.linalg.norm(b - a)
        offset = dense - a
        distance = np.abs(offset[:, 0] * along[1] - offset[:, 1] * along[0])
        position = offset @ along / np.linalg.norm(b - a)
        near = dense[(distance < 4) & (position > 0.08) & (position < 0.92)]
        if len(near) < 5:
            return rough
        vx, vy, x, y = (float(v) for v in cv2.fitLine(near.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel())
        lines.append((vy, -vx, vy * x - vx * y))
    corners = []
    for before, after in pairwise([lines[-1], *lines]):
        determinant = before[0] * after[1] - after[0] * before[1]
        if abs(determinant) < 1e-6:
            return rough
        corners.append(
            (
                (before[2] * after[1] - after[2] * before[1]) / determinant,
                (before[0] * after[2] - after[0] * before[2]) / determinant,
            )
        )
    return np.array(corners, np.float32)


def _clockwise(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Clockwise as seen, beginning with the corner nearest to the top left."""
    centre = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0])
    ordered = corners[np.argsort(angles)]
    return np.roll(ordered, -int(np.argmin(ordered.sum(axis=1))), axis=0)


def _rectangular(corners: NDArray[np.float32]) -> bool:
    """Whether every corner is near to a right angle."""
    for i in range(4):
        a, b = corners[i - 1] - corners[i], corners[(i + 1) % 4] - corners[i]
        cosine = float(a @ b) / (float(np.linalg.norm(a) * np.linalg.norm(b)) or 1.0)
        if abs(np.degrees(np.arccos(np.clip(cosine, -1, 1))) - 90) > SQUARE:
            return False
    return True
