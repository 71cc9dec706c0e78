"""Gray seals: bleached where type is darker than they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.reading.seals import without_seals

DPI = 200.0
CENTRE, RADIUS = (400, 300), 160
Picture = NDArray[np.uint8]


def typed() -> Picture:
    """Figures in lines across a page."""
    page: Picture = np.full((600, 800), 255, np.uint8)
    for row in range(80, 560, 40):
        for column in range(60, 760, 60):
            cv2.putText(page, "138", (column, row), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (30,), 2, cv2.LINE_AA)
    return page


def stamped(page: Picture, shade: int, radius: int = RADIUS) -> Picture:
    """The page with a ring and a star of that shade over it."""
    ink: Picture = np.full_like(page, 255)
    cv2.circle(ink, CENTRE, radius, (shade,), 9, cv2.LINE_AA)
    turns = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2 == 0, 60, 25)
    star = np.stack([CENTRE[0] + reach * np.cos(turns), CENTRE[1] + reach * np.sin(turns)], axis=1)
    cv2.fillPoly(ink, [star.astype(np.int32)], (shade,), cv2.LINE_AA)
    return np.minimum(page, ink)


@pytest.mark.parametrize("shade", [90, 130, 170])
def test_type_under_a_seal_is_left_and_the_seal_is_paper(shade: int) -> None:
    page = typed()
    clean, seals = without_seals(stamped(page, shade), DPI)
    assert seals
    core = page < 60
    assert (clean[core] < 150).mean() > 0.98
    assert (clean[page > 250] > 200).mean() > 0.995


def test_a_seal_as_dark_as_type_is_left_as_it_is() -> None:
    page = stamped(typed(), 35)
    clean, seals = without_seals(page, DPI)
    assert not seals
    assert (clean == page).all()


def test_what_is_no_seal_is_left_as_it_is() -> None:
    page = typed()
    cv2.circle(page, CENTRE, 40, (120,), 9)  # too small
    cv2.rectangle(page, (100, 350), (700, 380), (120,), 9)  # not round
    clean, seals = without_seals(page, DPI)
    assert not seals and clean is page


def lettered(page: Picture, shade: int) -> Picture:
    """The page with a seal that has letters of that shade along its ring, as broad as the strokes of type."""
    page = stamped(page, shade)
    letter = ((-14, -14, 14, -14), (-14, 0, 14, 0), (-14, 14, 14, 14), (0, -18, 0, 18))
    for turn in np.radians(np.arange(-125, 126, 25)):
        x, y = CENTRE[0] + 118 * np.sin(turn), CENTRE[1] - 118 * np.cos(turn)
        for x0, y0, x1, y1 in letter:
            ends = np.array([[x0, y0], [x1, y1]]) @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
            ink: Picture = np.full_like(page, 255)
            start, end = np.round(np.add(ends, (x, y))).astype(int).tolist()
            cv2.line(ink, start, end, (shade,), 4, cv2.LINE_AA)
            page = np.minimum(page, ink)
    return page


@pytest.mark.parametrize("shade", [95, 130])
def test_letters_of_a_seal_are_paper_too(shade: int) -> None:
    page = typed()
    clean, seals = without_seals(lettered(page, shade), DPI)
    assert seals
    assert (clean[page < 60] < 150).mean() > 0.98
    letters = (lettered(page, shade) < 200) & (cv2.erode(page, np.ones((5, 5))) > 250)
    assert (clean[letters] > 200).mean() > 0.97


def test_hair_rules_under_letters_stay_rules() -> None:
    page: Picture = np.full((600, 800), 255, np.uint8)
    for row in range(100, 560, 40):
        cv2.putText(page, "0", (60, row - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (30,), 2, cv2.LINE_AA)
        page[row, 40:760] = 120
    clean, seals = without_seals(lettered(page, 95), DPI)
    assert seals  # though hair rules as pale as the seal are most of the ink beside it
    inside = clean[100:560:40, CENTRE[0] - RADIUS + 20 : CENTRE[0] + RADIUS - 20]
    assert (inside < 180).mean() > 0.6


def test_letters_stay_where_type_looks_like_them() -> None:
    page = typed()
    for row in range(100, 560, 40):
        cv2.putText(page, "2468", (600, row - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (95,), 4)
    stamp = lettered(page, 95)
    clean, seals = without_seals(stamp, DPI)
    assert seals
    letters = (stamp < 120) & (stamped(page, 95) > 250)
    assert (clean[letters] < 120).mean() > 0.5


def test_type_right_beside_a_ring_is_no_part_of_it() -> None:
    page = typed()
    beside = CENTRE[0] - RADIUS - 8
    cv2.line(page, (beside, CENTRE[1] - 12), (beside, CENTRE[1] + 12), (70,), 3)
    clean, seals = without_seals(stamped(page, 95), DPI)
    assert seals
    assert (clean[CENTRE[1] - 10 : CENTRE[1] + 11, beside] < 100).all()
