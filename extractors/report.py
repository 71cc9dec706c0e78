"""The typed result: the JSON contract and its JSON Schema come from here.

Boxes are (x0, y0, x1, y1) in PDF points (1/72 inch) from the top left corner of the
page as the file shows it; confidence and other shares are 0–1.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

SCHEMA_VERSION = "1.0"

Box = Annotated[tuple[float, float, float, float], Field(description="x0, y0, x1, y1 in PDF points, top left origin")]
Value = int | float | None
Origin = Literal["text", "ocr"]
State = Literal["read", "blank", "missing", "corrected"]
FormName = Literal["2021", "2019", "pre2019"]
TableName = Literal["proactive_disclosure", "requests", "review_litigation"]
TABLES: tuple[TableName, ...] = ("proactive_disclosure", "requests", "review_litigation")
Reason = Literal["low_confidence", "check_failed", "missing", "corrected", "ambiguous"]
Outcome = Literal["pass", "fail", "unknown"]
ReportStatus = Literal["passed", "failed", "needs_review"]

Table = dict[str, dict[str, Value]]
"""Row key → column key → figure; null where the cell is blank or was not found."""


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Page(Model):
    number: int = Field(ge=1)
    width: float = Field(description="PDF points, as the file shows the page; 0 where it has no pages (HTML, Word)")
    height: float
    origin: Origin | None = Field(description="where the words came from; null when the page could not be read")
    rotation: int = Field(default=0, description="degrees clockwise that turn the page upright: 0, 90, 180 or 270")
    skew: float = Field(default=0.0, description="degrees that were taken out to make the lines level")
    error: str | None = Field(default=None, description="why this page could not be read, for a person")


class Document(Model):
    sha256: str
    filename: str
    media_type: str
    page_count: int
    pages: list[Page]


class Period(Model):
    start: dt.date
    end: dt.date


class Subsection(Model):
    heading: str
    text: str


class Section(Model):
    number: int
    title: str
    heading: str = Field(description="the heading as printed")
    text: str = Field(description="paragraphs as lines, subsections included, its own heading and furniture not")
    pages: list[int]
    subsections: list[Subsection]


class Tables(Model):
    proactive_disclosure: Table | None = None
    requests: Table | None = None
    review_litigation: Table | None = None


class Place(Model):
    """A cell of a file that has tables but no pages (HTML, Word); all are counted from 1."""

    table: int = Field(ge=1, description="which of the tables of the document")
    row: int = Field(ge=1)
    column: int = Field(ge=1)


class Unmatched(Model):
    """A printed row of a table that fits no key of the form."""

    table: TableName | None
    label: str
    values: list[str]
    page: int
    box: Box | None = Field(description="null where the file has no pages (HTML, Word): then `place` says where")
    place: Place | None = Field(default=None, description="the first cell of the row")


class Claim(Model):
    """A quantity that the text of a section states."""

    id: str
    section: int
    quantity: int | float
    unit: str
    subject: str
    text: str
    parts: list[str]


class Report(Model):
    title: str | None
    agency: str | None
    year: int | None
    form: FormName | None
    published_on: dt.date | None
    period: Period | None
    preamble: str
    sections: list[Section]
    tables: Tables
    unmatched: list[Unmatched]
    claims: list[Claim]


class Decided(Model):
    """What a person has decided about a value: accepted it as it was, or put another in its place."""

    by: str = Field(description="who decided")
    at: AwareDatetime
    accepted: bool = Field(description="the value was left as it was; false: another was given")
    previous: Value | str = Field(description="the value before this decision; a date as ISO text")


class Evidence(Model):
    """Where a figure (or the title, agency, year, date) was found and how sure the reading is."""

    raw: str | None = Field(description="the characters as read, before any interpretation")
    page: int | None
    box: Box | None = Field(description="null also where the file has no pages (HTML, Word)")
    place: Place | None = Field(default=None, description="the cell, where the file has no pages")
    confidence: float | None = Field(ge=0, le=1)
    origin: Origin | None
    state: State
    note: str | None = None
    first_reading: str | None = Field(default=None, description="the characters as first read, of a corrected cell")
    decision: Decided | None = Field(default=None, description="of the last person who decided about this value")


class Check(Model):
    id: str
    status: Outcome
    severity: Literal["error", "warning"]
    message: str
    expected: Value | str = None
    actual: Value | str = None
    cells: list[str]
    cause: Literal["source", "reading"] | None = None


class Review(Model):
    path: str
    reason: Reason


class Validation(Model):
    status: ReportStatus
    checks: list[Check]
    review: list[Review]


class Engine(Model):
    version: str
    ocr_models: list[str]
    seconds: float = Field(description="time spent on this document, all pages added up")


class Result(Model):
    schema_version: Literal["1.0"] = "1.0"
    document: Document
    report: Report
    evidence: dict[str, Evidence]
    validation: Validation
    engine: Engine


def json_schema() -> dict[str, object]:
    """The JSON Schema of a result, as `nianbao schema` prints it."""
    return Result.model_json_schema()
