"""Charts: what is drawn is what is in the figures."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from web.charts import HEIGHT, WIDTH, Scale, Series, bar_chart

SVG = "{http://www.w3.org/2000/svg}"


def bars_of(svg: str) -> dict[str, float]:
    """Height in pixels of each bar by what it says of itself."""
    bars = {}
    for rect in ET.fromstring(svg).iter(f"{SVG}rect"):
        words = rect.find(f"{SVG}title")
        if words is not None and words.text:
            bars[words.text] = float(rect.get("height", 0))
    return bars


def texts_of(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]


def test_bars_are_as_high_as_their_figures() -> None:
    bars = bars_of(bar_chart("新收申请", [2021, 2022], [Series("申请", [30, 60])]))
    assert bars["2022 年 申请：60"] == pytest.approx(2 * bars["2021 年 申请：30"], abs=0.2)


def test_stacked_parts_stand_on_each_other_and_say_their_sum() -> None:
    svg = bar_chart("结果", [2021], [Series("予以公开", [30]), Series("不予公开", [12])], stacked=True)
    rects = [r for r in ET.fromstring(svg).iter(f"{SVG}rect") if r.find(f"{SVG}title") is not None]
    below, above = rects
    assert float(above.get("y", 0)) + float(above.get("height", 0)) == pytest.approx(float(below.get("y", 0)), abs=0.2)
    assert "42" in texts_of(svg)


def test_a_year_without_figures_says_so_and_a_blank_has_no_bar() -> None:
    svg = bar_chart("结果", [2021, 2022], [Series("甲", [None, 3]), Series("乙", [None, None])])
    assert "无数据" in texts_of(svg)
    assert list(bars_of(svg)) == ["2022 年 甲：3"]


def test_all_zero_is_drawn_with_its_zeros() -> None:
    svg = bar_chart("结果", [2021], [Series("甲", [0])])
    assert bars_of(svg) == {"2021 年 甲：0": 0}
    assert "0" in texts_of(svg)


@pytest.mark.parametrize("highest", [0, 1, 4, 7, 99, 1234, 5000.5])
def test_the_scale_reaches_over_the_highest_bar_in_round_steps(highest: float) -> None:
    scale = Scale.over([Series("甲", [highest])], stacked=False)
    assert scale.top >= highest
    assert len(scale.ticks) <= 7
    assert scale.y(0) > scale.y(scale.top) > 0
    assert scale.y(scale.top) < HEIGHT and WIDTH > HEIGHT


def test_names_are_text_and_never_markup() -> None:
    svg = bar_chart("<script>alert(1)</script>", [2021], [Series("<b>", [1])])
    assert "<script>" not in svg and "<b>" not in svg
