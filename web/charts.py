"""Bar charts as SVG: a bar for each year, its parts side by side or one upon the other.

The picture stands for itself when it is downloaded: title, legend and figures are in it, in the fonts of whoever
looks at it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from extractors.report import Value

WIDTH, HEIGHT = 720, 360
TOP, BOTTOM, LEFT, RIGHT = 76, 36, 64, 16
"""Margins around the bars: title and legend above, years below, the scale to the left."""
COLOURS = ("#0b5a63", "#d9a441", "#7a9e7e", "#a3261d", "#59626a", "#b58ab5", "#8fb8bf")
"""Told apart by people who see no red or no green as well, by their lightness."""
INK, MUTED, LINE = "#1d2327", "#59626a", "#dedbd1"
FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
LEGEND_STEP = 15
"""Pixels that a Chinese character of the legend takes, with its share of the gaps."""
TICKS = 5
BAR_SHARE = 0.62
"""Of the room that a year has."""


@dataclass(frozen=True)
class Series:
    """One quantity over the years; None where a year does not have it."""

    name: str
    values: Sequence[Value]


def bar_chart(title: str, years: Sequence[int], series: Sequence[Series], stacked: bool = False) -> str:
    """The chart as an SVG document."""
    svg = _root(title)
    _text(svg, 16, 28, title, size=17, weight="600", anchor="start")
    _legend(svg, series)
    scale = Scale.over(series, stacked)
    for tick in scale.ticks:
        y = scale.y(tick)
        _line(svg, LEFT, y, WIDTH - RIGHT, y)
        _text(svg, LEFT - 8, y + 4, f"{tick:,g}", size=12, fill=MUTED, anchor="end")
    room = (WIDTH - LEFT - RIGHT) / max(len(years), 1)
    for index, year in enumerate(years):
        middle = LEFT + room * (index + 0.5)
        _text(svg, middle, HEIGHT - BOTTOM + 20, f"{year}", size=13, fill=MUTED)
        bars = [(number, s.name, s.values[index]) for number, s in enumerate(series)]
        if all(value is None for _, _, value in bars):
            _text(svg, middle, scale.y(0) - 6, "无数据", size=12, fill=MUTED)
        elif stacked:
            _stack(svg, scale, middle, room * BAR_SHARE, year, bars)
        else:
            _group(svg, scale, middle, room * BAR_SHARE, year, bars)
    return ET.tostring(svg, encoding="unicode")


@dataclass(frozen=True)
class Scale:
    """Figures → pixels from the top."""

    top: float
    ticks: tuple[float, ...]

    @classmethod
    def over(cls, series: Sequence[Series], stacked: bool) -> Scale:
        """From 0 to a round figure above the highest bar; negative figures have no bar."""
        columns = zip(*(s.values for s in series), strict=True)
        heights = [(sum if stacked else max)(max(value or 0, 0) for value in column) for column in columns]
        step = _round_step(max(heights, default=0) / TICKS)
        count = math.floor(max(heights, default=0) / step) + 1
        return cls(step * count, tuple(step * i for i in range(count + 1)))

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top


Bars = Sequence[tuple[int, str, Value]]
"""(number of the series, its name, its figure) of one year."""


def _stack(svg: ET.Element, scale: Scale, middle: float, width: float, year: int, bars: Bars) -> None:
    base = 0.0
    for number, name, value in bars:
        if value is not None and value > 0:
            _bar(svg, scale, middle - width / 2, width, base, base + value, number, f"{year} 年 {name}：{value:,g}")
            base += value
    _text(svg, middle, scale.y(base) - 6, f"{base:,g}", size=12)


def _group(svg: ET.Element, scale: Scale, middle: float, width: float, year: int, bars: Bars) -> None:
    each = width / len(bars)
    for number, name, value in bars:
        if value is None:
            continue
        x = middle - width / 2 + each * number
        _bar(svg, scale, x, each * 0.92, 0, max(value, 0), number, f"{year} 年 {name}：{value:,g}")
        _text(svg, x + each * 0.46, scale.y(max(value, 0)) - 6, f"{value:,g}", size=12)


def _bar(
    svg: ET.Element, scale: Scale, x: float, width: float, low: float, high: float, number: int, words: str
) -> None:
    top, bottom = scale.y(high), scale.y(low)
    place = {"x": f"{x:.1f}", "y": f"{top:.1f}", "width": f"{width:.1f}", "height": f"{bottom - top:.1f}"}
    bar = ET.SubElement(svg, "rect", place, fill=COLOURS[number % len(COLOURS)])
    ET.SubElement(bar, "title").text = words


def _legend(svg: ET.Element, series: Sequence[Series]) -> None:
    x = 16.0
    for number, one in enumerate(series):
        place = {"x": f"{x:.0f}", "y": "44", "width": "12", "height": "12", "rx": "2"}
        ET.SubElement(svg, "rect", place, fill=COLOURS[number % len(COLOURS)])
        _text(svg, x + 18, 55, one.name, size=13, fill=MUTED, anchor="start")
        x += 34 + LEGEND_STEP * len(one.name)


def _root(title: str) -> ET.Element:
    size = {"width": f"{WIDTH}", "height": f"{HEIGHT}", "viewBox": f"0 0 {WIDTH} {HEIGHT}"}
    svg = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img", "font-family": FONT})
    ET.SubElement(svg, "title").text = title
    ET.SubElement(svg, "rect", {"width": f"{WIDTH}", "height": f"{HEIGHT}"}, fill="#fff")
    return svg


def _text(
    svg: ET.Element,
    x: float,
    y: float,
    text: str,
    size: int,
    fill: str = INK,
    weight: str = "400",
    anchor: str = "middle",
) -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": f"{size}", "font-weight": weight, "text-anchor": anchor}
    ET.SubElement(svg, "text", place, fill=fill).text = text


def _line(svg: ET.Element, x0: float, y0: float, x1: float, y1: float) -> None:
    place = {"x1": f"{x0:.1f}", "y1": f"{y0:.1f}", "x2": f"{x1:.1f}", "y2": f"{y1:.1f}"}
    ET.SubElement(svg, "line", place, stroke=LINE)


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10, 20 … that is no smaller; figures are counts, so at least 1."""
    if least <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)
