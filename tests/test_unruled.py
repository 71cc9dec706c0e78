"""Tables of which no rule is left: their borders come from the words, which by place or by sums are sure or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import accuracy
from extractors.cells import BY_WORDS
from extractors.forms import load_form
from extractors.layout.flow import Table, read_flow
from extractors.layout.grids import Grid, find_grids
from extractors.layout.unruled import find_figures, find_unruled, may_be_tables
from extractors.layout.unruled.rows import find_bands, find_labels
from extractors.pipeline import extract
from extractors.reading.page import PageReading, Rule, Word
from extractors.report import Box, Result
from tests.making.compare import false_alarms, silent_errors, wrong_cells
from tests.making.damage import Damage
from tests.making.faces import BUILT_IN, faces
from tests.making.figures import FigureOptions
from tests.making.kinds import make_document
from tests.making.layout import Layout
from tests.making.packing import with_picture
from tests.making.pdf import print_report, render
from tests.making.words import draw_record

REQUESTS = load_form("2021").requests
TEMPLATE = [(row.label, *row.aliases) for row in REQUESTS.rows]


def word(text: str, x: float, y: float, size: float = 10) -> Word:
    """A word whose middle is at (x, y)."""
    half = size * sum(0.5 if char.isascii() else 1.0 for char in text) / 2
    return Word(text, (x - half, y - size / 2, x + half, y + size / 2), size=size)


def boxes(words: list[Word]) -> list[Box]:
    return [w.box for w in words]


def made_up(words: list[Word], rules: list[Rule] | None = None) -> list[Grid]:
    return find_grids(find_unruled(words, boxes(words), find_figures(words), rules or []))


def rows_of_requests(first: int, last: int, y: float = 200, pitch: float = 18) -> list[Word]:
    """Rows of table 三, their labels on one line each, with figures of one to three digits."""
    words = []
    for i, row in enumerate(REQUESTS.rows[first:last]):
        words.append(word(row.label[:18], 240, y + i * pitch))
        words += [word(str((7 * i + k) ** 2 % 300), 350 + 28 * k, y + i * pitch) for k in range(7)]
    return words


def test_figures_below_each_other_beside_labels_of_the_form_make_a_table() -> None:
    (grid,) = made_up(rows_of_requests(4, 10))
    assert (grid.rows, grid.columns, grid.unruled) == (6, 8, True)
    assert all(not cell.ruled for cell in grid.cells)
    assert all(336 - 5 < grid.xs[1] + 28 * k - grid.xs[1 + k] + 336 < 336 + 9 for k in range(7))


def test_an_upright_rule_that_is_left_is_the_border() -> None:
    left = Rule(x0=362.5, y0=190, x1=362.5, y1=260)
    (grid,) = made_up(rows_of_requests(4, 10), [left])
    assert 362.5 in grid.xs


def test_paragraphs_and_lists_with_figures_make_no_table() -> None:
    prose = [
        word("全年共收到政府信息公开申请34件，其中自然人申请30件，法人申请4件，全部办结", 290, 100 + 20 * i)
        for i in range(9)
    ]
    listed = [
        w for i in range(9) for w in (word(f"{i + 1}.", 80, 300 + 20 * i), word("其他工作情况", 140, 300 + 20 * i))
    ]
    numbers = [w for i in range(6) for w in (word("其他", 140, 500 + 20 * i), word("12", 300, 500 + 20 * i))]
    assert made_up([*prose, *listed, *numbers]) == []
    assert not may_be_tables([*prose, word("3", 290, 800)])


def test_figures_beside_labels_of_another_table_make_none() -> None:
    others = [w for w in rows_of_requests(4, 10) if w.text.isdigit()]
    others += [word("街道办事处支出合计", 240, 200 + 18 * i) for i in range(6)]
    assert made_up(others) == []


def test_with_a_column_missing_beside_its_header_there_is_no_table() -> None:
    words = [w for w in rows_of_requests(0, 8) if not 370 < (w.box[0] + w.box[2]) / 2 < 385]
    heads = [word(column.label[:2], 350 + 28 * k, 175) for k, column in enumerate(REQUESTS.columns)]
    assert len(made_up([*heads, *rows_of_requests(0, 8)])) == 1
    assert made_up([*(w for w in heads if w.box[0] < 365 or w.box[0] > 385), *words]) == []


def test_stray_marks_one_below_the_other_are_no_column_beside_all_of_the_form() -> None:
    marks = [word("1", 364, 227), word("1", 364, 281)]
    (grid,) = made_up([*rows_of_requests(0, 12), *marks])
    assert grid.columns == 8


def test_figures_of_two_columns_that_touch_move_no_border() -> None:
    heads = [word(column.label[:2], 350 + 28 * k, 175) for k, column in enumerate(REQUESTS.columns)]
    words = [*heads, *rows_of_requests(0, 12)]
    (apart,) = made_up(words)
    touching = [w for w in words if not (w.box[1] < 218 < w.box[3] and 390 < w.box[0] < 440)]
    assert len(words) - len(touching) == 2
    (grid,) = made_up([*touching, word("1402031", 413, 218)])
    assert grid.xs == pytest.approx(apart.xs, abs=3)


def test_heads_of_which_one_line_is_seen_as_one_are_known_by_the_other() -> None:
    first = [word("".join(head[:2] for head in HEADS[:4]), 120 + 150 * block, 612) for block in range(3)]
    second = [word(HEADS[k % 5][2:], 75 + 30 * k, 618, 6) for k in range(15) if k % 5 < 4]
    totals = [word("总计", 195 + 150 * block, 615) for block in range(3)]
    figures = [word(str(k), 75 + 30 * k, 640) for k in range(15) if k % 4]
    (grid,) = made_up([*first, *second, *totals, *figures])
    assert grid.columns == 15


def test_heads_of_table_four_tell_that_a_row_of_dashes_may_be_below_them() -> None:
    heads = [word(HEADS[k % 5], 75 + 30 * k, 612, 6) for k in range(15)]
    assert may_be_tables(heads)
    assert not may_be_tables([*heads[:3], word("本年度无行政复议的结果，其他情况尚未审结", 290, 640)])


def test_pieces_of_heads_that_look_like_figures_are_not_the_row_of_figures() -> None:
    heads = [word(HEADS[k % 5], 75 + 30 * k, 612, 6) for k in range(15)]
    pieces = [word("1", 164, 619, 4), word("1", 254, 619, 4)]
    figures = [word(str(k % 10), 75 + 30 * k, 640) for k in range(15)]
    (grid,) = made_up([*heads, *pieces, *figures])
    assert grid.ys[-2] < 635 < 645 < grid.ys[-1]


def test_a_label_over_several_lines_is_one_unless_figures_stand_beside_each() -> None:
    label = REQUESTS.row("other_overdue_correction").label
    lines = [word(label[:18], 240, 100), word(label[18:], 240, 112), word("3.其他", 240, 130)]
    labels, _ = find_labels(lines, TEMPLATE, [])
    assert [len(found.words) for found in labels] == [2, 1]
    beside = boxes([word("4", 350, 100), word("5", 350, 112)])
    assert all(len(found.words) == 1 for found in find_labels(lines, TEMPLATE, beside)[0])


def test_a_remark_under_a_figure_belongs_to_the_row_of_the_label_between_them() -> None:
    label, above, below = (
        word(t, x, y).box for t, x, y in (("规章", 100, 100), ("22", 300, 94), ("（其中修订16件）", 300, 106))
    )
    far = word("8", 300, 120).box
    assert find_bands([label], [above, below, far]) == [(89, 111), (115, 125)]


HEADS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
TABLES = (
    rows_of_requests(0, 12),
    [word(column.label[:2], 350 + 28 * k, 180) for k, column in enumerate(REQUESTS.columns)],
    [word("第二十条第（一）项", 290, 500), word("信息内容", 120, 516), word("本年制发件数", 300, 516)],
    [word("规章", 120, 532), word("3", 300, 532), word("行政规范性文件", 120, 548), word("12", 300, 548)],
    [word(HEADS[k % 5][i : i + 2], 75 + 30 * k, 612 + 6 * i) for k in range(15) for i in (0, 2)],
    [word(str(k), 75 + 30 * k, 640) for k in range(15)],
)
PRINTED = [printed for table in TABLES for printed in table if printed.text]
NOISE = st.tuples(
    st.sampled_from(
        ("7", "—", "其他", "总计", "行政许可", "四、政府信息公开行政复议、行政诉讼情况", "全年共收到申请34件")
    ),
    st.integers(0, 600),
    st.integers(0, 800),
)


@given(st.sets(st.integers(0, len(PRINTED) - 1)), st.lists(NOISE, min_size=1, max_size=12))
@settings(max_examples=200, deadline=None)
def test_whatever_is_lost_or_added_the_rules_are_those_of_tables(
    lost: set[int], noise: list[tuple[str, int, int]]
) -> None:
    words = [kept for i, kept in enumerate(PRINTED) if i not in lost] + [word(*mark) for mark in noise]
    made = find_unruled(words, boxes(words), find_figures(words))
    assert all(rule.inferred and (rule.x0 == rule.x1) != (rule.y0 == rule.y1) for rule in made)
    assert all(rule.x0 <= rule.x1 and rule.y0 <= rule.y1 for rule in made)
    assert all(grid.unruled for grid in find_grids(made))


def made(layout: Layout, path: Path, errors: int = 0) -> tuple[Result, list[str], list[str], list[str]]:
    """A report printed so, and its wrong cells, silent errors and needless alarms."""
    options = FigureOptions(form="2021", requests_form="2021", scale=50, errors=errors)
    record = draw_record(Random(5), options, short=True)
    path.write_bytes(render(record, layout))
    result = extract(path)
    return result, wrong_cells(record, result), silent_errors(record, result), false_alarms(record, result)


@pytest.mark.parametrize("table_size", [8.0, 10.5])
@pytest.mark.parametrize("vertical", [True, False])
def test_a_report_without_rules_is_read_and_nothing_that_is_clear_is_listed(
    table_size: float, vertical: bool, tmp_path: Path
) -> None:
    layout = Layout(rule_style="none", table_size=table_size, vertical_groups=vertical, vertical_heads=vertical)
    result, wrong, _, alarms = made(layout, tmp_path / "unruled.pdf")
    assert (wrong, alarms) == ([], [])
    figures = [e for path, e in result.evidence.items() if path.count(".") == 2]
    assert len(figures) == 200 and all(BY_WORDS in (e.note or "") for e in figures)


def test_where_sums_of_such_a_table_fail_though_its_figures_are_clear_the_report_is_at_fault(tmp_path: Path) -> None:
    result, wrong, _, alarms = made(Layout(rule_style="none"), tmp_path / "errors.pdf", errors=2)
    assert (wrong, alarms) == ([], [])
    failed = [
        check for check in result.validation.checks if check.status == "fail" and ".sum" in check.id.replace("_", ".")
    ]
    assert failed and {check.cause for check in failed} == {"source"}


def filled(words: list[Word]) -> Grid:
    """The table that words make, and what stands in its cells."""
    rules = find_unruled(words, boxes(words), find_figures(words))
    (table,) = read_flow([PageReading(number=1, width=595, height=842, words=words, rules=rules)])
    assert isinstance(table, Table)
    return table.grid


def unclear(grid: Grid) -> set[tuple[int, str]]:
    """Row and text of the cells that are not clear."""
    return {(cell.top, cell.text) for cell in grid.cells if not cell.clear}


def with_figure(words: list[Word], row: int, column: int, *changed: Word) -> list[Word]:
    """The words of a table with a figure replaced."""
    at = 8 * row + 1 + column
    return [*words[:at], *changed, *words[at + 1 :]]


def test_figures_level_with_their_labels_and_off_their_borders_are_clear() -> None:
    words = rows_of_requests(4, 10)
    assert unclear(filled(words)) == set()
    assert unclear(filled(with_figure(words, 2, 3))) == set()  # nor is one that is blank in doubt
    assert (5, "") in unclear(filled(with_figure(words, 5, 3)))  # but for the last row: it may stand further down


def test_two_figures_in_one_cell_are_not_clear_nor_is_the_rest_of_their_row() -> None:
    words = rows_of_requests(4, 10)
    astray = with_figure(words, 2, 3, word("5", 417, 236))
    assert {row for row, _ in unclear(filled(astray))} == {2}


def test_a_figure_between_two_lines_is_not_clear_nor_what_is_blank_beside_it() -> None:
    words = with_figure(with_figure(rows_of_requests(4, 10), 3, 2, word("5", 406, 261)), 2, 2)
    grid = filled(words)
    assert {row for row, _ in unclear(grid)} == {2, 3}
    assert {text for row, text in unclear(grid) if row == 2} == {""}


def test_a_scanned_figure_that_ends_at_a_border_may_have_lost_digits_to_the_next_column() -> None:
    printed = [
        word("12", (w.box[0] + w.box[2]) / 2, 200 + 18 * (i // 8)) if i % 8 else w for i, w in enumerate(TABLES[0])
    ]
    scanned = [replace(w, origin="ocr") for w in printed]
    assert unclear(filled(scanned)) == set()
    grid = filled(scanned)
    border = grid.xs[3]
    cut = replace(scanned[8 * 2 + 1 + 2], box=(border - 9, 231, border - 0.5, 241))
    assert {row for row, _ in unclear(filled(with_figure(scanned, 2, 2, cut)))} == {2}


def test_a_report_with_rules_says_nothing_of_words(tmp_path: Path) -> None:
    result, wrong, _, alarms = made(Layout(), tmp_path / "ruled.pdf")
    assert (wrong, alarms) == ([], [])
    assert not any(BY_WORDS in (evidence.note or "") for evidence in result.evidence.values())


@pytest.fixture
def packaged_faces_only() -> Iterator[None]:
    packaged = {name: path for name, path in faces().items() if name in (BUILT_IN, "fangsong")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.making.layout.faces", lambda: packaged)
        yield


@pytest.mark.ocr
@pytest.mark.usefixtures("packaged_faces_only")
def test_a_scan_without_rules_is_read_without_a_silent_error(tmp_path: Path) -> None:
    document = make_document("unruled", 0, 31, short=True)
    score = accuracy.read(document, "unruled", 0, tmp_path)
    assert (score.wrong, score.silent, score.errors) == ([], [], [])


@pytest.mark.ocr
def test_a_picture_of_a_table_without_rules_on_a_page_of_text_says_so_too(tmp_path: Path) -> None:
    options = FigureOptions(form="2021", requests_form="2021", scale=50)
    record = draw_record(Random(5), options, short=True)
    printed = print_report(record, Layout(rule_style="none", table_size=10.5))
    path = tmp_path / "picture.pdf"
    path.write_bytes(with_picture(printed.pdf, printed.tables[3], Damage(noise=1.0, blur=0.4), 3))
    result = extract(path)
    assert wrong_cells(record, result) == []
    notes = {(e.origin, e.note) for cell, e in result.evidence.items() if cell.startswith("requests.")}
    assert notes == {("ocr", BY_WORDS)}


def test_stray_marks_between_two_columns_do_not_make_them_one() -> None:
    marks = [word("1", x, 150) for x in (357, 364, 371)]  # each close to the next, and to a column
    (grid,) = made_up([*rows_of_requests(0, 12), *marks])
    assert grid.columns == 8
