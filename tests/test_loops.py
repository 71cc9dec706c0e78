"""Loops of figures: closed, or open where thin strokes are gone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.reading.loops import share_of_loops

Picture = NDArray[np.uint8]


def figure(text: str, darkness: int = 30) -> Picture:
    cut: Picture = np.full((44, 30 * len(text) + 10), 250, np.uint8)
    cv2.putText(cut, text, (5, 34), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (darkness,), 2, cv2.LINE_AA)
    return cut


def broken(text: str) -> Picture:
    """Without the rows in which a 0 has its thinnest strokes."""
    cut = figure(text)
    rows = np.flatnonzero((cut < 200).any(axis=1))
    cut[rows[0] : rows[0] + 4] = cut[rows[-1] - 3 : rows[-1] + 1] = 250
    return cut


@pytest.mark.parametrize("darkness", [30, 150, 200])
def test_figures_in_print_have_their_loops_however_pale(darkness: int) -> None:
    assert share_of_loops((text, figure(text, darkness)) for text in ("0", "68", "90", "0", "17")) == 1.0


def test_zeros_that_have_lost_top_and_bottom_tell() -> None:
    assert share_of_loops(("0", broken("0")) for _ in range(8)) == 0.0


def test_too_few_loops_tell_nothing() -> None:
    assert share_of_loops([("0", figure("0"))] * 19 + [("0", broken("0"))]) == 0.95
    assert share_of_loops([("0", broken("0"))] * 4) is None
    assert share_of_loops([("17", figure("17"))] * 9) is None
