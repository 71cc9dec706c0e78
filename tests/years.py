"""Reports of one agency for several years that agree with themselves and with each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from tests.making.figures import FigureOptions
from tests.making.record import Record
from tests.making.words import draw_record, draw_sections

SAME_EACH_YEAR = (
    "administrative_licensing",
    "administrative_penalty",
    "administrative_compulsion",
    "administrative_fees",
)


def draw_years(agency: str, years: Sequence[int], seed: int = 7) -> list[Record]:
    """A record for each year, the earliest first; no check of theirs fails."""
    rng = Random(seed)
    options = FigureOptions(form="2021", requests_form="2021", zero_share=0.3)
    records = [draw_record(rng, options) for _ in years]
    for before, after in pairwise(records):
        _follow(before, after)
    for record, year in zip(records, years, strict=True):
        record.agency, record.year = agency, year
        record.title = f"{agency}{year}年政府信息公开工作年度报告"
        record.published_on = f"{year + 1}-01-{rng.randint(10, 28)}"
        record.sections = draw_sections(rng, agency, year, record.tables, short=True)
        record.settle_checks()
        assert not record.failing_checks
    return records


def carry_over(record: Record, column: str, value: int) -> None:
    """Have 二、上年结转 say something else in one column, and the report still agree with itself."""
    requests = record.tables["requests"]
    requests["carried_over"][column] = value
    _balance(requests)
    record.settle_checks()
    assert not record.failing_checks


def _follow(before: Record, after: Record) -> None:
    after.tables["requests"]["carried_over"] = dict(before.tables["requests"]["carried_forward"])
    _balance(after.tables["requests"])
    for row in SAME_EACH_YEAR:
        after.tables["proactive_disclosure"][row] = dict(before.tables["proactive_disclosure"][row])
    for row in ("regulations", "normative_documents"):
        now, was = (record.tables["proactive_disclosure"][row] for record in (after, before))
        there = (was["in_force"] or 0) + (now["issued"] or 0)
        gone = min(now["repealed"] or 0, there)
        now["repealed"], now["in_force"] = gone, there - gone


def _balance(requests: dict[str, dict[str, int | float | None]]) -> None:
    """Change what came in and what was granted so that every sum is right again."""
    columns = [column for column in requests["carried_over"] if column != "total"]
    for column in columns:
        over, handled, forward = (
            requests[row][column] or 0 for row in ("carried_over", "total_handled", "carried_forward")
        )
        more = max(0, over - handled - forward)
        for row in ("granted", "total_handled"):
            requests[row][column] = (requests[row][column] or 0) + more
        requests["new_received"][column] = handled + more + forward - over
    for row in ("new_received", "carried_over", "granted", "total_handled"):
        requests[row]["total"] = sum(requests[row][column] or 0 for column in columns)
