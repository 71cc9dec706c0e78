"""Printed cells → values with evidence, and what is doubtful about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from extractors.figures import APART, SHORT_STROKE, WHOLE_STROKE, Figure, read_figure, without_lookalikes
from extractors.forms import Column, load_form
from extractors.forms.found import FoundCell, FoundTable
from extractors.geometry import PageMap
from extractors.report import Evidence, Reason, Table, TableName, Value

CERTAIN = 0.90
"""Confidence from which a figure counts as read beyond doubt when a sum through it does not agree."""
LISTED = 0.60
"""Confidence below which a figure is put on the review list whatever the sums say."""
LISTED_ALONE = 0.9
"""The same for a figure other than 0 that is in no sum: a stray stroke is read as a 1, a 4 that has lost its bar too,
and nothing else tells."""
AS_FIGURE = 0.5
"""Confidence from which the reading as a figure is preferred to one that makes no number."""
DOTS = set("。.·○")
"""What a 0 under a seal or of broken print may be taken for on a scan."""
USUAL = 5
"""Cells of one table that show the same stroke."""
BY_POSITION = "按位置对应"
"""Note on a cell that no label supports."""
BY_WORDS = "无框线，按文字位置划分"
"""Note on a cell whose borders are not drawn: what stands beside and below what was taken for them."""
LEAST_SIDE = 11.0
"""Points: a scanned cell lower or narrower than this is part of one that stray lines have cut; type needs more."""
CUT = "part of a cell"
"""The doubt about what stands in such a part."""
PLACE = "place"
"""The doubt whether a cell is the one that its place says."""


NOT_THERE = Evidence(raw=None, page=None, box=None, confidence=None, origin=None, state="missing")
"""Of a cell that was not found, or that a result does not have."""


JOINT = "；"
"""Between two notes on one cell."""


def tells_place_only(note: str | None) -> bool:
    """Whether a note says no more than how the cell was found."""
    return note is None or set(note.split(JOINT)) <= {BY_POSITION, BY_WORDS}


@dataclass(frozen=True)
class CellReading:
    """One cell of the form: its value, where it comes from, and why a person should look at it, if so."""

    path: str
    value: Value
    evidence: Evidence
    reason: Reason | None = None
    doubt: str | None = None
    """What is not clear about a cell with the reason `ambiguous`; see `extractors.figures`, and PLACE."""
    upright: bool = False
    """Whether each 1 of it is told from what is left of a 4 by where it stands."""

    @property
    def missing(self) -> bool:
        return self.evidence.state == "missing"

    @property
    def seems_empty(self) -> bool:
        """Whether no ink was seen in it."""
        return self.evidence.state == "blank" and not self.evidence.raw

    @property
    def is_mark(self) -> bool:
        """Whether it shows its table's mark for nothing: a stroke more upright than most is one all the same."""
        confidence = self.evidence.confidence
        return self.evidence.state == "blank" and confidence is not None and confidence >= WHOLE_STROKE

    def as_mark(self) -> CellReading:
        """The same, its stroke taken for the mark."""
        return replace(self, evidence=self.evidence.model_copy(update={"confidence": WHOLE_STROKE}))

    @property
    def doubtful(self) -> bool:
        """Whether the reading may be at fault when a check through this cell fails."""
        if self.evidence.confidence is None:
            # on a scan, a blank beside sums that do not agree may be a figure too faint to see
            return self.reason is not None or (self.evidence.origin == "ocr" and self.evidence.state == "blank")
        return self.reason is not None or self.evidence.confidence < CERTAIN


def read_cells(found: FoundTable, pages: PageMap) -> dict[str, CellReading]:
    """All cells of the form of a found table, by their full path `table.row.column`, in the form's order."""
    form = load_form(found.form).table(found.table)
    summed = found.summed
    readings = {}
    for row in form.rows:
        for column in form.columns_of(row):
            path = f"{found.table}.{row.key}.{column.key}"
            cell = found.cells.get(f"{row.key}.{column.key}")
            readings[path] = _missing(path) if cell is None else _read(path, cell, column, pages, summed)
    return _with_usual_marks(readings)


def _with_usual_marks(readings: dict[str, CellReading]) -> dict[str, CellReading]:
    """A dash or slash that many cells of a table show is its mark for nothing, and no remains of a figure."""
    marks = Counter(r.evidence.raw for r in readings.values() if r.evidence.state == "blank" and r.evidence.raw)
    usual = {mark for mark, count in marks.items() if count >= USUAL}
    for path, reading in readings.items():
        confidence = reading.evidence.confidence
        if reading.evidence.raw in usual and confidence is not None and SHORT_STROKE <= confidence < WHOLE_STROKE:
            readings[path] = reading.as_mark()
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
    return CellReading(path, None, NOT_THERE, "missing")


def _read(path: str, cell: FoundCell, column: Column, pages: PageMap, summed: bool) -> CellReading:
    figure, confidence = _figure(cell, column)
    words = cell.cell.words
    about_place = (BY_POSITION if cell.by_position else None, None if cell.cell.ruled else BY_WORDS)
    notes = [note for note in (figure.note, *about_place) if note]
    evidence = Evidence(
        raw=cell.text,
        page=cell.cell.page,
        box=pages.shown(cell.cell.page, cell.cell.box),
        place=cell.cell.place,
        confidence=None if confidence is None else round(confidence, 4),
        origin=words[0].origin if words else pages.origin(cell.cell.page, cell.cell.box),
        state="blank" if figure.blank else "read",
        note=JOINT.join(notes) or None,
    )
    doubt = figure.doubt
    if (cell.by_position and not cell.anchored) or not cell.cell.sure:
        doubt = PLACE
    elif evidence.origin == "ocr" and _side(cell) < LEAST_SIDE:
        doubt = CUT
    least = LISTED_ALONE if figure.value and not summed else LISTED
    return CellReading(path, figure.value, evidence, _reason(doubt, confidence, least), doubt)


def _figure(cell: FoundCell, column: Column) -> tuple[Figure, float | None]:
    """What the cell says and how sure that is.

    On a scan a lone 0 is often taken for the letter O: where the cell as read holds no number, or the
    same digits, the reading as a figure counts, with its own confidence.
    """
    figure, confidence = read_figure(cell.text, column, cell.line_count), cell.confidence
    if cell.figure is not None:
        text, sure = cell.figure
        as_figure = read_figure(text, column)
        if sure >= AS_FIGURE and as_figure.value is not None:
            if figure.doubt == APART and any(len(group) > 1 for group in cell.text.split()):
                return figure, confidence  # two figures, rather than one whose digits are set apart
            if figure.blank:  # a stroke or a thin 1: the two readings disagree
                return replace(figure, doubt="stroke or figure"), confidence
            same = figure.value == as_figure.value and not figure.note
            if figure.doubt == "no number" or same or without_lookalikes(cell.text) == text:
                return as_figure, sure
    if figure.blank and cell.text in DOTS and _scanned(cell):
        return replace(figure, doubt="stroke or figure"), confidence
    if figure.value is not None and not figure.note and len(cell.cell.words) > 1 and _scanned(cell):
        return replace(figure, doubt=figure.doubt or "read in pieces"), confidence
    return figure, confidence


def _side(cell: FoundCell) -> float:
    x0, y0, x1, y1 = cell.cell.box
    return min(x1 - x0, y1 - y0)


def _scanned(cell: FoundCell) -> bool:
    return any(word.origin == "ocr" for word in cell.cell.words)


def _reason(doubt: str | None, confidence: float | None, least: float) -> Reason | None:
    if doubt:
        return "ambiguous"
    if confidence is not None and confidence < least:
        return "low_confidence"
    return None
