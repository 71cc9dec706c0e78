"""The wide form: a line for each report, a column for each cell that any edition of the form has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from extractors.export.fields import Field, Filed, csv_lines
from extractors.forms import form_names, load_form
from extractors.report import TABLES, Result, TableName


@cache
def cells_of(table: TableName) -> tuple[tuple[str, str], ...]:
    """(row, column) of every cell of a table, the newest edition first, then what only older ones have."""
    found: dict[tuple[str, str], None] = {}
    for name in form_names():
        shape = load_form(name).table(table)
        found |= {(row.key, column.key): None for row in shape.rows for column in shape.columns_of(row)}
    return tuple(found)


ABOUT = (
    *("file", "agency", "filed_under", "year", "title", "form"),
    *("published_on", "status", "to_review", "failed_checks"),
)
WIDE_HEADER = (*ABOUT, *(f"{table}.{row}.{column}" for table in TABLES for row, column in cells_of(table)))


def wide_csv(results: Iterable[Filed]) -> Iterator[str]:
    """Pieces of CSV under WIDE_HEADER, whose columns are the paths of the cells."""
    yield csv_lines([WIDE_HEADER])
    for filed in results:
        yield csv_lines([[*_about(filed), *(value for table in TABLES for value in values_of(filed.result, table))]])


def values_of(result: Result, table: TableName) -> list[Field]:
    """The figures of a report in the order of `cells_of`; None for a cell that it does not have."""
    values = getattr(result.report.tables, table) or {}
    return [values.get(row, {}).get(column) for row, column in cells_of(table)]


def _about(filed: Filed) -> list[Field]:
    result, report, validation = filed.result, filed.result.report, filed.result.validation
    failed = " ".join(check.id for check in validation.checks if check.status == "fail")
    published = report.published_on.isoformat() if report.published_on else None
    head = [result.document.filename, report.agency, filed.filed_under, report.year, report.title, report.form]
    return [*head, published, validation.status, len(validation.review), failed]
