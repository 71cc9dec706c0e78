"""Table 四: one row of figures under a header of blocks and outcomes."""

from __future__ import annotations

from dataclasses import replace

from extractors.forms import load_form
from extractors.forms.blocks import read_blocks
from extractors.layout.flow import Table
from extractors.layout.grids import Cell, Grid
from extractors.reading.page import Word

SIDE = 30.0
OUTCOMES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
FORM = load_form("2021")
PATHS = [
    f"{row.key}.{column.key}"
    for row in FORM.table("review_litigation").rows
    for column in FORM.table("review_litigation").columns
]


def cell(text: str, top: int, left: int, bottom: int, right: int) -> Cell:
    box = (left * SIDE, top * SIDE, right * SIDE, bottom * SIDE)
    words = [Word(text=text, box=(box[0] + 5, box[1] + 5, box[2] - 5, box[3] - 5))] if text else []
    return Cell(top, left, bottom, right, box, 1, words)


def table(heads: list[tuple[str, int, int]], figures: int = 15) -> Table:
    """A table 四 with its outcomes' heads as (text, first column, last + 1) over figures 0, 1, 2 …"""
    above = [("行政复议", 0, 0, 2, 5), ("行政诉讼", 0, 5, 1, 15)]
    above += [("未经复议直接起诉", 1, 5, 2, 10), ("复议后起诉", 1, 10, 2, 15)]
    cells = [cell(*one) for one in above] + [cell(text, 2, left, 3, right) for text, left, right in heads]
    cells += [cell(str(i), 3, i, 4, i + 1) for i in range(figures)]
    return Table(1, Grid([i * SIDE for i in range(16)], [i * SIDE for i in range(5)], cells))


WHOLE = [(OUTCOMES[i % 5], i, i + 1) for i in range(15)]


def test_figures_stand_under_their_heads() -> None:
    found = read_blocks("review_litigation", FORM, [table(WHOLE)])
    assert {path: c.text for path, c in found.cells.items()} == {path: str(i) for i, path in enumerate(PATHS)}
    assert not any(c.by_position for c in found.cells.values())


def test_a_head_that_has_lost_its_border_costs_no_figure() -> None:
    heads = [*WHOLE[:6], ("结果纠正其他结果", 6, 8), *WHOLE[8:]]
    found = read_blocks("review_litigation", FORM, [table(heads)])
    assert {path: c.text for path, c in found.cells.items()} == {path: str(i) for i, path in enumerate(PATHS)}
    assert [path for path, c in found.cells.items() if c.by_position] == PATHS[6:8]
    assert all(found.cells[path].anchored for path in PATHS[6:8])


def test_where_a_figure_has_lost_its_cell_too_the_columns_are_not_guessed() -> None:
    heads = [*WHOLE[:6], ("结果纠正其他结果", 6, 8), *WHOLE[8:]]
    found = read_blocks("review_litigation", FORM, [table(heads, figures=14)])
    assert not {PATHS[6], PATHS[7]} <= set(found.cells)


def test_a_head_that_a_stroke_has_cut_costs_no_figure() -> None:
    """Over the third figure, which its own cell holds whole."""
    whole = table(WHOLE).grid
    wider = [replace(c, left=c.left + (c.left > 2), right=c.right + (c.right > 2)) for c in whole.cells]
    head = next(c for c in wider if c.text == OUTCOMES[2] and c.left == 2)
    x0, y0, x1, y1 = head.box
    parts = []
    for left, right, text in ((x0, (x0 + x1) / 2, "其他"), ((x0 + x1) / 2, x1, "也结果")):
        words = [Word(text=text, box=(left + 1, y0 + 5, right - 1, y1 - 5))]
        column = 2 if left == x0 else 3
        parts.append(Cell(2, column, 3, column + 1, (left, y0, right, y1), 1, words))
    cells = [c for c in wider if c is not head] + parts
    cut = Grid([*whole.xs[:3], 2.5 * SIDE, *whole.xs[3:]], whole.ys, cells)
    found = read_blocks("review_litigation", FORM, [Table(1, cut)])
    assert {path: c.text for path, c in found.cells.items()} == {path: str(i) for i, path in enumerate(PATHS)}
    assert not any(c.by_position and not c.anchored for c in found.cells.values())
