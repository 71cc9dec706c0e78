"""What is left of a 4 is told from a 1 by where it stands."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from cv2.typing import MatLike

from extractors.second_look.stems import Figure, tell_fours

HIGH, PITCH, WIDE = 24, 18, 90
"""Pixels: the height of a digit, from one to the next, and the width of a cell."""


def stem(ink: MatLike, x: float) -> None:
    left = round(x) - 2
    ink[10 : 10 + HIGH, left : left + 4] = 1


def printed(digits: str, shift: int = 0, pitch: float = PITCH, bar: bool = False, flag: bool = False) -> MatLike:
    """A figure in the middle of its cell: ring-shaped digits, and the stems of 1s and, to the right, of 4s."""
    ink = np.zeros((44, WIDE), np.uint8)
    for i, digit in enumerate(digits):
        x = WIDE / 2 + shift + (i - (len(digits) - 1) / 2) * pitch
        if digit == "1":
            stem(ink, x)
            if flag:
                ink[12:15, round(x) - 7 : round(x)] = 1
        elif digit == "4":
            stem(ink, x + 0.12 * HIGH)
            if bar:
                ink[25:28, round(x) - 7 : round(x) - 3] = 1
        else:
            cv2.rectangle(ink, (round(x) - 6, 10), (round(x) + 6, 9 + HIGH), 1, 2)
    return ink


def read(digits: str) -> str:
    return digits.replace("4", "1")


def told(*digits: str, wanted: MatLike, as_read: str, others_shifted: bool = False) -> str | None:
    """What is told of a figure beside others."""
    figures = {
        f"{i}": Figure(read(own), "a", printed(own, shift=9 * (i % 3 - 1) if others_shifted else 0))
        for i, own in enumerate(digits)
    }
    return tell_fours(figures | {"wanted": Figure(as_read, "a", wanted)}).get("wanted")


OTHERS = ("0", "8", "30", "68", "5", "290", "3", "60", "88")


@pytest.mark.parametrize("digits", ["1", "4", "14", "41", "44", "11", "304", "140", "24"])
def test_a_4_without_its_bar_is_told_by_its_place(digits: str) -> None:
    assert told(*OTHERS, wanted=printed(digits), as_read=read(digits)) == digits


def test_the_digits_beside_it_tell_more_than_the_middle_of_the_cell() -> None:
    assert told(*OTHERS, wanted=printed("104", shift=1), as_read="101") == "104"
    assert told(*OTHERS, wanted=printed("101", shift=1), as_read="101") == "101"


def test_figures_that_keep_no_middle_tell_nothing() -> None:
    assert told(*OTHERS, wanted=printed("4"), as_read="1", others_shifted=True) is None
    assert told("0", "8", "3", wanted=printed("4"), as_read="1") is None
    assert told(*OTHERS, wanted=printed("30"), as_read="30") is None  # no 1 to tell


def test_a_rest_of_the_bar_is_no_part_of_a_1_nor_a_flag_of_a_4() -> None:
    assert told(*OTHERS, wanted=printed("4", bar=True), as_read="1") == "4"
    barred = printed("4", shift=-3, bar=True)  # where a 1 would stand
    assert told(*OTHERS, wanted=barred, as_read="1") is None
    flagged = printed("1", shift=3, flag=True)  # where a 4 would
    assert told(*OTHERS, wanted=flagged, as_read="1") is None


def test_what_cannot_be_parted_into_its_digits_is_not_told() -> None:
    assert told(*OTHERS, wanted=printed("14", pitch=6), as_read="11") is None
