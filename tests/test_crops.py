"""Where the lines of text in a cell are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.layout.grids import Cell, Grid
from extractors.reading.crops import find_crops, ink_of_page, stands_across, type_box
from extractors.reading.engine import TextBox

DPI, TO_POINTS = 200.0, 72 / 200
SIDE = 120


def crops(
    *strokes: tuple[int, int, int, int], detected: Sequence[TextBox] = (), at: tuple[int, int] = (100, 100)
) -> list[TextBox]:
    """The crops of a page with one cell of 120 × 120 pixels, in which ink stands if it is at (100, 100)."""
    gray: NDArray[np.uint8] = np.full((400, 400), 255, np.uint8)
    for x0, y0, x1, y1 in strokes:
        gray[100 + y0 : 100 + y1, 100 + x0 : 100 + x1] = 20
    box = tuple(v * TO_POINTS for v in (*at, at[0] + SIDE, at[1] + SIDE))
    cell = Cell(0, 0, 1, 1, box)  # type: ignore[arg-type]
    grid = Grid([box[0], box[2]], [box[1], box[3]], [cell])
    ink = ink_of_page(gray, np.zeros(gray.shape, bool))
    return sorted((crop.box for crop in find_crops(detected, [grid], ink, TO_POINTS, DPI)), key=lambda b: b.y0)


@pytest.mark.parametrize("at", [(100, 398), (100, 450), (398, 100), (450, 100), (-119, 100), (100, -200)])
def test_a_cell_beyond_the_page_holds_nothing(at: tuple[int, int]) -> None:
    assert crops(at=at) == []


def test_two_lines_of_small_type_that_were_not_detected_are_two_crops() -> None:
    upper, lower = crops((30, 40, 60, 55), (32, 60, 58, 75))
    assert abs(upper.y0 - 140) <= 1 and abs(upper.y1 - 155) <= 1  # a pixel of smoothing
    assert abs(lower.y0 - 160) <= 1 and abs(lower.y1 - 175) <= 1


@pytest.mark.parametrize(
    "strokes",
    [
        [(50, 40, 60, 70)],
        [(45, 40, 63, 43), (42, 60, 66, 64)],  # 二
        [(30, 40, 60, 62), (45, 66, 50, 70)],  # a line and a blot below
    ],
)
def test_what_is_one_line_is_one_crop(strokes: list[tuple[int, int, int, int]]) -> None:
    assert len(crops(*strokes)) == 1


def test_the_foot_of_a_figure_that_its_detected_line_cuts_off_is_no_second_figure() -> None:
    """A 1 over its remark was read as 11: the detector's box ended above its serif."""
    figure, remark = TextBox(150, 118, 170, 137), TextBox(110, 143, 210, 165)
    found = crops((58, 20, 61, 40), (55, 38, 64, 41), (12, 45, 108, 63), detected=[figure, remark])
    assert len(found) == 2
    assert found[0].y1 >= 141


def test_lines_that_were_detected_as_one_are_as_many_crops() -> None:
    """社会, 公益, 组织 one below the other, and a detected box around all three: they were read as 额."""
    lines = [(38, 20, 82, 42), (38, 50, 82, 72), (38, 80, 82, 102)]
    found = crops(*lines, detected=[TextBox(125, 112, 195, 208)])
    assert [(box.y0, box.y1) for box in found] == [pytest.approx((100 + y0, 100 + y1), abs=2) for _, y0, _, y1 in lines]


def test_lines_whose_detected_boxes_reach_into_each_other_are_cut_between() -> None:
    """结果 over 纠正 in type of 8 points were read as 绿: each crop held a third of the other line."""
    lines = [(38, 30, 82, 52), (38, 58, 60, 80)]
    found = crops(*lines, detected=[TextBox(130, 122, 190, 162), TextBox(130, 145, 190, 188)])
    assert [(box.y0, box.y1) for box in found] == [pytest.approx((100 + y0, 100 + y1), abs=2) for _, y0, _, y1 in lines]


def test_figures_that_stand_far_apart_are_two_though_no_border_was_seen_between_them() -> None:
    """388 and 1365 were read as 3881365 where the ring of a seal had hidden the side between their cells."""
    left, right = sorted(crops((8, 50, 28, 66), (72, 50, 110, 66)), key=lambda box: box.x0)
    assert left.x1 < right.x0
    assert len(crops((8, 50, 28, 66), (52, 50, 110, 66))) == 1  # digits set apart
    assert len(crops((8, 50, 28, 66), (100, 55, 103, 58))) == 1  # a speck


def test_the_rest_of_a_level_rule_along_an_edge_is_no_type() -> None:
    ink: NDArray[np.uint8] = np.zeros((200, 200), np.uint8)
    ink[60:84, 80:100] = 3
    part = (0.0, 50 * TO_POINTS, 200 * TO_POINTS, 110 * TO_POINTS)
    type_at = tuple(v * TO_POINTS for v in (80, 60, 100, 84))
    assert type_box(ink, TO_POINTS, part) == pytest.approx(type_at)
    ink[106:112, 20:70] = 3
    assert type_box(ink, TO_POINTS, part) == pytest.approx(type_at)


def test_what_stands_across_a_line_reaches_over_both_its_sides() -> None:
    ink: NDArray[np.uint8] = np.zeros((200, 200), np.uint8)
    level = tuple(v * TO_POINTS for v in (20, 97, 180, 103))
    upright = tuple(v * TO_POINTS for v in (97, 20, 103, 180))
    ink[95:99, 60:90] = 3  # its foot reaches into the band
    ink[99:102, 99:102] = 3  # a speck of the rule
    assert not stands_across(ink, TO_POINTS, level) and not stands_across(ink, TO_POINTS, upright)  # type: ignore[arg-type]
    ink[90:110, 120:123] = 3
    assert stands_across(ink, TO_POINTS, level) and not stands_across(ink, TO_POINTS, upright)  # type: ignore[arg-type]
    ink[40:43, 80:110] = 3
    assert stands_across(ink, TO_POINTS, upright)  # type: ignore[arg-type]
