"""One result held against the truth of its document: what is right, wrong and listed, wrong and silent.

A cell is right when its value is the printed one (a blank is null). A wrong cell is listed when the review
list names it, its row or its table, else it is silent. An alarm is a right cell that the list names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from extractors.report import Result
from tests.making.compare import cell_value, loose
from tests.making.kinds import Made
from tests.making.record import Record, Value, cells
from tests.making.sheet import Place

ARITHMETIC = re.compile(r"(requests\.(row_sum|handled_sum|balance)|review_litigation\.sum)\.")
OVERLAP = 0.5
"""Share of the printed cell that the evidence's box must cover to point at it."""


@dataclass(frozen=True)
class Finding:
    """A cell that a person should know about: a wrong one, or a right one on the review list."""

    document: str
    path: str
    printed: str
    read: str
    """The characters read, as the evidence gives them."""
    value: Value
    reason: str | None
    """Why the review list names it; None where it is silent."""
    confidence: float | None


@dataclass
class Score:
    """What became of one document."""

    document: str
    kind: str
    strength: int
    documents: int = 1
    pages: int = 0
    cells: int = 0
    rows: int = 0
    """Rows of table 三, and of those the ones with all figures right."""
    rows_right: int = 0
    characters: int = 0
    edits: int = 0
    heads: int = 0
    """Title, agency, year and date, as far as printed, and how many of them are right."""
    heads_right: int = 0
    boxes: int = 0
    """Figures right and not blank, and how many of their boxes lie where they are printed."""
    boxes_right: int = 0
    seconds: float = 0.0
    """Processor time, which is steadier than the clock on a busy machine."""
    wrong: list[Finding] = field(default_factory=list)
    alarms: list[Finding] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    wrong_heads: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """Why the document, or a page of it, could not be read."""

    @property
    def silent(self) -> list[Finding]:
        return [finding for finding in self.wrong if finding.reason is None]


def score(made: Made, kind: str, strength: int, result: Result, seconds: float) -> Score:
    """Hold a result against what was made; `seconds` is the processor time its reading took."""
    record = made.record
    found = Score(made.name, kind, strength, pages=result.document.page_count, seconds=seconds)
    found.errors = [f"page {page.number}: {page.error}" for page in result.document.pages if page.error]
    listed = {item.path: item.reason for item in result.validation.review}
    for path, value in cells(record.tables):
        found.cells += 1
        finding = _finding(made, result, path, listed)
        if not same(value, finding.value):
            found.wrong.append(finding)
            continue
        if finding.reason:
            found.alarms.append(finding)
        if path in made.cells:
            _score_box(found, made.cells[path], result, path)
    wrong = {finding.path for finding in found.wrong}
    for row, columns in record.tables["requests"].items():
        found.rows += 1
        found.rows_right += not any(f"requests.{row}.{column}" in wrong for column in columns)
    found.characters, found.edits = text_errors(record, result)
    for key, printed, read in _heads(record, result):
        found.heads += 1
        found.heads_right += printed == read
        if printed != read:
            found.wrong_heads.append(f"{key}: {printed} read as {read}")
    failed = {check.id for check in result.validation.checks if check.status == "fail" and ARITHMETIC.match(check.id)}
    found.missed = sorted(set(record.failing_checks) - failed)
    found.false = sorted(failed - set(record.failing_checks))
    return found


def unread(made: Made, kind: str, strength: int, error: str, seconds: float) -> Score:
    """The score of a document that could not be read at all: everything is wrong, and one is told so."""
    found = Score(made.name, kind, strength, seconds=seconds, errors=[error])
    for path, _ in cells(made.record.tables):
        found.cells += 1
        found.wrong.append(Finding(made.name, path, made.record.cell_text(path), "", None, "unread", None))
    found.rows = len(made.record.tables["requests"])
    found.heads = 4 if made.record.published_on else 3
    found.missed = list(made.record.failing_checks)
    return found


def same(a: Value, b: Value) -> bool:
    if a is None or b is None:
        return a is None and b is None
    return math.isclose(a, b, abs_tol=1e-9)


def text_errors(record: Record, result: Result) -> tuple[int, int]:
    """Characters of the sections that have text, and how many edits the text read is away from them."""
    read = {str(section.number): section.text for section in result.report.sections} | {"0": result.report.preamble}
    total = edits = 0
    for number, text in record.sections.items():
        if want := loose(text):
            total += len(want)
            edits += min(Levenshtein.distance(want, loose(read.get(number, ""))), len(want))
    return total, edits


def _finding(made: Made, result: Result, path: str, listed: Mapping[str, str]) -> Finding:
    table, row, _ = path.split(".")
    reason = listed.get(path) or listed.get(f"{table}.{row}") or listed.get(table)
    evidence = result.evidence.get(path)
    return Finding(
        document=made.name,
        path=path,
        printed=made.record.cell_text(path),
        read=(evidence.raw if evidence else None) or "",
        value=cell_value(result, path),
        reason=reason,
        confidence=evidence.confidence if evidence else None,
    )


def _score_box(found: Score, place: Place, result: Result, path: str) -> None:
    evidence = result.evidence.get(path)
    if evidence is None or evidence.state == "blank":
        return
    found.boxes += 1
    if evidence.box is not None and evidence.page == place.page + 1:
        found.boxes_right += covered(place.box, evidence.box) >= OVERLAP


def covered(box: tuple[float, float, float, float], by: tuple[float, float, float, float]) -> float:
    """Share of a box that another one covers."""
    width, height = min(box[2], by[2]) - max(box[0], by[0]), min(box[3], by[3]) - max(box[1], by[1])
    return max(width, 0.0) * max(height, 0.0) / ((box[2] - box[0]) * (box[3] - box[1]))


def _heads(record: Record, result: Result) -> Iterator[tuple[str, str, str]]:
    report = result.report
    yield "title", loose(record.title), loose(report.title or "")
    yield "agency", loose(record.agency), loose(report.agency or "")
    yield "year", str(record.year), str(report.year)
    if record.published_on:
        yield "published_on", record.published_on, str(report.published_on)
