"""Which edition of the form each table of a result is in, seen from its keys."""

from __future__ import annotations

from extractors.forms import Form, form_names, load_form
from extractors.report import TABLES, Report, Table, TableName, Tables


def editions_of(tables: Tables) -> dict[TableName, Form]:
    """The edition whose keys fit each table best, the newest of equals; reports mix editions."""
    found: dict[TableName, Form] = {}
    for name in TABLES:
        table = getattr(tables, name)
        if table:
            keys = {f"{row}.{column}" for row, columns in table.items() for column in columns}
            found[name] = max(map(load_form, form_names()), key=lambda form: _fit(form, name, keys))
    return found


def edition_for(report: Report) -> Form:
    """The edition that a table of the report would be in that was not found."""
    return load_form(report.form if report.form in form_names() else form_names()[0])


def blank_table(form: Form, name: TableName) -> Table:
    """The table with no figure in it."""
    table = form.table(name)
    return {row.key: {column.key: None for column in table.columns_of(row)} for row in table.rows}


def _fit(form: Form, name: TableName, keys: set[str]) -> int:
    """How many of the table's cells the edition has, less those that it has and the table has not."""
    table = form.table(name)
    own = {f"{row.key}.{column.key}" for row in table.rows for column in table.columns_of(row)}
    return len(own & keys) - len(own - keys)
