"""Ink on paper: what of it is type, and the box around it. Masks are rows × columns, not 0 where there is ink."""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike

from extractors.reading.engine import TextBox

SPECK = 0.02
"""Inches: a blot smaller than this in both directions is dust."""


def without_specks(ink: MatLike, dpi: float) -> MatLike:
    """Ink without dust: blots too small for a stroke, unless they stand close to larger ink (a decimal point)."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0).astype(np.uint8), connectivity=8)
    smallest = SPECK * dpi
    keep = np.zeros(count, np.uint8)
    large = [i for i in range(1, count) if max(stats[i][2], stats[i][3]) > smallest]
    keep[large] = 1
    near = 0.06 * dpi
    for i in range(1, count):
        if keep[i] or stats[i][4] < 3:
            continue
        x, y, w, h = stats[i][:4]
        keep[i] = any(
            x + w + near > stats[j][0]
            and x - near < stats[j][0] + stats[j][2]
            and stats[j][1] - 2 <= y + h / 2 <= stats[j][1] + stats[j][3] + 2
            for j in large
        )
    return np.asarray(keep[labels])


def ink_box(ink: MatLike, x0: int, y0: int) -> TextBox | None:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    return TextBox(x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1)
