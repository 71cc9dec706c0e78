"""Tables without upright rules: their columns come from the paper between what is printed."""

from __future__ import annotations

from extractors.layout.columns import free_rules, missing_columns
from extractors.layout.grids import Grid, find_frames, find_grids
from extractors.reading.page import Rule
from extractors.report import Box


def level(y: float, x0: float = 60, x1: float = 500) -> Rule:
    return Rule(x0=x0, y0=y, x1=x1, y1=y)


def line(y: float, *extents: tuple[float, float], high: float = 10) -> list[Box]:
    return [(x0, y - high / 2, x1, y + high / 2) for x0, x1 in extents]


def grids(rules: list[Rule], printed: list[Box]) -> list[Grid]:
    return find_grids(rules + missing_columns(free_rules(rules, find_frames(rules)), printed))


def columns_at(grid: Grid, row: int) -> list[int]:
    return [cell.left for cell in grid.cells if cell.top <= row < cell.bottom]


def test_figures_below_each_other_make_columns() -> None:
    rules = [level(y) for y in (100, 120, 140, 160)]
    printed = [
        *line(110, (70, 130), (250, 290), (350, 390), (450, 490)),
        *line(130, (62, 102), (265, 275), (365, 375), (460, 480)),
        *line(150, (62, 122), (265, 275), (468, 472)),  # one cell is blank
    ]
    (grid,) = grids(rules, printed)
    assert (grid.rows, grid.columns) == (3, 4)
    assert all(columns_at(grid, row) == [0, 1, 2, 3] for row in range(3))


def test_a_label_column_whose_head_is_centred_is_one_column() -> None:
    rules = [level(y) for y in (100, 120, 140)]
    printed = [*line(110, (120, 160), (300, 400)), *line(130, (62, 102), (340, 360))]
    (grid,) = grids(rules, printed)
    assert grid.columns == 2


def test_what_stands_across_columns_has_no_border() -> None:
    rules = [level(100), level(120, x0=220), level(140), level(160), level(180)]
    printed = [
        *line(110, (300, 420)),
        *line(130, (70, 120), (230, 270), (330, 370), (430, 470)),
        *line(150, (70, 180), (245, 255), (345, 355), (445, 455)),
        *line(170, (70, 200), (245, 255), (345, 355), (445, 455)),
    ]
    (grid,) = grids(rules, printed)
    middle = next(cell for cell in grid.cells if cell.top == 0 and cell.box[0] < 360 < cell.box[2])
    assert middle.box[0] <= 300 and middle.box[2] >= 420
    assert any(abs(x - 220) < 1 for x in grid.xs)  # where a rule ends


def test_blocks_of_one_table_have_columns_of_their_own() -> None:
    rules = [level(y) for y in (100, 120, 140, 160, 180, 200)]
    printed = [
        *line(110, (70, 130), (250, 290), (450, 490)),
        *line(130, (70, 130), (265, 275), (465, 475)),
        *line(150, (240, 320)),
        *line(170, (70, 130), (330, 400)),
        *line(190, (70, 130), (355, 375)),
    ]
    (grid,) = grids(rules, printed)
    assert [len(columns_at(grid, row)) for row in range(5)] == [3, 3, 1, 2, 2]


def test_a_heading_in_larger_type_parts_two_tables() -> None:
    rules = [level(y) for y in (100, 120, 140, 180, 200, 220)]
    row = [(70, 130), (250, 260), (450, 460)]
    printed = [b for y in (110, 130, 190, 210) for b in line(y, *row)] + line(160, (90, 320), high=16)
    assert [grid.box[1] for grid in grids(rules, printed)] == [100, 180]


def test_letterheads_underlines_and_ruled_tables_get_no_columns() -> None:
    text = [b for y in range(120, 700, 24) for b in line(y, (62, 498), high=14)]
    assert missing_columns([level(100), level(720)], text) == []
    ruled = [level(y) for y in (100, 120, 140)] + [Rule(x0=x, y0=100, x1=x, y1=140) for x in (60, 280, 500)]
    assert missing_columns(free_rules(ruled, find_frames(ruled)), line(110, (70, 90), (150, 170))) == []


def test_rows_without_figures_have_the_columns_of_the_others() -> None:
    rules = [level(y) for y in (100, 120, 140, 160)]
    printed = [
        *line(110, (70, 130), (250, 290), (350, 390), (450, 490)),
        *line(130, (62, 132)),
        *line(150, (62, 122), (265, 275), (365, 375), (468, 472)),
    ]
    (grid,) = grids(rules, printed)
    assert all(columns_at(grid, row) == [0, 1, 2, 3] for row in range(3))


def test_figures_set_close_together_hide_no_column() -> None:
    rules = [level(y) for y in (100, 120, 140, 160)]
    printed = [
        *line(110, (70, 130), (310, 330), (350, 370), (390, 410)),
        *line(130, (62, 122), (301, 339), (341, 379), (381, 419)),
        *line(150, (62, 122), (315, 325), (355, 365), (395, 405)),
    ]
    (grid,) = grids(rules, printed)
    assert all(columns_at(grid, row) == [0, 1, 2, 3] for row in range(3))


def test_a_row_that_a_page_break_has_cut_off_has_columns() -> None:
    row = line(110, (70, 130), (250, 290), (350, 390))
    text = [b for y in range(160, 400, 24) for b in line(y, (62, 498), high=14)]
    (grid,) = grids([level(100), level(120)], row + text)
    assert columns_at(grid, 0) == [0, 1, 2]
    above = [b for y in range(20, 90, 24) for b in line(y, (62, 498), high=14)]
    assert missing_columns([level(100), level(120)], above + row + text) == []


def test_a_heading_parts_two_tables_whatever_its_type() -> None:
    rules = [level(y) for y in (100, 120, 140, 180, 200, 220)]
    row = [(70, 130), (250, 260), (450, 460)]
    printed = [b for y in (110, 130, 190, 210) for b in line(y, *row)] + line(160, (90, 320))
    found = find_grids(rules + missing_columns(free_rules(rules, find_frames(rules)), printed, headings=[160]))
    assert [grid.box[1] for grid in found] == [100, 180]


def test_a_long_dash_is_no_rule() -> None:
    row = [(70, 130), (250, 260), (450, 460)]
    printed = [b for y in (110, 130, 150) for b in line(y, *row)]
    rules = [*(level(y) for y in (100, 120, 140, 160)), level(130, 440, 460)]
    (grid,) = grids(rules, printed)
    assert (grid.rows, grid.columns) == (3, 3)


def test_dashes_do_not_tell_the_size_of_type() -> None:
    rules = [level(y) for y in (100, 120, 160, 180)]
    printed = [*line(110, (70, 130), (250, 290), (450, 490)), *line(140, (70, 130)), *line(170, (62, 132))]
    dashes = [b for y in (140, 170) for x in (250, 350, 400, 450) for b in line(y, (x, x + 12), high=1)]
    assert grids(rules, printed + dashes)
