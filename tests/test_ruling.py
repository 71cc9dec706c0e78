from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.reading.engine import TextBox
from extractors.reading.ghosts import bleached
from extractors.reading.ruling import Ruling, find_rules

DPI = 200


def paper(height: int = 500, width: int = 700, noise: float = 2.0) -> NDArray[np.uint8]:
    grain = np.random.default_rng(1).normal(0, noise, (height, width))
    return np.clip(252 + grain, 0, 255).astype(np.uint8)


def rounded(ruling: Ruling) -> list[tuple[int, int, int, int]]:
    return sorted(tuple(round(v) for v in segment) for segment in ruling.segments(DPI))  # type: ignore[misc]


def assert_near(found: list[tuple[int, int, int, int]], wanted: list[tuple[int, int, int, int]]) -> None:
    assert len(found) == len(wanted), found
    for one, other in zip(found, sorted(wanted), strict=True):
        assert one == pytest.approx(other, abs=5)


@pytest.mark.parametrize("gray", [0, 120, 200, 232])
def test_a_rule_of_one_pixel_is_found_however_pale(gray: int) -> None:
    page = paper()
    page[100, 50:650] = gray
    page[60:450, 200] = gray
    assert_near(rounded(find_rules(page, [], DPI)), [(50, 100, 650, 100), (200, 60, 200, 450)])


def test_a_dotted_rule_is_one_rule() -> None:
    page = paper(noise=0)
    dots = np.random.default_rng(3).random(600) < 0.5
    page[100, 50:650][dots] = 0
    assert_near(rounded(find_rules(page, [], DPI)), [(50, 100, 650, 100)])


def test_both_lines_of_a_double_rule_are_found() -> None:
    page = paper()
    page[100:102, 50:650] = 0
    page[106:108, 50:650] = 0
    assert len(rounded(find_rules(page, [], DPI))) == 2


def test_a_shaded_band_and_the_edge_of_a_shadow_are_no_rules() -> None:
    page = paper()
    page[100:160] -= 40
    page[300:] -= 60
    assert rounded(find_rules(page, [], DPI)) == []


def test_strokes_in_text_are_no_rules_but_a_rule_through_text_is() -> None:
    page = paper()
    page[200:203, 300:340] = 0  # as long as a stroke of large type
    page[180:230, 318:321] = 0
    page[215, 100:600] = 0
    text = [TextBox(290, 180, 400, 230)]
    assert_near(rounded(find_rules(page, text, DPI)), [(100, 215, 600, 215)])


def test_the_uprights_of_a_lone_row_no_higher_than_its_line_of_text_are_rules() -> None:
    page = paper()
    page[[200, 245], 100:600] = 0
    for x in (100, 350, 400, 450, 599):
        page[200:246, x] = 0
    page[206:239, 372:375] = 0  # a stroke nearly as high as the row
    text = [TextBox(330, 203, 480, 242)]
    assert [x for x, y0, x1, y1 in rounded(find_rules(page, text, DPI)) if y1 > y0 + 9] == pytest.approx(
        [100, 350, 400, 450, 599], abs=2
    )
    page[[200, 245]] = 255
    assert 350 not in {x for x, *_ in rounded(find_rules(page, text, DPI))}


def test_figures_one_below_the_other_are_no_rule() -> None:
    page = paper()
    for top in range(60, 420, 36):
        page[top : top + 20, 300:302] = 0  # the sides of narrow zeros
        page[top : top + 20, 310:312] = 0
        page[top : top + 2, 300:312] = 0
        page[top + 18 : top + 20, 300:312] = 0
    assert rounded(find_rules(page, [], DPI)) == []


def test_a_bent_rule_is_given_in_pieces() -> None:
    page = paper()
    for x in range(50, 650):
        y = round(100 + 8 * np.sin((x - 50) / 600 * np.pi))
        page[y : y + 2, x] = 0
    segments = rounded(find_rules(page, [], DPI))
    assert len(segments) > 3
    assert sum(x1 - x0 for x0, _, x1, _ in segments) == pytest.approx(600, abs=15)


def test_the_mask_covers_the_rules() -> None:
    page = paper()
    page[100:103, 50:650] = 0
    mask = find_rules(page, [], DPI).mask(DPI)
    assert mask[101, 60:640].all() and not mask[110:].any()


def test_short_strokes_as_faint_as_print_of_the_back_are_no_rules() -> None:
    page = paper()
    page[100:102, 50:550] = 60
    page[150:152, 50:100] = 200
    assert len(rounded(find_rules(page, [], DPI))) == 2
    assert_near(rounded(find_rules(page, [], DPI, bleached(page, 60.0))), [(50, 101, 550, 101)])


def test_a_rule_ends_where_only_one_of_the_back_goes_on_on_its_line() -> None:
    page = paper()
    page[270:450, 200:202] = 40
    page[60:270, 200:202] = 205
    (whole,) = rounded(find_rules(page, [], DPI))
    assert whole[1] == pytest.approx(60, abs=5)
    (own,) = rounded(find_rules(page, [], DPI, bleached(page, 60.0)))
    assert own[1] == pytest.approx(270, abs=10)


@pytest.mark.parametrize(("line", "rules"), [(155, 1), (130, 2)])
def test_faint_rules_that_run_through_type_are_of_the_back(line: int, rules: int) -> None:
    page = paper()
    page[100:102, 50:650] = 60
    page[line : line + 4, 50:650] = 205
    for x in range(80, 620, 60):  # characters of a few strokes
        page[140:170:6, x : x + 24] = page[140:168, x : x + 3] = 20
    assert len(rounded(find_rules(page, [], DPI, bleached(page, 60.0)))) == rules


def test_rules_where_the_page_itself_is_empty_are_of_the_back() -> None:
    page = paper(height=900)
    page[60:860, 100:600:60] = page[60:860, 101:600:60] = 205
    page[140:170:6, 80:104] = page[140:168, 80:83] = 20  # one character
    assert not rounded(find_rules(page, [], DPI, bleached(page, 60.0)))


@pytest.mark.parametrize("jagged", [0, 3])
def test_a_dash_in_a_cell_is_no_rule_though_the_detector_has_not_seen_it(jagged: int) -> None:
    """Nor where the edge of an upright rule, as a fax leaves it, is level with it."""
    page = paper()
    page[120:122, 201 : 201 + jagged] = 0
    page[120:122, 215:245] = 0
    for x in (100, 200, 300):
        page[60:300, x] = 0
    for y in (60, 180, 300):
        page[y, 100:301] = 0
    page[120:122, 130:170] = page[240:242, 235:265] = 0
    found = find_rules(page, [], DPI).segments(DPI)
    assert sorted(int(y0) for x0, y0, x1, y1 in found if y0 == y1) == [60, 180, 300]


def test_a_corner_of_hair_rules_that_is_a_little_darker_than_the_rest_is_no_character() -> None:
    gray = np.full((400, 600), 254, np.uint8)
    gray[100, 100:500] = gray[145, 100:500] = 195
    for x in (100, 300, 500):
        gray[100:146, x] = 190
    gray[100:134, 300] = gray[100, 300:307] = 175
    ruling = find_rules(gray, [], 200)
    assert sorted(round(float(np.median(ridge.middles))) for ridge in ruling.upright) == [100, 300, 500]
