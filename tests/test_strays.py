"""Level sides in a table whose rows are parted in most columns of figures or in none."""

from __future__ import annotations

import itertools

from extractors.layout.grids import find_grids
from extractors.layout.strays import without_strays
from extractors.reading.page import Rule

XS = (100.0, 200.0, 230.0, 260.0, 290.0, 320.0, 350.0)
"""A column of labels and six of figures."""
YS = (100.0, 120.0, 140.0, 160.0, 180.0)


def sides(*lost: tuple[float, float]) -> list[Rule]:
    """Every side of a table but the level ones that begin at (x, y)."""
    level = [
        Rule(x0=left, y0=y, x1=right, y1=y)
        for y in YS
        for left, right in itertools.pairwise(XS)
        if (left, y) not in lost
    ]
    return level + [Rule(x0=x, y0=YS[0], x1=x, y1=YS[-1]) for x in XS]


def rows(rules: list[Rule]) -> int:
    (grid,) = find_grids(without_strays(rules))
    return grid.rows


def test_a_line_in_most_columns_parts_two_rows() -> None:
    assert rows(sides()) == 4
    whole = sides((260, 140), (320, 140))
    assert without_strays(whole) == whole


def test_dashes_of_a_row_and_the_feet_of_a_label_part_none() -> None:
    dashes = sides(*((x, 140) for x in XS if x not in (230, 290)))
    assert rows(dashes) == 3
    assert len(dashes) - len(without_strays(dashes)) == 2
    assert rows(sides(*((x, 140) for x in XS[1:]))) == 3  # beside the label only


def test_the_rows_of_other_tables_are_left_alone() -> None:
    """There no columns of one width tell what a row is."""
    xs = (100.0, 200.0, 260.0, 350.0)
    table = [Rule(x0=100, y0=y, x1=350, y1=y) for y in (100, 120, 160)]
    table += [Rule(x0=x, y0=100, x1=x, y1=160) for x in xs] + [Rule(x0=100, y0=140, x1=200, y1=140)]
    assert without_strays(table) == table
