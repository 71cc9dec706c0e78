"""Tables whose labels cannot be read: known by the spans of their headers, their cells by place, all of them listed."""

from __future__ import annotations

from extractors.forms import load_form
from extractors.forms.plan import heads_by_plan
from extractors.forms.reading import read_tables
from extractors.forms.recognition import recognise, sort_tables
from extractors.layout.flow import Table
from extractors.layout.grids import Cell, Grid
from extractors.reading.page import Word

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


def test_totals_alone_tell_no_table() -> None:
    assert recognise(table([cell("总计", 0, 0, 1, 1), cell("总计", 0, 1, 1, 2), cell("3", 1, 0, 2, 2)])) is None
