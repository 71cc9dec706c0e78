from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.reading.engine import TextBox
from extractors.reading.specks import find_speckled, is_dotted, without_specks
from tests.making.specks import page_of_specks

DPI = 200
ROWS, COLUMNS = range(100, 701, 100), range(150, 1151, 200)


def lines(gray: NDArray[np.uint8], text: list[TextBox]) -> tuple[list[int], list[int]]:
    """The y of the level lines and the x of the upright ones, in pixels."""
    rules = find_speckled(gray, text, DPI)
    level = [round(rule.y0 * DPI / 72) for rule in rules if rule.horizontal]
    return level, [round(rule.x0 * DPI / 72) for rule in rules if not rule.horizontal]


def test_rules_of_which_one_pixel_in_twenty_is_left_are_found() -> None:
    level, upright = lines(page_of_specks(0.05, ROWS, COLUMNS), [])
    assert level == pytest.approx(list(ROWS), abs=1)
    assert upright == pytest.approx(list(COLUMNS), abs=1)


def test_dust_and_columns_of_dashes_make_no_lines() -> None:
    page = np.where(np.random.default_rng(6).random((2000, 1400)) < 2e-4, 0, 255).astype(np.uint8)
    for y in range(100, 1900, 50):
        page[y : y + 3, 300:1200:100] = 0
        for x in range(300, 1200, 100):
            page[y : y + 3, x : x + 8] = 0  # a dash
            page[y - 8 : y + 12, x + 50 : x + 53] = 0  # a 1
    assert lines(page, []) == ([], [])


def test_specks_of_a_line_of_type_are_none_of_a_rule() -> None:
    page = page_of_specks(0.05, ROWS, COLUMNS)
    page[150, 160:1140:7] = 0
    level, _ = lines(page, [TextBox(155, 140, 1145, 165)])
    assert level == pytest.approx(list(ROWS), abs=1)


def test_what_lies_on_the_lines_is_no_print() -> None:
    page = page_of_specks(0.05, ROWS, COLUMNS)
    page[140:160, 200:210] = 0
    ink = (page < 128).astype(np.uint8)
    cleared = without_specks(ink, find_speckled(page, [], DPI), DPI)
    assert cleared.sum() == 200


def test_a_side_on_a_known_line_is_ruled_where_specks_are_spread_along_it() -> None:
    points = 72 / DPI
    page = page_of_specks(0.05, ROWS, COLUMNS)
    left, right = (x * points for x in COLUMNS[:2])
    assert is_dotted(page, DPI, left, right, 300 * points, upright=False)
    assert is_dotted(page, DPI, 200 * points, 300 * points, 350 * points, upright=True)
    assert not is_dotted(page, DPI, left, right, 350 * points, upright=False)  # none there
    page[350, 220:270] = 0
    assert not is_dotted(page, DPI, left, right, 350 * points, upright=False)  # a dash
    page[340:361, 150:351] = np.where(np.random.default_rng(8).random((21, 201)) < 0.05, 0, 255)
    assert not is_dotted(page, DPI, left, right, 350 * points, upright=False)  # dust
