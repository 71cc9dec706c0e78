from __future__ import annotations

import numpy as np
import pytest
from cv2.typing import MatLike

from extractors.reading.window import BLOCK, framed, inked


def page() -> MatLike:
    """Paper with faint type on part of it, and a speck in a corner."""
    gray = np.full((800, 600), 255, np.uint8)
    gray[200:220, 100:300:4] = 180
    gray[790:792, 590:592] = 0
    return gray


def test_the_window_of_a_page_holds_all_but_a_lone_speck() -> None:
    assert inked(page()) == (104, 200, 296, 216)


def test_specks_apart_from_each_other_and_what_shows_of_a_desk_along_the_rim_do_not_widen_the_window() -> None:
    gray = page()
    for x, y in ((50, 60), (500, 90), (440, 600), (21, 300)):
        gray[y : y + 6, x : x + 6] = 0
    gray[:9] = gray[:, -12:] = 60
    assert inked(gray) == inked(page())


def test_a_single_digit_apart_from_all_else_is_within_the_window() -> None:
    gray = page()
    gray[700:717, 300:303] = 40
    assert inked(gray) == (104, 200, 304, 720)


def test_noise_by_which_all_paper_is_a_little_dark_does_not_widen_the_window() -> None:
    noise = np.random.default_rng(1).normal(0, 14, (800, 600))
    assert inked(np.clip(page() - 6 + noise, 0, 255).astype(np.uint8)) == pytest.approx(inked(page()), abs=BLOCK)


def test_an_empty_page_has_no_window() -> None:
    assert inked(np.full((800, 600), 255, np.uint8)) is None
    assert inked(np.full((3, 3), 0, np.uint8)) is None


def test_a_window_is_framed_by_whole_steps_and_does_not_leave_the_page_on_the_left_or_above() -> None:
    part, x, y = framed(page(), (10, 200, 304, 224), scale=0.5, margin=32, step=32)
    assert (x, y) == (0, 168)
    assert (part.shape[1] * 0.5) % 32 == 0 == (part.shape[0] * 0.5) % 32
    assert part.shape[1] >= 304 + 32 and part.shape[0] >= 24 + 2 * 32
    assert (part[: 224 - 168, :304] == page()[168:224, :304]).all()


def test_beyond_the_page_there_is_paper() -> None:
    gray = np.zeros((100, 90), np.uint8)
    part, x, y = framed(gray, (0, 0, 90, 100), scale=1.0, margin=16, step=32)
    assert part.shape == (128, 96) and (x, y) == (0, 0)
    assert part[:100, :90].max() == 0 and part[100:].min() == 255 == part[:, 90:].min()
