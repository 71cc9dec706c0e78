"""What the page of a batch shows: words for states, and its agencies year by year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from extractors.text import bare
from web.labels import NO_REPORT, STATES, chip_of
from workers.batch_progress import BatchStatus, FileState
from workers.batches import FileView, Standing

FILE_CHIPS = {"no_report": NO_REPORT, "refused": ("未接收", "bad"), "deleted": ("已删除", "plain")}
"""Words and tone where there is no report."""
FILE_STATES: dict[str, str] = STATES | {state: words for state, (words, _) in FILE_CHIPS.items()}
BATCH_STATES: dict[str, tuple[str, str]] = {
    BatchStatus.QUEUED: ("排队中", "plain"),
    BatchStatus.RUNNING: ("识别中", "busy"),
    BatchStatus.FINISHED: ("已完成", "good"),
    BatchStatus.CANCELED: ("已取消", "plain"),
}
NO_AGENCY, NO_YEAR = "机关未识别", "年度未识别"
MOST_YEARS = 30
"""Years from the first to the last, so far as none is left out; more are a misread year."""
AGENCIES = 100
"""Rows of one page of the matrix."""


@dataclass(frozen=True)
class Field:
    """A report of an agency and year."""

    report_id: str
    words: str
    tone: str


@dataclass(frozen=True)
class Row:
    agency: str
    key: str | None
    """The name as it stands in addresses; None where it was not recognised."""
    cells: list[list[Field]]
    """For each year; more than one where several reports of it were sent."""


@dataclass(frozen=True)
class Matrix:
    years: list[str]
    rows: list[Row]
    page: int
    pages: int
    agencies: int


def matrix_of(standings: Iterable[Standing], page: int = 1) -> Matrix:
    """Agencies by name, each year in its column; the `page`th part of the rows."""
    fields: dict[str, dict[int | None, list[Field]]] = {}
    for standing in standings:
        agency, year = standing.agency or NO_AGENCY, standing.year
        words, tone = chip_of(standing.status, standing.validation_status)
        fields.setdefault(agency, {}).setdefault(year, []).append(Field(standing.report_id, words, tone))
    years = _columns({year for of_agency in fields.values() for year in of_agency})
    names = sorted(fields, key=lambda name: (name == NO_AGENCY, name))
    pages = max(1, -(-len(names) // AGENCIES))
    page = min(page, pages)
    shown = names[(page - 1) * AGENCIES : page * AGENCIES]
    rows = [
        Row(name, bare(name) if name != NO_AGENCY else None, [fields[name].get(year, []) for year in years])
        for name in shown
    ]
    return Matrix([str(year or NO_YEAR) for year in years], rows, page, pages, len(names))


def _columns(found: Set[int | None]) -> list[int | None]:
    """The years in order, also those between them of which there is nothing, and last those without a year."""
    known = [year for year in found if year is not None]
    if not known:
        return list(found)
    first, last = min(known), max(known)
    whole = range(first, last + 1) if last - first < MOST_YEARS else sorted(known)
    return [*whole, *(found - set(known))]


def file_chip(file: FileView) -> tuple[str, str]:
    """Words and tone of the chip that tells how a file stands."""
    return FILE_CHIPS.get(file.state) or chip_of(file.state, file.validation_status)


def counted(counts: dict[str, int]) -> Sequence[tuple[str, str, int]]:
    """States that any file is in, their words, and how many are."""
    return [(state, FILE_STATES[state], counts[state]) for state in FileState if counts[state]]
