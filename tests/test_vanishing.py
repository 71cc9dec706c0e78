from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.reading.straighten import Evened, even_light, ink_of, level
from extractors.reading.vanishing import Pencil, find_edges, fit_pencil, pencil_of_edges
from extractors.reading.window import inked

SHAPE = (1400, 1000)


def keystoned(wander: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A table as a camera sees it that is held aslant, without desk, and where its pixels went."""
    page = np.full((*SHAPE, 3), 252, np.uint8)
    for y in range(300, 1101, 50):
        cv2.line(page, (150, y), (850, y), (0, 0, 0), 2)
    for x in range(150, 851, 100):
        cv2.line(page, (x, 300), (x, 1100), (0, 0, 0), 2)
    corners = np.array([[0, 0], [1000, 0], [1000, 1400], [0, 1400]], np.float32)
    seen = corners + np.array([[wander, 0], [-wander, wander], [0, 0], [0, -wander]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    picture = cv2.warpPerspective(page, matrix, (1000, 1400), borderValue=(252, 252, 252))
    return np.asarray(picture, np.uint8), np.asarray(matrix, np.float64)


@pytest.mark.parametrize("wander", [0, 30, 80])
def test_a_keystoned_table_is_seen_from_above(wander: int) -> None:
    picture, matrix = keystoned(wander)
    to_level = np.linalg.inv(level(Evened(even_light(ink_of(picture)))).from_page) @ matrix
    corners = to_level @ np.array([[150, 850, 850, 150], [300, 300, 1100, 1100], [1, 1, 1, 1]], float)
    top_left, top_right, bottom_right, bottom_left = (corners[:2] / corners[2]).T
    assert top_left[1] == pytest.approx(top_right[1], abs=2) and bottom_left[1] == pytest.approx(bottom_right[1], abs=2)
    assert top_left[0] == pytest.approx(bottom_left[0], abs=2) and top_right[0] == pytest.approx(bottom_right[0], abs=2)


def test_edges_are_where_they_are_whether_the_margins_are_looked_at_or_not() -> None:
    gray = even_light(ink_of(keystoned(30)[0]))
    whole, part = find_edges(gray), find_edges(gray, window=inked(gray))
    assert part.min(axis=0) == pytest.approx(whole.min(axis=0), abs=2)
    assert part.max(axis=0) == pytest.approx(whole.max(axis=0), abs=2)
    for across in (False, True):
        turned, shape = ([1, 0, 3, 2], SHAPE[::-1]) if across else ([0, 1, 2, 3], SHAPE)
        one, other = (pencil_of_edges(edges[:, turned], (shape[0], shape[1])) for edges in (whole, part))
        assert one.slope == pytest.approx(other.slope, abs=2e-4)
        assert one.change == pytest.approx(other.change, abs=1e-6)


def test_strokes_of_type_tell_nothing() -> None:
    page = np.full(SHAPE, 255, np.uint8)
    for y in range(100, 1300, 40):
        for x in range(100, 900, 40):
            cv2.line(page, (x, y), (x + 24, y - 2), (0,), 2)
    assert pencil_of_edges(find_edges(page), SHAPE) == Pencil()


def test_a_few_lines_astray_do_not_turn_the_pencil() -> None:
    offsets = np.linspace(-500, 500, 11)
    slopes = 0.01 + 2e-5 * offsets
    slopes[[2, 7]] += 0.05
    pencil = fit_pencil(slopes, offsets, np.full(11, 400.0), 700)
    assert pencil.slope == pytest.approx(0.01, abs=5e-4) and pencil.change == pytest.approx(2e-5, rel=0.05)


def test_lines_close_together_do_not_tell_how_they_run_far_away() -> None:
    offsets = np.array([-2.0, 0.0, 2.0])
    pencil = fit_pencil(np.array([0.01, 0.011, 0.012]), offsets, np.full(3, 400.0), 700)
    assert abs(pencil.change) * 700 < 0.01
