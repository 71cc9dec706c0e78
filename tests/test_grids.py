from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis.strategies import floats, integers, lists

from extractors.layout.grids import Grid, find_grids, lines_of
from extractors.reading.page import Rule, Word


def rules(xs: list[float], ys: list[float]) -> list[Rule]:
    across = [Rule(x0=xs[0], y0=y, x1=xs[-1], y1=y) for y in ys]
    return across + [Rule(x0=x, y0=ys[0], x1=x, y1=ys[-1]) for x in xs]


def shape(grid: Grid) -> set[tuple[int, int, int, int]]:
    return {(cell.top, cell.left, cell.bottom, cell.right) for cell in grid.cells}


@given(
    lists(floats(12, 80), min_size=2, max_size=8),
    lists(floats(10, 60), min_size=1, max_size=12),
    integers(0, 3),
)
def test_a_full_grid_has_all_its_cells(widths: list[float], heights: list[float], breaks: int) -> None:
    xs, ys = [50.0], [50.0]
    for width in [60.0, *widths]:
        xs.append(xs[-1] + width)
    for height in heights:
        ys.append(ys[-1] + height)
    drawn = [piece for rule in rules(xs, ys) for piece in broken(rule, breaks)]
    (grid,) = find_grids(drawn)
    assert shape(grid) == {(r, c, r + 1, c + 1) for r in range(len(ys) - 1) for c in range(len(xs) - 1)}


def broken(rule: Rule, breaks: int) -> list[Rule]:
    """The same line with small gaps in it."""
    steps = [i / (breaks + 1) for i in range(breaks + 2)]
    points = [(rule.x0 + (rule.x1 - rule.x0) * s, rule.y0 + (rule.y1 - rule.y0) * s) for s in steps]
    gap = 0.5
    return [
        Rule(
            x0=a[0] + gap * rule.horizontal,
            y0=a[1] + gap * (not rule.horizontal),
            x1=b[0] - gap * rule.horizontal,
            y1=b[1] - gap * (not rule.horizontal),
        )
        for a, b in pairwise(points)
    ]


def test_an_undrawn_side_merges_cells() -> None:
    drawn = rules([0, 100, 200], [0, 20, 40])
    drawn[4] = Rule(x0=100, y0=20, x1=100, y1=40)  # the first row has no middle rule
    (grid,) = find_grids(drawn)
    assert shape(grid) == {(0, 0, 1, 2), (1, 0, 2, 1), (1, 1, 2, 2)}


def test_an_open_end_is_closed() -> None:
    drawn = [rule for rule in rules([0, 100, 200], [0, 20, 40]) if rule.y0 != 40 or not rule.horizontal]
    (grid,) = find_grids(drawn)
    assert grid.rows == 2 and grid.columns == 2


def test_single_lines_and_strokes_are_no_tables() -> None:
    assert find_grids([Rule(x0=0, y0=10, x1=400, y1=10)]) == []
    assert find_grids(rules([0, 10, 20], [0, 10, 20])) == []  # as large as a character


def test_two_edges_of_a_sheet_are_no_table() -> None:
    top, right = Rule(x0=425, y0=3, x1=590, y1=3), Rule(x0=591, y0=3, x1=591, y1=286)
    assert find_grids([top, right]) == []
    assert len(find_grids([top, right, Rule(x0=425, y0=3, x1=425, y1=286)])) == 1


def test_words_on_one_line_stand_together() -> None:
    words = [
        Word(text="b", box=(50, 11, 60, 21)),
        Word(text="c", box=(0, 30, 10, 40)),
        Word(text="a", box=(0, 10, 10, 20)),
        Word(text="—", box=(30, 14, 40, 16)),
    ]
    assert [[word.text for word in line] for line in lines_of(words)] == [["a", "—", "b"], ["c"]]
