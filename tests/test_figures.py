from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from extractors.figures import SPECKED, Figure, read_figure, without_lookalikes
from extractors.forms import Column

COUNT = Column(key="issued", label="本年制发件数")
CHANGE = Column(key="change", label="本年增/减", signed=True)
FEES = Column(key="amount_10k_yuan", label="本年收费金额（单位：万元）", decimal=True, unit="万元")
AMOUNT = Column(key="amount", label="采购总金额", decimal=True, any_unit=True)


@pytest.mark.parametrize("text", ["", " ", "/", "-", "—", "－", "——", "\\", "／"])
def test_strokes_are_blank(text: str) -> None:
    figure = read_figure(text, COUNT)
    assert figure.value is None and figure.blank and figure.doubt is None


@pytest.mark.parametrize(
    ("text", "column", "value", "note"),
    [
        ("22", COUNT, 22, None),
        (" ２２ ", COUNT, 22, None),
        ("1,234,567", COUNT, 1234567, None),
        ("22（其中修订16件）", COUNT, 22, "其中修订16件"),
        ("3件", COUNT, 3, "件"),
        ("减3", CHANGE, -3, None),
        ("-3", CHANGE, -3, None),
        ("增5", CHANGE, 5, None),
        ("+5", CHANGE, 5, None),
        ("7730.28", FEES, 7730.28, None),
        ("0.5", FEES, 0.5, None),
        ("12.5万元", FEES, 12.5, "万元"),
        ("5842.7万元", AMOUNT, 5842.7, "万元"),
    ],
)
def test_figures_with_and_without_remarks(text: str, column: Column, value: float, note: str | None) -> None:
    figure = read_figure(text, column)
    assert (figure.value, figure.note, figure.doubt) == (value, note, None)


@pytest.mark.parametrize(
    ("text", "column", "value"),
    [
        ("251000元", FEES, 251000),  # the column names 万元
        ("abc", COUNT, None),
        ("1 5", COUNT, 15),
        ("减3", COUNT, -3),
        ("1.5", COUNT, 1.5),
        ("5/3", COUNT, 5),
        ("02", COUNT, 2),
        ("007.5", FEES, 7.5),
    ],
)
def test_what_is_odd_is_said(text: str, column: Column, value: float | None) -> None:
    figure = read_figure(text, column)
    assert figure.value == value and figure.doubt is not None


def test_a_number_over_two_lines_is_doubtful() -> None:
    assert read_figure("138062", COUNT, lines=2).doubt is not None
    assert read_figure("1（其中修订16件）", COUNT, lines=2).doubt is None


@given(integers(0, 10**9))
def test_every_count_comes_back(number: int) -> None:
    for text in (str(number), f"{number:,}", f" {number} "):
        figure = read_figure(text, COUNT)
        assert figure.value == number and figure.doubt is None and not figure.blank


def test_a_letter_among_digits_is_the_digit_that_it_looks_like() -> None:
    assert without_lookalikes("91O") == "910" and without_lookalikes("l2") == "12"


@pytest.mark.parametrize("text", ["9" * 16, "9" * 5000, f"1.{'5' * 400}", f"-{'1' * 20}件"])
def test_more_digits_than_any_report_counts_are_no_number(text: str) -> None:
    for column in (COUNT, AMOUNT):
        assert (figure := read_figure(text, column)).value is None
        assert (figure.doubt, figure.note) == ("no number", text)
    assert read_figure("999,999,999,999,999", COUNT).value == 10**15 - 1


@pytest.mark.parametrize("text", [".0", "0.", "34 .", "0:", "12,"])
def test_a_speck_beside_a_count_is_a_doubt_about_it(text: str) -> None:
    digits = int("".join(char for char in text if char.isdigit()))
    assert read_figure(text, COUNT) == Figure(digits, doubt=SPECKED)


def test_a_point_within_a_count_or_at_the_end_of_an_amount_is_no_speck() -> None:
    assert read_figure("3.4", COUNT).doubt == "decimal in a column of counts"
    assert read_figure(".5", FEES) == Figure(None, doubt="no number", note=".5")
    assert read_figure(".", COUNT).blank
