"""Tables whose labels cannot be read: known by the spans of their headers, their cells by place, all of them listed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from extractors.forms import load_form
from extractors.forms.plan import heads_by_plan
from extractors.forms.reading import read_tables
from extractors.forms.recognition import recognise, sort_tables
from extractors.layout.flow import Table
from extractors.layout.grids import Cell, Grid
from extractors.reading.page import Word
from extractors.report import TableName

SIDE = 30.0
FORM = load_form("2021")
LOST = "三宁"
BLOCKS = [(0, 0, 2, 5), (0, 5, 1, 15), (1, 5, 2, 10), (1, 10, 2, 15), *((2, i, 3, i + 1) for i in range(15))]
"""Heads of table 四 as (top, left, bottom, right)."""
APPLICANTS = [(0, 0, 3, 2), (0, 2, 1, 9), (1, 2, 3, 3), (1, 3, 2, 8), *((2, i, 3, i + 1) for i in range(3, 8))]
APPLICANTS += [(1, 8, 3, 9)]
"""The same of table 三, its labels over two columns."""


def cell(text: str, top: int, left: int, bottom: int, right: int) -> Cell:
    box = (left * SIDE, top * SIDE, right * SIDE, bottom * SIDE)
    words = [Word(text=text, box=(box[0] + 5, box[1] + 5, box[2] - 5, box[3] - 5))] if text else []
    return Cell(top, left, bottom, right, box, 1, words)


def table(cells: list[Cell]) -> Table:
    rows, columns = max(c.bottom for c in cells), max(c.right for c in cells)
    return Table(1, Grid([i * SIDE for i in range(columns + 1)], [i * SIDE for i in range(rows + 1)], cells))


def blocks(heads: list[tuple[int, int, int, int]], text: str = LOST) -> Table:
    figures = [cell(str(i), 3, i, 4, i + 1) for i in range(max(head[3] for head in heads))]
    return table([*(cell(text, *head) for head in heads), *figures])


def applicants(labels: list[str], heads: list[tuple[int, int, int, int]] = APPLICANTS) -> Table:
    cells = [cell(LOST, *head) for head in heads]
    for row, label in enumerate(labels, 3):
        cells += [cell(label, row, 0, row + 1, 2)]
        cells += [cell(str(100 * row + i), row, i, row + 1, i + 1) for i in range(2, 9)]
    return table(cells)


def test_table_four_is_known_by_its_spans_and_all_of_its_cells_are_listed() -> None:
    found = read_tables([blocks(BLOCKS)])["review_litigation"]
    paths = [f"{row.key}.{c.key}" for row in FORM.review_litigation.rows for c in FORM.review_litigation.columns]
    assert {path: c.text for path, c in found.cells.items()} == {path: str(i) for i, path in enumerate(paths)}
    assert all(c.by_position and not c.anchored for c in found.cells.values())


def test_table_three_is_known_by_its_header_and_rows_by_their_labels() -> None:
    found = read_tables([applicants([row.label for row in FORM.requests.rows])])["requests"]
    assert found.cells["new_received.natural_person"].text == "302"
    assert found.cells["carried_forward.total"].text == "2708"
    assert len(found.cells) == 25 * 7
    assert all(c.by_position and not c.anchored for c in found.cells.values())


def test_the_number_of_rows_tells_the_form_where_the_labels_that_differ_are_lost() -> None:
    for name in ("2021", "2019"):
        rows = load_form(name).requests.rows
        common = [row.label for row in rows[:20]]
        found = read_tables([applicants([*common, *[LOST] * (len(rows) - 20)])])["requests"]
        assert found.form == name
        assert found.cells["carried_forward.total"].text == str(100 * (len(rows) + 2) + 8)
        assert found.cells["total_handled.total"].by_position and not found.cells["total_handled.total"].anchored


def test_tables_of_another_plan_are_not_known() -> None:
    others = [
        BLOCKS[4:],  # no heads above
        [h for h in BLOCKS if h != (1, 5, 2, 10)],
        [*BLOCKS[:2], (1, 5, 2, 9), (1, 9, 2, 15), *BLOCKS[4:]],
        [*BLOCKS, (2, 15, 3, 16)],
    ]
    for heads in others:
        assert sort_tables([blocks(heads)]) == {}
    shifted = [h for h in APPLICANTS if h not in ((1, 3, 2, 8), (1, 2, 3, 3))] + [(1, 2, 2, 8), (2, 2, 3, 3)]
    assert sort_tables([applicants([LOST] * 3, shifted)]) == {}
    assert heads_by_plan(blocks(BLOCKS).grid, FORM.requests, blocks=False) == []


def test_a_part_known_by_its_plan_goes_with_the_part_whose_labels_are_read() -> None:
    above, below = applicants([LOST] * 2), applicants(["1.属于国家秘密"])
    assert sort_tables([above, below]) == {"requests": [above, below]}


def under(name: TableName, found: Table) -> Table:
    return replace(found, under=name)


def with_stroke(found: Table, row: int) -> Table:
    """The table, the first label of a row cut in two by a stroke."""
    grid = found.grid
    first = next(c for c in grid.cells if c.top == row)
    x0, y0, x1, y1 = first.box
    cut = [replace(first, right=1, box=(x0, y0, SIDE, y1)), replace(first, left=1, box=(SIDE, y0, x1, y1), words=[])]
    return replace(found, grid=Grid(grid.xs, grid.ys, [*cut, *(c for c in grid.cells if c is not first)]))


@pytest.mark.parametrize("name", ["2021", "2019"])
def test_under_its_heading_table_three_is_known_by_its_columns_and_all_rows_by_their_order(name: str) -> None:
    rows = load_form(name).requests.rows
    heads = [*(h for h in APPLICANTS if h != (1, 3, 2, 8)), (1, 3, 2, 5), (1, 5, 2, 8)]  # a stroke cuts one
    whole = with_stroke(applicants([LOST] * len(rows), heads), 7)
    assert sort_tables([whole]) == {}
    found = read_tables([under("requests", whole)])["requests"]
    assert found.form == name and not found.unmatched
    assert found.cells["new_received.natural_person"].text == "302"
    assert found.cells["carried_forward.total"].text == str(100 * (len(rows) + 2) + 8)
    assert all(c.by_position and not c.anchored for c in found.cells.values())


def test_lines_of_heads_that_look_like_rows_are_none() -> None:
    junk = [
        cell(text, 0, i, 1, i + 1) for i, text in enumerate(["7", "H", "ü]", "11", "构", "it", "", "E"], 2) if i < 9
    ]
    rows = [cell(str(100 * row + i), row, i, row + 1, i + 1) for row in range(1, 24) for i in range(2, 9)]
    labels = [cell(LOST, row, 0, row + 1, 2) for row in range(24)]
    found = read_tables([under("requests", table([*junk, *labels, *rows]))])["requests"]
    assert found.form == "2019" and found.cells["new_received.natural_person"].text == "102"


def test_rows_are_not_known_by_their_order_where_one_is_missing() -> None:
    found = read_tables([under("requests", applicants([LOST] * 24))])["requests"]
    assert not found.cells and len(found.unmatched) == 24


def test_under_its_heading_table_four_is_known_by_its_row_of_figures() -> None:
    cut = [h for h in BLOCKS if h != (1, 5, 2, 10)] + [(1, 5, 2, 8), (1, 8, 2, 10)]
    assert sort_tables([blocks(cut)]) == {}
    found = read_tables([under("review_litigation", blocks(cut))])["review_litigation"]
    assert [c.text for c in found.cells.values()] == [str(i) for i in range(15)]
    assert all(c.by_position and not c.anchored for c in found.cells.values())
    assert sort_tables([under("review_litigation", stacked(STACK))]) == {}


def stacked(lines: list[int]) -> Table:
    """Lines of so many cells each, of which the first holds no legible label, over four columns."""
    cells = []
    for row, count in enumerate(lines):
        for i, (left, right) in enumerate(pairwise({1: [0, 4], 2: [0, 2, 4], 4: [0, 1, 2, 3, 4]}[count])):
            cells.append(cell(str(10 * row + i) if i else LOST, row, left, row + 1, right))
    return table(cells)


STACK = [1, 4, 4, 4, 1, 2, 2, 1, 2, 2, 2, 1, 2, 2]


def test_under_its_heading_table_two_is_known_by_the_cells_of_its_lines() -> None:
    whole = stacked(STACK)
    assert sort_tables([whole]) == {}
    found = read_tables([under("proactive_disclosure", whole)])["proactive_disclosure"]
    texts = [c.text for c in found.cells.values()]
    assert texts == ["21", "22", "23", "31", "32", "33", "61", "91", "101", "131"]
    assert found.form == "2021" and not found.unmatched
    assert all(c.by_position and not c.anchored for c in found.cells.values())
    assert sort_tables([under("proactive_disclosure", stacked(STACK[:-1]))]) == {}
    assert sort_tables([under("proactive_disclosure", stacked([4] * 14))]) == {}


def test_place_tells_more_than_the_half_of_a_label_that_two_rows_share() -> None:
    lost = [c for c in stacked(STACK).grid.cells if (c.top, c.left) not in ((9, 0), (10, 0), (8, 2))]
    lost += [cell("0P外", 9, 0, 10, 2), cell("行政強料", 10, 0, 11, 2), cell("本年处理决定数量", 8, 2, 9, 4)]
    found = read_tables([under("proactive_disclosure", table(lost))])["proactive_disclosure"]
    assert found.cells["administrative_penalty.decisions"].text == "91"
    assert found.cells["administrative_compulsion.decisions"].text == "101"
    assert found.cells["administrative_penalty.decisions"].by_position


def test_a_line_that_strokes_have_cut_has_the_columns_of_the_one_beside_it() -> None:
    cells = [c for c in stacked(STACK).grid.cells if (c.top, c.left) != (6, 2)]
    cut = table([*cells, cell("6", 6, 2, 7, 3), cell("1", 6, 3, 7, 4)])
    found = read_tables([under("proactive_disclosure", cut)])["proactive_disclosure"]
    joined = found.cells["administrative_licensing.decisions"]
    assert joined.text == "6 1" and joined.by_position


def test_what_stands_below_the_heading_of_another_table_is_no_rest_of_the_one_before() -> None:
    above, below = applicants([row.label for row in FORM.requests.rows]), stacked([4] * 14)
    below = replace(below, grid=replace(below.grid, xs=[i * 9 * SIDE / 4 for i in range(5)]))
    assert sort_tables([under("requests", above), below]) == {"requests": [under("requests", above), below]}
    assert sort_tables([under("requests", above), under("review_litigation", below)]) == {
        "requests": [under("requests", above)]
    }


def test_totals_alone_tell_no_table() -> None:
    assert recognise(table([cell("总计", 0, 0, 1, 1), cell("总计", 0, 1, 1, 2), cell("3", 1, 0, 2, 2)])) is None
