"""Printed cells → values with evidence, and what is doubtful about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extractors.figures import Figure, read_figure
from extractors.forms import Column, load_form
from extractors.forms.found import FoundCell, FoundTable
from extractors.geometry import PageMap
from extractors.report import Box, Evidence, Reason, Table, TableName, Value

CERTAIN = 0.90
"""Confidence from which a figure counts as read beyond doubt when a sum through it does not agree."""
LISTED = 0.60
"""Confidence below which a figure is put on the review list whatever the sums say."""
BY_POSITION = "按位置对应"
"""Note on a cell that no label supports."""


@dataclass(frozen=True)
class CellReading:
    """One cell of the form: its value, where it comes from, and why a person should look at it, if so."""

    path: str
    value: Value
    evidence: Evidence
    reason: Reason | None = None

    @property
    def missing(self) -> bool:
        return self.evidence.state == "missing"

    @property
    def doubtful(self) -> bool:
        """Whether the reading may be at fault when a check through this cell fails."""
        sure = self.evidence.confidence is None or self.evidence.confidence >= CERTAIN
        return self.reason is not None or not sure


def read_cells(found: FoundTable, pages: PageMap) -> dict[str, CellReading]:
    """All cells of the form of a found table, by their full path `table.row.column`, in the form's order."""
    form = load_form(found.form).table(found.table)
    readings = {}
    for row in form.rows:
        for column in form.columns_of(row):
            path = f"{found.table}.{row.key}.{column.key}"
            cell = found.cells.get(f"{row.key}.{column.key}")
            readings[path] = _missing(path) if cell is None else _read(path, cell, column, pages)
    return readings


def as_table(table: TableName, readings: Mapping[str, CellReading]) -> Table:
    """The nested mapping of the contract: row → column → value."""
    nested: Table = {}
    for path, reading in readings.items():
        name, row, column = path.split(".")
        if name == table:
            nested.setdefault(row, {})[column] = reading.value
    return nested


def _missing(path: str) -> CellReading:
    evidence = Evidence(raw=None, page=None, box=None, confidence=None, origin=None, state="missing")
    return CellReading(path, None, evidence, "missing")


def _read(path: str, cell: FoundCell, column: Column, pages: PageMap) -> CellReading:
    figure = read_figure(cell.text, column, cell.line_count)
    words = cell.cell.words
    origin = words[0].origin if words else pages.origin(cell.cell.page)
    notes = [note for note in (figure.note, BY_POSITION if cell.by_position else None) if note]
    evidence = Evidence(
        raw=cell.text,
        page=cell.cell.page,
        box=pages.to_page(cell.cell.page, _tight(cell)),
        confidence=None if cell.confidence is None else round(cell.confidence, 4),
        origin=origin,
        state="blank" if figure.blank else "read",
        note="；".join(notes) or None,
    )
    return CellReading(path, figure.value, evidence, _reason(figure, cell))


def _tight(cell: FoundCell) -> Box:
    """The box of the printed cell."""
    return cell.cell.box


def _reason(figure: Figure, cell: FoundCell) -> Reason | None:
    if figure.doubt or cell.by_position:
        return "ambiguous"
    if cell.confidence is not None and cell.confidence < LISTED:
        return "low_confidence"
    return None
