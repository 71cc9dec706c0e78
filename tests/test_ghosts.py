from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from cv2.typing import MatLike

from extractors.reading.engine import TextBox
from extractors.reading.ghosts import without_ghosts

DPI = 100.0


def mirrored(crops: Sequence[MatLike]) -> float:
    """As sure of the pictures as they are darker at their right: the strokes of a made line begin at its left."""
    return float(np.mean([crop[:, -4:].min() < crop[:, :2].min() for crop in crops]))


def upright(crops: Sequence[MatLike]) -> float:
    return 1 - mirrored(crops)


def page(lines: list[tuple[int, int]], width: int = 300) -> tuple[MatLike, list[TextBox]]:
    """White paper with lines of strokes, each at a height and of a brightness."""
    gray = np.full((400, 400), 255, np.uint8)
    for y, brightness in lines:
        gray[y : y + 14, 40 : 40 + width : 5] = brightness
    return gray, [TextBox(38, y - 2, 42 + width, y + 16) for y, _ in lines]


def test_lines_that_shine_through_become_paper() -> None:
    gray, boxes = page([(40, 20), (80, 190), (120, 30), (160, 185), (200, 195), (240, 190)])
    clean, kept, faint = without_ghosts(gray, boxes, DPI, mirrored)
    assert [(box.x0, box.y0) for box in kept] == [(box.x0, box.y0) for box in (boxes[0], boxes[2])]
    assert faint > 255 - 185
    assert clean[80:94].min() == 255 and (clean[40:54] == gray[40:54]).all()


def test_a_page_worn_all_over_keeps_its_ink() -> None:
    gray, boxes = page([(40, 170), (80, 190), (120, 180), (160, 185)])
    clean, kept, _ = without_ghosts(gray, boxes, DPI, mirrored)
    assert kept == boxes and (clean == gray).all()


def test_faint_type_that_reads_as_it_stands_is_no_ghost() -> None:
    gray, boxes = page([(40, 20), (80, 30)])
    faint, more = page([(120, 190), (160, 185), (200, 195), (240, 190)])
    both = np.minimum(gray, faint)
    clean, kept, _ = without_ghosts(both, boxes + more, DPI, upright)
    assert kept == boxes + more and (clean == both).all()


def test_one_pale_figure_that_reads_better_mirrored_is_no_ghost() -> None:
    gray, boxes = page([(40, 20), (80, 30)])
    pale, figure = page([(120, 190)], width=40)
    both = np.minimum(gray, pale)
    clean, kept, faint = without_ghosts(both, boxes + figure, DPI, mirrored)
    assert kept == boxes + figure and (clean == both).all() and not faint


def test_a_page_that_is_known_to_show_its_back_is_not_asked_again() -> None:
    gray, boxes = page([(40, 20), (80, 190)])
    clean, kept, faint = without_ghosts(gray, boxes, DPI, upright, known=80.0)
    assert len(kept) == 1 and faint == 80.0 and clean[80:94].min() == 255


def test_a_page_without_text_is_left_alone() -> None:
    gray, _ = page([])
    assert without_ghosts(gray, [], DPI, mirrored)[1] == []
