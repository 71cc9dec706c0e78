"""The formula of a failed check, with its figures, and who is to blame."""

from __future__ import annotations

import datetime as dt

from extractors.decisions import Decision, decide
from extractors.editions import editions_of
from extractors.report import Result, Review
from web.formulas import FailedCheck, Side, failed_checks

TOTAL = "requests.new_received.total"
NOW = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


def failed(result: Result) -> dict[str, FailedCheck]:
    return {entry.check.id: entry for entry in failed_checks(result, editions_of(result.report.tables))}


def corrected(result: Result, **values: int) -> Result:
    """With figures of table 三 as a person would have typed them: beyond doubt."""
    decisions = [Decision(f"requests.{path.replace('__', '.')}", "王", NOW, value) for path, value in values.items()]
    return decide(result, decisions)


def shown(side: Side) -> list[tuple[str, str]]:
    return [(term.text, term.label) for term in side.terms]


def test_a_row_that_does_not_add_up(sample: Result) -> None:
    result = corrected(
        sample, new_received__natural_person=2, new_received__other_organization=1, new_received__total=4
    )
    entry = failed(result)["requests.row_sum.new_received"]
    assert entry.formula is not None
    left, right = entry.formula.left, entry.formula.right
    assert shown(left) == [("2", "自然人"), ("1", "其他")] and (left.rest, left.total) == (4, "3")
    assert shown(right) == [("4", "总计")] and right.total is None
    assert entry.title == "“一、本年新收政府信息公开申请数量”各列之和与总计"
    assert (entry.cause, entry.verdict) == ("报告原文不符", None)


def test_a_balance_shows_all_four_and_a_column_names_its_rows(sample: Result) -> None:
    result = corrected(sample, new_received__total=4, granted__total=1)
    entries = failed(result)
    balance = entries["requests.balance.total"].formula
    assert balance is not None and len(balance.left.terms) == len(balance.right.terms) == 2
    assert (balance.left.total, balance.right.total) == ("4", "0")
    handled = entries["requests.handled_sum.total"].formula
    assert handled is not None and shown(handled.left) == [("1", "（一）予以公开")]
    assert handled.left.rest > 15


def test_a_doubtful_figure_puts_the_blame_on_the_reading(sample: Result) -> None:
    result = sample.model_copy(deep=True)
    assert result.report.tables.requests is not None
    result.report.tables.requests["new_received"]["total"] = 4
    result.validation.review.append(Review(path=TOTAL, reason="low_confidence"))
    entry = failed(decide(result, []))["requests.row_sum.new_received"]
    assert entry.cause == "可能是识读有误" and entry.verdict is not None and "1 个数据没有把握" in entry.verdict
    assert entry.formula is not None and entry.formula.right.terms[0].doubtful
    assert entry.formula.left.terms == [] and entry.formula.left.rest == 6


def test_a_check_without_arithmetic_is_told_by_its_sentence(sample: Result) -> None:
    result = sample.model_copy(deep=True)
    result.report.sections = [section for section in result.report.sections if section.number != 5]
    entry = failed(decide(result, []))["structure.section.5"]
    assert entry.formula is None and entry.title == entry.check.message and entry.cells == []
    assert (entry.cause, entry.verdict) == ("报告原文不符", None)


def test_what_may_be_on_an_unread_page_is_not_blamed_on_the_report(sample: Result) -> None:
    result = sample.model_copy(deep=True)
    result.report.sections = [section for section in result.report.sections if section.number != 5]
    result.document.pages[4].origin, result.document.pages[4].error = None, "damaged"
    entry = failed(decide(result, []))["structure.section.5"]
    assert entry.cause == "可能是识读有误" and entry.verdict is not None and "没有读出" in entry.verdict
