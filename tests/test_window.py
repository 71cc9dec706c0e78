from __future__ import annotations

import numpy as np
from cv2.typing import MatLike

from extractors.reading.window import framed, inked


def page() -> MatLike:
    """Paper with faint type on part of it, and a speck in a corner."""
    gray = np.full((800, 600), 255, np.uint8)
    gray[200:220, 100:300:4] = 180
    gray[790:792, 590:592] = 0
    return gray


def test_the_window_of_a_page_holds_all_but_a_lone_speck() -> None:
    assert inked(page()) == (104, 200, 304, 224)


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
