"""Table 二: blocks one below the other."""

from __future__ import annotations

import pytest

from extractors.forms import load_form
from extractors.forms.stacked import read_stacked
from extractors.layout.flow import Table
from extractors.layout.grids import Cell, Grid
from extractors.reading.page import Word

WIDTH, HEIGHT = 100.0, 20.0


def table(rows: list[list[str]]) -> Table:
    """A table on page 1, a cell for each text; the cells of a row share its width, as many as there are."""
    columns = max(len(row) for row in rows)
    cells = []
    for top, row in enumerate(rows):
        span = columns // len(row)
        for i, text in enumerate(row):
            box = (i * span * WIDTH, top * HEIGHT, (i + 1) * span * WIDTH, (top + 1) * HEIGHT)
            words = [Word(text=text, box=(box[0] + 5, box[1] + 5, box[2] - 5, box[3] - 5))] if text else []
            cells.append(Cell(top, i * span, top + 1, (i + 1) * span, box, 1, words))
    xs, ys = [i * WIDTH for i in range(columns + 1)], [i * HEIGHT for i in range(len(rows) + 1)]
    return Table(1, Grid(xs, ys, cells))


BLOCK = [
    ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "1", "2", "3"],
    ["行政规范性文件", "4", "5", "6"],
]


@pytest.mark.parametrize(
    "item",
    [["第二十条第（一）项"], ["", "第二十条第（一）项", "", ""], ["第二十条第", "（一)项"], ["十条第（", "一） 项"]],
)
def test_the_line_over_a_block_is_no_row_however_it_is_cut(item: list[str]) -> None:
    found = read_stacked("proactive_disclosure", load_form("2021"), [table([item, *BLOCK])])
    assert found.unmatched == []
    assert [cell.text for cell in found.cells.values()] == list("123456")


def test_heads_are_known_by_the_line_of_the_article_above_them() -> None:
    garbled = [["第1条第（）项"], ["MA47F", *BLOCK[0][1:]], *BLOCK[1:]]
    found = read_stacked("proactive_disclosure", load_form("2021"), [table(garbled)])
    assert found.unmatched == []
    assert [cell.text for cell in found.cells.values()] == list("123456")
    assert not any(cell.by_position for cell in found.cells.values())


def test_figures_below_heads_that_cannot_be_read_are_by_position() -> None:
    garbled = [["第1条第（）项"], ["MA47F", *["三宁大小"] * 3], *BLOCK[1:]]
    found = read_stacked("proactive_disclosure", load_form("2021"), [table(garbled)])
    assert [cell.text for cell in found.cells.values()] == list("123456")
    assert all(cell.by_position and not cell.anchored for cell in found.cells.values())


def test_heads_that_no_border_parts_say_nothing_of_the_figures_below() -> None:
    worn = [["第1条第（）项"], ["信息内容本年制发件数", "本年废止件数现行有效件数"], ["规章1", "-23"]]
    found = read_stacked("proactive_disclosure", load_form("2021"), [table(worn)])
    assert not found.cells and "-23" in [value for row in found.unmatched for value in row.values]


@pytest.mark.parametrize("figures", [["", "", ""], ["1", "2", "3"], ["无", "无", "无"]])
def test_a_row_of_figures_below_an_article_is_no_head(figures: list[str]) -> None:
    found = read_stacked("proactive_disclosure", load_form("2021"), [table([["第1条第（）项"], ["规章", *figures]])])
    assert [cell.text for cell in found.cells.values()] == figures


def test_a_row_that_the_form_does_not_know_is_kept() -> None:
    rows = [["第二十条第（一）项"], *BLOCK, ["某种新的事项", "7", "8", "9"]]
    found = read_stacked("proactive_disclosure", load_form("2021"), [table(rows)])
    assert [row.values for row in found.unmatched] == [["7", "8", "9"]]


def test_a_row_without_any_cell_is_passed_over() -> None:
    rows = [["第二十条第（一）项"], *BLOCK]
    whole = table([*rows[:2], ["", "", "", ""], *rows[2:]])
    cells = [cell for cell in whole.grid.cells if cell.top != 2]
    found = read_stacked(
        "proactive_disclosure", load_form("2021"), [Table(1, Grid(whole.grid.xs, whole.grid.ys, cells))]
    )
    assert [cell.text for cell in found.cells.values()] == list("123456") and found.unmatched == []
