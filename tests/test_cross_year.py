"""Two years of one agency held against each other."""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from pathlib import Path
from random import Random

import pytest

from extractors.checks.cross_year import YearCheck, check_years
from extractors.decisions import Decision, decide
from extractors.pipeline import extract
from extractors.report import Result, Review
from tests.making.figures import FigureOptions
from tests.making.pdf import render
from tests.making.record import Record
from tests.making.words import draw_record, draw_sections


def two_years(form: str = "2021") -> tuple[Record, Record]:
    """Records of 2022 and 2023 that agree with each other."""
    rng = Random(7)
    options = FigureOptions(form=form, requests_form=form, zero_share=0.3)  # type: ignore[arg-type]
    first, second = draw_record(rng, options), draw_record(rng, options)
    for record, year in ((first, 2022), (second, 2023)):
        record.agency, record.year = "云溪区财政局", year
        record.title = f"云溪区财政局{year}年政府信息公开工作年度报告"
        record.sections = draw_sections(rng, record.agency, year, record.tables, short=True)
    second.tables["requests"]["carried_over"] = dict(first.tables["requests"]["carried_forward"])
    for row in (
        "administrative_licensing",
        "administrative_penalty",
        "administrative_compulsion",
        "administrative_fees",
    ):
        second.tables["proactive_disclosure"][row] = dict(first.tables["proactive_disclosure"][row])
    if form == "2021":
        for row in ("regulations", "normative_documents"):
            now = second.tables["proactive_disclosure"][row]
            was = first.tables["proactive_disclosure"][row]["in_force"]
            now["in_force"] = (was or 0) + (now["issued"] or 0) - (now["repealed"] or 0)
    return first, second


def read(folder: Path, record: Record) -> Result:
    path = folder / f"{record.year}.pdf"
    path.write_bytes(render(record))
    return extract(path)


def checks(folder: Path, first: Record, second: Record) -> dict[str, YearCheck]:
    return {check.id: check for check in check_years(read(folder, first), read(folder, second))}


def failing(found: dict[str, YearCheck]) -> set[str]:
    return {check_id for check_id, check in found.items() if check.status == "fail"}


def test_years_that_agree_pass_in_all_columns(tmp_path: Path) -> None:
    found = checks(tmp_path, *two_years())
    kept = [check for check_id, check in found.items() if check_id.startswith(("cross_year.carry", "cross_year.in_"))]
    assert len(kept) == 7 + 2
    assert {check.status for check in kept} == {"pass"}
    assert not failing(found)


def test_a_changed_figure_fails_in_its_column_alone_and_names_both_cells_with_their_pages(tmp_path: Path) -> None:
    first, second = two_years()
    was = first.tables["requests"]["carried_forward"]["natural_person"] or 0
    second.tables["requests"]["carried_over"]["natural_person"] = was + 1
    found = checks(tmp_path, first, second)
    assert failing(found) == {"cross_year.carry_over.natural_person"}
    check = found["cross_year.carry_over.natural_person"]
    assert (check.severity, check.cause, check.years) == ("error", "source", (2022, 2023))
    assert (check.expected, check.actual) == (was, was + 1)
    assert check.cells == ["requests.carried_forward.natural_person", "requests.carried_over.natural_person"]
    assert [(place.year, place.value) for place in check.places] == [(2022, was), (2023, was + 1)]
    assert all(place.page and place.box for place in check.places)
    assert "2022 年" in check.message and "2023 年" in check.message


def test_what_is_in_force_follows_from_the_year_before(tmp_path: Path) -> None:
    first, second = two_years()
    row = second.tables["proactive_disclosure"]["normative_documents"]
    row["in_force"] = (row["in_force"] or 0) + 2
    found = checks(tmp_path, first, second)
    assert failing(found) == {"cross_year.in_force.normative_documents"}
    check = found["cross_year.in_force.normative_documents"]
    assert check.severity == "warning"
    assert [place.year for place in check.places] == [2022, 2023, 2023, 2023]


def test_an_edition_that_does_not_say_what_is_in_force_has_no_such_check(tmp_path: Path) -> None:
    found = checks(tmp_path, *two_years("2019"))
    assert not [check_id for check_id in found if ".in_force." in check_id]
    assert len([check_id for check_id in found if ".carry_over." in check_id]) == 7


def test_a_blank_counts_as_nothing_but_over_figures_says_nothing(tmp_path: Path) -> None:
    first, second = two_years()
    over, forward = second.tables["requests"]["carried_over"], first.tables["requests"]["carried_forward"]
    forward["natural_person"] = over["natural_person"] = None
    forward["commercial_enterprise"], over["commercial_enterprise"] = 3, None
    forward["research_institution"], over["research_institution"] = None, 2
    over["total"] = None
    found = checks(tmp_path, first, second)
    status = {check_id.rsplit(".", 1)[1]: c.status for check_id, c in found.items() if ".carry_over." in check_id}
    assert status["natural_person"] == "pass"
    assert status["commercial_enterprise"] == "unknown"
    assert status["research_institution"] == "fail"
    assert status["total"] == "unknown"


def test_a_table_that_was_not_found_leaves_it_open(tmp_path: Path) -> None:
    first, second = (read(tmp_path, record) for record in two_years())
    second.report.tables.requests = None
    found = {check.id: check.status for check in check_years(first, second)}
    assert {status for check_id, status in found.items() if ".carry_over." in check_id} == {"unknown"}


def test_a_doubtful_figure_is_not_held_against_the_report_until_a_person_has_decided(tmp_path: Path) -> None:
    first, second = two_years()
    second.tables["requests"]["carried_over"]["total"] = 9999
    earlier, later = read(tmp_path, first), read(tmp_path, second)
    path = "requests.carried_over.total"
    later.validation.review.append(Review(path=path, reason="low_confidence"))
    assert _cause(earlier, later) == "reading"
    accepted = Decision(path=path, by="officer", at=dt.datetime.now(dt.UTC), value=9999, accepted=True)
    assert _cause(earlier, decide(later, [accepted])) == "source"


def _cause(earlier: Result, later: Result) -> str | None:
    return next(check.cause for check in check_years(earlier, later) if check.id == "cross_year.carry_over.total")


def test_a_report_copied_from_the_year_before_is_seen(tmp_path: Path) -> None:
    first, _ = two_years()
    copied = deepcopy(first)
    copied.year, copied.title = 2023, first.title.replace("2022", "2023")
    found = checks(tmp_path, first, copied)
    assert {"cross_year.alike.figures", "cross_year.alike.text"} <= failing(found)
    assert found["cross_year.alike.figures"].severity == "warning"
    assert found["cross_year.alike.figures"].actual == 1


@pytest.mark.parametrize(
    ("before", "after", "leaps"), [(10, 60, True), (60, 10, True), (0, 49, False), (100, 300, False)]
)
def test_a_leap_is_many_times_more_or_less_and_no_small_matter(
    tmp_path: Path, before: int, after: int, leaps: bool
) -> None:
    first, second = two_years()
    first.tables["requests"]["new_received"]["total"] = before
    second.tables["requests"]["new_received"]["total"] = after
    assert ("cross_year.leap.requests.new_received" in failing(checks(tmp_path, first, second))) == leaps
