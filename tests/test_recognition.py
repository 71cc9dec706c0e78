"""Two recognisers, one quick and one thorough: which of them is asked, and what of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from extractors.reading.decoding import Recognition
from extractors.reading.recognition import (
    HEIGHT,
    LONG,
    NARROWER,
    STEP,
    Crop,
    Recogniser,
    legibility,
    read_in_two_steps,
    read_views,
)

PITCH = 6
"""Steps from one character to the next."""


def said(text: str, sure: Sequence[float] | float = 0.99, figure: str = "") -> Recognition:
    shares = [sure] * len(text) if isinstance(sure, float) else list(sure)
    steps = [PITCH * i + PITCH // 2 for i in range(len(text))]
    least = min(shares, default=0.0)
    mean = float(np.mean(shares)) if shares else 0.0
    return Recognition(text, mean, least, figure, least, characters=tuple(zip(shares, steps, strict=True)))


class Told(Recogniser):
    """Says what it is told to say, by the width of the crop in characters, and remembers what it was shown."""

    def __init__(self, answers: dict[int, Recognition]) -> None:
        self.answers, self.shown = answers, list[int]()

    def read(self, crops: Sequence[Crop], alternatives: bool = False) -> list[Recognition]:
        widths = [round(crop.shape[1] / STEP / PITCH) for crop in crops]
        self.shown += widths
        return [self.answers[width] for width in widths]


class Quick(Told):
    """Says it of long crops that have been narrowed, as the quick recogniser is shown them."""

    def read(self, crops: Sequence[Crop], alternatives: bool = False) -> list[Recognition]:
        long = [crop.shape[1] >= NARROWER * LONG for crop in crops]
        wide = [
            np.zeros((HEIGHT, round(c.shape[1] / NARROWER)), np.float32) if narrow else c
            for c, narrow in zip(crops, long, strict=True)
        ]
        results = super().read(wide)
        return [_narrow(result) if narrow else result for result, narrow in zip(results, long, strict=True)]


def _narrow(result: Recognition) -> Recognition:
    return replace(result, characters=tuple((sure, round(NARROWER * step)) for sure, step in result.characters))


def crop(characters: int) -> Crop:
    return np.zeros((HEIGHT, characters * PITCH * STEP), np.float32)


def test_what_the_quick_one_is_sure_of_is_not_read_again() -> None:
    thorough = Told({})
    (read,) = read_in_two_steps([crop(10)], Quick({10: said("一二三四五六七八九十")}), thorough)
    assert read.text == "一二三四五六七八九十" and thorough.shown == []


def test_a_doubtful_character_is_shown_with_its_neighbours_and_replaced() -> None:
    quick = Quick({10: said("松岭县府关土报表公开", [0.99] * 5 + [0.4] + [0.99] * 4)})
    thorough = Told({3: said("关于报", 0.97)})
    (read,) = read_in_two_steps([crop(10)], quick, thorough)
    assert thorough.shown == [3]
    assert read.text == "松岭县府关于报表公开"
    assert read.weakest == pytest.approx(0.97) and read.doubted == (1, 10)


def test_a_line_is_read_again_whole_where_the_two_differ_about_the_neighbours() -> None:
    quick = Quick({10: said("松岭县府关土报表公开", [0.99] * 5 + [0.4] + [0.99] * 4)})
    thorough = Told({3: said("开于报", 0.9), 10: said("松岭县府开于报表公开", 0.9)})
    (read,) = read_in_two_steps([crop(10)], quick, thorough)
    assert thorough.shown == [3, 10] and read.text == "松岭县府开于报表公开"


def test_which_comma_it_is_does_not_matter_in_a_line() -> None:
    thorough = Told({})
    quick = Quick({10: said("一二三四五，七八九十", [0.99] * 5 + [0.4] + [0.99] * 4)})
    read_in_two_steps([crop(10)], quick, thorough)
    assert thorough.shown == []


@pytest.mark.parametrize(("sure", "again"), [(0.97, []), (0.93, [2])])
def test_a_figure_must_be_surer_than_a_word(sure: float, again: list[int]) -> None:
    thorough = Told({2: said("17", 0.99, "17")})
    read_in_two_steps([crop(2)], Quick({2: said("11", sure, "11")}), thorough)
    assert thorough.shown == again


def test_a_short_text_is_read_again_whole() -> None:
    thorough = Told({3: said("总计。", 0.9)})
    (read,) = read_in_two_steps([crop(3)], Quick({3: said("总什。", [0.9, 0.3, 0.9])}), thorough)
    assert thorough.shown == [3] and read.text == "总计。"


@pytest.mark.parametrize(
    ("first", "second", "again"),
    [
        (said("17", 0.99, "17"), said("17", 0.97, "17"), []),
        (said("17", 0.99, "17"), said("11", 0.97, "11"), [3]),
        (said("17", 0.99, "17"), said("17", 0.9, "17"), [3]),
        (said("17", 0.9, "17"), said("17", 0.97, "17"), [3]),
    ],
)
def test_another_view_of_a_figure_is_read_thoroughly_unless_both_are_sure_of_the_same(
    first: Recognition, second: Recognition, again: list[int]
) -> None:
    quick, thorough = Told({3: second}), Told({2: first, 3: said("18", 0.8, "18")})
    ((one, other),) = read_views([[crop(2), crop(3)]], quick, thorough)
    assert quick.shown == [3] and thorough.shown == [2, *again]
    assert one == first and other.figure == ("18" if again else "17")


def test_nothing_to_read_is_nothing_read() -> None:
    assert read_in_two_steps([], Told({}), Told({})) == []


def test_a_page_is_as_legible_as_its_lines_but_for_the_worst() -> None:
    good, bad = said("一二三四五六七八九十"), said("一二三四五六七八九十", 0.3)
    read = read_in_two_steps([crop(10)] * 10, Quick({10: good}), Told({}))
    spoilt = read_in_two_steps([crop(10)], Quick({10: bad}), Told({10: good}))
    assert legibility(read) == legibility(read[1:] + spoilt) == 1.0
    assert legibility(read[2:] + spoilt + spoilt) == pytest.approx(1 - 9 / 90)
    assert legibility([]) == 1.0


def test_one_character_in_doubt_tells_nothing_of_a_page_with_little_text() -> None:
    good, doubtful = said("行政诉讼复议"), replace(said("行政诉讼复议"), doubted=(1, 6))
    assert legibility([replace(good, doubted=(0, 6)), doubtful]) == 1.0
    assert legibility([doubtful, doubtful]) == pytest.approx(1 - 1 / 12)


def test_a_name_is_read_thoroughly_however_sure_the_quick_one_is() -> None:
    thorough = Told({10: said("长汀新区市场监督管理")})
    names, text = read_in_two_steps(
        [crop(10)] * 2, Quick({10: said("长江新区市场监督管理", 0.98)}), thorough, names={0}
    )
    assert (names.text, text.text) == ("长汀新区市场监督管理", "长江新区市场监督管理")
    assert thorough.shown == [10]


def test_a_stroke_is_not_read_again_however_unsure_the_quick_one_is() -> None:
    thorough = Told({2: said("17", 0.99, "17")})
    stroke, figure = read_in_two_steps([crop(2)] * 2, Quick({2: said("11", 0.3, "11")}), thorough, strokes={0})
    assert (stroke.text, figure.text) == ("11", "17")
    assert thorough.shown == [2]
    (seven,) = read_in_two_steps([crop(2)], Quick({2: said("7", 0.3, "7")}), thorough, strokes={0})
    assert seven.text == "17"
