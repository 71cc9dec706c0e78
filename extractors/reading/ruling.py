"""Ruled lines of a level page picture: ridges of ink that run on, however thin, grey or broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.reading.components import components
from extractors.reading.engine import TextBox

Segment = tuple[float, float, float, float]

SHORTEST = 0.16
"""Inches: the shortest run of ink taken for a rule; rows of the form are at least as high."""
LONG = 0.45
"""Inches: a run of this length is no stroke of a character that stands alone."""
COARSER = 2
"""Times coarser than across a rule that a page is looked at along it: ink is averaged over more than that anyway."""
SMOOTHED = 0.07
"""Inches along a rule over which ink is averaged: dots of a fax run together, grain evens out."""
THICKEST = 0.045
"""Inches: a broader band of ink is no rule."""
AROUND = 0.06
"""Inches beside a rule within which paper must show on both sides (beyond the twin of a double rule)."""
INK = 185
"""Brightness below which a pixel is ink of a character, where paper is 255."""
CHARACTER = (0.035, 0.3)
"""Inches: the larger side of a character, at least and at most (5 to 22 points)."""
STROKE = 0.02
"""Inches: a piece of ink no broader than this may be a piece of a rule."""
SLENDER = 5.0
"""Times its breadth that a piece of a rule, a little slanted or smeared, is long; a 1 is shorter."""
SPARSE = 0.15
"""Share of its box that a cross of rules inks, at most."""
HAIR, OBLONG = 1.2, 3.0
"""Pixels of ink for each pixel of both sides of its box that a cross, or corner, of the thinnest rules has at most, and
times its breadth that it is long; the arcs of a seal are broader."""
BESIDE = 2
"""Pixels across a rule within which nothing is darker than it."""
GAP = 0.04
"""Inches: a break in a rule that is bridged."""
NEIGHBOURHOOD, SPARSELY = 220, 5
"""Pixels over which the noise of a page is taken to be the same, and from one of those that are looked at to the
next."""
CONTRAST = 9.0
"""Levels of 255 by which a rule is darker than what is beside it, averaged along it."""
OVERHANG = 0.2
"""Share of the type's height by which characters may stand out of the box of their line."""
FEW = 6
"""Pixels outside of text that are too few to judge a run by."""
EDGE = 0.15
"""Share of a text box's height at its top and bottom where a rule may run along."""
THROUGH = 0.5
"""Share of a run that lies in the middle of text from which it is a row of strokes."""
CLUTTER = 0.15
"""Share of a run with ink beside it from which it is a row of strokes: 0.11 at most along rules of tight tables."""
SOLID = 0.9
"""Share of a run that is inked from which it is a rule whatever it crosses."""
MOSTLY = 0.75
"""Share of a short ridge's ink that is in one piece from which it is that piece, and an edge of what it meets."""
SHOWN = 0.45
"""Share of a rule outside of text that must show ink; about half is left of a thin rule in a fax."""
FAR, DOTTED = 0.8, 0.15
"""Inches, and the share that must show ink, of a rule that keeps clear of text."""
LEADING = 0.45
"""Share of the type's height: boxes of text closer than this belong to one block of text."""
MEETS = 0.07
"""Inches by which a run may fall short of a ridge across it, or stand over it: ink is averaged along the run."""
BEND = 1.5
"""Pixels: a rule that strays more than this from straight is given in pieces."""
PIECE = 0.5
"""Inches: the length of such a piece."""
STRAY = 0.03
"""Inches by which a worn or bent side may be off the line that it belongs to."""
LEAST_KNOWN = 0.15
"""Share of a side that must be free of characters to tell whether it is ruled."""
GHOST = 0.24
"""Share of the strength of the page's strong rules below which a ridge is none of them."""
OWN = 1.0
"""Inches that the strongest level ridges measure at least, and the strongest upright ones, where a page has a table of
its own."""
LID = 0.2
"""Inches along the edge of a page where no table is ruled."""
HAUNTED, FAINTEST = 0.03, 0.2
"""Share of all ridges that shine through from which a side of a cell must show at least this share of the strength."""
THICKER = 2.2
"""Times the thickness of most rules from which a short ridge is none."""
CROSSING, CLEAR = 0.02, 0.03
"""Inches at the ends of a side that a crossing rule takes, and that a dash leaves free."""
GONE, NEAR, STRUCK = 0.6, 0.3, 0.01
"""Share of a ridge that is paper without what shines through, from which it is as faint; inches within which the page's
own characters are around a ridge; and share of such ridges, as far as there are any, that runs through them from which
they are of the back: a page's own rules keep clear of its type."""
LONGEST_DASH = 0.4
"""Inches: two Chinese characters of 14 points."""
SEEN, HIDDEN = 40, -128


@dataclass(frozen=True)
class Ridge:
    """A run of ink in one direction, in pixels: from `start` to `end` along, at `middles` across (one a pixel)."""

    start: int
    end: int
    middles: NDArray[np.float64]
    thickness: int
    strength: float
    """Levels of 255 by which its darkest ink is darker than paper."""
    body: tuple[int, int]
    """Start and end of its longest piece without a break, if hardly any ink is beside that; else its own."""

    @property
    def length(self) -> int:
        return self.end - self.start

    def stretched(self) -> Ridge:
        """The same on a picture that is not coarser along the run."""
        middles = np.repeat(self.middles, COARSER)
        body = (COARSER * self.body[0], COARSER * self.body[1])
        return replace(self, start=COARSER * self.start, end=COARSER * self.end, middles=middles, body=body)


@dataclass(frozen=True)
class Ruling:
    """All ridges of a page picture of `shape`, level ones and upright ones (these with x and y exchanged)."""

    level: list[Ridge]
    upright: list[Ridge]
    level_ink: NDArray[np.int8]
    """How much a level rule shows: SEEN and more for ink, about 0 for paper, HIDDEN under a character; rows ×
    columns, of these each COARSER pixels one."""
    upright_ink: NDArray[np.int8]
    """The same for upright rules, columns × rows."""
    level_fine: NDArray[np.bool_]
    """Where there is ink such as a level rule's, not averaged along it; the same shape."""
    upright_fine: NDArray[np.bool_]
    """The same for upright rules, columns × rows."""
    shape: tuple[int, int]

    def shown(self, start: float, end: float, at: float, upright: bool, dpi: float) -> float | None:
        """Share of a side from `start` to `end` at `at` (pixels) that is ruled; None where characters hide it."""
        ink, fine = (self.upright_ink, self.upright_fine) if upright else (self.level_ink, self.level_fine)
        stray = max(2, round(STRAY * dpi))
        start, end, along = start / COARSER, end / COARSER, dpi / COARSER
        if _is_dash(fine[max(round(at) - stray, 0) : round(at) + stray + 1, round(start) : round(end)], along):
            return 0.0
        inset = min(round(AROUND * along / 2), round((end - start) / 4))
        first, last = round(start) + inset, round(end) - inset
        strip = ink[max(round(at) - stray, 0) : round(at) + stray + 1, max(first, 0) : max(last, 1)]
        known = ~_with_next(strip == HIDDEN, np.logical_or)
        best = _with_next(strip, np.maximum)
        counts = np.count_nonzero(known, axis=1)
        telling = (counts > 0) & (counts >= LEAST_KNOWN * strip.shape[1])
        if not telling.any():
            return None
        # either much of it is inked, or all of it a little darker than what is beside it
        inked = np.count_nonzero((best >= SEEN) & known, axis=1)
        darker = np.where(known, best.clip(-SEEN, SEEN), 0).sum(axis=1, dtype=np.int32) / SEEN
        return float((np.maximum(inked, darker)[telling] / counts[telling]).max())

    def segments(self, dpi: float) -> list[Segment]:
        """(x0, y0, x1, y1) in pixels; a bent rule is given in pieces."""
        across = [(start, at, end, at) for ridge in self.level for start, end, at in _pieces(ridge, dpi)]
        down = [(at, start, at, end) for ridge in self.upright for start, end, at in _pieces(ridge, dpi)]
        return across + down

    def mask(self, dpi: float) -> MatLike:
        """The pixels (255) that belong to rules."""
        mask = np.zeros(self.shape, np.uint8)
        for ridges, view in ((self.level, mask), (self.upright, mask.T)):
            for ridge in ridges:
                half = ridge.thickness / 2 + 1
                for start, end, at in _pieces(ridge, dpi):
                    view[max(round(at - half), 0) : round(at + half) + 1, round(start) : round(end)] = 255
        return mask


def _with_next(rows: NDArray[Any], joined: np.ufunc) -> NDArray[Any]:
    """Each row joined with those above and below it."""
    result = rows.copy()
    joined(result[1:], rows[:-1], out=result[1:])
    joined(result[:-1], rows[1:], out=result[:-1])
    return result


def _is_dash(strip: NDArray[np.bool_], dpi: float) -> bool:
    """Whether the ink along a side is a stroke that keeps clear of both its ends, as printed for "none"."""
    inked = np.asarray(strip.any(axis=0), bool)
    skip, end = round(CROSSING * dpi), round(CLEAR * dpi)
    if len(inked) < 3 * (skip + end) or inked[skip : skip + end].any() or inked[-skip - end : -skip].any():
        return False
    filled = np.flatnonzero(inked[skip:-skip])
    return bool(len(filled) and inked[skip:-skip][filled[0] : filled[-1] + 1].mean() >= SOLID)


def find_rules(gray: MatLike, text: Sequence[TextBox], dpi: float, own: MatLike | None = None) -> Ruling:
    """The ruled lines of a page; `text` are the detected lines of text, whose strokes are no rules; `own` is the
    picture without what shines through from the back, if anything does."""
    turned = [TextBox(b.y0, b.x0, b.y1, b.x1) for b in text]

    def directions(picture: MatLike) -> tuple[Direction, Direction]:
        characters = _characters(picture, text, dpi)
        level = _ridges(picture, characters, text, dpi)
        return level, _ridges(cv2.transpose(picture), cv2.transpose(characters), turned, dpi, level.ridges)

    level, upright = directions(gray)
    if own is not None:
        level, upright = _without_faint_strokes(level, own, dpi), _without_faint_strokes(upright, own.T, dpi)
        if _of_back(level, upright, own, dpi):
            level, upright = directions(own)
    ridges = [*level.ridges, *upright.ridges]
    lengths = np.array([ridge.length for ridge in ridges], float)
    strength = _quantile([ridge.strength for ridge in ridges], lengths, 0.8)
    # a page may show a whole table of the back and two rows of its own
    high, wide = gray.shape
    strength = max(strength, min(_strongest(level.ridges, high, dpi), _strongest(upright.ridges, wide, dpi)))
    thickness = _quantile([ridge.thickness for ridge in ridges], lengths, 0.5)

    def alike(ridge: Ridge) -> bool:
        """What shines through from the back is much fainter than the page's own rules, arcs of a seal are thicker."""
        thick = ridge.thickness > THICKER * thickness + 1 and ridge.length < dpi
        return ridge.strength >= GHOST * strength and not thick

    ghosts = sum(ridge.length for ridge in ridges if ridge.strength < GHOST * strength)
    faintest = FAINTEST * strength if ghosts > HAUNTED * lengths.sum() else 0.0
    uprights = [ridge for ridge in upright.ridges if alike(ridge)]
    return Ruling(
        [ridge for ridge in level.ridges if alike(ridge) and not _keeps_clear(ridge, uprights, dpi)],
        uprights,
        level.ink(faintest),
        upright.ink(faintest),
        level.fine,
        upright.fine,
        shape=(gray.shape[0], gray.shape[1]),
    )


def _without_faint_strokes(direction: Direction, own: MatLike, dpi: float) -> Direction:
    """The same without short ridges that are gone from `own`: strokes of type that shines through."""
    ridges = [ridge for ridge in direction.ridges if ridge.length >= dpi or not _is_gone(ridge, own)]
    return replace(direction, ridges=ridges)


def _of_back(level: Direction, upright: Direction, own: MatLike, dpi: float) -> bool:
    """Whether the ridges that are gone from `own`, the picture without what shines through, run through type of it
    where there is some around: gray rules of the page itself do not."""
    through = beside = 0
    characters = _characters(own, [], dpi)
    near = cv2.dilate(characters, np.ones((round(2 * NEAR * dpi) + 1,) * 2, np.uint8))
    for direction, paper, mask, around in ((level, own, characters, near), (upright, own.T, characters.T, near.T)):
        for ridge in direction.ridges:
            if _is_gone(ridge, paper):
                through += int(np.count_nonzero(_along(ridge, mask)))
                beside += int(np.count_nonzero(_along(ridge, around)))
    return through >= STRUCK * beside


def _is_gone(ridge: Ridge, own: MatLike) -> bool:
    """Whether there is paper where a ridge ran, in a picture seen in its direction."""
    return bool(np.mean(_along(ridge, own) == 255) > GONE)


def _along(ridge: Ridge, picture: MatLike) -> NDArray[Any]:
    """The pixels in the course of a ridge, of a picture seen in its direction."""
    rows = np.round(ridge.middles).astype(int).clip(0, len(picture) - 1)
    columns = np.arange(ridge.start, ridge.start + len(rows)).clip(0, picture.shape[1] - 1)
    return np.asarray(picture[rows, columns])


def _keeps_clear(ridge: Ridge, uprights: Sequence[Ridge], dpi: float) -> bool:
    """Whether a level ridge is a dash printed in a cell: as short as one, and away from the uprights on both sides."""
    start, end = ridge.body
    if end - start > LONGEST_DASH * dpi:
        return False
    y = round(float(np.median(ridge.middles)))
    sides = np.array([u.middles[y - u.start] for u in uprights if u.start <= y < u.start + len(u.middles)])
    left, right = sides[sides < (start + end) / 2], sides[sides > (start + end) / 2]
    if not (len(left) and len(right)):
        return False
    return bool(start - left.max() > CLEAR * dpi and right.min() - end > CLEAR * dpi)


def _strongest(ridges: Sequence[Ridge], across: int, dpi: float) -> float:
    """Strength that ridges of OWN inches in all reach; 0 where there are not so many. `across` is how far the page
    goes across them: what is dark along its edge is the scanner's lid."""
    lid, total = LID * dpi, 0.0
    inner = [ridge for ridge in ridges if lid < float(np.median(ridge.middles)) < across - lid]
    for ridge in sorted(inner, key=lambda ridge: -ridge.strength):
        total += ridge.length / dpi
        if total >= OWN:
            return ridge.strength
    return 0.0


@dataclass(frozen=True)
class Direction:
    """What there is of rules in one direction; arrays are rows × columns of the picture as seen in it, COARSER times
    coarser along the rows."""

    ridges: list[Ridge]
    contrast: NDArray[np.float32]
    least: NDArray[np.float32]
    """Contrast from which a pixel is no noise."""
    hidden: NDArray[np.bool_]
    fine: NDArray[np.bool_]

    def ink(self, faintest: float) -> NDArray[np.int8]:
        """How much a rule of some contrast shows: see `Ruling.level_ink`."""
        ink = (self.contrast * (SEEN / np.maximum(self.least, faintest))).clip(-SEEN, 2 * SEEN).astype(np.int8)
        ink[self.hidden] = HIDDEN
        return ink


def _quantile(values: Sequence[float], weights: NDArray[np.float64], share: float) -> float:
    """The value below which that share of the weight lies; 0 of no values."""
    if not values:
        return 0.0
    order = np.argsort(values)
    reached = np.searchsorted(np.cumsum(weights[order]), share * weights.sum())
    return float(np.asarray(values)[order][min(int(reached), len(order) - 1)])


def _ridges(
    gray: MatLike, characters: MatLike, text: Sequence[TextBox], dpi: float, across: Sequence[Ridge] = ()
) -> Direction:
    """Level ridges: rows of ink with paper above and below, that run on beyond the lines of text they meet, or from one
    of the ridges `across` to another."""
    along_dpi = dpi / COARSER
    along = max(3, round(SMOOTHED * along_dpi))
    dark = cv2.bitwise_not(_coarser(gray))
    characters = _coarser(characters)
    contrast, fine = (_contrast(cv2.boxFilter(dark, cv2.CV_32F, (size, 1)), dpi) for size in (along, 2))
    least = _least(contrast)
    shown = np.asarray(fine > least, bool)
    crest = contrast >= cv2.dilate(contrast, np.ones((2 * BESIDE + 1, 1), np.uint8)) - least / 2
    runs = cv2.dilate(((contrast > least) & crest).astype(np.uint8), np.ones((3, 1), np.uint8))
    gap, shortest = max(2, round(GAP * along_dpi)), max(6, round(SHORTEST * along_dpi))
    long = _joined(runs, gap, round(LONG * along_dpi))
    hidden = cv2.dilate(characters, np.ones((3, along), np.uint8)) > 0
    runs[cv2.dilate(characters, np.ones((1, along), np.uint8)) > 0] = 0
    blocks = _blocks_of(text)
    runs = cv2.bitwise_or(runs, long)

    def no_strokes(labels: MatLike, stats: NDArray[Any]) -> NDArray[np.intp]:
        alone = _no_strokes(labels, stats, shown, blocks, along // 2)
        return np.flatnonzero(alone | _span(stats, shown, across, dpi))

    labels, stats, _ = components(runs)
    runs = np.zeros_like(runs)
    for label in no_strokes(labels, stats):
        x, y, width, height, _ = (int(v) for v in stats[label])
        part = np.s_[y : y + height, x : x + width]
        runs[part][labels[part] == label] = 1
    labels, stats, _ = components(_joined(runs, gap, shortest))
    ridges = []
    for label in no_strokes(labels, stats):
        x, y, width, height, _ = (int(v) for v in stats[label])
        if height > max(THICKEST * dpi + 4, 0.06 * COARSER * width):
            continue  # a blot
        part = np.s_[y : y + height, x : x + width]
        own = np.where(labels[part] == label, np.maximum(contrast[part], 0), 0)
        inked = np.maximum(fine[part], 0).max(axis=0)
        darkest = np.where(own > 0, dark[part], 0).max(axis=0)
        ridge = _ridge(own, inked, darkest, x, y)
        if ridge is None or ridge.length < shortest or ridge.thickness > THICKEST * dpi:
            continue
        seen = np.asarray(shown[part].any(axis=0), bool)[ridge.start - x : ridge.end - x]
        if _is_rule(ridge, seen, text, characters, dark, along_dpi):
            ridges.append(ridge.stretched())
    return Direction(ridges, contrast, least, np.asarray(hidden), shown)


def _coarser(picture: MatLike) -> MatLike:
    """The picture COARSER times coarser along its rows."""
    height, width = picture.shape
    return cv2.resize(picture, (width // COARSER, height), interpolation=cv2.INTER_LINEAR)  # the mean of each two


def _least(contrast: NDArray[np.float32]) -> NDArray[np.float32]:
    """For each pixel the contrast from which it is no noise, by the spread of contrasts around: dark corners of a
    page are noisier once their light is evened up."""
    height, width = contrast.shape
    sample = contrast[::SPARSELY, ::SPARSELY]
    down, across = (max(1, round(side / NEIGHBOURHOOD)) for side in (height, COARSER * width))
    high, wide = sample.shape[0] // down, sample.shape[1] // across
    parts = sample[: down * high, : across * wide].reshape(down, high, across, wide)
    values = parts.transpose(0, 2, 1, 3).reshape(down, across, -1)
    median = np.median(values, axis=2, keepdims=True)
    spread = np.median(np.abs(values - median), axis=2)
    coarse = np.maximum(CONTRAST, median[:, :, 0] + 6 * spread).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _characters(gray: MatLike, text: Sequence[TextBox], dpi: float) -> MatLike:
    """Mask of the boxes around ink that stands alone and is as large as a character.

    Where a rule is broken, pieces of a grid stand alone too: they are slender, or crosses with little ink.
    """
    _, stats, centres = components((gray < INK).astype(np.uint8))
    stats, centres = stats[1:], centres[1:]  # the first is the ground, which has no centre on a page all of ink
    mask = np.zeros_like(gray)
    least, most, stroke = CHARACTER[0] * dpi, CHARACTER[1] * dpi, STROKE * dpi
    shorter, longer = np.minimum(stats[:, 2], stats[:, 3]), np.maximum(stats[:, 2], stats[:, 3])
    slender = (shorter <= 2 * stroke) & (longer >= SLENDER * shorter)
    hair = (stats[:, 4] <= HAIR * (shorter + longer)) & (longer >= OBLONG * shorter)
    sparse = (stats[:, 4] < SPARSE * shorter * longer) | hair
    in_text = np.zeros_like(gray, bool)
    for box in text:
        in_text[box.y0 : box.y1, box.x0 : box.x1] = True
    alone = ~in_text[centres[:, 1].astype(int), centres[:, 0].astype(int)]
    alike = (longer >= least) & (longer <= most) & (shorter > stroke) & ~slender & ~(sparse & alone)
    for x, y, w, h, _ in stats[alike]:
        mask[y : y + h, x : x + w] = 255
    return mask


def _contrast(dark: MatLike, dpi: float) -> NDArray[np.float32]:
    """How much darker each pixel is than the lighter parts both above and below it, of rows × columns."""
    inner = max(2, round(THICKEST * dpi / 2))
    reach = max(inner + 2, round(AROUND * dpi))
    lightest = cv2.erode(dark, np.ones((reach - inner + 1, 1), np.uint8), borderValue=(255.0,))
    # the erosion is centred; shift it so that it covers the rows from `inner` to `reach` away
    shift = (inner + reach) // 2
    contrast: NDArray[np.float32] = np.empty(dark.shape, np.float32)
    contrast[:shift] = contrast[-shift:] = -255
    np.maximum(lightest[: -2 * shift], lightest[2 * shift :], out=contrast[shift:-shift])
    np.subtract(dark[shift:-shift], contrast[shift:-shift], out=contrast[shift:-shift])
    return contrast


def _joined(runs: MatLike, gap: int, shortest: int) -> MatLike:
    """Runs of at least `shortest` pixels, with gaps of at most `gap`."""
    closed = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    return cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, shortest), np.uint8))


def _ridge(
    contrast: NDArray[np.float32], fine: NDArray[np.float32], darkest: NDArray[np.float32], x: int, y: int
) -> Ridge | None:
    """The course of one run, without the ends that averaging has added."""
    weight = contrast.sum(axis=0)
    inked = np.flatnonzero(fine > 0.5 * np.median(contrast.max(axis=0)))
    if not len(inked):
        return None
    start, end = int(inked[0]), int(inked[-1]) + 1
    rows = np.arange(contrast.shape[0])[:, None]
    known = weight[start:end] > 0
    if not known.any():
        return None
    middles = np.full(end - start, np.nan)
    middles[known] = ((contrast * rows).sum(axis=0)[start:end][known]) / weight[start:end][known] + y + 0.5
    middles = np.interp(np.arange(end - start), np.flatnonzero(known), middles[known])
    course = contrast[:, start:end][:, known]
    # in each column by itself: a bent rule is spread over more rows than it is thick
    thickness = max(1, int(np.median(np.count_nonzero(course > 0.5 * course.max(axis=0), axis=0))))
    first, last = _body(inked)
    strength = float(np.quantile(darkest[inked], 0.65))
    return Ridge(x + start, x + end, middles, thickness, strength, (x + first, x + last))


def _body(inked: NDArray[np.intp]) -> tuple[int, int]:
    """See `Ridge.body`; `inked` are the pixels along it where there is ink."""
    pieces = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1)
    longest = max(pieces, key=len)
    whole = longest if len(longest) >= MOSTLY * len(inked) else inked
    return int(whole[0]), int(whole[-1]) + 1


def _is_rule(
    ridge: Ridge,
    inked: NDArray[np.bool_],
    text: Sequence[TextBox],
    characters: MatLike,
    dark: MatLike,
    dpi: float,
) -> bool:
    """Whether the run is no row of strokes: those lie in text, show no ink outside of characters, and have other
    strokes beside them."""
    middle = round(float(np.median(ridge.middles)))
    outside = characters[min(middle, len(characters) - 1), ridge.start : ridge.end] == 0
    through = np.zeros(len(inked), bool)
    for box in text:
        if not box.y0 - 2 <= middle <= box.y1 + 2:
            continue
        first, last = (box.x0 - 2) // COARSER - ridge.start, (box.x1 + 2) // COARSER - ridge.start
        part = np.s_[max(first, 0) : max(last, 0)]
        outside[part] = False
        edge = EDGE * (box.y1 - box.y0)
        if box.y0 + edge <= middle <= box.y1 - edge:
            through[part] = True
    if inked.mean() >= SOLID:
        return True
    if through.mean() > THROUGH or _ink_beside(ridge, dark) > CLUTTER:
        return False
    if COARSER * np.count_nonzero(outside) < FEW:
        return True
    # a long row of dots far from any text is what a fax leaves of a gray rule
    apart = ridge.length >= FAR * dpi and through.mean() < CLUTTER
    return bool(inked[outside].mean() >= (DOTTED if apart else SHOWN))


def _ink_beside(ridge: Ridge, dark: MatLike) -> float:
    """Share of the run, on its worse side, that has ink close to it; what crosses it does not count."""
    middle, half = round(float(np.median(ridge.middles))), ridge.thickness // 2

    def rows(first: int, last: int) -> MatLike:
        return dark[max(middle + first, 0) : max(middle + last, 1), ridge.start : ridge.end]

    own = rows(-half - 1, half + 2)
    above, below = rows(-half - 6, -half - 2), rows(half + 3, half + 7)
    if not (own.size and above.size and below.size):
        return 1.0
    ink = 0.4 * own.max(axis=0).mean()
    above_ink, below_ink = above > ink, below > ink
    crossed = above_ink.all(axis=0) & below_ink.all(axis=0)
    if crossed.all():
        return 1.0
    return float(max(above_ink.any(axis=0)[~crossed].mean(), below_ink.any(axis=0)[~crossed].mean()))


def _pieces(ridge: Ridge, dpi: float) -> Iterator[tuple[float, float, float]]:
    """(start, end, middle) of the whole rule, or of its pieces where it is bent."""
    middles = ridge.middles
    if np.ptp(middles) <= 2 * BEND:
        yield float(ridge.start), float(ridge.end), float(np.median(middles))
        return
    step = max(8, round(PIECE * dpi))
    for start in range(0, len(middles), step):
        end = min(start + step, len(middles))
        yield float(ridge.start + start), float(ridge.start + end), float(np.median(middles[start:end]))


def _no_strokes(
    labels: MatLike, stats: MatLike, inked: NDArray[np.bool_], blocks: Blocks, tolerance: int
) -> NDArray[np.bool_]:
    """Which of the runs, by their labels, do not begin and end within one line of text: a rule that meets text runs on
    beyond it.

    Within a block of several lines too, unless they run on through the paper between the lines.
    """
    x0, y0 = stats[:, 0], stats[:, 1]
    x1, y1 = x0 + stats[:, 2], y0 + stats[:, 3]
    stroke, in_block = (
        blocks.hold(COARSER * x0, COARSER * x1, (y0 + y1) / 2, COARSER * tolerance, lines) for lines in (1, 3)
    )
    for label in np.flatnonzero(in_block & ~stroke):
        part = np.s_[y0[label] : y1[label], x0[label] : x1[label]]
        stroke[label] = bool(((labels[part] == label) & inked[part]).any(axis=0).mean() < SOLID)
    stroke[0] = True
    return ~stroke


def _span(stats: NDArray[Any], inked: NDArray[np.bool_], across: Sequence[Ridge], dpi: float) -> NDArray[np.bool_]:
    """Which of the runs, by their labels, are inked all the way from one of the ridges `across` them to another: no
    stroke of type is, though a line of text may be nearly as high as its row."""
    x, y, width, height = stats[:, :4].T
    at, near = y + height // 2, MEETS * dpi
    first, last = np.full(len(stats), -1), np.full(len(stats), -1)
    for ridge in across:
        crossed = (at >= ridge.start) & (at < ridge.end)
        middle = ridge.middles[(at - ridge.start).clip(0, len(ridge.middles) - 1)]
        for end, met in ((x, first), (x + width, last)):
            close = crossed & (abs(middle - COARSER * end) <= near)
            met[close] = middle[close] // COARSER
    spanning = np.zeros(len(stats), bool)
    for label in np.flatnonzero((first >= 0) & (last > first)):
        part = inked[y[label] : y[label] + height[label], first[label] : last[label]]
        spanning[label] = label > 0 and part.any(axis=0).mean() >= SOLID
    return spanning


@dataclass(frozen=True)
class Blocks:
    """Each line of text, and it together with the next one or two in their course, as far across as they all reach
    (of the picture as seen in one direction): n boxes, the height of their type, how many lines they are."""

    boxes: NDArray[np.int64]
    high: NDArray[np.int64]
    lines: NDArray[np.int64]

    def hold(
        self, x0: NDArray[Any], x1: NDArray[Any], y: NDArray[Any], tolerance: float, most_lines: int
    ) -> NDArray[np.bool_]:
        """Which of the runs from `x0` to `x1` at `y` begin and end within one of the blocks of so many lines."""
        chosen = self.lines <= most_lines
        left, top, right, bottom = self.boxes[chosen].T[:, :, None]
        slack = tolerance + OVERHANG * self.high[chosen][:, None]
        within = (x0 >= left - slack) & (x1 <= right + slack) & (y >= top) & (y <= bottom)
        return np.asarray(within.any(axis=0), bool)


def _blocks_of(text: Sequence[TextBox]) -> Blocks:
    blocks = list(_chains(text))
    boxes = np.array([(box.x0, box.y0, box.x1, box.y1) for box, _, _ in blocks], np.int64).reshape(-1, 4)
    high, lines = np.array([(high, lines) for _, high, lines in blocks], np.int64).reshape(-1, 2).T
    return Blocks(boxes, high, lines)


def _chains(text: Sequence[TextBox]) -> Iterator[tuple[TextBox, int, int]]:
    """(box, height of the type, number of lines) of all blocks."""
    x0, y0, x1, y1 = np.array([(box.x0, box.y0, box.x1, box.y1) for box in text]).reshape(-1, 4).T
    for box in text:
        high = min(box.x1 - box.x0, box.y1 - box.y0)
        yield box, high, 1
        block = box
        for lines in (2, 3):
            beside = np.minimum(y1, block.y1) - np.maximum(y0, block.y0) > 0.5 * np.minimum(y1 - y0, high)
            near = np.flatnonzero((x0 > block.x0) & (x0 - block.x1 < LEADING * high) & (x1 > block.x1) & beside)
            if not len(near):
                break
            following = text[near[np.argmin(x0[near])]]
            block = TextBox(block.x0, max(block.y0, following.y0), following.x1, min(block.y1, following.y1))
            yield block, high, lines
