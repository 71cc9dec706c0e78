"""What persons have decided, applied to the machine's own result; the checks run again.

Nothing here opens a file: the result is all that is needed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from extractors.cells import NOT_THERE, CellReading
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
from extractors.said import HEADLINE, Said, WrongDecision, as_json, typed


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
        value = typed(path, decision.value, own, _column(path, forms))
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
        ambiguous=tuple(e.path for e in machine.validation.review if e.path in HEADLINE and e.reason == "ambiguous"),
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
