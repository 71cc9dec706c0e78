from __future__ import annotations

import datetime as dt

import pytest

from extractors.cells import CellReading
from extractors.checks.structure import check_structure
from extractors.checks.sums import check_proactive_disclosure, check_requests, check_review_litigation
from extractors.checks.timeliness import check_timeliness
from extractors.forms import form_names, load_form
from extractors.report import Check, Evidence, Period, TableName, Value


def cells(table: TableName, form: str = "2021", /, **given: Value) -> dict[str, CellReading]:
    """All cells 0, but for those given as row__column."""
    spec = load_form(form).table(table)
    readings = {}
    for row in spec.rows:
        for column in spec.columns_of(row):
            path = f"{table}.{row.key}.{column.key}"
            value = given.pop(f"{row.key}__{column.key}", 0)
            state = "blank" if value is None else "read"
            evidence = Evidence(
                raw=str(value),
                page=1,
                box=(0, 0, 1, 1),
                confidence=1.0,
                origin="text",
                state=state,
            )
            readings[path] = CellReading(path, value, evidence)
    assert not given
    return readings


def requests(form: str = "2021", /, **given: Value) -> dict[str, Check]:
    checks = check_requests(load_form(form).requests, cells("requests", form, **given))
    return {check.id: check for check in checks}


def failing(checks: dict[str, Check]) -> set[str]:
    return {check_id for check_id, check in checks.items() if check.status == "fail"}


@pytest.mark.parametrize("form", form_names())
def test_zeros_agree_and_every_check_is_there(form: str) -> None:
    checks = requests(form)
    assert {check.status for check in checks.values()} == {"pass"}
    assert len(checks) == len(load_form(form).requests.rows) + 7 + 7


def test_a_wrong_total_breaks_its_row_and_its_column() -> None:
    checks = requests(
        new_received__natural_person=3, new_received__total=3, granted__natural_person=3, granted__total=4,
        total_handled__natural_person=3, total_handled__total=3,
    )  # fmt: skip
    assert failing(checks) == {"requests.row_sum.granted", "requests.handled_sum.total"}
    check = checks["requests.row_sum.granted"]
    assert (check.expected, check.actual, check.cause) == (3, 4, "source")
    assert "requests.granted.total" in check.cells and len(check.cells) == 7


def test_the_forms_own_balance() -> None:
    checks = requests(new_received__total=5, carried_over__total=1, carried_forward__total=2)
    balance = checks["requests.balance.total"]
    assert (balance.status, balance.expected, balance.actual) == ("fail", 6, 2)


def test_a_blank_part_counts_as_nothing_and_a_blank_sum_is_unknown() -> None:
    row: dict[str, Value] = {"granted__natural_person": 2, "granted__commercial_enterprise": None}
    assert requests(**row, granted__total=2)["requests.row_sum.granted"].status == "pass"
    assert requests(**row, granted__total=None)["requests.row_sum.granted"].status == "unknown"


def test_in_the_total_column_a_gap_over_figures_is_unknown() -> None:
    checks = requests(granted__natural_person=2, granted__total=None, total_handled__natural_person=2)
    assert checks["requests.handled_sum.total"].status == "unknown"
    assert checks["requests.handled_sum.natural_person"].status == "pass"


def test_a_doubtful_cell_makes_the_reading_the_cause() -> None:
    readings = cells("requests", granted__total=1)
    path = "requests.granted.total"
    evidence = readings[path].evidence.model_copy(update={"confidence": 0.7, "origin": "ocr"})
    readings[path] = CellReading(path, 1, evidence)
    checks = {check.id: check for check in check_requests(load_form("2021").requests, readings)}
    assert checks["requests.row_sum.granted"].cause == "reading"


def test_a_missing_cell_leaves_its_checks_open() -> None:
    readings = cells("requests")
    path = "requests.granted.natural_person"
    evidence = Evidence(raw=None, page=None, box=None, confidence=None, origin=None, state="missing")
    readings[path] = CellReading(path, None, evidence, "missing")
    checks = {check.id: check.status for check in check_requests(load_form("2021").requests, readings)}
    assert checks["requests.row_sum.granted"] == "unknown"
    assert checks["requests.handled_sum.natural_person"] == "unknown"
    assert checks["requests.row_sum.partially_granted"] == "pass"


def test_reviews_and_lawsuits() -> None:
    table = cells("review_litigation", reconsideration__upheld=10, reconsideration__corrected=1)
    checks = {c.id: c for c in check_review_litigation(load_form("2021").review_litigation, table)}
    assert failing(checks) == {"review_litigation.sum.reconsideration"}
    assert checks["review_litigation.sum.reconsideration"].expected == 11


def test_counts_are_whole_and_not_negative() -> None:
    table = cells("proactive_disclosure", "2019", regulations__made=-1, administrative_penalty__change=-3)
    checks = {c.id: c for c in check_proactive_disclosure(load_form("2019").proactive_disclosure, table)}
    assert failing(checks) == {"proactive_disclosure.non_negative.regulations"}


@pytest.mark.parametrize(
    ("agency", "published", "status"),
    [
        ("兖州区科学技术局", dt.date(2022, 1, 31), "pass"),
        ("兖州区科学技术局", dt.date(2022, 2, 1), "fail"),
        ("洪泽区人民政府", dt.date(2022, 3, 31), "pass"),
        ("洪泽区人民政府", dt.date(2022, 4, 1), "fail"),
        ("洪泽区人民政府办公室", dt.date(2022, 3, 1), "fail"),
        ("某县河口镇人民政府", dt.date(2022, 6, 1), "unknown"),
        ("某区东门街道办事处", dt.date(2022, 6, 1), "unknown"),
        ("兖州区科学技术局", None, "unknown"),
        (None, dt.date(2022, 1, 1), "unknown"),
    ],
)
def test_timeliness(agency: str | None, published: dt.date | None, status: str) -> None:
    check = check_timeliness(agency, 2021, published)
    assert (check.status, check.severity) == (status, "warning")


def test_structure() -> None:
    forms: dict[TableName, str] = {"proactive_disclosure": "2021", "requests": "2019"}
    period = Period(start=dt.date(2020, 1, 1), end=dt.date(2020, 12, 31))
    checks = {c.id: c for c in check_structure([], forms, 2021, period)}
    assert failing(checks) == {f"structure.section.{n}" for n in range(1, 7)} | {
        "structure.table.review_litigation", "structure.form", "structure.period",
    }  # fmt: skip
    assert checks["structure.form"].severity == "warning" and checks["structure.order"].status == "unknown"
