"""What persons have decided, applied to the machine's own result; the checks run again.

Nothing here opens a file: the result is all that is needed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from extractors.cells import CellReading
from extractors.checks.judgement import judge, status_of
from extractors.editions import blank_table, edition_for, editions_of
from extractors.forms import Column, Form
from extractors.headline import Headline
from extractors.report import (
    TABLES,
    Decided,
    Evidence,
    Reason,
    Result,
    TableName,
    Validation,
)

HEADLINE = ("title", "agency", "year", "published_on")
LONGEST = {"title": 500, "agency": 200}
"""Characters."""
LARGEST = 10**15
"""Figures beyond this are slips of the hand, and no exact numbers in JSON."""

YEARS = range(1900, 3000)
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")

NOT_THERE = Evidence(raw=None, page=None, box=None, confidence=None, origin=None, state="missing")
"""Of a cell of an absent table, or one that the form has gained since the result was made."""

Said = int | float | str | dt.date | None
"""A value as a person gives it; dates also as ISO text."""


class WrongDecision(Exception):
    """A decision that cannot be: no such path, or a value that cannot stand there."""

    def __init__(self, path: str, message: str, message_zh: str) -> None:
        self.path = path
        self.message, self.message_zh = f"{path}: {message}", f"{path}：{message_zh}"
        super().__init__(self.message)


@dataclass(frozen=True)
class Decision:
    """One decision about the value at `path`: `value` is right, and is what stood there if `accepted`.

    `path` is that of a cell, `title`, `agency`, `year` or `published_on`; or, to accept only, an entry
    of the review list for something that is no cell: an absent table, `unmatched.0`, `pages.2`.
    """

    path: str
    by: str
    at: dt.datetime
    value: Said = None
    accepted: bool = False


class Certain(CellReading):
    """A cell that a person has decided about."""

    @property
    def doubtful(self) -> bool:
        return False


def decide(result: Result, decisions: Sequence[Decision], earlier: Sequence[Decision] = ()) -> Result:
    """A copy of the machine's `result` with `earlier` and new decisions applied in order and judged anew.

    Raises WrongDecision for the first new one that cannot be. Of the earlier ones, those that fit the result no
    longer are left out: it may come from another reading than the one that they were taken about.
    """
    forms = editions_of(result.report.tables)
    decided = result.model_copy(deep=True)
    paths = {decision.path for decision in decisions}
    for decision in earlier:
        with contextlib.suppress(WrongDecision):
            _apply(result, decided, decision, forms)
            paths.add(decision.path)
    for decision in decisions:
        _apply(result, decided, decision, forms)
    decided.validation = _judged(result, decided, forms, paths)
    return decided


def value_at(result: Result, path: str) -> Said:
    """What stands at a path; None for an entry that is no cell. Raises WrongDecision when there is none such."""
    if path in HEADLINE:
        value: Said = getattr(result.report, path)
        return value
    if is_entry(result, path):
        return None
    cell = _split(path)
    if cell is not None:
        table, row, column = cell
        values = getattr(result.report.tables, table)
        columns = (blank_table(edition_for(result.report), table) if values is None else values).get(row, {})
        if column in columns:
            figure: Said = columns[column]
            return figure
    raise _unknown(path)


def is_entry(result: Result, path: str) -> bool:
    """Whether the path names what can be on the review list and is no value: a table, a page, an unmatched row."""
    unmatched = (f"unmatched.{i}" for i in range(len(result.report.unmatched)))
    return path in {*TABLES, *(f"pages.{page.number}" for page in result.document.pages), *unmatched}


def as_json(value: Said) -> int | float | str | None:
    """The value as it stands in JSON."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _apply(machine: Result, decided: Result, decision: Decision, forms: dict[TableName, Form]) -> None:
    path, before = decision.path, value_at(decided, decision.path)
    if is_entry(machine, path):
        _see(machine, decision)
        return
    _fill_in(decided, path, forms)
    was, now = machine.evidence.get(path, NOT_THERE), decided.evidence.get(path, NOT_THERE)
    if decision.accepted and as_json(decision.value) == as_json(before):
        value, evidence = before, now
    else:
        own = value_at(machine, path)
        value = _typed(decision, own, forms)
        # to say that a cell is blank which was not found, or held no number, is to correct it
        as_read = value == own and (value is not None or was.state == "blank")
        evidence = was if as_read else _corrected(was)
    accepted = value == before and evidence.state == now.state
    note = Decided(by=decision.by, at=decision.at, accepted=accepted, previous=as_json(before))
    decided.evidence[path] = evidence.model_copy(update={"decision": note})
    _put(decided, path, value)


def _see(machine: Result, decision: Decision) -> None:
    """Of what is no value a person can only say that he has seen it."""
    path, report = decision.path, machine.report
    if path in TABLES and getattr(report.tables, path) is not None:
        raise _unknown(path)
    if any(path == f"pages.{page.number}" and page.error is None for page in machine.document.pages):
        raise _unknown(path)
    if not decision.accepted:
        raise WrongDecision(path, "this can only be accepted, it has no value.", "此项只能确认，不能填写数值。")


def _unknown(path: str) -> WrongDecision:
    return WrongDecision(path, "there is no such cell in this report.", "本报告中没有这一项。")


def _fill_in(decided: Result, path: str, forms: dict[TableName, Form]) -> None:
    """Have the table of a cell there, all missing, where it was not found: its figures are typed one by one."""
    cell = _split(path)
    if cell is None or cell[0] in forms:
        return
    table, report = cell[0], decided.report
    forms[table] = edition_for(report)
    blank = blank_table(forms[table], table)
    setattr(report.tables, table, blank)
    decided.evidence.update({f"{table}.{row}.{column}": NOT_THERE for row in blank for column in blank[row]})


def _corrected(was: Evidence) -> Evidence:
    first = was.first_reading if was.first_reading is not None else was.raw
    return was.model_copy(update={"state": "corrected", "first_reading": first})


def _put(result: Result, path: str, value: Said) -> None:
    if path in HEADLINE:
        setattr(result.report, path, value)
        return
    table, row, column = path.split(".")
    getattr(result.report.tables, table)[row][column] = value


def _typed(decision: Decision, own: Said, forms: Mapping[TableName, Form]) -> Said:
    """The value in the type of its place; what the machine itself has read may stand whatever it is."""
    path, value = decision.path, decision.value
    if path in LONGEST:
        return _text(path, value)
    if path == "year":
        return _year(path, value)
    if path == "published_on":
        return _date(path, value)
    figure = _figure(path, value)
    column = _column(path, forms)
    if figure is None or column is None or figure == own:
        return figure
    if isinstance(figure, float) and not (column.decimal or column.any_unit):
        raise WrongDecision(path, "a count is a whole number.", "件数、人数等应为整数。")
    if figure < 0 and not column.signed:
        raise WrongDecision(path, "a number cannot be negative here.", "此处的数据不能为负数。")
    return figure


def _figure(path: str, value: Said) -> int | float | None:
    """A whole number as int; raises WrongDecision for anything that is no finite number."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WrongDecision(path, "the value must be a number, or null for a blank cell.", "应填写数字，如 34。")
    if abs(value) >= LARGEST:
        raise WrongDecision(path, "the number is too large.", "数字过大。")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(path: str, value: Said) -> str | None:
    if value is None:
        return None
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in str(value))
    text = " ".join(text.split()) if isinstance(value, str) else ""
    if not text or len(text) > LONGEST[path]:
        message = f"the value must be a text of 1 to {LONGEST[path]} characters, or null where none is printed."
        raise WrongDecision(path, message, f"应填写 1 至 {LONGEST[path]} 个字的文字。")
    return text


def _year(path: str, value: Said) -> int | None:
    year = _figure(path, value)
    if year is None or (isinstance(year, int) and year in YEARS):
        return year
    raise WrongDecision(path, "the year must be a whole number from 1900 to 2999.", "年度应为 1900 至 2999 的整数。")


def _date(path: str, value: Said) -> dt.date | None:
    if value is None:
        return None
    text = str(as_json(value))
    with contextlib.suppress(ValueError):
        date = dt.date.fromisoformat(text)
        if ISO_DATE.fullmatch(text) and date.year in YEARS:
            return date
    raise WrongDecision(path, "the value must be a date such as 2022-01-12, or null.", "应填写日期，如 2022-01-12。")


def _split(path: str) -> tuple[TableName, str, str] | None:
    parts = path.split(".")
    table = next((name for name in TABLES if name == parts[0]), None)
    return (table, parts[1], parts[2]) if table and len(parts) == 3 else None


def _column(path: str, forms: Mapping[TableName, Form]) -> Column | None:
    """The form's column of a cell; None where a report prints what the form does not have."""
    cell = _split(path)
    if cell is None or cell[0] not in forms:
        return None
    table, row_key, column_key = cell
    form = forms[table].table(table)
    columns: Iterable[Column] = (c for row in form.rows if row.key == row_key for c in form.columns_of(row))
    return next((column for column in columns if column.key == column_key), None)


def _judged(machine: Result, decided: Result, forms: Mapping[TableName, Form], paths: set[str]) -> Validation:
    report = decided.report
    headline = Headline(
        title=report.title,
        agency=report.agency,
        year=report.year,
        published_on=report.published_on,
        period=report.period,
    )
    validation = judge(
        _readings(machine, decided, forms, paths),
        {table: form.name for table, form in forms.items()},
        report.sections,
        headline,
        report.unmatched,
        machine.document.pages,
        paths,
    )
    review = [entry for entry in validation.review if entry.path not in paths]
    return Validation(status=status_of(validation.checks, review), checks=validation.checks, review=review)


def _readings(
    machine: Result, decided: Result, forms: Mapping[TableName, Form], paths: set[str]
) -> dict[str, CellReading]:
    """The cells as they were judged at first, those that were decided beyond doubt."""
    reasons: dict[str, Reason] = {e.path: e.reason for e in machine.validation.review if e.reason != "check_failed"}
    readings: dict[str, CellReading] = {}
    for table, form in forms.items():
        values = getattr(decided.report.tables, table)
        absent: Reason | None = "missing" if getattr(machine.report.tables, table) is None else None
        shape = form.table(table)
        keys = [(row.key, column.key) for row in shape.rows for column in shape.columns_of(row)]
        keys += [(row, column) for row, columns in values.items() for column in columns if (row, column) not in keys]
        for row, column in keys:
            path = f"{table}.{row}.{column}"
            value = values.get(row, {}).get(column)
            evidence = decided.evidence.get(path, NOT_THERE)
            kind, reason = (Certain, None) if path in paths else (CellReading, reasons.get(path, absent))
            readings[path] = kind(path, value, evidence, reason)
    return readings
