"""What is printed on a picture before it is read: the columns of tables without upright rules come from it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from extractors.reading.decoding import Recognition
from extractors.reading.engine import Engine, TextBox
from extractors.reading.page import Rule, Word
from extractors.reading.runs import find_headings, find_pieces, find_runs, without_strokes
from extractors.report import Box

HIGH = 20
"""Pixels: of the type on these pictures, which have 72 dpi."""
RULES = [Rule(x0=10, y0=y, x1=790, y1=y) for y in (20, 380)]


class Reads:
    """An engine that says what it is told to, crop after crop."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    def recognise(self, crops: list[Any]) -> list[Recognition]:
        return [Recognition(self.texts.pop(0), 1.0, 1.0, "", 0.0) for _ in crops]


def picture(*boxes: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    gray = np.full((400, 800), 255, np.uint8)
    for x0, y0, x1, y1 in boxes:
        gray[y0:y1, x0:x1] = 0
    return gray


def runs(boxes: list[tuple[int, int, int, int]], lines: list[TextBox], *texts: str) -> list[tuple[int, int]]:
    """The extents of the runs from left to right; the engine must have been asked for all the texts."""
    gray, reads = picture(*boxes), Reads(*texts)
    found: list[Box] = find_runs(cast(Engine, reads), gray, 255 - gray, lines, RULES, 1.0)
    assert not reads.texts
    return sorted((round(box[0]), round(box[2])) for box in found)


def line(y: int, *extents: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    return [(x0, y, x1, y + HIGH) for x0, x1 in extents]


def test_the_characters_of_a_line_are_one_run() -> None:
    assert runs(line(100, (100, 118), (121, 140), (143, 160)), [TextBox(95, 95, 165, 125)]) == [(100, 160)]


def test_columns_that_the_detector_took_for_one_line_are_parted() -> None:
    boxes = line(100, (100, 140), (160, 200))
    assert runs(boxes, [TextBox(95, 95, 205, 125)], "结果", "结果") == [(100, 140), (160, 200)]


def test_paper_beside_a_bracket_and_in_a_label_set_wide_parts_nothing() -> None:
    boxes = line(100, (100, 140), (156, 200))
    assert runs(boxes, [TextBox(95, 95, 205, 125)], "第二十条第", "（一）项") == [(100, 200)]
    assert runs(boxes, [TextBox(95, 95, 205, 125)], "(七)总", "计") == [(100, 200)]


def test_figures_set_close_together_are_parted() -> None:
    boxes = line(100, (100, 140), (148, 200))
    assert runs(boxes, [TextBox(95, 95, 205, 125)], "2748", "513") == [(100, 140), (148, 200)]
    assert runs(boxes, [TextBox(95, 95, 205, 125)], "行政", "许可") == [(100, 200)]


def test_digits_that_are_spaced_out_are_one_figure() -> None:
    boxes = line(100, (100, 110), (126, 136), (152, 162))
    assert runs(boxes, [TextBox(95, 95, 165, 125)], "3", "0", "5") == [(100, 162)]


def test_outside_of_tables_nothing_is_read() -> None:
    outside = [(100, 385, 140, 395), (160, 385, 200, 395)]
    assert runs(outside, [TextBox(95, 382, 205, 398)]) == [(100, 200)]


def test_dashes_that_the_detector_does_not_see_count() -> None:
    assert runs([(100, 110, 112, 112), (200, 110, 203, 111), (300, 110, 301, 111)], []) == [(100, 112), (200, 203)]


def test_characters_one_below_the_other_are_as_high_as_type() -> None:
    gray = picture(*[(100, y, 120, y + 18) for y in (100, 120, 140, 160)])
    found = find_runs(cast(Engine, Reads()), gray, 255 - gray, [TextBox(95, 95, 125, 185)], RULES, 1.0)
    assert len(found) == 4
    assert max(y1 - y0 for _, y0, _, y1 in found) <= HIGH


def test_heads_whose_characters_stand_one_below_the_other_are_pieces() -> None:
    heads = [(x, y, x + 18, y + 18) for x in (300, 340) for y in (100, 120, 140)]
    figures = [(x, 180, x + 18, 200) for x in (300, 340)]
    words = [Word("盖", (298, 98, 322, 160)), Word("i", (338, 98, 362, 160))]
    words += [Word("2", (298, 178, 322, 202)), Word("4", (338, 178, 362, 202))]
    pieces, _ = find_pieces(255 - picture(*heads, *figures), words, 1.0)
    assert len(pieces) == len(heads) + len(figures)


def test_lines_by_themselves_are_read_for_headings() -> None:
    lines = [TextBox(100, 100, 500, 125), TextBox(100, 200, 200, 220), TextBox(300, 200, 400, 220)]
    reads = Reads("三、收到和处理政府信息公开申请情况")
    assert find_headings(cast(Engine, reads), picture(), lines, RULES, 1.0) == [112.5]


def test_strokes_of_type_in_line_with_a_rule_are_none_of_it() -> None:
    label = TextBox(100, 100, 125, 120)
    rules = [Rule(x0=106, y0=110, x1=500, y1=110), Rule(x0=129, y0=150, x1=500, y1=150)]
    assert [(rule.x0, rule.x1) for rule in without_strokes(rules, [label], 1.0)] == [(129, 500), (129, 500)]


def test_where_several_rules_end_they_end() -> None:
    label = TextBox(100, 100, 125, 120)
    rules = [Rule(x0=102, y0=y, x1=500, y1=y) for y in (110, 150)]
    assert without_strokes(rules, [label], 1.0) == rules


def test_of_figures_in_two_columns_one_may_be_a_digit() -> None:
    boxes = line(100, (100, 114), (130, 160))
    assert runs(boxes, [TextBox(95, 95, 165, 125)], "2", "334") == [(100, 114), (130, 160)]
