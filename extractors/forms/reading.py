"""Grids of a document → the cells of its form, the form chosen by what fits best."""

from __future__ import annotations

from collections.abc import Callable

from extractors.forms import TABLES, Form, form_names, load_form
from extractors.forms.blocks import read_blocks
from extractors.forms.found import FoundTable
from extractors.forms.matrix import read_matrix
from extractors.forms.recognition import sort_tables
from extractors.forms.stacked import read_stacked
from extractors.layout.flow import Table
from extractors.report import TableName

READERS: dict[TableName, Callable[[TableName, Form, list[Table]], FoundTable]] = {
    "proactive_disclosure": read_stacked,
    "requests": read_matrix,
    "review_litigation": read_blocks,
}
SAME = 6
"""Digits of two sums of likenesses that are the same."""


def read_tables(tables: list[Table]) -> dict[TableName, FoundTable]:
    """Each table of the form that the document has, read by the edition of the form that fits it best."""
    grids = sort_tables(tables)
    found = {}
    for name in TABLES:
        if name in grids:
            candidates = [READERS[name](name, load_form(form), grids[name]) for form in form_names()]
            # of forms that the labels fit alike, the one whose plan leaves fewest cells out
            best = max(candidates, key=lambda candidate: (round(candidate.likeness, SAME), len(candidate.cells)))
            best.doubt_shared_cells()
            if best.cells or best.unmatched:
                found[name] = best
    return found
