"""The rest of a table on the next page, its outer border worn off."""

from __future__ import annotations

import itertools

import pytest

from extractors.forms import load_form
from extractors.forms.reading import read_tables
from extractors.layout.flow import Table, read_flow
from extractors.reading.page import PageReading, Rule, Word

FORM = load_form("2021")
EDGES = [60.0, 260.0, *(260.0 + 38 * i for i in range(1, 8))]
HIGH = 20.0


def page(number: int, rows: list[list[str]], edges: list[float], drawn: int = 0) -> PageReading:
    """Rows of texts between `edges`, the rules of which begin at edge `drawn`."""
    ys = [100 + HIGH * i for i in range(len(rows) + 1)]
    words = [
        Word(text, (x0 + 4, y + 5, x1 - 4, y + 15), origin="ocr")
        for y, texts in zip(ys, rows, strict=False)
        for text, (x0, x1) in zip(texts, itertools.pairwise(edges), strict=True)
    ]
    rules = [Rule(x0=edges[drawn], y0=y, x1=edges[-1], y1=y) for y in ys]
    rules += [Rule(x0=x, y0=ys[0], x1=x, y1=ys[-1]) for x in edges[drawn:]]
    return PageReading(number=number, width=595.0, height=842.0, origin="ocr", words=words, rules=rules)


def rows(first: int, last: int) -> list[list[str]]:
    return [[row.label, *(str(10 * i + k) for k in range(7))] for i, row in enumerate(FORM.requests.rows)][first:last]


HEADED = [["", *(column.label for column in FORM.requests.columns)], *rows(0, 23)]


def tables(rest: PageReading) -> list[Table]:
    return [part for part in read_flow([page(1, HEADED, EDGES), rest]) if isinstance(part, Table)]


@pytest.mark.parametrize("moved", [0.0, 4.0])
def test_the_labels_of_the_rest_are_those_that_stand_where_the_part_before_has_them(moved: float) -> None:
    rest = page(2, rows(23, 25), [x + moved for x in EDGES], drawn=1)
    found = read_tables(tables(rest))["requests"]
    assert found.cells["total_handled.natural_person"].text == "230"
    assert found.cells["carried_forward.total"].text == "246"
    assert len(found.cells) == 25 * 7 and not any(c.by_position for c in found.cells.values())


def test_a_table_with_other_borders_or_with_nothing_beside_it_stays_as_it_is() -> None:
    other = page(2, rows(23, 25), [x + 16 for x in EDGES], drawn=1)
    bare = page(2, [texts[1:] for texts in rows(23, 25)], EDGES[1:])
    for rest in (other, bare):
        assert tables(rest)[1].grid.columns == 7
