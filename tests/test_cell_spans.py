"""Cells with spans, right and wrong, at their places in a grid."""

from __future__ import annotations

from dataclasses import dataclass

from extractors.reading.page import TypedTable
from extractors.reading.spans import MOST_COLUMNS, RawTable, place_cells


@dataclass
class Spanned:
    text: str
    rows: int = 1
    columns: int = 1


def placed(*rows: list[Spanned | str]) -> TypedTable:
    cells = [[cell if isinstance(cell, Spanned) else Spanned(cell) for cell in row] for row in rows]
    return place_cells(RawTable(cells), lambda cell: [cell.text])


def columns_of(table: TypedTable, row: int) -> dict[str, tuple[int, int]]:
    """Text → (left, right) of the cells that begin in a row."""
    return {cell.lines[0]: (cell.left, cell.right) for cell in table.cells if cell.top == row}


def unsure(table: TypedTable) -> set[str]:
    return {cell.lines[0] for cell in table.cells if not cell.sure}


def test_spans_push_later_cells_to_the_right() -> None:
    table = placed([Spanned("g", rows=2), "a", "b"], ["c", "d"], [Spanned("w", columns=2), "e"])
    assert (table.rows, table.columns) == (3, 3)
    assert columns_of(table, 1) == {"c": (1, 2), "d": (2, 3)}
    assert columns_of(table, 2) == {"w": (0, 2), "e": (2, 3)}
    assert unsure(table) == set()


def test_a_rowspan_too_long_is_cut_before_the_row_that_it_pushes_out() -> None:
    table = placed([Spanned("g", rows=3), "a", "1"], ["b", "2"], [Spanned("h", columns=2), "3"], ["x", "y", "4"])
    assert columns_of(table, 2) == {"h": (0, 2), "3": (2, 3)}
    assert next(cell.bottom for cell in table.cells if cell.lines == ["g"]) == 2
    assert unsure(table) == set()


def test_a_rowspan_too_short_goes_on_where_the_row_would_have_a_gap() -> None:
    table = placed([Spanned("g", rows=2), "a", "1"], ["b", "2"], ["c", "3"], ["x", "y", "4"])
    assert columns_of(table, 2) == {"c": (1, 2), "3": (2, 3)}
    assert unsure(table) == set()


def test_of_two_groups_the_one_goes_on_that_cuts_no_cell() -> None:
    table = placed(
        [Spanned("g", rows=2), Spanned("i", rows=2), "a", "1"],
        ["b", "2"],
        [Spanned("sum", columns=2), "3"],
        [Spanned("next", columns=3), "4"],
    )
    assert columns_of(table, 2) == {"sum": (1, 3), "3": (3, 4)}
    assert unsure(table) == set()


def test_a_row_that_more_than_one_change_would_mend_is_not_sure() -> None:
    table = placed(
        [Spanned("g", rows=2), Spanned("i", rows=2), "a", "1"],
        ["b", "2"],
        ["c", "d", "3"],
        [Spanned("next", columns=3), "4"],
    )
    assert unsure(table) == {"c", "d", "3"}


def test_a_header_too_wide_is_as_wide_as_its_row_allows() -> None:
    table = placed([Spanned("l"), Spanned("wide", columns=3), "t"], ["x", "a", "b", "t"], ["y", "1", "2", "3"])
    assert columns_of(table, 0) == {"l": (0, 1), "wide": (1, 3), "t": (3, 4)}


def test_huge_spans_take_no_room() -> None:
    table = place_cells(
        RawTable([[Spanned(str(i), rows=65534, columns=MOST_COLUMNS)] for i in range(2000)]), lambda cell: [cell.text]
    )
    assert table.columns <= MOST_COLUMNS
    assert all(cell.bottom <= 2000 for cell in table.cells)


def test_an_empty_table_is_one() -> None:
    assert placed() == TypedTable(0, 0, [])
