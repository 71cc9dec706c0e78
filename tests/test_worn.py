"""Sides of cells that are worn off altogether, told by the figures beside them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from extractors.layout.grids import Grid, find_grids
from extractors.layout.worn import worn_sides
from extractors.reading.page import Rule
from extractors.report import Box

XS, YS = (100.0, 140.0, 180.0, 220.0), (100.0, 120.0, 140.0, 160.0)


def grid(*without: tuple[float, float], ys: Sequence[float] = YS) -> Grid:
    """Rows of three cells without the upright sides that begin at (x, y)."""
    rules = [Rule(x0=100, y0=y, x1=220, y1=y) for y in ys]
    rules += [
        Rule(x0=x, y0=top, x1=x, y1=bottom)
        for x in XS
        for top, bottom in itertools.pairwise(ys)
        if (x, top) not in without
    ]
    (found,) = find_grids(rules)
    return found


def found(table: Grid, type_at: Sequence[tuple[float, float]]) -> list[tuple[float, float, float, float]]:
    """The sides told by type from x0 to x1 in the middle row."""

    def inked(box: Box) -> Box | None:
        within = [(max(x0, box[0]), min(x1, box[2])) for x0, x1 in type_at if x0 < box[2] and x1 > box[0]]
        return (min(x0 for x0, _ in within), 125, max(x1 for _, x1 in within), 135) if within else None

    return [(rule.x0, rule.y0, rule.x1, rule.y1) for rule in worn_sides(table, inked)]


def test_two_figures_in_the_middle_of_their_cells_tell_the_side_between() -> None:
    assert found(grid((140, 120)), [(117, 123), (157, 163)]) == [(140, 120, 140, 140)]
    assert found(grid((140, 120), (180, 120)), [(117, 123), (157, 163), (195, 205)]) == [
        (140, 120, 140, 140),
        (180, 120, 180, 140),
    ]


def test_a_side_that_is_gone_in_several_rows_is_told_by_the_figures_of_all_of_them() -> None:
    table = grid((140, 120), (140, 140), ys=(*YS, 180))
    assert found(table, [(117, 123), (157, 163)]) == [(140, 120, 140, 160)]
    assert found(table, [(137, 143)]) == []


@pytest.mark.parametrize(
    "type_at",
    [
        [(137, 143)],  # a figure in the middle of a merged cell
        [(120, 138), (142, 160)],  # a heading whose characters a line would part
        [(117, 123)],
        [],
    ],
)
def test_what_stands_in_the_middle_of_a_merged_cell_tells_none(type_at: list[tuple[float, float]]) -> None:
    assert found(grid((140, 120)), type_at) == []


def test_no_side_is_told_where_its_line_does_not_run_on() -> None:
    assert found(grid((140, 120), (140, 100)), [(117, 123), (157, 163)]) == []
