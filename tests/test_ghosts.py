from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from cv2.typing import MatLike

from extractors.reading.engine import TextBox
from extractors.reading.ghosts import bleached, without_ghosts

DPI = 100.0


def mirrored(crops: Sequence[MatLike]) -> list[float]:
    """As sure of each picture as it is darker at its right: the strokes of a made line begin at its left."""
    return [float(crop[:, -4:].min() < crop[:, :2].min()) for crop in crops]


def upright(crops: Sequence[MatLike]) -> list[float]:
    return [1 - sure for sure in mirrored(crops)]


def nothing(_: MatLike) -> list[TextBox]:
    """No line of text is found."""
    return []


def page(lines: list[tuple[int, int]], width: int = 300) -> tuple[MatLike, list[TextBox]]:
    """White paper with lines of strokes, each at a height and of a brightness."""
    gray = np.full((400, 400), 255, np.uint8)
    for y, brightness in lines:
        gray[y : y + 14, 40 : 40 + width : 5] = brightness
    return gray, [TextBox(38, y - 2, 42 + width, y + 16) for y, _ in lines]


def test_lines_that_shine_through_become_paper() -> None:
    gray, boxes = page([(40, 20), (80, 220), (120, 30), (160, 215), (200, 225), (240, 220)])
    clean, behind = without_ghosts(gray, boxes, DPI, nothing, mirrored)
    assert 255 - 215 < behind < 255 - 30
    assert clean[80:94].min() == 255 and (clean[40:54] == gray[40:54]).all()


def test_heads_of_the_back_that_are_bolder_become_paper_too() -> None:
    gray, boxes = page([(40, 20), (80, 225), (120, 228), (160, 195), (200, 225)])
    clean, _ = without_ghosts(gray, boxes, DPI, nothing, mirrored)
    assert clean[80:].min() == 255


def test_a_rule_through_a_line_of_the_back_does_not_make_thin_type_part_of_it() -> None:
    gray, boxes = page([(40, 10), (80, 225), (120, 228), (160, 225), (240, 165)])
    gray[160:174, 160:166] = 190
    clean, behind = without_ghosts(gray, boxes, DPI, nothing, mirrored)
    assert behind < 255 - 165 and (clean[240:254] == gray[240:254]).all()


def test_lines_that_are_too_faint_to_be_seen_beside_type_are_looked_for_without_it() -> None:
    gray, boxes = page([(40, 20), (120, 30)])
    back, behind = page([(80, 235), (160, 230), (200, 235), (240, 225)])
    for x in range(40, 340, 20):  # characters of some strokes
        back[back[:, x] < 255, x : x + 12] = 235
    both = np.minimum(gray, back)
    seen = []

    def detect(faint: MatLike) -> list[TextBox]:
        seen.append(faint)
        return behind

    clean, level = without_ghosts(both, boxes, DPI, detect, mirrored)
    assert (seen[0][40:54] == 255).all() and seen[0][160:174].min() < 200
    assert level > 255 - 225 and clean[160:174].min() == 255 and clean[40:54].min() == 20
    assert without_ghosts(both, boxes, DPI, detect, mirrored, shaded=True) == (both, 0.0)
    assert without_ghosts(both, boxes, DPI, detect, upright) == (both, 0.0)


def test_nothing_is_looked_for_beside_gray_rules() -> None:
    gray, boxes = page([(40, 20), (120, 30)])
    gray[180:400:20] = gray[180:400, ::40] = 215

    def detect(_: MatLike) -> list[TextBox]:
        raise AssertionError

    assert without_ghosts(gray, boxes, DPI, detect, mirrored) == (gray, 0.0)


def test_strokes_keep_their_edges() -> None:
    gray = np.full((20, 40), 215, np.uint8)
    gray[:, 20:23] = (200, 20, 200)
    clean = bleached(gray, 60.0)
    assert clean[10, 20:23].tolist() == [200, 20, 200]
    assert (clean[:, :20] == 255).all() and (clean[:, 23:] == 255).all()


def test_a_page_worn_all_over_keeps_its_ink() -> None:
    gray, boxes = page([(40, 170), (80, 190), (120, 180), (160, 185)])
    clean, behind = without_ghosts(gray, boxes, DPI, nothing, mirrored)
    assert not behind and clean is gray


def test_faint_type_that_reads_as_it_stands_is_no_ghost() -> None:
    gray, boxes = page([(40, 20), (80, 30), (120, 220), (160, 215), (200, 225), (240, 220)])
    clean, behind = without_ghosts(gray, boxes, DPI, nothing, upright)
    assert not behind and clean is gray


def test_one_pale_figure_that_reads_better_mirrored_is_no_ghost() -> None:
    gray, boxes = page([(40, 20), (80, 30)])
    pale, figure = page([(120, 220)], width=40)
    both = np.minimum(gray, pale)
    clean, behind = without_ghosts(both, boxes + figure, DPI, nothing, mirrored)
    assert not behind and clean is both


def test_a_page_that_is_known_to_show_its_back_is_not_asked_again() -> None:
    gray, boxes = page([(40, 20), (80, 190)])
    clean, behind = without_ghosts(gray, boxes, DPI, nothing, upright, known=80.0)
    assert behind == 80.0 and clean[80:94].min() == 255


def test_a_page_without_text_is_left_alone() -> None:
    gray, _ = page([])
    assert without_ghosts(gray, [], DPI, nothing, mirrored) == (gray, 0.0)
