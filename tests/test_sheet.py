from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.reading.sheet import _all_paper, find_sheet, flatten
from extractors.reading.straighten import ink_of

CORNERS = [[60.0, 80.0], [760.0, 50.0], [800.0, 1080.0], [30.0, 1100.0]]


def photograph(desk: tuple[int, int, int], paper: int = 235) -> NDArray[np.uint8]:
    """A sheet with lines of type and a table's frame, on a desk of that colour."""
    sheet = np.full((1000, 707, 3), paper, np.uint8)
    sheet[100:700:30, 80:620] = 60
    cv2.rectangle(sheet, (80, 730), (620, 900), (40, 40, 40), 2)
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [707, 0], [707, 1000], [0, 1000]], np.float32), np.array(CORNERS, np.float32)
    )
    picture = np.full((1150, 830, 3), desk, np.uint8)
    seen = cv2.warpPerspective(sheet, matrix, (830, 1150))
    where = cv2.warpPerspective(np.full((1000, 707), 255, np.uint8), matrix, (830, 1150))
    picture[where > 127] = seen[where > 127]
    return picture


@pytest.mark.parametrize("desk", [(96, 74, 52), (30, 30, 34), (150, 150, 155), (190, 170, 140)])
def test_the_sheet_is_found_on_the_desk(desk: tuple[int, int, int]) -> None:
    corners = find_sheet(photograph(desk))
    assert corners is not None
    assert corners == pytest.approx(np.array(CORNERS), abs=6)


def test_a_shadow_over_half_the_sheet_does_not_hide_it() -> None:
    picture = photograph((50, 45, 40)).astype(np.float32)
    picture[:, 400:] *= 0.6
    corners = find_sheet(picture.astype(np.uint8))
    assert corners is not None and corners == pytest.approx(np.array(CORNERS), abs=8)


def test_a_flat_sheet_knows_the_way_back() -> None:
    picture = photograph((96, 74, 52))
    corners = find_sheet(picture)
    assert corners is not None
    flat, back = flatten(ink_of(picture, corners), corners)
    corner = back @ np.array([flat.shape[1], 0, 1.0])
    assert corner[:2] / corner[2] == pytest.approx(CORNERS[1], abs=6)
    assert flat[5].mean() > 200  # no desk is left


def test_a_scan_without_a_desk_shows_no_sheet() -> None:
    page = np.full((1000, 707, 3), 250, np.uint8)
    page[100:900:30, 80:620] = 30
    page[:12] = 20  # the open lid of the scanner
    assert find_sheet(page) is None


def test_a_shadow_across_sheet_and_light_desk_does_not_hide_it() -> None:
    picture = photograph((226, 222, 214), paper=250).astype(np.float32)
    shadow = np.zeros(picture.shape[:2], np.float32)
    cv2.fillPoly(shadow, [np.array([[0, 200], [400, 500], [350, 800], [0, 1000]], np.int32)], (1.0,))
    picture *= 1 - 0.45 * cv2.GaussianBlur(shadow, (0, 0), 6)[..., None]
    corners = find_sheet(picture.astype(np.uint8))
    assert corners is not None and corners == pytest.approx(np.array(CORNERS), abs=6)


def test_a_shaded_table_is_no_sheet() -> None:
    page = np.full((1000, 707, 3), 250, np.uint8)
    page[100:900, 60:640] = 215
    page[120:880:30, 80:620] = 30
    assert find_sheet(page) is None


def test_a_scan_without_a_desk_is_known_by_its_edge() -> None:
    page = np.full((600, 424, 3), 245, np.uint8)
    page[100:400:20, 60:360] = 40
    assert _all_paper(page)
    page[:, -12:] = 200  # the lid of the scanner, or a light desk
    assert not _all_paper(page)
