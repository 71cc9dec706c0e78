"""The dash or slash that is printed for "none": known by its shape, as the recogniser takes it for a 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.figures import DASH, SHORT_STROKE, UNLIKE_STROKES, WHOLE_STROKE
from extractors.reading.decoding import Recognition
from extractors.reading.ink import ink_box

LOW = 0.03
"""Inches: no figure is as low as this; a level stroke is."""
SHORTEST_SLASH = 0.03
"""Inches: a slanted stroke is at least this high."""
SLANTED, UPRIGHT = 0.22, 0.1
"""Points across for each point of height: a slash leans by 0.3 to 0.5, a 1 by nothing, in italics by 0.2."""
THICKEST_STROKE = 0.35
"""Of its height; two digits are thicker."""
BOLD = 0.036
"""Inches: no stroke of a table's type is thicker; the ring of a seal is."""
SOLID = 0.8
"""Share of a stroke's outline that is ink."""

WHOLE = 0.085
"""Inches: a stroke as long as this is no worn figure's last remains."""
UNSURE = 0.5
"""Confidence at most where shape and recogniser disagree."""

Stroke = Literal["level", "slanted", "leaning"]


@dataclass(frozen=True)
class Shape:
    """The ink of a crop: which stroke it is, if it is one, and how long, in inches."""

    stroke: Stroke | None
    length: float = 0.0

    @property
    def plain(self) -> bool:
        """Whether it is nothing but a dash or a slash, beyond doubt about which."""
        return self.stroke in ("level", "slanted")


def shape_of(cut: MatLike, dpi: float) -> Shape:
    """The shape of the ink in a crop of gray paper (rows × columns)."""
    ink = ink_by_contrast(cut)
    stroke, around = stroke_of(ink, dpi), ink_box(ink, 0, 0)
    if stroke is None or around is None:
        return Shape(None)
    return Shape(stroke, max(around.x1 - around.x0, around.y1 - around.y0) / dpi)


def with_stroke(result: Recognition, shape: Shape) -> Recognition:
    """What a crop with one figure says, the shape of its ink considered."""
    stroke = shape.stroke
    several = len(result.text) > 1 and len(result.figure) > 1
    # a level stroke may be in pieces, each of which is read as a 1; no figure is as low
    if stroke is None or (several and stroke != "level"):
        return result
    if stroke == "leaning" or UNLIKE_STROKES & set(result.text + result.figure):
        doubtful = min(result.confidence, UNSURE)
        return replace(result, confidence=doubtful, figure_confidence=min(result.figure_confidence, doubtful))
    sure = WHOLE_STROKE if shape.length >= WHOLE else SHORT_STROKE
    return replace(result, text="/" if stroke == "slanted" else DASH, confidence=sure, figure="", figure_confidence=0.0)


def ink_by_contrast(cut: MatLike, share: float = 0.5) -> MatLike:
    """Mask of what is darker than a `share` of the way from the paper to the darkest ink of a crop, however faint."""
    darker = np.cumsum(np.bincount(cut.ravel(), minlength=256))
    ink, paper = np.searchsorted(darker, [0.01 * cut.size, 0.9 * cut.size])
    return (cut < float(paper) - share * (float(paper) - float(ink))).astype(np.uint8)


def stroke_of(ink: MatLike, dpi: float) -> Stroke | None:
    """What the ink is if it is nothing but one straight stroke: the dash or slash that is printed for "none".

    "leaning" is a stroke between a slash and an upright 1. The model that reads figures takes each of them for a 1.
    """
    around = ink_box(ink, 0, 0)
    if around is None:
        return None
    part = ink[around.y0 : around.y1, around.x0 : around.x1] > 0
    height, width = part.shape
    if height <= LOW * dpi and width >= 1.3 * height:
        return "level"
    if height < SHORTEST_SLASH * dpi or width > height:
        return None
    lean = _lean(part, BOLD * dpi)
    if lean is None or lean < UPRIGHT:
        return None
    return "slanted" if lean >= SLANTED else "leaning"


def _lean(part: NDArray[np.bool_], thickest: float) -> float | None:
    """Columns to the right for each row upwards of a straight stroke of even width; None if it is none."""
    rows = np.flatnonzero(part.any(axis=1))
    if len(rows) < 0.7 * len(part):
        return None
    columns = np.arange(part.shape[1])
    counts = part[rows].sum(axis=1)
    middles = (part[rows] * columns).sum(axis=1) / counts
    extents = part.shape[1] - part[rows][:, ::-1].argmax(axis=1) - part[rows].argmax(axis=1)
    thickness = float(np.median(extents))
    if thickness > min(THICKEST_STROKE * len(part), thickest) or counts.sum() < SOLID * extents.sum():
        return None
    slope, start = np.polyfit(rows, middles, 1)
    off = np.abs(middles - (slope * rows + start))
    # its ends may be cut or smeared, but it has neither a flag, a foot nor a bar
    if np.quantile(off, 0.9) > 0.3 * thickness + 0.7 or np.quantile(extents, 0.95) > 1.6 * thickness + 1.5:
        return None
    return float(-slope)
