"""Pieces of ink are told apart, however many there are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractors.reading.components import components


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.2, 1.0])
def test_each_piece_has_its_label_on_any_page(share: float) -> None:
    mask = (np.random.default_rng(7).random((1500, 1100)) < share).astype(np.uint8)
    labels, stats, centres = components(mask)
    _, whole, boxes, middles = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    assert np.array_equal(labels, whole) and np.array_equal(stats, boxes)
    assert np.array_equal(centres, middles, equal_nan=True)


def test_two_bytes_a_label_are_taken_where_they_suffice() -> None:
    few, many = np.zeros((600, 600), np.uint8), np.zeros((600, 600), np.uint8)
    few[::20, ::20] = many[::2, ::2] = 1
    assert components(few)[0].dtype == np.uint16 and components(many)[0].dtype == np.int32
