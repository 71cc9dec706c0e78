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


def levels(table: Grid, type_at: Sequence[Box]) -> list[tuple[float, float, float, float]]:
    """The level sides told by type in boxes."""

    def inked(box: Box) -> Box | None:
        within = [b for b in type_at if b[0] < box[2] and b[2] > box[0] and b[1] < box[3] and b[3] > box[1]]
        if not within:
            return None
        y0, y1 = min(b[1] for b in within), max(b[3] for b in within)
        return (min(b[0] for b in within), max(y0, box[1]), max(b[2] for b in within), min(y1, box[3]))

    return [(r.x0, r.y0, r.x1, r.y1) for r in worn_sides(table, inked) if r.horizontal]


def lacking(*without: tuple[float, float]) -> Grid:
    """Three rows of three cells without the level sides that begin at (x, y)."""
    rules = [Rule(x0=x, y0=100, x1=x, y1=160) for x in XS]
    rules += [
        Rule(x0=left, y0=y, x1=right, y1=y)
        for y in YS
        for left, right in itertools.pairwise(XS)
        if (left, y) not in without
    ]
    (found,) = find_grids(rules)
    return found


@pytest.mark.parametrize("x", [100, 140, 180])
def test_what_stands_halfway_up_in_two_rows_tells_the_side_between(x: float) -> None:
    in_both = [(x + 5, 107, x + 20, 113), (x + 5, 127, x + 30, 133)]
    assert levels(lacking((x, 120)), in_both) == [(x, 120, x + 40, 120)]


def test_a_label_beside_two_rows_is_one() -> None:
    table = lacking((140, 120))
    assert levels(table, [(145, 114, 170, 126)]) == []  # in the middle
    assert levels(table, [(145, 109, 170, 118), (145, 122, 170, 131)]) == []  # its two lines are close
    assert levels(table, [(145, 107, 170, 113)]) == []
    assert levels(lacking((100, 120), (140, 120)), [(145, 107, 170, 113), (145, 127, 170, 133)]) == []


def blocks(*without: tuple[int, int], columns: int = 7) -> Grid:
    """Heads over figures in equal columns, without the upright sides of (row, line)."""
    rules = [Rule(x0=100, y0=y, x1=100 + 40 * columns, y1=y) for y in (100, 120, 140)]
    rules += [
        Rule(x0=100 + 40 * line, y0=100 + 20 * row, x1=100 + 40 * line, y1=120 + 20 * row)
        for row in (0, 1)
        for line in range(columns + 1)
        if (row, line) not in without
    ]
    (found,) = find_grids(rules)
    return found


def uprights(table: Grid, type_at: Sequence[Box]) -> list[tuple[float, float, float]]:
    def inked(box: Box) -> Box | None:
        within = [b for b in type_at if b[0] < box[2] and b[2] > box[0] and b[1] < box[3] and b[3] > box[1]]
        return (
            (max(min(b[0] for b in within), box[0]), 0, min(max(b[2] for b in within), box[2]), 0) if within else None
        )

    return sorted((r.x0, r.y0, r.y1) for r in worn_sides(table, inked) if not r.horizontal)


def test_a_line_of_which_nothing_is_left_is_told_by_heads_and_figures_in_equal_columns() -> None:
    lost = blocks((0, 3), (1, 3))
    heads = [(187, 105, 213, 115), (227, 105, 253, 115)]
    assert uprights(lost, [*heads, (197, 125, 203, 135), (237, 125, 243, 135)]) == [(220, 100, 120), (220, 120, 140)]
    assert uprights(lost, heads) == [(220, 100, 120), (220, 120, 140)]
    assert uprights(blocks((0, 3)), heads) == [(220, 100, 120)]
    assert uprights(blocks((1, 3)), []) == [(220, 120, 140)]


def test_so_are_several_side_by_side_though_heads_nearly_fill_their_columns() -> None:
    lost = blocks(*((row, line) for row in (0, 1) for line in (1, 2)), columns=9)
    heads = [(104.0 + 40 * k, 105.0, 136.0 + 40 * k, 115.0) for k in range(3)]
    figures = [(115.0 + 40 * k, 125.0, 125.0 + 40 * k, 135.0) for k in range(3)]
    assert uprights(lost, [*heads, *figures]) == [
        (140, 100, 120), (140, 120, 140), (180, 100, 120), (180, 120, 140)
    ]  # fmt: skip


def test_what_stands_across_such_a_line_tells_that_there_is_none() -> None:
    lost = blocks((0, 3), (1, 3))
    assert uprights(lost, [(205, 105, 235, 115), (197, 125, 203, 135), (237, 125, 243, 135)]) == []
    assert uprights(lost, []) == []
    assert uprights(blocks((0, 3)), [(205, 105, 235, 115)]) == []


def double(*lost: int, labels: bool = True) -> tuple[Grid, list[Box]]:
    """Rows of a label and five figures; of the levels at 120, 140, 160 those `lost` are not ruled. And what stands
    there."""
    xs = [100.0, *(200.0 + 30 * k for k in range(6))]
    rules = [Rule(x0=100, y0=y, x1=350, y1=y) for y in (100, 120, 140, 160, 180) if y not in lost]
    rules += [Rule(x0=x, y0=100, x1=x, y1=180) for x in xs]
    type_at = [(211.0 + 30 * k, y + 6, 219.0 + 30 * k, y + 14) for k in range(5) for y in YS]
    if labels:
        type_at += [(105.0, y + 5, 160.0, y + 15) for y in YS]
    (found,) = find_grids(rules)
    return found, type_at


def test_figures_one_below_the_other_tell_a_level_of_which_nothing_is_left() -> None:
    assert levels(*double(140)) == [(100, 140, 350, 140)]
    assert levels(*double()) == []
    table, type_at = double(140)
    assert levels(table, [box for box in type_at if box[0] != 241]) == [(100, 140, 350, 140)]  # one is blank


def test_one_row_of_figures_of_two_lines_is_one() -> None:
    table, type_at = double(140)
    assert levels(*double(140, labels=False)) == []
    one_label = [box for box in type_at if box[0] > 105 or not 120 < box[1] < 160]
    assert levels(table, [*one_label, (105, 131, 160, 149)]) == []  # a label stands across
    close = [
        (x0, y0 + (4 if y0 == 126 else -4 if y0 == 146 else 0), x1, y1) for x0, y0, x1, y1 in one_label if x0 > 105
    ]
    assert levels(table, close) == []  # lines of one figure
