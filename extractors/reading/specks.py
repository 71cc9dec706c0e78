"""Rules of which a bilevel scan has left specks: too far apart to run together, but in line all along a table."""

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
from extractors.reading.page import Rule

INK = 128
"""Brightness below which a pixel is ink: what a bilevel scan leaves is black."""
THIN = 0.02
"""Inches across a rule that a speck of it measures at most."""
SPECK = 0.028
"""Inches along it: longer pieces may be a dash or a 1, and tell nothing, unless they are hairs."""
HAIR = 0.0075
"""Inches across a piece of a rule that is thinner than any dash."""
BIN = 0.1
"""Inches along a rule in which more than one speck tells no more than one."""
FEWEST = 7
"""Such pieces of a rule with specks in them, at least."""
SPARSEST = 0.45
"""Inches from one to the next on average; what is farther apart is dust."""
WIDEST_GAP = 1.3
"""Inches without any."""
NEAR = 0.03
"""Inches across a rule beside which specks are looked at: dust and rests of type lie there as well."""
CLEANER = 3.0
"""Times as many specks as beside it."""
INSET, OVERHANG = 0.15, 0.15
"""Share of a text box's height at its edges where a rule may run, and by which type may stand out of it."""
FEW, SPREAD = 3, 0.4
"""Specks of one side of a cell, at least, and share of it over which they are spread."""
MEETS = 0.06
"""Inches by which lines may fall short of each other, or stand over, to meet."""
ON_LINE, OWN = 1.5, 0.1
"""Pixels by which a speck of a line is off it at most; and share of the specks of a line, at least, that lie on none
across it that has more of them."""
TURNED = [1, 0, 3, 2]
"""The columns of (x, y, width, height) with x and y exchanged."""
FEWEST_LINES = 3
"""Lines in each direction that a table has at least."""


@dataclass(frozen=True)
class Line:
    """A level line, or an upright one with x and y exchanged, in pixels."""

    start: float
    end: float
    at: float


def find_speckled(gray: MatLike, text: Sequence[TextBox], dpi: float) -> list[Rule]:
    """The lines of specks on a level page that make tables, each from one that it meets to another, in points."""
    ink = (gray < INK).astype(np.uint8)
    for box in text:
        over = round(OVERHANG * min(box.x1 - box.x0, box.y1 - box.y0))
        ink[max(box.y0 - over, 0) : box.y1 + over, max(box.x0 - over, 0) : box.x1 + over] = 0
    _, stats, _ = components(ink)
    turned = [TextBox(b.y0, b.x0, b.y1, b.x1) for b in text]
    pieces, (rows, columns) = stats[1:, :4], gray.shape
    level, upright = list(_lines(pieces, text, rows, dpi)), list(_lines(pieces[:, TURNED], turned, columns, dpi))
    level, upright = _with_specks_of_their_own(pieces, level, upright)
    level, upright = _between(level, upright, dpi), _between(upright, level, dpi)
    if min(len(level), len(upright)) < FEWEST_LINES:
        return []
    points = 72 / dpi
    across = [Rule(x0=o.start * points, y0=o.at * points, x1=o.end * points, y1=o.at * points) for o in level]
    return across + [Rule(x0=o.at * points, y0=o.start * points, x1=o.at * points, y1=o.end * points) for o in upright]


def _with_specks_of_their_own(
    pieces: NDArray[Any], level: Sequence[Line], upright: Sequence[Line]
) -> tuple[list[Line], list[Line]]:
    """The lines without those whose specks are of lines across them: specks of level rules stand one below the other
    here and there, and make no upright one."""
    turned = pieces[:, TURNED]
    found = [(_on(pieces, line), line, False) for line in level] + [(_on(turned, line), line, True) for line in upright]
    taken = {False: np.zeros(len(pieces), bool), True: np.zeros(len(pieces), bool)}
    kept = set[int]()
    for own, line, across in sorted(found, key=lambda one: -np.count_nonzero(one[0])):
        if np.count_nonzero(own & ~taken[not across]) >= OWN * np.count_nonzero(own):
            kept.add(id(line))
            taken[across] |= own
    return [line for line in level if id(line) in kept], [line for line in upright if id(line) in kept]


def _on(pieces: NDArray[Any], line: Line) -> NDArray[np.bool_]:
    """Which pieces lie on a level line."""
    x, y, width, height = pieces.T
    along = x + width / 2
    on: NDArray[np.bool_] = (abs(y + height / 2 - line.at) <= ON_LINE) & (along >= line.start) & (along <= line.end)
    return on


def _lines(pieces: NDArray[Any], text: Sequence[TextBox], rows: int, dpi: float) -> Iterator[Line]:
    """Level lines of the specks among pieces of ink: n × (x, y, width, height)."""
    x, y, width, height = pieces.T
    speck = (height <= THIN * dpi) & (width <= SPECK * dpi) | (height <= HAIR * dpi)
    x, y = (x + width / 2)[speck], (y + height / 2)[speck]
    row = y.astype(int)
    counts = np.bincount(row, minlength=rows).astype(np.float32)
    band = cv2.boxFilter(counts[:, None], -1, (1, 3), normalize=False)[:, 0]
    apart = max(2, round(NEAR * dpi))
    crest = band >= cv2.dilate(band[:, None], np.ones((2 * apart + 1, 1), np.uint8))[:, 0]
    last = -apart
    for at in np.flatnonzero(crest & (band >= FEWEST)).tolist():
        if at - last < apart:
            continue  # the same line: equally many specks
        last = at
        distance = np.abs(row - at)
        own, beside = np.sort(x[distance <= 1]), x[(distance > 1) & (distance <= apart)]
        for run in _runs(own, _crossed(text, at), dpi):
            pieces_with_specks = len(np.unique((run // (BIN * dpi)).astype(int)))
            dust = np.count_nonzero((beside >= run[0]) & (beside <= run[-1])) * 3 / (2 * (apart - 1))
            dense = run[-1] - run[0] <= SPARSEST * dpi * pieces_with_specks
            if pieces_with_specks >= FEWEST and dense and len(run) >= CLEANER * dust:
                yield Line(float(run[0]), float(run[-1]), float(np.median(y[distance <= 1])))


def _crossed(text: Sequence[TextBox], at: float) -> list[TextBox]:
    """The text that a level line would strike through."""
    return [b for b in text if b.y0 + INSET * (b.y1 - b.y0) < at < b.y1 - INSET * (b.y1 - b.y0)]


def _runs(xs: NDArray[np.float64], text: Sequence[TextBox], dpi: float) -> Iterator[NDArray[np.float64]]:
    """Specks of one line, parted where text stands or nothing is for long."""
    gaps = np.flatnonzero(np.diff(xs) > WIDEST_GAP * dpi) + 1
    stands = np.searchsorted(xs, [(box.x0 + box.x1) / 2 for box in text])
    yield from (run for run in np.split(xs, np.unique(np.concatenate([gaps, stands])).astype(int)) if len(run))


def _between(lines: Sequence[Line], crossing: Sequence[Line], dpi: float) -> list[Line]:
    """Lines from the first to the last of those that they meet: the ends of a rule may have no specks, and dust may lie
    beyond them."""
    near, far = MEETS * dpi, WIDEST_GAP * dpi
    found = []
    for line in lines:
        met = sorted(o.at for o in crossing if o.start - far <= line.at <= o.end + far)
        first = max((at for at in met if line.start - far <= at <= line.start + near), default=None)
        last = min((at for at in met if line.end - near <= at <= line.end + far), default=None)
        inner = [at for at in met if line.start <= at <= line.end]
        ends = [at for at in (first, last, *inner) if at is not None]
        if len(set(ends)) > 1:
            found.append(replace(line, start=min(ends), end=max(ends)))
    return found


def is_dotted(gray: MatLike, dpi: float, start: float, end: float, at: float, upright: bool) -> bool:
    """Whether a side of a cell (points on a level page), on a line that is known, shows specks of a rule: several, all
    along it, and hardly any beside it."""
    seen, pixels = gray.T if upright else gray, dpi / 72
    inset = round(MEETS * dpi / 2)
    first, last, row = round(start * pixels) + inset, round(end * pixels) - inset, round(at * pixels)
    strip = seen[max(row - 7, 0) : row + 8, max(first, 0) : last] < INK
    if last - first < FEWEST or len(strip) < 15:
        return False
    own, beside = strip[5:10].any(axis=0), strip[:4].any(axis=0) | strip[11:].any(axis=0)
    specks = np.flatnonzero(np.diff(own & ~beside, prepend=False) & own)
    dust = np.count_nonzero(np.diff(beside, prepend=False) & beside) * 5 / 8
    spread = len(specks) > 0 and specks[-1] - specks[0] >= SPREAD * (last - first)
    return bool(len(specks) >= max(FEW, CLEANER * dust) and spread)


def without_specks(ink: MatLike, lines: Sequence[Rule], dpi: float) -> MatLike:
    """The mask of a page's ink (rows × columns) without what lies on such lines."""
    cleared, reach, pixels = ink.copy(), round(THIN * dpi / 2) + 1, dpi / 72
    for line in lines:
        x0, y0, x1, y1 = (round(value * pixels) for value in (line.x0, line.y0, line.x1, line.y1))
        if line.horizontal:
            cleared[max(y0 - reach, 0) : y1 + reach + 1, x0 : x1 + 1] = 0
        else:
            cleared[y0 : y1 + 1, max(x0 - reach, 0) : x1 + reach + 1] = 0
    return cleared
