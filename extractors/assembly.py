"""The readings of all pages → the checked report."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from extractors.caution import with_caution
from extractors.cells import CellReading, as_table, read_cells
from extractors.checks.judgement import judge
from extractors.forms import load_form
from extractors.forms.found import FoundTable
from extractors.forms.reading import read_tables
from extractors.geometry import PageMap, around
from extractors.headline import Headline, read_headline
from extractors.layout.flow import Line, read_flow
from extractors.reading.page import PageReading
from extractors.report import (
    Document,
    Engine,
    Evidence,
    FormName,
    Page,
    Report,
    Result,
    TableName,
    Tables,
    Unmatched,
)
from extractors.second_look import PictureOf, look_again
from extractors.sections import read_sections
from extractors.sources import DocumentInfo
from extractors.version import ENGINE_VERSION


def assemble(document: DocumentInfo, readings: Sequence[PageReading], picture_of: PictureOf | None = None) -> Result:
    """The checked report out of the readings of all pages, in page order.

    `picture_of` gives the pages' pictures for a second look at doubtful figures; without it there is none.
    """
    started = time.perf_counter()
    pages = PageMap(readings)
    flow = read_flow(readings)
    outline = read_sections(flow)
    headline = read_headline(
        outline.front, outline.preamble, outline.signature, [section.text for section in outline.sections]
    )
    found = read_tables(outline.tables)
    cells = {path: cell for table in found.values() for path, cell in read_cells(table, pages).items()}
    if picture_of is not None:
        cells = look_again(cells, found, readings, picture_of)
    cells = with_caution(cells, found, readings)
    unmatched = [_on_page(row, pages) for table in found.values() for row in table.unmatched]
    forms = {name: table.form for name, table in found.items()}
    described = _document(document, readings)
    validation = judge(cells, forms, outline.sections, headline, unmatched, described.pages)
    report = Report(
        title=headline.title,
        agency=headline.agency,
        year=headline.year,
        form=_form_name(found),
        published_on=headline.published_on,
        period=headline.period,
        preamble="\n".join(paragraph.text for paragraph in outline.preamble),
        sections=outline.sections,
        tables=_tables(found, cells),
        unmatched=unmatched,
        claims=[],
    )
    evidence = {**_headline_evidence(headline, pages), **{path: cell.evidence for path, cell in cells.items()}}
    seconds = sum(reading.seconds for reading in readings) + time.perf_counter() - started
    return Result(
        document=described,
        report=report,
        evidence=evidence,
        validation=validation,
        engine=Engine(
            version=ENGINE_VERSION,
            ocr_models=sorted({model for reading in readings for model in reading.ocr_models}),
            seconds=round(seconds, 3),
        ),
    )


def _document(document: DocumentInfo, readings: Sequence[PageReading]) -> Document:
    return Document(
        sha256=document.sha256,
        filename=document.filename,
        media_type=document.media_type,
        page_count=document.page_count,
        pages=[
            Page(
                number=reading.number,
                width=round(reading.width, 2),
                height=round(reading.height, 2),
                origin=reading.origin,
                rotation=reading.rotation,
                skew=round(reading.skew, 2),
                error=reading.error,
            )
            for reading in readings
        ],
    )


def _form_name(found: Mapping[TableName, FoundTable]) -> FormName | None:
    """The edition of table 二, else of table 三: table 四 is the same in both."""
    for name in ("proactive_disclosure", "requests"):
        if name in found:
            return load_form(found[name].form).name
    return None


def _tables(found: Mapping[TableName, FoundTable], cells: Mapping[str, CellReading]) -> Tables:
    return Tables.model_validate({name: as_table(name, cells) for name in found})


def _on_page(row: Unmatched, pages: PageMap) -> Unmatched:
    assert row.box is not None  # on the level page
    return row.model_copy(update={"box": pages.shown(row.page, row.box)})


def _headline_evidence(headline: Headline, pages: PageMap) -> dict[str, Evidence]:
    def named(value: str | None, lines: Sequence[Line]) -> Evidence:
        evidence = _evidence(value, lines, pages)
        changed = {"state": "corrected", "first_reading": evidence.raw}
        return evidence.model_copy(update=changed) if headline.corrected else evidence

    return {
        "title": named(headline.title, headline.title_lines),
        "agency": named(headline.agency, headline.agency_lines),
        "year": _evidence(headline.year, headline.title_lines, pages),
        "published_on": _evidence(headline.published_on, headline.date_lines, pages),
    }


def _evidence(value: object, lines: Sequence[Line], pages: PageMap) -> Evidence:
    if value is None or not lines:
        return Evidence(raw=None, page=None, box=None, confidence=None, origin=None, state="missing")
    words = [word for line in lines for word in line.words]
    return Evidence(
        raw="".join(line.text for line in lines),
        page=lines[0].page,
        box=pages.shown(lines[0].page, around([line.box for line in lines])),
        confidence=round(min(word.confidence for word in words), 4),
        origin=words[0].origin,
        state="read",
    )
