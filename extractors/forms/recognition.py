"""Which of the form's tables a grid is: by the labels printed in it, or, where none can be read, by its plan and by the
heading that it stands under."""

from __future__ import annotations

from functools import cache, lru_cache

from extractors.forms import TABLES, Form, form_names, load_form
from extractors.forms.plan import columns_of_rows, heads_by_plan, lines_of_stack, row_of_blocks
from extractors.layout.flow import Table
from extractors.report import TableName
from extractors.text import KEPT, bare, likeness, split_numbering

SURE = 0.8
"""Likeness from which a printed text counts as a label of the form."""


def sort_tables(tables: list[Table]) -> dict[TableName, list[Table]]:
    """The grids of each table of the form, in order; a grid without telling labels is known by its plan, by the heading
    above it, or continues the one before."""
    sorted_tables: dict[TableName, list[Table]] = {}
    last: TableName | None = None
    for table in tables:
        kind = recognise(table) or recognise_plan(table) or (table.under if _may_be(table, table.under) else None)
        # below the heading of another table nothing goes on
        may_go_on = last is not None and table.under in (None, last, sorted_tables[last][-1].under)
        if kind is None and last is not None and may_go_on and _continues(sorted_tables[last][-1], table):
            kind = last
        if kind is None:
            continue
        sorted_tables.setdefault(kind, []).append(table)
        last = kind
    return sorted_tables


def recognise(table: Table) -> TableName | None:
    """The table whose labels the grid shows most of, None when it shows none."""
    texts = [text for cell in table.grid.cells if len(text := bare(cell.text)) >= 2]
    votes = {name: sum(_is_label(text, name) for text in texts) for name in TABLES}
    winner = max(votes, key=lambda name: votes[name])
    return winner if votes[winner] else None


def recognise_plan(table: Table) -> TableName | None:
    """The table that has the plan of the grid's header, which the forms share; None where it is that of none."""
    form = load_form(form_names()[0])
    if heads_by_plan(table.grid, form.review_litigation, blocks=True):
        return "review_litigation"
    return "requests" if heads_by_plan(table.grid, form.requests, blocks=False) else None


def _may_be(table: Table, name: TableName | None) -> bool:
    """Whether a table in which no label can be read may be the one that belongs under the heading above it."""
    form = load_form(form_names()[0])
    if name == "requests":
        return bool(columns_of_rows(table.grid, len(form.requests.columns))[1])
    if name == "review_litigation":
        return bool(row_of_blocks(table.grid, form.review_litigation))
    if name == "proactive_disclosure":
        stacked = (load_form(edition).proactive_disclosure for edition in form_names())
        return any(lines_of_stack([table.grid], wanted) for wanted in stacked)
    return False


@lru_cache(KEPT)
def _is_label(text: str, name: TableName) -> bool:
    return any(likeness(text, label) >= SURE for label in _all_labels(name))


@cache
def _all_labels(name: TableName) -> frozenset[str]:
    return frozenset(bare(label) for form in map(load_form, form_names()) for label in _labels(form, name))


def _labels(form: Form, name: TableName) -> list[str]:
    """Labels that only this table prints, whatever their number."""
    table = form.table(name)
    labels = [label for row in table.rows for label in (row.label, *row.aliases, *row.groups)]
    labels += [column.label for row in table.rows for column in row.columns]
    labels += [label for column in table.columns for label in (column.label, *column.groups)]
    return [label for label in labels if split_numbering(label)[1] not in {"总计", "其他"}]


def _continues(before: Table, table: Table) -> bool:
    """Whether it may be the rest of the table before: on the next page, equally wide."""
    width, other = before.grid.xs[-1] - before.grid.xs[0], table.grid.xs[-1] - table.grid.xs[0]
    return table.page - before.page <= 1 and abs(width - other) < 0.08 * max(width, other)
