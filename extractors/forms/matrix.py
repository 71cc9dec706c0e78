"""Table 三: one header of applicants over rows of outcomes, often over two pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractors.forms import Form, Row, TableForm
from extractors.forms.alignment import Alignment, align, in_order
from extractors.forms.continuation import with_columns
from extractors.forms.found import FoundCell, FoundTable, joined, too_wide, unmatched_row
from extractors.forms.plan import Extent, columns_of_rows, figure_columns, heads_by_plan
from extractors.layout.flow import Table
from extractors.layout.grids import SNAP, Cell, Grid
from extractors.report import TableName
from extractors.text import bare, best_label_likeness, best_likeness, likeness

HEADER = 0.7
"""Likeness from which a cell counts as one of the column headers."""
SAME_BORDER = 0.012
"""Share of a table's width by which a border may move from one page to the next."""
GROUP_WEIGHT = 0.25
"""How much the labels to the left of a row's own label count."""
DOUBLE = 2
"""Figures over two lines from which their row may be two."""


@dataclass(frozen=True)
class Span:
    """A column of figures: its edges as shares of the table's width, and its key."""

    left: float
    right: float
    key: str
    by_position: bool
    anchored: bool = False


@dataclass(frozen=True)
class PrintedRow:
    label: str
    joined: str
    """The label with the cells to its left that are no higher than the row."""
    groups: str
    cells: tuple[Cell, ...]
    """The label's cell first, then the figures' from left to right."""
    figures: dict[str, FoundCell]


def read_matrix(name: TableName, form: Form, tables: list[Table]) -> FoundTable:
    """Fill the form's cells from the grids of one matrix table."""
    wanted = form.table(name)
    printed: list[PrintedRow] = []
    spans: list[Span] = []
    for table in tables:
        grid = table.grid
        header_bottom, own_spans = _header(grid, wanted)
        if own_spans:
            spans = own_spans
        elif not spans:
            header_bottom, spans = _spans_by_position(grid, wanted)
        elif grid.inferred:
            grid, spans = _continued(grid, spans)
        elif not _has_borders(grid, spans):  # not all of the table: its columns are guesses
            spans = [_guessed(span) for span in spans]
        rows = _rows(grid, header_bottom, spans)
        if printed and rows and (whole := _rejoined(printed[-1], rows[0], wanted)):
            printed[-1:], rows = [whole], rows[1:]
        printed.extend(rows)
    bare_rows = [row for row in printed if not row.figures]
    printed = [row for row in printed if row.figures]  # others are heads that cannot be read, or remarks
    scores = [[_row_likeness(row, want) for want in wanted.rows] for row in printed]
    alignment = in_order(align(scores, len(wanted.rows)), scores, len(wanted.rows))
    found = FoundTable(name, form.name, likeness=alignment.score, pages=sorted({t.page for t in tables}))
    _assign(found, wanted, printed, alignment)
    found.unmatched += [unmatched_row(name, row.label, list(row.cells)) for row in bare_rows if bare(row.label)]
    return found


def _assign(found: FoundTable, wanted: TableForm, printed: list[PrintedRow], alignment: Alignment) -> None:
    # figures that fit no row may be those of a neighbour that was cut in two
    astray = {i for i, row in enumerate(printed) if alignment.matches[i] is None and not _blank(row)}
    for i, row in enumerate(printed):
        target = alignment.matches[i]
        if target is None:
            if bare(row.label) or any(cell.text for cell in row.cells[1:]):
                found.unmatched.append(unmatched_row(found.table, row.label, list(row.cells)))
            continue
        for key, figure in row.figures.items():
            cut = bool(astray & {i - 1, i + 1}) or _may_be_two(row)
            row_by_position = i in alignment.by_position or cut
            anchored = (not figure.by_position or figure.anchored) and (not row_by_position or i in alignment.anchored)
            path = f"{wanted.rows[target].key}.{key}"
            found.cells[path] = FoundCell(figure.cell, figure.by_position or row_by_position, anchored and not cut)


def _may_be_two(row: PrintedRow) -> bool:
    """Whether figures stand one below the other in several of its cells: then it is two rows, on a scan, and what
    stands alone in the others may be of either."""
    scanned = [found.cell for found in row.figures.values() if any(w.origin == "ocr" for w in found.cell.words)]
    return sum(len(cell.lines) > 1 for cell in scanned) >= DOUBLE


def _header(grid: Grid, wanted: TableForm) -> tuple[int, list[Span]]:
    """The first row below the header and the columns of figures; (0, []) where there is no header."""
    labels = tuple(column.label for column in wanted.columns)
    hits = [cell for cell in grid.cells if cell.left > 0 and best_likeness(cell.text, labels) >= HEADER]
    if len(hits) < max(2, len(labels) // 2):
        planned = heads_by_plan(grid, wanted, blocks=False)
        extents = [(leaf.left, leaf.right) for leaf in planned]
        return (planned[0].bottom, _under_heads(grid, extents, [], wanted)) if planned else (0, [])
    bottom = Counter(cell.bottom for cell in hits).most_common(1)[0][0]
    first = min((cell for cell in hits if cell.bottom == bottom), key=lambda c: c.left)
    leaves = sorted((c for c in grid.cells if c.bottom == bottom and c.left >= first.left), key=lambda c: c.left)
    # columns to the left of the first that is known, as many as the form has before it
    before = max(range(len(labels)), key=lambda i: likeness(first.text, labels[i]))
    unknown = sorted((c for c in grid.cells if c.bottom == bottom and 0 < c.left < first.left), key=lambda c: c.left)
    leaves = unknown[len(unknown) - before :] + leaves if before else leaves
    if len(leaves) != len(labels) and (extents := figure_columns(grid, bottom, leaves, len(labels))):
        return bottom, _under_heads(grid, extents, leaves, wanted)
    alignment = align([[likeness(leaf.text, label) for label in labels] for leaf in leaves], len(labels), least=0.0)
    doubtful = too_wide([leaf.box[2] - leaf.box[0] for leaf in leaves], len(labels))
    spans = []
    for i, leaf in enumerate(leaves):
        target = alignment.matches[i]
        if target is not None:
            left, right = _share(grid, leaf.box[0]), _share(grid, leaf.box[2])
            unsure, anchored = i in alignment.by_position or doubtful[i], i in alignment.anchored and not doubtful[i]
            spans.append(Span(left, right, wanted.columns[target].key, unsure, anchored))
    if grid.inferred and not len(leaves) == len(spans) == len(
        labels
    ):  # columns that no rule parts are known only as a whole
        spans = [_guessed(span) for span in spans]
    return bottom, spans


def _under_heads(grid: Grid, extents: Sequence[Extent], leaves: Sequence[Cell], wanted: TableForm) -> list[Span]:
    """All columns of a form by their extents; those with a head of their own that says so are known by it, the others
    by their place alone."""
    heads = {(leaf.left, leaf.right): leaf.text for leaf in leaves}
    return [
        Span(
            _share(grid, grid.xs[left]),
            _share(grid, grid.xs[right]),
            column.key,
            by_position=likeness(heads.get((left, right), ""), column.label) < HEADER,
        )
        for (left, right), column in zip(extents, wanted.columns, strict=True)
    ]


def _guessed(span: Span) -> Span:
    return replace(span, by_position=True, anchored=False)


def _continued(grid: Grid, spans: list[Span]) -> tuple[Grid, list[Span]]:
    """The rest of a table without upright rules, with the columns of its part before."""
    width = grid.xs[-1] - grid.xs[0]
    borders = [grid.xs[0] + share * width for share in (*(span.left for span in spans), spans[-1].right)]
    grid, borders = with_columns(grid, borders, grid.rows)
    edges = [_share(grid, x) for x in borders]
    return grid, [replace(s, left=a, right=b) for s, a, b in zip(spans, edges, edges[1:], strict=False)]


def _has_borders(grid: Grid, spans: Sequence[Span]) -> bool:
    """Whether the grid has borders where the columns of an earlier part of the table had theirs."""
    borders = [_share(grid, x) for x in grid.xs]
    edges = {edge for span in spans for edge in (span.left, span.right)}
    return all(min(abs(edge - border) for border in borders) <= SAME_BORDER for edge in edges)


def _spans_by_position(grid: Grid, wanted: TableForm) -> tuple[int, list[Span]]:
    """The first row of figures, as far as that is known, and the columns that most rows have, or else the last ones of
    the grid, where no header was found at all."""
    count = len(wanted.columns)
    start, extents = columns_of_rows(grid, count)
    if extents:
        return start, _under_heads(grid, extents, [], wanted)
    if grid.columns <= count:
        return 0, []
    return 0, _under_heads(grid, [(i, i + 1) for i in range(grid.columns - count, grid.columns)], [], wanted)


def _share(grid: Grid, x: float) -> float:
    return (x - grid.xs[0]) / (grid.xs[-1] - grid.xs[0])


def _rows(grid: Grid, start: int, spans: list[Span]) -> list[PrintedRow]:
    """The printed rows from grid row `start` on: a row is what has one label and a cell in each column."""
    if not spans:
        return []
    first_x = grid.xs[0] + min(span.left for span in spans) * (grid.xs[-1] - grid.xs[0])
    rows, top = [], start
    while top < grid.rows:
        here = [c for c in grid.cells if c.top <= top < c.bottom]
        labels = sorted((c for c in here if (c.box[0] + c.box[2]) / 2 < first_x), key=lambda c: c.left)
        below = [c for c in here if c.top >= start]
        figures = {}
        for span in spans:
            x = grid.xs[0] + (span.left + span.right) / 2 * (grid.xs[-1] - grid.xs[0])
            cell = next((c for c in here if c.box[0] < x < c.box[2]), None)
            parts = _parts(grid, below, span)
            if any(part.words and part is not cell for part in parts):
                figures[span.key] = FoundCell(joined(parts), by_position=True)
            elif cell is not None and cell.top >= start and _one_column(grid, cell, spans):
                figures[span.key] = FoundCell(cell, span.by_position, span.anchored)
        bottom = min([f.cell.bottom for f in figures.values()] + [c.bottom for c in labels[-1:]] + [grid.rows])
        rows.append(_printed(labels, figures, top, bottom))
        top = max(bottom, top + 1)
    return rows


def _parts(grid: Grid, here: Sequence[Cell], span: Span) -> list[Cell]:
    """The cells side by side that stray strokes have made of one cell of a column; none where it is whole."""
    width = grid.xs[-1] - grid.xs[0]
    left, right = grid.xs[0] + span.left * width - SNAP, grid.xs[0] + span.right * width + SNAP
    parts = sorted((c for c in here if left <= c.box[0] and c.box[2] <= right), key=lambda c: c.left)
    return parts if len(parts) > 1 and all(_beside(part, parts[0]) for part in parts) else []


def _one_column(grid: Grid, cell: Cell, spans: list[Span]) -> bool:
    """A cell that reaches over two columns of figures belongs to neither."""
    left, right = _share(grid, cell.box[0]), _share(grid, cell.box[2])
    return sum(left < (span.left + span.right) / 2 < right for span in spans) == 1


def _printed(labels: list[Cell], figures: dict[str, FoundCell], top: int, bottom: int) -> PrintedRow:
    whole = {key: f for key, f in figures.items() if f.cell.top == top and f.cell.bottom == bottom}
    # a label at the left of its cell, and paper taken for a border beside it
    while labels and not labels[-1].words and any(_beside(c, labels[-1]) and c.words for c in labels[:-1]):
        labels = labels[:-1]
    leaf = labels[-1:] if labels else []
    cells = (*leaf, *(f.cell for f in figures.values()))
    groups = "".join(cell.text for cell in labels[:-1])
    # strokes taken for rules may have cut the label: what stands beside it in this row alone may belong to it
    pieces = [cell.text for cell in labels if (cell.top, cell.bottom) == (top, bottom)]
    return PrintedRow(leaf[0].text if leaf else "", "".join(pieces), groups, cells, whole)


def _beside(a: Cell, b: Cell) -> bool:
    return (a.top, a.bottom) == (b.top, b.bottom)


def _rejoined(above: PrintedRow, below: PrintedRow, wanted: TableForm) -> PrintedRow | None:
    """One row out of two parts that a page break has cut: its label on both pages, its figures on one."""
    if _blank(above) == _blank(below):
        return None
    label = above.label + below.label
    labels = tuple(text for row in wanted.rows for text in (row.label, *row.aliases))
    if best_label_likeness(label, labels) <= max(best_label_likeness(part.label, labels) for part in (above, below)):
        return None
    part = below if _blank(above) else above
    return PrintedRow(label, label, above.groups or below.groups, part.cells, part.figures)


def _blank(row: PrintedRow) -> bool:
    return not any(figure.cell.words for figure in row.figures.values())


def _row_likeness(printed: PrintedRow, wanted: Row) -> float:
    labels = (wanted.label, *wanted.aliases)
    own = max(best_label_likeness(text, labels) for text in {printed.label, printed.joined})
    if not printed.groups or not wanted.groups:
        # one of them stands outside the group: a little less likely the same row
        return own if bool(printed.groups) == bool(wanted.groups) else own - 0.04
    return own + GROUP_WEIGHT * (likeness(printed.groups, "".join(wanted.groups)) - 0.5) * (own > 0.3)
