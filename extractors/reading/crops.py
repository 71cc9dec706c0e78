"""Where on a scanned page the lines of text are that the recogniser is shown: in cells by their ink, elsewhere as
detected."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.layout.flow import cell_at
from extractors.layout.grids import Cell, Grid
from extractors.reading.engine import TextBox
from extractors.reading.ink import (
    SMALLEST_TYPE,
    faint_level,
    far_apart,
    ink_box,
    type_in,
    without_edges,
    without_rules,
    without_specks,
)
from extractors.report import Box

INK = 150
"""Brightness below which a pixel of a cell is ink, where paper is 255."""
SMOOTH = 1.0
"""Sigma in pixels: faint ink is told from noise on a picture smoothed by this."""
RIM = 0.2
"""Share of a detected box's height by which it reaches beyond the type."""
DARK, FAINT = np.uint8(1), np.uint8(2)
"""Bits of the ink mask."""
EQUAL, SEVERAL = 1.35, 1.6
"""Ratio of heights up to which lines are of one type, and times its height that a line of several characters has."""
TOUCHING = 1
"""Pixels between a line and what belongs to it at most."""
ONE_LINE = 0.24
"""Inches: ink no higher than this is one line of type (16 points and a little)."""


@dataclass(frozen=True)
class Crop:
    """A line of text to be recognised, and the cell that it stands in, if any."""

    box: TextBox
    cell: Cell | None


def ink_of_page(gray: MatLike, ruled: NDArray[np.bool_]) -> MatLike:
    """What is printed and no rule, as a mask of the bits DARK and FAINT."""
    smooth = cv2.GaussianBlur(gray, (0, 0), SMOOTH)
    ink = (gray < INK) * DARK | ((gray < INK) | (smooth < faint_level(smooth))) * FAINT
    ink[ruled] = 0
    return ink


def seen_ink(ink: MatLike, text: Sequence[TextBox]) -> MatLike:
    """The dark ink, and the faint one where a line of text is."""
    bits = np.full(ink.shape, DARK)
    for line in text:
        bits[line.y0 : line.y1, line.x0 : line.x1] = DARK | FAINT
    return np.bitwise_and(ink, bits)


def find_crops(
    detected: Sequence[TextBox], grids: list[Grid], ink: MatLike, to_points: float, dpi: float
) -> list[Crop]:
    """Lines of text: in cells by their ink, elsewhere as detected."""
    inside: dict[int, list[TextBox]] = {}
    crops = []
    cells = [cell for grid in grids for cell in grid.cells]
    boxes = np.array([cell.box for cell in cells], float).reshape(-1, 4)
    for box in detected:
        middle_x, middle_y = (box.x0 + box.x1) / 2 * to_points, (box.y0 + box.y1) / 2 * to_points
        touched = _cells_touched(box, cells, boxes, to_points)
        if not touched and cell_at(grids, middle_x, middle_y) is None:
            crops.append(Crop(box, None))
        for cell in touched:
            inside.setdefault(id(cell), []).append(box)
    for cell in cells:
        crops.extend(Crop(box, cell) for box in _lines_in_cell(cell, inside.get(id(cell), []), ink, to_points, dpi))
    return _without_doubles(crops)


def _cells_touched(box: TextBox, cells: Sequence[Cell], boxes: NDArray[np.float64], to_points: float) -> list[Cell]:
    """Those of n cells, with their boxes (n × 4), that hold part of a detected box; a sliver of a tenth of its height
    does not count."""
    x0, y0, x1, y1 = (v * to_points for v in (box.x0, box.y0, box.x1, box.y1))
    left, top, right, bottom = boxes.T
    across, down = np.minimum(right, x1) - np.maximum(left, x0), np.minimum(bottom, y1) - np.maximum(top, y0)
    touched = (across > 0.15 * (y1 - y0)) & (down > 0.3 * (y1 - y0))
    return [cells[i] for i in np.flatnonzero(touched)]


def _lines_in_cell(
    cell: Cell, detected: Sequence[TextBox], ink: MatLike, to_points: float, dpi: float
) -> list[TextBox]:
    """The lines of text in a cell: one box around its ink, or the detected lines where there are several."""
    x0, y0, x1, y1 = (round(v / to_points) for v in cell.box)
    inset = max(2, round(0.008 * dpi))
    height, width = ink.shape
    x0, y0, x1, y1 = max(x0 + inset, 0), max(y0 + inset, 0), min(x1 - inset, width), min(y1 - inset, height)
    if x1 - x0 < 4 or y1 - y0 < 4:
        return []
    inner = _type_within(ink[y0:y1, x0:x1], dpi)
    around = ink_box(inner, x0, y0)
    within = [box for box in detected if x0 - inset <= box.x0 and box.x1 <= x1 + inset]
    if around is None:
        return within
    rows = _rows_of_type(inner, x0, y0, dpi)
    if len(rows) > 1:  # detected lines of small type reach into each other, or are one
        return [_as_wide_as_seen(row, within) for row in rows]
    if around.y1 - around.y0 <= ONE_LINE * dpi and not _stacked(detected):
        parts = [ink_box(inner[:, first:end], x0 + first, y0) for first, end in far_apart(inner, dpi)]
        return [box for box in parts if box] if len(parts) > 1 else [_as_wide_as_seen(around, within)]
    lines = [_clip(box, around) for box in detected if not _upright_text(box)]
    lines = [box for box in lines if box.x1 - box.x0 > 3 and box.y1 - box.y0 > 3]
    for box in lines:
        inner[max(box.y0 - y0, 0) : box.y1 - y0, max(box.x0 - x0, 0) : box.x1 - x0] = 0
    left = without_specks(inner, dpi)
    pitch = min(around.x1 - around.x0, ONE_LINE * dpi)
    return _with_remains(lines, _ink_lines(left, x0, y0, pitch), dpi)


def _type_within(ink: MatLike, dpi: float) -> MatLike:
    dark, faint = (without_rules(np.bitwise_and(ink, bit), dpi) for bit in (DARK, FAINT))
    return type_in(dark, faint, dpi)


def type_box(ink: MatLike, to_points: float, box: Box) -> Box | None:
    """The box around the type within a box, both in points; `ink` is the mask of the page."""
    x0, y0, x1, y1 = (max(round(v / to_points), 0) for v in box)
    part = ink[y0:y1, x0:x1]
    dpi = 72 / to_points
    found = ink_box(_type_within(without_edges(part, dpi), dpi), x0, y0) if part.size else None
    if found is None:
        return None
    return (found.x0 * to_points, found.y0 * to_points, found.x1 * to_points, found.y1 * to_points)


def stands_across(ink: MatLike, to_points: float, box: Box) -> bool:
    """Whether something dark reaches over both long sides of a box (points) along a line."""
    x0, y0, x1, y1 = (max(round(v / to_points), 0) for v in box)
    part = np.bitwise_and(ink[y0:y1, x0:x1], DARK)
    if not part.any():
        return False
    _, _, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    across = stats[1:, 3] == y1 - y0 if x1 - x0 > y1 - y0 else stats[1:, 2] == x1 - x0
    return bool(across.any())


def _with_remains(lines: Sequence[TextBox], rests: Sequence[TextBox], dpi: float) -> list[TextBox]:
    """Lines, and ink that none of them covers: where it is too low for type and touches a line, it is the foot or the
    head of that line's characters, and as a line of its own would be read as another 1."""
    lines, alone = list(lines), []
    for rest in rests:
        low = rest.y1 - rest.y0 < SMALLEST_TYPE * dpi
        touching = [i for i, line in enumerate(lines) if low and _touch(line, rest)]
        for i in touching:
            lines[i] = replace(lines[i], y0=min(lines[i].y0, rest.y0), y1=max(lines[i].y1, rest.y1))
        if not touching:
            alone.append(rest)
    return lines + alone


def _touch(line: TextBox, rest: TextBox) -> bool:
    """Whether ink stands right above or below a line, or in it."""
    beside = min(line.x1, rest.x1) > max(line.x0, rest.x0)
    return beside and max(line.y0, rest.y0) - min(line.y1, rest.y1) <= TOUCHING


def _rows_of_type(ink: MatLike, x0: int, y0: int, dpi: float) -> list[TextBox]:
    """Lines of type one below the other with paper between; none where the ink is a single line, or not all of it type.

    Each but the last is of several characters, all are equally high: a single 二 has two strokes too.
    """
    rows = [box for box in _ink_lines(ink, x0, y0, 0) if box.y1 - box.y0 >= SMALLEST_TYPE * dpi]
    heights = [box.y1 - box.y0 for box in rows]
    even = bool(rows) and max(heights) <= EQUAL * min(heights)
    return rows if even and all(box.x1 - box.x0 >= SEVERAL * (box.y1 - box.y0) for box in rows[:-1]) else []


def _as_wide_as_seen(around: TextBox, detected: Sequence[TextBox]) -> TextBox:
    """The box around a line's ink, as wide as the detector saw the line: it sees type too faint for a threshold."""
    for box in detected:
        rim = round(RIM * (box.y1 - box.y0))
        if box.y0 < (around.y0 + around.y1) / 2 < box.y1:
            left, right = min(around.x0, box.x0 + rim), max(around.x1, box.x1 - rim)
            around = TextBox(left, around.y0, right, around.y1)
    return around


def _without_doubles(crops: Sequence[Crop]) -> list[Crop]:
    """Leave out crops that mostly repeat a larger one: text found twice (by the detector, or in two grids
    that lie over each other) is printed once all the same."""
    kept: list[Crop] = []
    boxes = np.empty((len(crops), 4))
    # what stands in a cell comes first: a loose box must not take a cell's ink away
    for crop in sorted(crops, key=lambda c: (c.cell is not None, c.box.area), reverse=True):
        if (_shared(crop.box, boxes[: len(kept)]) < 0.5 * crop.box.area).all():
            boxes[len(kept)] = (crop.box.x0, crop.box.y0, crop.box.x1, crop.box.y1)
            kept.append(crop)
    return kept


def _shared(box: TextBox, others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels that a box has in common with each of n others (n × 4)."""
    x0, y0, x1, y1 = others.T
    width, height = np.minimum(x1, box.x1) - np.maximum(x0, box.x0), np.minimum(y1, box.y1) - np.maximum(y0, box.y0)
    return np.asarray(width.clip(0) * height.clip(0))


def _upright_text(box: TextBox) -> bool:
    """Whether a detected box holds characters one below the other."""
    return box.y1 - box.y0 > 1.5 * (box.x1 - box.x0)


def _stacked(boxes: Sequence[TextBox]) -> bool:
    """Whether one detected line stands below another."""
    ordered = sorted(boxes, key=lambda box: box.y0)
    return any(b.y0 >= a.y1 - 0.3 * (a.y1 - a.y0) for a, b in itertools.pairwise(ordered))


def _clip(box: TextBox, within: TextBox) -> TextBox:
    return TextBox(
        max(box.x0, within.x0), max(box.y0, within.y0 - 2), min(box.x1, within.x1), min(box.y1, within.y1 + 2)
    )


def _ink_lines(ink: MatLike, x0: int, y0: int, pitch: float) -> list[TextBox]:
    """Ink that no detected line covers, cut into lines where rows are empty; the parts of a character
    (二 is two strokes) are joined up to a height of `pitch` pixels."""
    filled = ink.any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.view(np.uint8), [0]])))
    runs: list[tuple[int, int]] = []
    for top, bottom in zip(edges[::2], edges[1::2], strict=True):
        if runs and bottom - runs[-1][0] <= 1.1 * pitch:
            runs[-1] = (runs[-1][0], int(bottom))
        else:
            runs.append((int(top), int(bottom)))
    boxes = [ink_box(ink[top:bottom], x0, y0 + top) for top, bottom in runs]
    return [box for box in boxes if box is not None]
