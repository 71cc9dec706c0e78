"""The long form: a line for each cell of each report, with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractors.export.fields import Field, Filed, csv_lines
from extractors.labels import TABLE_HEADINGS, cell_labels
from extractors.report import TABLES

LONG_HEADER = (
    *("file", "agency", "filed_under", "year", "table", "table_label", "row", "row_label", "column", "column_label"),
    *("value", "state", "page", "note", "review"),
)


def long_csv(results: Iterable[Filed]) -> Iterator[str]:
    """Pieces of CSV under LONG_HEADER; value is empty where a cell is blank or was not found, which state tells."""
    yield csv_lines([LONG_HEADER])
    for filed in results:
        yield csv_lines(list(_lines(filed)))


def _lines(filed: Filed) -> Iterator[tuple[Field, ...]]:
    """The cells of a report in the order of its tables."""
    result = filed.result
    review = {item.path: item.reason for item in result.validation.review}
    head = (result.document.filename, result.report.agency, filed.filed_under, result.report.year)
    for table in TABLES:
        for row, columns in (getattr(result.report.tables, table) or {}).items():
            for column, value in columns.items():
                row_label, column_label = cell_labels(table, row, column, result.report.form)
                path = f"{table}.{row}.{column}"
                names = (table, TABLE_HEADINGS[table], row, row_label, column, column_label)
                known = result.evidence.get(path)
                about = (known.state, known.page, known.note) if known else (None, None, None)
                yield (*head, *names, value, *about, review.get(path))
