"""What of the ink in a cell is type."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from extractors.reading.ink import type_in

DPI = 200.0
Mask = NDArray[np.uint8]


def digits(count: int, pitch: int = 18) -> Mask:
    """A faint figure of so many strokes, 16 pixels high, set wide."""
    mask: Mask = np.zeros((70, 110), np.uint8)
    for index in range(count):
        mask[27:43, 10 + index * pitch : 16 + index * pitch] = 1
    return mask


def test_pale_digits_far_from_the_only_dark_one_are_part_of_the_figure() -> None:
    faint = digits(5)
    dark = np.zeros_like(faint)
    dark[28:40, 83:87] = 1
    assert (type_in(dark, faint, DPI) == faint).all()


def test_a_few_dark_pixels_tell_neither_how_high_type_is_nor_where_its_line_runs() -> None:
    faint = digits(4)
    dark = np.zeros_like(faint)
    dark[27:33, 47:51] = 1
    assert (type_in(dark, faint, DPI) == faint).all()


def test_faint_ink_out_of_line_is_no_type() -> None:
    faint = digits(3)
    dark = faint.copy()
    faint[2:10, 20:28] = 1
    assert (type_in(dark, faint, DPI) == digits(3)).all()
