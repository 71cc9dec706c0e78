"""Which of the form's tables a grid is, by the labels printed in it, or by its plan where none can be read."""

from __future__ import annotations

from functools import cache, lru_cache

from extractors.forms import TABLES, Form, form_names, load_form
from extractors.forms.plan import heads_by_plan
from extractors.layout.flow import Table
from extractors.report import TableName
from extractors.text import KEPT, bare, likeness, split_numbering

SURE = 0.8
"""Likeness from which a printed text counts as a label of the form."""


def sort_tables(tables: list[Table]) -> dict[TableName, list[Table]]:
    """The grids of each table of the form, in order; a grid without telling labels is known by its plan, or continues
    the one before."""
    sorted_tables: dict[TableName, list[Table]] = {}
    last: TableName | None = None
    for table in tables:
        kind = recognise(table) or recognise_plan(table)
        if kind is None and last is not None and _continues(sorted_tables[last][-1], table):
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
