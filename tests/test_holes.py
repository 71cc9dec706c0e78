from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.reading.holes import without_holes

DPI = 200.0


def page(*centres: tuple[int, int], radius: int = 24, thickness: int = 2) -> NDArray[np.uint8]:
    gray = np.full((2338, 1654), 255, np.uint8)
    for centre in centres:
        cv2.circle(gray, centre, radius, (90,), thickness)
    return gray


@pytest.mark.parametrize("thickness", [2, -1])
@pytest.mark.parametrize("x", [100, 1580])
def test_holes_one_below_the_other_are_filled(x: int, thickness: int) -> None:
    assert without_holes(page((x, 900), (x + 2, 1360), thickness=thickness), DPI).min() == 255


@pytest.mark.parametrize(
    "centres",
    [
        [(120, 300), (180, 300)],  # the 〇 of a year
        [(800, 500), (800, 1500)],  # in the middle of the page
    ],
)
def test_other_round_things_stay(centres: list[tuple[int, int]]) -> None:
    gray = page(*centres)
    assert (without_holes(gray, DPI) == gray).all()


def test_a_hole_with_paper_around_is_filled_even_alone() -> None:
    assert without_holes(page((100, 900)), DPI).min() == 255


def test_a_hole_beside_type_is_filled_for_the_other_in_its_line() -> None:
    gray = page((100, 900), (100, 1360))
    gray[880:920, 135:170] = gray[1340:1380, 135:170] = 20
    assert without_holes(gray, DPI)[:, :130].min() == 255


def test_type_is_no_hole() -> None:
    gray = page()
    for y in range(300, 2000, 300):
        cv2.rectangle(gray, (80, y), (130, y + 50), (20,), 3)
    assert (without_holes(gray, DPI) == gray).all()
