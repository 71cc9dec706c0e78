"""Which 1s the sums leave open to be 4s."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extractors.caution.fours import borne_out, fours_for, has_one
from extractors.cells import CellReading
from extractors.checks.sums import check_sums
from extractors.forms import load_form
from extractors.report import Evidence, Value

FORM = load_form("2021").table("requests")


def table(figures: dict[str, int]) -> dict[str, CellReading]:
    """Table 三 with these figures by `row.column`; the others are 0."""

    def cell(path: str, value: Value) -> CellReading:
        evidence = Evidence(raw=str(value), page=1, box=(0, 0, 9, 9), confidence=0.99, origin="ocr", state="read")
        return CellReading(path, value, evidence)

    paths = [f"{row.key}.{column.key}" for row in FORM.rows for column in FORM.columns_of(row)]
    return {f"requests.{path}": cell(f"requests.{path}", figures.get(path, 0)) for path in paths}


def open_after_all(figures: dict[str, int], unread: str = "") -> set[str]:
    cells = table(figures)
    if unread:
        path = f"requests.{unread}"
        cells[path] = CellReading(path, 1, cells[path].evidence, "low_confidence")
    ones = {path for path, cell in cells.items() if has_one(cell.value) and cell.reason is None}
    left = ones - borne_out(cells, check_sums({"requests": FORM}, cells), ones)
    return {path.removeprefix("requests.") for path in left}


def test_each_1_of_a_figure_may_be_a_4() -> None:
    assert fours_for(11) == {Decimal(14), Decimal(41), Decimal(44)}
    assert fours_for(-1) == {Decimal(-4)}
    assert fours_for(23) == set()


def test_a_1_and_its_total_may_both_be_a_4() -> None:
    row = {"granted.natural_person": 1, "granted.total": 1}
    assert open_after_all(row) == set(row)


def test_a_sum_in_which_nothing_makes_up_for_it_rules_a_4_out() -> None:
    assert open_after_all({"granted.natural_person": 1, "granted.other_organization": 7, "granted.total": 8}) == set()


def test_what_one_sum_rules_out_no_other_sum_has_to_reckon_with() -> None:
    """Row: 1 + 1 = 2. Column: 1 = 1, and the total of the column stands in a balance with the two rows above."""
    figures = {
        "granted.natural_person": 1,
        "granted.other_organization": 1,
        "granted.total": 2,
        "total_handled.natural_person": 1,
        "total_handled.other_organization": 1,
        "total_handled.total": 2,
        "new_received.natural_person": 1,
        "new_received.other_organization": 1,
        "new_received.total": 2,
    }
    assert open_after_all(figures) == set()


@pytest.mark.parametrize("unread", ["granted.other_organization", "granted.legal_service_institution"])
def test_a_sum_with_a_doubtful_figure_rules_nothing_out(unread: str) -> None:
    row = {"granted.natural_person": 17, unread: 1, "granted.total": 18}
    assert open_after_all(row, unread) == {"granted.natural_person", "granted.total"}


def test_in_a_balance_either_side_makes_up_for_the_other() -> None:
    figures = {"carried_over.natural_person": 1, "carried_forward.natural_person": 1}
    both = dict.fromkeys(figures, 1) | {"carried_over.total": 1, "carried_forward.total": 1}
    assert open_after_all(both) == set(both)
