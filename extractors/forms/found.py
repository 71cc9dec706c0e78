"""What a table of the document gives for the form's cells, before any judgement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from extractors.forms import TableForm, load_form
from extractors.geometry import around
from extractors.layout.grids import Cell
from extractors.report import TableName, Unmatched


@dataclass(frozen=True)
class FoundCell:
    """A cell of the form and the printed cell that was taken for it."""

    cell: Cell
    by_position: bool = False
    """No label supports the match, only its place between its neighbours."""
    anchored: bool = False
    """That place is the only one left between neighbours whose labels are known."""

    @property
    def text(self) -> str:
        return self.cell.text

    @property
    def line_count(self) -> int:
        return len(self.cell.lines)

    @property
    def confidence(self) -> float | None:
        """Of the least sure word as printed; None where nothing is printed."""
        return min((word.confidence for word in self.cell.words), default=None)

    @property
    def figure(self) -> tuple[str, float] | None:
        """The best reading of a scanned cell if it holds nothing but a figure, and its confidence."""
        words = self.cell.words
        if len(words) != 1 or not words[0].figure:
            return None
        return words[0].figure, words[0].figure_confidence


def joined(parts: Sequence[Cell]) -> Cell:
    """The one cell that stray strokes have cut into parts side by side."""
    words = [word for part in parts for word in part.words]
    return replace(parts[0], right=parts[-1].right, box=around([part.box for part in parts]), words=words)


WIDE = 1.5
"""Times the usual width from which a column may be two whose border was not seen."""


def too_wide(widths: Sequence[float], wanted: int) -> list[bool]:
    """Which of the printed columns may be two: some are missing, and these are much wider than most."""
    if not widths or len(widths) >= wanted:
        return [False] * len(widths)
    usual = median(widths)
    return [width > WIDE * usual for width in widths]


@dataclass
class FoundTable:
    """The cells of one table by path `row.column`; `likeness` tells how well the form fits."""

    table: TableName
    form: str
    cells: dict[str, FoundCell] = field(default_factory=dict)
    unmatched: list[Unmatched] = field(default_factory=list)
    likeness: float = 0.0
    pages: list[int] = field(default_factory=list)

    @property
    def summed(self) -> bool:
        """Whether the table's figures have to add up."""
        form = load_form(self.form).table(self.table)
        return form.sum_column is not None or form.balance is not None

    def doubt_shared_cells(self) -> None:
        """A printed cell that was taken for two of the form's is two whose border was not seen: neither is sure."""
        uses = Counter(id(found.cell) for found in self.cells.values())
        for path, found in self.cells.items():
            if uses[id(found.cell)] > 1:
                self.cells[path] = replace(found, by_position=True, anchored=False)


def unmatched_row(table: TableName, label: str, cells: list[Cell]) -> Unmatched:
    """A printed row that fits no key, with the box around all its cells (level page)."""
    box = around([cell.box for cell in cells])
    values = [cell.text for cell in cells[1:]]
    return Unmatched(table=table, label=label, values=values, page=cells[0].page, box=box, place=cells[0].place)


def forms_of(found: Mapping[TableName, FoundTable]) -> dict[TableName, TableForm]:
    """The form of each table, in the edition that it was found to be."""
    return {name: load_form(table.form).table(name) for name, table in found.items()}


def printed_cell(found: Mapping[TableName, FoundTable], path: str) -> Cell:
    """The cell at a full path, `table.row.column`, as it stands on its page."""
    table, _, place = path.partition(".")
    return next(own.cells[place].cell for name, own in found.items() if name == table)
