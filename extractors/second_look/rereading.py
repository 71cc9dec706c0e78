"""What a cell's cut-out says: the figures that its pixels support, and how well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cv2.typing import MatLike

from extractors.figures import SHORT_STROKE, read_figure
from extractors.forms import Column
from extractors.reading.decoding import Recognition
from extractors.reading.engine import engine
from extractors.reading.ink import far_apart
from extractors.reading.page import PageReading
from extractors.reading.strokes import stroke_of
from extractors.report import Box, Value
from extractors.second_look.cutouts import (
    DPI,
    cut_out,
    ink_in,
    sign_unclear,
    soiled,
    variants,
    without_blots,
    without_gray_seals,
)


@dataclass(frozen=True)
class Rereading:
    """`support` is the mean probability of each value over all variants of the cut-out, 0–1; None is a blank."""

    support: Mapping[Value, float]
    unanimous: bool
    """Whether every variant says the same first of all."""
    inked: bool = True
    leaning: bool = False
    """Whether the ink is one stroke that may be a slash or a 1: the recogniser takes either for a 1."""
    unclear: bool = False
    """Whether the pixels show something beside the figure that may be its sign or another figure, or something that is
    no type."""

    @property
    def best(self) -> Value:
        return max(self.support, key=lambda value: self.support[value])


BLANK = Rereading({None: 1.0}, unanimous=True, inked=False)
"""No ink at all."""
SOILED = Rereading({None: 0.0}, unanimous=False, inked=False, unclear=True)
"""No figure, but something that may hide one."""
STROKE = Rereading({None: SHORT_STROKE}, unanimous=True)
"""A dash or a slash, which may yet be all that is left of a worn figure: not beyond doubt where sums do not agree."""


def reread(picture: MatLike, page: PageReading, cells: Iterable[tuple[str, Box, Column]]) -> dict[str, Rereading]:
    """Read cells of one page again, by path; `picture` is the page as the file shows it, boxes in level points."""
    views: list[list[MatLike]] = []
    owners: list[tuple[str, Column]] = []
    inkless: dict[str, Rereading] = {}
    leaning: set[str] = set()
    unclear: set[str] = set()
    picture = without_gray_seals(picture, page)
    for path, box, column in cells:
        cut = cut_out(picture, page, box)
        ink = ink_in(cut)
        if column.plain:
            ink = without_blots(ink)
        stroke = stroke_of(ink, DPI)
        if stroke == "leaning":
            leaning.add(path)
        elif stroke is not None:
            inkless[path] = STROKE
            continue
        if (column.signed and sign_unclear(cut, ink)) or soiled(cut) or len(far_apart(ink, DPI)) > 1:
            unclear.add(path)
        if cuts := list(variants(cut, ink)):
            views.append(cuts)
            owners.append((path, column))
        else:
            inkless[path] = SOILED if path in unclear else BLANK
    rereadings = {
        path: _combined([_values(result, column) for result in results], path in leaning, path in unclear)
        for (path, column), results in zip(owners, engine().recognise_views(views), strict=True)
    }
    return rereadings | inkless


def _values(result: Recognition, column: Column) -> dict[Value, float]:
    """The values that the alternatives spell, with their probabilities; spellings of one value add up."""
    values: dict[Value, float] = defaultdict(float)
    for text, share in result.alternatives:
        figure = read_figure(text, column)
        if figure.doubt is None:
            values[figure.value] += share
    return values


def _combined(variants: list[Mapping[Value, float]], leaning: bool, unclear: bool) -> Rereading:
    support: dict[Value, float] = defaultdict(float)
    for values in variants:
        for value, share in values.items():
            support[value] += share / len(variants)
    firsts = {max(values, key=lambda v: values[v]) if values else "nothing" for values in variants}
    unanimous = not leaning and len(firsts) == 1 and "nothing" not in firsts
    return Rereading(dict(support) or {None: 0.0}, unanimous=unanimous, leaning=leaning, unclear=unclear)
