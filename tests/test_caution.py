"""Figures that are doubtful for what is around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from extractors.caution import with_caution
from extractors.caution.legibility import HARD_TO_READ
from extractors.cells import PLACE, CellReading
from extractors.figures import WHOLE_STROKE
from extractors.forms import load_form
from extractors.forms.found import FoundCell, FoundTable
from extractors.layout.grids import Cell
from extractors.reading.page import PageReading
from extractors.report import Evidence, TableName, Value

FORM = load_form("2021").table("review_litigation")
ROW = "review_litigation.reconsideration"
FOUND: dict[TableName, FoundTable] = {"review_litigation": FoundTable("review_litigation", "2021")}


def reading(path: str, value: Value, confidence: float = 0.99) -> CellReading:
    evidence = Evidence(raw=str(value), page=1, box=(0, 0, 9, 9), confidence=confidence, origin="ocr", state="read")
    return CellReading(path, value, evidence)


def missing(path: str) -> CellReading:
    evidence = Evidence(raw=None, page=None, box=None, confidence=None, origin=None, state="missing")
    return CellReading(path, None, evidence, "missing")


def cells(confidence: float = 0.99) -> dict[str, CellReading]:
    """All zeros, but for one row of 7 and its total."""
    paths = [f"review_litigation.{row.key}.{column.key}" for row in FORM.rows for column in FORM.columns_of(row)]
    sevens = {f"{ROW}.upheld", f"{ROW}.total"}
    return {path: reading(path, 7 if path in sevens else 0, confidence) for path in paths}


def row(**figures: int) -> dict[str, CellReading]:
    return {f"{ROW}.{column}": reading(f"{ROW}.{column}", value) for column, value in figures.items()}


def held_on(*legibility: float, cells: Mapping[str, CellReading]) -> dict[str, CellReading]:
    """The cells, all on page 1, of pages so legible."""
    pages = [PageReading(number=n, width=9, height=9, legibility=share) for n, share in enumerate(legibility, 1)]
    return with_caution(cells, FOUND, pages)


def listed_on(*legibility: float, cells: Mapping[str, CellReading]) -> set[str]:
    held = held_on(*legibility, cells=cells)
    return {path.rpartition(".")[2] for path, cell in held.items() if cell.reason}


def test_on_a_page_that_is_hard_to_read_even_sums_do_not_vouch_for_figures_that_are_not_sure() -> None:
    assert listed_on(0.99, cells=cells(0.94)) == set()
    assert listed_on(0.9, cells=cells(0.94)) == {"upheld", "total"}


def test_on_a_page_a_little_less_legible_sums_do_vouch_but_nothing_is_certain() -> None:
    assert listed_on(0.98, cells=cells(0.94)) == set()
    held = held_on(0.98, cells=cells(0.94))
    assert all(cell.doubtful and cell.evidence.confidence == HARD_TO_READ for cell in held.values())


@pytest.mark.parametrize("best", [0.99, 1.0])
def test_one_page_that_is_not_legible_makes_all_of_its_report_uncertain(best: float) -> None:
    held = held_on(best, 0.9, cells=cells(0.94))
    assert all(cell.doubtful for cell in held.values()) and not any(cell.reason for cell in held.values())


def test_what_is_sure_and_no_1_is_believed_on_a_page_that_is_hard_to_read() -> None:
    held = held_on(0.5, cells=cells())
    assert not any(cell.doubtful for cell in held.values())


@pytest.mark.parametrize(
    ("figures", "listed"),
    [
        ({"upheld": 1, "total": 1}, {"upheld", "total"}),  # both may be 4
        ({"upheld": 1, "corrected": 8, "total": 9}, set()),  # 12 is not 9
        ({"upheld": 1, "corrected": 10, "total": 11}, {"upheld", "corrected", "total"}),  # 4 and 40 are 44
        ({"upheld": 3, "corrected": 18, "total": 21}, set()),  # neither 51 nor 24 is 21
    ],
)
def test_a_1_is_believed_there_where_its_sum_leaves_no_4_open(figures: dict[str, int], listed: set[str]) -> None:
    assert listed_on(0.5, cells=cells() | row(**figures)) == listed


def test_a_mark_for_nothing_is_believed_there_only_if_its_row_adds_up() -> None:
    mark = Evidence(raw="—", page=1, box=(0, 0, 9, 9), confidence=WHOLE_STROKE, origin="ocr", state="blank")
    marks = {f"{ROW}.{column}": CellReading(f"{ROW}.{column}", None, mark) for column in ("corrected", "other")}
    assert listed_on(0.5, cells=cells() | marks) == set()
    assert listed_on(0.5, cells=cells() | marks | row(total=9)) == {"corrected", "other"}
    assert listed_on(1.0, cells=cells() | marks | row(total=9)) == set()


def test_a_sum_that_4s_would_mend_alike_vouches_for_no_1_beside_a_page_that_is_not_legible() -> None:
    figures = {path: reading(path, 0, 0.8) for path in cells()}
    for column, value in {"upheld": 11, "total": 11}.items():
        figures[f"{ROW}.{column}"] = reading(f"{ROW}.{column}", value, 0.8)
    assert listed_on(1.0, 0.5, cells=figures) == {"upheld", "total"}
    assert listed_on(1.0, 1.0, cells=figures) == set()
    upright = {path: replace(cell, upright=True) for path, cell in figures.items()}
    assert listed_on(1.0, 0.5, cells=upright) == set()


def test_a_cell_that_seems_empty_where_hardly_another_is_may_hold_a_figure_too_faint_to_see() -> None:
    form = load_form("2021").table("requests")
    paths = [f"requests.{row.key}.{column.key}" for row in form.rows for column in form.columns_of(row)]
    table: dict[TableName, FoundTable] = {"requests": FoundTable("requests", "2021")}

    def blank(path: str) -> CellReading:
        evidence = Evidence(raw="", page=1, box=(0, 0, 9, 9), confidence=None, origin="ocr", state="blank")
        return CellReading(path, None, evidence)

    def doubted(empty: list[str]) -> set[str]:
        held = with_caution({path: blank(path) if path in empty else reading(path, 0) for path in paths}, table, [])
        return {path for path, cell in held.items() if cell.reason}

    assert doubted(paths[3:5]) == set(paths[3:5])
    assert doubted(paths[::3]) == set()
    dash = blank(paths[3])
    dash = replace(dash, evidence=dash.evidence.model_copy(update={"confidence": WHOLE_STROKE}))
    seen = {path: reading(path, 0) for path in paths} | {paths[3]: dash}
    assert not any(cell.reason for cell in with_caution(seen, table, []).values())  # at the second look
    tenth = len(paths) // 10
    many = seen | {path: replace(dash, path=path) for path in paths[:tenth]} | {paths[-1]: blank(paths[-1])}
    assert not any(cell.reason for cell in with_caution(many, table, []).values())  # cells without ink are not rare


def test_the_rest_of_a_row_that_has_lost_a_cell_is_listed() -> None:
    torn = cells() | {f"{ROW}.other": missing(f"{ROW}.other")}
    held = with_caution(torn, FOUND, [])
    assert {path for path, cell in held.items() if cell.reason} == {path for path in torn if path.startswith(ROW)}


def test_a_printed_cell_that_was_taken_for_two_makes_both_doubtful() -> None:
    shared, own = Cell(0, 0, 2, 1, (0, 0, 9, 9)), Cell(2, 0, 3, 1, (0, 9, 9, 18))
    found = FoundTable("review_litigation", "2021")
    found.cells = {"a.total": FoundCell(shared), "b.total": FoundCell(shared), "c.total": FoundCell(own)}
    found.doubt_shared_cells()
    assert [cell.by_position for cell in found.cells.values()] == [True, True, False]


def test_a_lone_1_that_no_sum_bears_out_may_be_one_of_the_slashes_around_it() -> None:
    slash = Evidence(raw="/", page=1, box=(0, 0, 9, 9), confidence=0.97, origin="ocr", state="blank")
    slashed = {path: CellReading(path, None, slash) for path in cells()}
    assert not any(cell.reason for cell in with_caution(slashed, FOUND, []).values())
    total = f"{ROW}.total"
    held = with_caution(slashed | {total: reading(total, 1)}, FOUND, [])
    assert [path for path, cell in held.items() if cell.reason] == [total]
    borne_out = slashed | {total: reading(total, 1), f"{ROW}.upheld": reading(f"{ROW}.upheld", 1)}
    assert not any(cell.reason for cell in with_caution(borne_out, FOUND, []).values())


def test_a_1_that_a_sum_speaks_against_may_be_the_slash_of_another_table() -> None:
    slash = Evidence(raw="/", page=1, box=(0, 0, 9, 9), confidence=0.97, origin="ocr", state="blank")
    other = {f"requests.granted.{i}": CellReading(f"requests.granted.{i}", None, slash) for i in range(6)}

    def listed(cells: Mapping[str, CellReading]) -> list[str]:
        return [path for path, cell in with_caution(cells, FOUND, []).items() if cell.reason]

    assert listed(cells() | row(upheld=1, total=1) | other) == []
    assert listed(cells() | row(upheld=1, pending=350, total=350) | other) == [f"{ROW}.upheld"]
    assert listed(cells() | row(upheld=1, pending=350, total=350)) == []


def test_a_total_that_seems_empty_over_figures_is_listed_unless_all_are() -> None:
    blank = Evidence(raw="", page=1, box=(0, 0, 9, 9), confidence=1.0, origin="ocr", state="blank")
    figures = {
        path: reading(path, 3 if path.endswith(".total") else 1 if path.endswith(("upheld", "other", "pending")) else 0)
        for path in cells()
    }
    total = f"{ROW}.total"
    held = with_caution(figures | {total: CellReading(total, None, blank)}, FOUND, [])
    assert [path for path, cell in held.items() if cell.reason] == [total]
    totals = {path: CellReading(path, None, blank) for path in figures if path.endswith(".total")}
    assert not any(cell.reason for cell in with_caution(figures | totals, FOUND, []).values())


@pytest.mark.parametrize(
    ("upheld", "corrected", "total", "listed"),
    [
        (3, 1, 1, {"total"}),
        (3, 1, 7, {"corrected"}),
        (210, 5, 245, {"upheld"}),
        (1, 1, 8, {"upheld", "corrected"}),
        (3, 2, 1, set()),
        (9, 1, 30, set()),
    ],
)
def test_a_1_that_would_mend_a_sum_as_a_4_is_listed(upheld: int, corrected: int, total: int, listed: set[str]) -> None:
    figures = cells() | row(upheld=upheld, corrected=corrected, total=total)

    def doubted(kept: bool) -> set[str]:
        page = PageReading(number=1, width=9, height=9, strokes_kept=kept)
        held = with_caution(figures, FOUND, [page])
        return {path.rpartition(".")[2] for path, cell in held.items() if cell.reason}

    assert doubted(kept=False) == listed
    assert doubted(kept=True) == set()


def test_a_whole_table_without_labels_is_known_by_its_order_where_its_sums_agree() -> None:
    def held(cells: dict[str, CellReading], lost: str = "", **at: int) -> set[str]:
        found = FoundTable("review_litigation", "2021")
        found.cells = {
            path.partition(".")[2]: FoundCell(Cell(0, 0, 1, 1, (0, 0, 9, 9)), by_position=True)
            for path in cells
            if path != lost
        }
        placed = {
            path: missing(path) if path == lost else replace(cell, reason="ambiguous", doubt=PLACE)
            for path, cell in (cells | row(**at)).items()
        }
        after = with_caution(placed, {"review_litigation": found}, [])
        return {path for path, cell in after.items() if cell.reason}

    assert held(cells()) == set()
    assert held(cells(), upheld=6) == {path for path in cells() if path.startswith(ROW)}
    assert held(cells(), lost=f"{ROW}.pending") == set(cells())
    inked = Evidence(raw="à", page=1, box=(0, 0, 9, 9), confidence=0.41, origin="ocr", state="read")
    path = f"{ROW}.pending"
    assert held(cells() | {path: CellReading(path, None, inked)}) == {path}  # a 0 adds nothing to a sum


def test_a_figure_under_a_gray_seal_is_certain_no_more() -> None:
    """What is left of the seal's ink may be read as a digit beyond doubt: 1 beside an edge of its star as 17."""
    under, beside = Cell(0, 0, 1, 1, (100, 100, 130, 120), page=1), Cell(0, 1, 1, 2, (150, 100, 180, 120), page=1)
    found = FoundTable("review_litigation", "2021")
    found.cells = {"reconsideration.upheld": FoundCell(under), "reconsideration.total": FoundCell(beside)}
    page = PageReading(number=1, width=300, height=300, seals=[(20, 60, 120, 160)])

    def uncertain(upheld: int) -> list[str]:
        figures = cells() | {f"{ROW}.upheld": reading(f"{ROW}.upheld", upheld)}
        held = with_caution(figures, {"review_litigation": found}, [page])
        assert not any(cell.reason for cell in held.values())
        return [path for path, cell in held.items() if cell.doubtful]

    assert uncertain(17) == [f"{ROW}.upheld"]
    assert uncertain(7) == []  # as its sum says


def test_what_two_sums_bear_out_is_believed_however_hard_the_page_is_to_read() -> None:
    form = load_form("2021").table("requests")
    paths = [f"requests.{row.key}.{column.key}" for row in form.rows for column in form.columns_of(row)]
    figures = dict.fromkeys(paths, 0)
    for row in ("new_received", "granted", "total_handled"):
        figures |= {f"requests.{row}.{column}": 7 for column in ("natural_person", "total")}
    cells = {path: reading(path, value, 0.9) for path, value in figures.items()}
    table: dict[TableName, FoundTable] = {"requests": FoundTable("requests", "2021")}
    page = PageReading(number=1, width=9, height=9, legibility=0.5)

    def listed() -> set[str]:
        return {path for path, cell in with_caution(cells, table, [page]).items() if cell.reason}

    assert listed() == set()
    cells["requests.other_other.natural_person"] = reading("requests.other_other.natural_person", 2, 0.99)
    assert {"requests.granted.natural_person", "requests.total_handled.natural_person"} <= listed()
