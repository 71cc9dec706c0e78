"""The printed headers of the forms: every column and row is covered exactly once."""

from __future__ import annotations

import pytest

from extractors.forms import form_names, load_form
from web.spans import Header, header_rows, side_headers


def columns_covered(rows: list[list[Header]], width: int) -> list[list[str]]:
    """For each row the label over each column; fails where cells overlap or leave a gap."""
    grid: list[list[str | None]] = [[None] * width for _ in rows]
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while grid[y][x] is not None:
                x += 1
            for dy in range(cell.rowspan):
                for dx in range(cell.colspan):
                    assert grid[y + dy][x + dx] is None, "two cells in one place"
                    grid[y + dy][x + dx] = cell.text
    assert all(text is not None for row in grid for text in row), "a gap"
    return [[text or "" for text in row] for row in grid]


@pytest.mark.parametrize("name", form_names())
def test_the_head_of_table_three(name: str) -> None:
    columns = load_form(name).requests.columns
    grid = columns_covered(header_rows([(*c.groups, c.label) for c in columns]), len(columns))
    assert grid[0] == ["申请人情况"] * 7
    assert grid[1] == ["自然人", *["法人或其他组织"] * 5, "总计"]
    assert grid[2] == [column.label for column in columns]


@pytest.mark.parametrize("name", form_names())
def test_the_sides_of_table_three(name: str) -> None:
    rows = load_form(name).requests.rows
    grid = columns_covered(side_headers([(*r.groups, r.label) for r in rows]), 3)
    assert [line[-1] for line in grid] == [row.label for row in rows]
    assert grid[0] == ["一、本年新收政府信息公开申请数量"] * 3
    assert grid[4][:2] == ["三、本年度办理结果", "（三）不予公开"]


def test_the_head_of_table_four_stretches_its_first_block() -> None:
    form = load_form("2021").review_litigation
    paths = [(*row.groups, row.label, column.label) for row in form.rows for column in form.columns_of(row)]
    rows = header_rows(paths, stretch=0)
    grid = columns_covered(rows, 15)
    assert rows[0] == [Header("行政复议", 2, 5), Header("行政诉讼", 1, 10)]
    assert grid[1] == ["行政复议"] * 5 + ["未经复议直接起诉"] * 5 + ["复议后起诉"] * 5
    assert grid[2] == ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"] * 3


def test_equal_labels_under_different_groups_stay_apart() -> None:
    assert header_rows([("甲", "计"), ("乙", "计")])[1] == [Header("计"), Header("计")]
