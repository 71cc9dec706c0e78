"""A 4 whose thin strokes are gone, told from a 1 by where its upright stroke stands.

The digits of one face are equally wide, whatever is left of them. A 1 stands in the middle of its place; the stem of a
4 is to the right of it, by 0.08 to 0.17 of its height in eighty upright faces, that of a 1 by 0.055 at most. The other
figures of the page tell where the middles are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

FLAG, REST, FOOT = (0.0, 0.35), (0.38, 0.8), (0.85, 1.0)
"""Where a 1 has its flag and its foot, and a 4 its bar, as shares of the height from the top."""
STANDS_OUT = 0.12
"""Heights to the left of the stem that are more than a frayed edge."""
WIDEST_DIGIT = 0.75
"""Of its height."""
STEM = 0.6
"""Share of the ink of its fullest column that the others of an upright stroke have."""
ASIDE = frozenset("147")
"""Digits whose ink is not in the middle of their place."""
FEWEST, FEWEST_OF_COLUMN = 8, 3
"""Other digits that tell where the middles are, on a page and in a column."""
FIRM, OFF = 0.07, 0.08
"""Shares of the height of a digit by which these may scatter, and by which some may be off the others."""
ONE, FOUR = (-0.1, 0.04), (0.07, 0.2)
"""Where right of the middle the stem of either stands, in heights: of 24 such 4s none was to the left of that, of 190
1s one was; what is between may be either."""


@dataclass(frozen=True)
class Figure:
    """The digits of a figure as read, the column of the table that it is in, and the ink of its cell (rows ×
    columns)."""

    digits: str
    column: str
    ink: MatLike


@dataclass(frozen=True)
class _Places:
    """How far right of the middle of its cell each digit of a figure is, in heights: its stem or its ink; and what
    each 1 does not look like."""

    figure: Figure
    at: tuple[float, ...]
    unlike: tuple[str, ...]

    def off(self, pitch: float) -> dict[int, float]:
        """How far right of the middle of its place each digit is."""
        middle = (len(self.at) - 1) / 2
        return {i: at - (i - middle) * pitch for i, at in enumerate(self.at)}

    def plain(self, pitch: float) -> list[float]:
        """The same of those whose ink is in the middle."""
        return [off for i, off in self.off(pitch).items() if self.figure.digits[i] not in ASIDE]


def tell_fours(figures: Mapping[str, Figure]) -> dict[str, str]:
    """The digits of those figures of a page, by path, whose every 1 is told to be one or a 4."""
    places = _measured(figures)
    pitch = _pitch(list(places.values()))
    if pitch is None:
        places = {path: own for path, own in places.items() if len(own.at) == 1}
        pitch = 0.0
    by_column: dict[str, list[float]] = defaultdict(list)
    for own in places.values():
        by_column[own.figure.column] += own.plain(pitch)
    everywhere = [off for column in by_column.values() for off in column]
    if len(everywhere) < FEWEST:
        return {}
    middle = median(everywhere)
    if 1.48 * median(abs(off - middle) for off in everywhere) > FIRM:
        return {}
    told = {}
    for path, own in places.items():
        beside, within = by_column[own.figure.column], own.plain(pitch)
        near = mean(within) if within else median(beside) if len(beside) >= FEWEST_OF_COLUMN else middle
        digits = [_digit(own.figure.digits[i], off - near, own.unlike[i]) for i, off in own.off(pitch).items()]
        if "1" in own.figure.digits and abs(near - middle) <= OFF and None not in digits:
            told[path] = "".join(filter(None, digits))
    return told


def _digit(read: str, off: float, unlike: str) -> str | None:
    """What a digit is that stands so far right of the middle; None where that does not tell."""
    if read != "1":
        return read
    place = "1" if ONE[0] <= off <= ONE[1] else "4" if FOUR[0] <= off <= FOUR[1] else None
    return None if place == unlike else place


def _measured(figures: Mapping[str, Figure]) -> dict[str, _Places]:
    found: dict[str, tuple[int, list[float], tuple[str, ...]]] = {}
    for path, figure in figures.items():
        ink = figure.ink > 0
        if spans := _spans(ink, len(figure.digits)):
            rows = np.flatnonzero(ink.any(axis=1))
            ink = ink[rows[0] : rows[-1] + 1]
            digits = [ink[:, first:end] for first, end in spans]
            middles = [
                _middle(digit, read) + first - ink.shape[1] / 2
                for digit, read, (first, _) in zip(digits, figure.digits, spans, strict=True)
            ]
            found[path] = len(ink), middles, tuple(map(_unlike, digits))
    high = median(height for height, _, _ in found.values()) if found else 1.0
    return {
        path: _Places(figures[path], tuple(x / high for x in middles), unlike)
        for path, (_, middles, unlike) in found.items()
    }


def _stem(ink: NDArray[np.bool_]) -> NDArray[np.intp]:
    counts = ink.sum(axis=0)
    return np.flatnonzero(counts >= STEM * counts.max())


def _middle(ink: NDArray[np.bool_], digit: str) -> float:
    """Column of the middle of a digit, of its upright stroke if it has one."""
    columns = _stem(ink) if digit == "1" else np.flatnonzero(ink.any(axis=0))
    return float(columns[0] + columns[-1] + 1) / 2


def _unlike(ink: NDArray[np.bool_]) -> str:
    """A "1" where the bar of a 4 has left a rest beside an upright stroke, a "4" where it has a flag or a foot."""
    stem = int(_stem(ink)[0])
    out = stem - np.where(ink.any(axis=1), ink.argmax(axis=1), stem)

    def stands_out(part: tuple[float, float]) -> bool:
        # a single row is a speck
        rows = np.sort(out[round(part[0] * len(ink)) : round(part[1] * len(ink))])
        return len(rows) > 1 and bool(rows[-2] >= STANDS_OUT * len(ink))

    return "1" if stands_out(REST) else "4" if stands_out(FLAG) or stands_out(FOOT) else ""


def _pitch(places: Sequence[_Places]) -> float | None:
    """From one digit to the next, in heights."""
    steps = [
        own.at[i + 1] - own.at[i]
        for own in places
        for i in range(len(own.at) - 1)
        if not ASIDE & set(own.figure.digits[i : i + 2])
    ]
    return median(steps) if len(steps) >= FEWEST_OF_COLUMN else None


def _spans(ink: NDArray[np.bool_], digits: int) -> list[tuple[int, int]]:
    """The columns of each digit, first and last + 1; empty where there are not so many."""
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    if not len(columns):
        return []
    breaks = np.flatnonzero(np.diff(columns) > 1)
    firsts, lasts = columns[np.r_[0, breaks + 1]], columns[np.r_[breaks, len(columns) - 1]]
    spans = [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]
    while len(spans) > digits:
        # a digit in pieces: those together that are so most narrowly
        i = min(range(len(spans) - 1), key=lambda k: spans[k + 1][1] - spans[k][0])
        if spans[i + 1][1] - spans[i][0] > WIDEST_DIGIT * (rows[-1] - rows[0] + 1):
            return []
        spans[i : i + 2] = [(spans[i][0], spans[i + 1][1])]
    return spans if len(spans) == digits else []
