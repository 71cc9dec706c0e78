"""Table 四: one row of figures under a header of blocks (复议, 诉讼) and outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.forms import Form
from extractors.forms.alignment import align, all_by_position
from extractors.forms.found import FoundCell, FoundTable, too_wide, unmatched_row
from extractors.forms.plan import heads_by_plan, row_of_blocks
from extractors.layout.flow import Table
from extractors.layout.grids import Cell, Grid
from extractors.report import TableName
from extractors.text import bare, best_likeness, likeness

HEADER = 0.7


@dataclass(frozen=True)
class Span:
    """A printed column: its edges as shares of the table's width, its header and the headers above."""

    left: float
    right: float
    label: str
    groups: str


def read_blocks(name: TableName, form: Form, tables: list[Table]) -> FoundTable:
    """Fill the form's cells from the grids of one table of blocks."""
    wanted = form.table(name)
    keys = [(row, column) for row in wanted.rows for column in wanted.columns]
    found = FoundTable(name, form.name, pages=sorted({t.page for t in tables}))
    spans: list[Span] = []
    for table in tables:
        start, own = _header(table.grid, tuple(column.label for column in wanted.columns))
        heads = [] if own else heads_by_plan(table.grid, wanted, blocks=True)
        planned = heads or ([] if own or spans else row_of_blocks(table.grid, wanted))
        if planned:
            start = planned[0].bottom if heads else planned[0].top
            own = [_span(table.grid, leaf) for leaf in planned]
        spans = _as_figures_stand(own or spans, table.grid, start, len(keys))
        rows = _figure_rows(table.grid, start, spans)
        if not rows:
            continue
        scores = [[_likeness(span, column.label, [*row.groups, row.label]) for row, column in keys] for span in spans]
        alignment = all_by_position(len(keys)) if planned else align(scores, len(keys))
        doubtful = too_wide([span.right - span.left for span in spans], len(keys))
        if table.grid.inferred and len(spans) != len(keys):  # columns that no rule parts are known only as a whole
            doubtful = [True] * len(spans)
        found.likeness += alignment.score
        taken = next((i for i, cells in enumerate(rows) if any(bare(c.text) for c in cells if c)), 0)
        for i, cell in enumerate(rows[taken]):
            target = alignment.matches[i]
            if target is not None and cell is not None:
                row, column = keys[target]
                path = f"{row.key}.{column.key}"
                anchored = i in alignment.anchored and not doubtful[i]
                found.cells.setdefault(path, FoundCell(cell, i in alignment.by_position or doubtful[i], anchored))
        for cells in rows[:taken] + rows[taken + 1 :]:
            present = [cell for cell in cells if cell is not None]
            if any(bare(cell.text) for cell in present):
                found.unmatched.append(unmatched_row(name, present[0].text, present))
    return found


def _header(grid: Grid, labels: tuple[str, ...]) -> tuple[int, list[Span]]:
    hits = [c for c in grid.cells if best_likeness(c.text, labels) >= HEADER]
    if len(hits) < len(labels):
        return 0, []
    bottom = Counter(cell.bottom for cell in hits).most_common(1)[0][0]
    leaves = sorted((c for c in grid.cells if c.bottom == bottom), key=lambda c: c.left)
    return bottom, [_span(grid, leaf) for leaf in leaves]


def _as_figures_stand(spans: list[Span], grid: Grid, start: int, wanted: int) -> list[Span]:
    """The printed columns by the cells of a row of figures, if that has as many as the form: a border that the header
    has lost leaves one header over two of them, which then says nothing of either, and a stroke cuts one in two."""
    if not spans or len(spans) == wanted:
        return spans
    width = grid.xs[-1] - grid.xs[0]
    for top in range(start, grid.rows):
        cells = sorted((c for c in grid.cells if c.top == top), key=lambda c: c.left)
        if len(cells) != wanted:
            continue
        shares = [((c.box[0] - grid.xs[0]) / width, (c.box[2] - grid.xs[0]) / width) for c in cells]
        heads = [_heads_over(spans, *share) for share in shares]
        if all(heads):
            return [
                Span(*share, "" if own in heads[:i] + heads[i + 1 :] else _label(own), own[0].groups)
                for i, (share, own) in enumerate(zip(shares, heads, strict=True))
            ]
    return spans


def _heads_over(spans: Sequence[Span], left: float, right: float) -> list[Span]:
    """The heads that stand over a cell, or the one that it stands under with others; lengths are shares."""
    within = [span for span in spans if left <= (span.left + span.right) / 2 < right]
    return within or [span for span in spans if span.left <= (left + right) / 2 < span.right]


def _label(heads: Sequence[Span]) -> str:
    return "".join(head.label for head in heads)


def _span(grid: Grid, leaf: Cell) -> Span:
    above = [c for c in grid.cells if c.bottom <= leaf.top and c.left <= leaf.left and leaf.right <= c.right]
    width = grid.xs[-1] - grid.xs[0]
    groups = "".join(cell.text for cell in sorted(above, key=lambda c: c.top))
    return Span((leaf.box[0] - grid.xs[0]) / width, (leaf.box[2] - grid.xs[0]) / width, leaf.text, groups)


def _figure_rows(grid: Grid, start: int, spans: list[Span]) -> list[list[Cell | None]]:
    """For each grid row below the header, the cell under each printed column."""
    width = grid.xs[-1] - grid.xs[0]
    rows = []
    for top in range(start, grid.rows) if spans else ():
        row: list[Cell | None] = []
        for span in spans:
            x = grid.xs[0] + (span.left + span.right) / 2 * width
            row.append(next((c for c in grid.cells if c.top == top and c.box[0] < x < c.box[2]), None))
        # a cell that reaches under two headers belongs to neither
        rows.append([cell if sum(cell is other for other in row) == 1 else None for cell in row])
    return rows


def _likeness(span: Span, label: str, groups: list[str]) -> float:
    return 0.6 * likeness(span.label, label) + 0.4 * likeness(span.groups, "".join(groups))
