"""Dashes and slashes are known by their shape, figures are none of them."""

from __future__ import annotations

import cv2
import numpy as np
import pymupdf
import pytest
from numpy.typing import NDArray

from extractors.reading.decoding import Recognition
from extractors.reading.ink import without_rules
from extractors.reading.strokes import UNSURE, ink_by_contrast, shape_of, stroke_of, with_stroke

DPI = 200
FACES = ["helv", "tiro", "cour", "china-s", "china-ss"]


def printed(text: str, face: str, size: float = 10.5, faint: float = 0.0) -> NDArray[np.uint8]:
    """Gray picture of some characters at 200 dpi, cut to their ink and a little paper."""
    page = pymupdf.open().new_page(width=100, height=40)
    page.insert_text((30, 28), text, fontname=face, fontsize=size)
    pixmap = page.get_pixmap(dpi=DPI, colorspace="gray")
    gray = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.stride)[:, : pixmap.w]
    rows, columns = np.nonzero(gray < 200)
    cut = gray[rows.min() - 2 : rows.max() + 3, columns.min() - 2 : columns.max() + 3]
    noisy = cv2.GaussianBlur(cut, (0, 0), 0.7) + np.random.default_rng(3).normal(0, 5, cut.shape)
    return np.clip(255 - (255 - noisy) * (1 - faint), 0, 255).astype(np.uint8)


def reading(text: str, confidence: float = 0.97) -> Recognition:
    return Recognition(text, confidence, confidence, text, confidence)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("size", [7.5, 10.5, 14.0])
def test_figures_are_no_strokes(face: str, size: float) -> None:
    for figure in [*"0123456789", "11", "10", "16", "18", "71", "111"]:
        assert stroke_of(ink_by_contrast(printed(figure, face, size)), DPI) is None, figure


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("faint", [0.0, 0.6])
def test_a_slash_is_read_as_one_whatever_the_recogniser_says(face: str, faint: float) -> None:
    for said in ("1", "l", "/", "", "J", "八", "√"):
        result = with_stroke(reading(said), shape_of(printed("/", face, faint=faint), DPI))
        assert (result.text, result.figure) == ("/", "")


def test_a_dash_is_no_one() -> None:
    assert with_stroke(reading("1"), shape_of(printed("-", "helv"), DPI)).text == "—"
    assert with_stroke(reading("1"), shape_of(printed("\u2014", "china-s"), DPI)).text == "—"


def test_an_opinion_against_the_shape_makes_the_reading_unsure() -> None:
    result = with_stroke(reading("4"), shape_of(printed("/", "helv"), DPI))
    assert (result.text, result.confidence) == ("4", UNSURE)


def test_a_stroke_that_leans_a_little_makes_the_reading_unsure() -> None:
    upright = np.full((40, 24), 255, np.uint8)
    cv2.line(upright, (9, 36), (14, 4), (20.0,), 2, cv2.LINE_AA)
    result = with_stroke(reading("1"), shape_of(upright, DPI))
    assert (result.text, result.figure_confidence) == ("1", UNSURE)


def test_several_characters_are_left_as_they_are() -> None:
    assert with_stroke(reading("11"), shape_of(printed("/", "helv"), DPI)) == reading("11")


def test_what_is_left_of_a_rule_beside_a_border_is_no_ink() -> None:
    ink = np.zeros((40, 60), np.uint8)
    ink[:, 2:4] = 1  # from top to bottom of the cell
    ink[12:30, 20:24] = 1  # a digit
    clean = without_rules(ink, 200)
    assert not clean[:, :10].any() and clean[12:30, 20:24].all()


def test_a_dash_in_pieces_is_no_row_of_ones() -> None:
    dash = printed("\u2014", "china-s")
    width = dash.shape[1]
    dash[:, width // 3 : width // 3 + 2] = dash[:, 2 * width // 3 : 2 * width // 3 + 2] = 255
    result = with_stroke(reading("1l1"), shape_of(dash, DPI))
    assert (result.text, result.figure) == ("\u2014", "")
