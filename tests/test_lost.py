"""Pages of which the rules of tables are lost."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.layout.flow import cell_at
from extractors.layout.grids import find_grids
from extractors.reading.crops import Crop, ink_of_page
from extractors.reading.engine import TextBox
from extractors.reading.lost import find_lost, seem_lost
from extractors.reading.page import Rule, Word
from tests.making.specks import page_of_specks

POINTS = 72 / 200
ROWS, COLUMNS = range(100, 701, 60), range(150, 1151, 200)


def test_figures_that_share_their_cells_tell_that_rules_are_lost() -> None:
    def lost(ys: range) -> bool:
        rules = [Rule(x0=100, y0=y, x1=300, y1=y) for y in ys]
        rules += [Rule(x0=x, y0=100, x1=x, y1=340) for x in (100, 200, 300)]
        boxes = [(x, y, x + 10.0, y + 10.0) for y in range(105, 340, 20) for x in (145.0, 245.0)]
        words = [Word(text="7", box=box) for box in boxes]
        grids = find_grids(rules)
        places = [cell_at(grids, box[0], box[1]) for box in boxes]
        crops = [Crop(TextBox(*map(int, box)), place) for box, place in zip(boxes, places, strict=True)]
        return seem_lost(crops, words, grids)

    assert not lost(range(100, 341, 20))
    assert lost(range(100, 341, 40))
    assert lost(range(100, 341, 60))  # hardly a row is ruled


def page(share: float) -> tuple[NDArray[np.uint8], list[TextBox]]:
    """A page with a figure in each cell of a table, of which so much of the ink of its rules is left; and its lines of
    text."""
    gray = page_of_specks(share, ROWS, COLUMNS)
    text = [TextBox(x + 80, y + 16, x + 120, y + 46) for y in ROWS[:-1] for x in COLUMNS[:-1]]
    for box in text:
        cv2.putText(gray, "7", (box.x0 + 12, box.y1 - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0,), 2)
    return gray, text


@pytest.mark.parametrize("share", [0.0, 0.08])
def test_specks_of_rules_make_the_tables_of_which_no_rule_is_found(share: float) -> None:
    gray, text = page(share)
    words = [Word("7", (b.x0 * POINTS, b.y0 * POINTS, b.x1 * POINTS, b.y1 * POINTS)) for b in text]
    found = find_lost(words, text, [], gray, ink_of_page(gray, np.zeros(gray.shape, bool)), POINTS)
    if not share:
        assert found is None  # figures alone make no table
        return
    assert found is not None
    (grid,) = found.tables
    assert grid.xs == pytest.approx([x * POINTS for x in COLUMNS], abs=1)
    assert grid.ys == pytest.approx([y * POINTS for y in ROWS], abs=1)
    assert len(grid.cells) == len(list(itertools.product(ROWS[1:], COLUMNS[1:])))
