"""Decisions of persons over the machine's result: what they change, what they leave, what they may not."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any

import jsonschema
import pytest

from extractors.decisions import Decision, decide, value_at
from extractors.report import Check, Evidence, Result, Review, Unmatched, json_schema
from extractors.said import Said, WrongDecision

TOTAL = "requests.new_received.total"
NATURAL = "requests.new_received.natural_person"
FEES = "proactive_disclosure.administrative_fees.amount_10k_yuan"
NOW = dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)


def say(path: str, value: Said, by: str = "王") -> Decision:
    return Decision(path, by, NOW, value)


def accept(path: str, value: Said = None, by: str = "王") -> Decision:
    """`value` is what stands there."""
    return Decision(path, by, NOW, value, accepted=True)


def misread(result: Result, path: str, value: Said, **evidence: object) -> None:
    """Have the machine read another value."""
    table, row, column = path.split(".")
    getattr(result.report.tables, table)[row][column] = value
    given = {**result.evidence[path].model_dump(), "raw": None if value is None else str(value), **evidence}
    result.evidence[path] = Evidence.model_validate(given)


def doubt(result: Result, path: str) -> None:
    result.validation.review.append(Review(path=path, reason="low_confidence"))


def check(result: Result, check_id: str) -> Check:
    return next(check for check in result.validation.checks if check.id == check_id)


def listed(result: Result) -> set[str]:
    return {entry.path for entry in result.validation.review}


def test_no_decisions_give_the_same_judgement(result: Result) -> None:
    assert decide(result, []) == result


def test_no_decisions_leave_the_doubts_of_the_machine(result: Result) -> None:
    misread(result, TOTAL, 77, confidence=0.3, origin="ocr")
    doubt(result, TOTAL)
    again = decide(result, [])
    assert listed(again) == {TOTAL} and again.validation.status == "needs_review"
    assert check(again, "requests.row_sum.new_received").cause == "reading"


def test_a_corrected_cell_takes_the_value_and_the_checks_run_again(result: Result) -> None:
    right = value_at(result, TOTAL)
    misread(result, TOTAL, 77, confidence=0.3, origin="ocr")
    doubt(result, TOTAL)
    before = result.model_copy(deep=True)
    decided = decide(result, [say(TOTAL, right)])
    assert result == before, "the machine's own result stays untouched"
    assert value_at(decided, TOTAL) == right
    assert (decided.validation.status, decided.validation.review) == ("passed", [])
    evidence = decided.evidence[TOTAL]
    assert (evidence.state, evidence.raw, evidence.first_reading) == ("corrected", "77", "77")
    decision = evidence.decision
    assert decision is not None
    assert (decision.by, decision.at, decision.accepted, decision.previous) == ("王", NOW, False, 77)
    jsonschema.validate(decided.model_dump(mode="json"), json_schema())
    assert Result.model_validate_json(decided.model_dump_json()) == decided


def test_an_accepted_cell_stays_as_it_is_and_a_broken_sum_is_then_the_reports_own(result: Result) -> None:
    misread(result, TOTAL, 77, confidence=0.3, origin="ocr")
    doubt(result, TOTAL)
    decided = decide(result, [accept(TOTAL, 77)])
    evidence = decided.evidence[TOTAL]
    assert evidence.model_copy(update={"decision": None}) == result.evidence[TOTAL]
    assert evidence.decision is not None and evidence.decision.accepted
    assert TOTAL not in listed(decided)
    assert check(decided, "requests.row_sum.new_received").cause == "source"
    assert decided.validation.status == "failed"


def test_the_value_that_was_read_is_an_acceptance(result: Result) -> None:
    value = value_at(result, TOTAL)
    decided = decide(result, [say(TOTAL, value)])
    decision = decided.evidence[TOTAL].decision
    assert decided.evidence[TOTAL].state == "read" and decision is not None and decision.accepted


def test_the_last_decision_counts_and_keeps_what_stood_before_it(result: Result) -> None:
    own = value_at(result, TOTAL)
    decided = decide(result, [say(TOTAL, 5), say(TOTAL, 6, "李")])
    decision = decided.evidence[TOTAL].decision
    assert value_at(decided, TOTAL) == 6 and decision is not None
    assert (decision.by, decision.previous) == ("李", 5)
    accepted = decide(result, [say(TOTAL, 5), accept(TOTAL, 5, "李")])
    assert value_at(accepted, TOTAL) == 5 and accepted.evidence[TOTAL].state == "corrected"
    back = decide(result, [say(TOTAL, 5), say(TOTAL, own)])
    assert value_at(back, TOTAL) == own and back.evidence[TOTAL].state == "read"


def test_the_first_reading_of_the_machine_is_kept(result: Result) -> None:
    misread(result, TOTAL, 8, state="corrected", first_reading="B")
    assert decide(result, [say(TOTAL, 3)]).evidence[TOTAL].first_reading == "B"


def test_a_cell_that_was_not_found(result: Result) -> None:
    nowhere = {"state": "missing", "page": None, "box": None, "confidence": None, "origin": None}
    misread(result, TOTAL, None, **nowhere)
    result.validation.review.append(Review(path=TOTAL, reason="missing"))
    accepted = decide(result, [accept(TOTAL)])
    assert accepted.evidence[TOTAL].state == "missing" and TOTAL not in listed(accepted)
    assert check(accepted, "requests.row_sum.new_received").status == "unknown"
    blank = decide(result, [say(TOTAL, None)])
    assert blank.evidence[TOTAL].state == "corrected" and value_at(blank, TOTAL) is None
    kept = decide(result, [say(TOTAL, None), accept(TOTAL)])
    assert kept.evidence[TOTAL].state == "corrected"


def test_characters_that_are_no_number_are_accepted_or_said_to_be_none(result: Result) -> None:
    misread(result, TOTAL, None, raw="O7", state="read")
    assert decide(result, [accept(TOTAL)]).evidence[TOTAL].state == "read"
    blank = decide(result, [say(TOTAL, None)]).evidence[TOTAL]
    assert (blank.state, blank.first_reading) == ("corrected", "O7")


def test_a_blank_of_a_scan_that_a_person_has_seen_is_not_doubtful(result: Result) -> None:
    misread(result, TOTAL, 3)
    misread(result, NATURAL, None, state="blank", origin="ocr", confidence=None)
    sums = check(decide(result, []), "requests.row_sum.new_received")
    assert (sums.status, sums.cause) == ("fail", "reading")
    assert check(decide(result, [accept(NATURAL)]), "requests.row_sum.new_received").cause == "source"


def test_title_agency_year_and_date_are_judged_anew(result: Result) -> None:
    late = decide(result, [say("published_on", "2022-02-01")])
    assert check(late, "timeliness.published").status == "fail"
    assert late.report.published_on == dt.date(2022, 2, 1)
    assert late.evidence["published_on"].state == "corrected"
    government = decide(result, [say("published_on", "2022-02-01"), say("agency", " 兖州区人民政府 ")])
    assert government.report.agency == "兖州区人民政府"
    assert check(government, "timeliness.published").status == "pass"
    assert decide(result, [say("year", 2020)]).report.year == 2020
    assert decide(result, [say("title", None)]).report.title is None


def test_absent_tables_and_unmatched_rows_are_accepted_once_seen(result: Result) -> None:
    result.report.tables.review_litigation = None
    result.evidence = {p: e for p, e in result.evidence.items() if not p.startswith("review_litigation")}
    result.report.unmatched.append(Unmatched(table="requests", label="五", values=["3"], page=4, box=(0, 0, 1, 1)))
    assert listed(decide(result, [])) == {"review_litigation", "unmatched.0"}
    decided = decide(result, [accept("review_litigation"), accept("unmatched.0")])
    assert listed(decided) == set()
    assert decided.validation.status == "needs_review", "a table is still not there"
    lost = "structure.table.review_litigation"
    assert (check(decide(result, []), lost).cause, check(decided, lost).cause) == ("reading", "source")
    with pytest.raises(WrongDecision, match=r"unmatched\.0"):
        decide(result, [say("unmatched.0", 3)])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("requests.new_received.nobody", 3),
        ("requests", 3),
        ("unmatched.0", None),
        ("nothing", "x"),
        ("", 1),
        (TOTAL, "34"),
        (TOTAL, True),
        (TOTAL, -1),
        (TOTAL, 1.5),
        (TOTAL, float("nan")),
        (TOTAL, 10**15),
        (FEES, -0.5),
        ("year", "2021"),
        ("year", 21),
        ("published_on", "12 January"),
        ("published_on", 2022),
        ("title", " "),
        ("agency", 5),
        ("agency", "局" * 201),
        ("title", "\ud800\n"),
        ("published_on", "20220112"),
        ("published_on", "2022-W02-3"),
        ("published_on", "0001-01-01"),
        ("pages.1", True),
        ("pages.99", None),
    ],
)
def test_what_cannot_be_is_refused_by_its_path(result: Result, path: str, value: Said) -> None:
    before = result.model_copy(deep=True)
    with pytest.raises(WrongDecision) as caught:
        decide(result, [say(NATURAL, 3), say(path, value)])
    assert caught.value.path == path and caught.value.message_zh.endswith("。")
    assert result == before


@pytest.mark.parametrize("path", ["requests", "pages.1", "pages.99", "unmatched.0", "requests.nothing.total"])
def test_what_nobody_asks_is_not_accepted(result: Result, path: str) -> None:
    with pytest.raises(WrongDecision):
        decide(result, [accept(path)])


def test_texts_are_one_line_without_control_characters(result: Result) -> None:
    decided = decide(result, [say("title", " 某局\n2021年\0报告\ud800 ")])
    assert decided.report.title == "某局 2021年 报告"


def test_what_was_accepted_stays_when_the_report_is_read_otherwise(result: Result) -> None:
    right = value_at(result, TOTAL)
    misread(result, TOTAL, 77)
    again = decide(result, [], [accept(TOTAL, right)])
    assert value_at(again, TOTAL) == right and again.evidence[TOTAL].state == "corrected"


def test_earlier_decisions_that_fit_no_longer_stand_in_nobodys_way(result: Result) -> None:
    gone = [say("requests.gone.total", 3), accept("unmatched.7"), accept("requests"), say("year", 2020)]
    decided = decide(result, [say(TOTAL, 5)], gone)
    assert (value_at(decided, TOTAL), decided.report.year) == (5, 2020)


def test_the_figures_of_an_absent_table_can_be_typed(result: Result) -> None:
    tables = result.report.tables
    requests = tables.requests
    tables.requests = None
    result.evidence = {p: e for p, e in result.evidence.items() if not p.startswith("requests")}
    assert listed(decide(result, [])) == {"requests"} and value_at(result, TOTAL) is None
    decided = decide(result, [say(TOTAL, 5), accept(NATURAL)], [accept("requests")])
    assert requests is not None and decided.report.tables.requests is not None
    assert {row: set(columns) for row, columns in decided.report.tables.requests.items()} == {
        row: set(columns) for row, columns in requests.items()
    }
    assert (value_at(decided, TOTAL), decided.evidence[TOTAL].state) == (5, "corrected")
    assert decided.evidence[NATURAL].state == "missing"
    cells = {f"requests.{row}.{column}" for row, columns in requests.items() for column in columns}
    assert listed(decided) == cells - {TOTAL, NATURAL}
    assert check(decided, "structure.table.requests").status == "pass"
    with pytest.raises(WrongDecision):
        decide(result, [say("requests.nothing.total", 5)])


@pytest.mark.parametrize(("origin", "cause"), [("text", "source"), ("ocr", "reading"), (None, "reading")])
def test_a_section_may_be_lost_on_a_scan_but_not_on_pages_with_text(result: Result, origin: Any, cause: str) -> None:
    result.report.sections = [section for section in result.report.sections if section.number != 5]
    result.document.pages[4].origin = origin
    assert check(decide(result, []), "structure.section.5").cause == cause


def test_an_unread_page_is_on_the_list_until_somebody_has_seen_it(result: Result) -> None:
    result.document.pages[1].error = "damaged"
    assert listed(decide(result, [])) == {"pages.2"}
    seen = decide(result, [accept("pages.2")])
    assert seen.validation.review == []
    with pytest.raises(WrongDecision, match=r"pages\.2"):
        decide(result, [say("pages.2", None)])


def test_whole_numbers_become_whole_and_decimals_stay_where_they_may(result: Result) -> None:
    decided = decide(result, [say(TOTAL, 3.0), say(FEES, 12.5)])
    assert value_at(decided, FEES) == 12.5
    assert isinstance(value_at(decided, TOTAL), int)


def test_what_the_machine_has_read_may_stand_whatever_it_is(result: Result) -> None:
    misread(result, TOTAL, -3)
    assert value_at(decide(result, [say(TOTAL, -3)]), TOTAL) == -3
    assert value_at(decide(result, [accept(TOTAL, -3)]), TOTAL) == -3


def test_a_cell_that_the_form_has_gained_since_is_unknown(result: Result) -> None:
    assert result.report.tables.requests is not None
    del result.report.tables.requests["granted"]
    result.evidence = {path: e for path, e in result.evidence.items() if ".granted." not in path}
    decided = decide(result, [accept(TOTAL, value_at(result, TOTAL))])
    assert check(decided, "requests.row_sum.granted").status == "unknown"


def test_no_engine_comes_in_with_it() -> None:
    code = "import sys, extractors.decisions; print([m for m in ('pymupdf', 'paddleocr', 'cv2') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_an_agency_in_doubt_stays_listed_until_it_is_decided_itself(result: Result) -> None:
    result.validation.review += [Review(path=path, reason="ambiguous") for path in ("title", "agency")]
    once = decide(result, [accept("title", result.report.title)])
    assert "agency" in listed(once)
    assert "title" not in listed(once)
    both = decide(result, [accept("title", result.report.title), accept("agency", result.report.agency)])
    assert not {"title", "agency"} & listed(both)
