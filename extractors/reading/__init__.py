"""A page in; words with boxes and confidence, and ruled lines, out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from extractors.errors import DocumentError
from extractors.limits import Limits
from extractors.reading.page import PageReading
from extractors.report import Box
from extractors.sources import DocumentInfo, kinds


def read(path: Path, document: DocumentInfo, number: int, limits: Limits) -> PageReading:
    """Read one page: its text layer where that is sound, else its picture."""
    started = time.perf_counter()
    if document.media_type in kinds.TYPED:
        reading = _read_typed(path, document, number, limits)
    elif document.media_type == kinds.PDF:
        reading = _read_pdf_page(path, number, limits)
    else:
        reading = _read_picture(path, document, number)
    return _timed(reading, started)


def _timed(reading: PageReading, started: float) -> PageReading:
    return reading.model_copy(update={"seconds": time.perf_counter() - started})


def read_text(path: Path, document: DocumentInfo, limits: Limits) -> list[PageReading | None]:
    """The readings of the pages whose text layer says all there is; None for those that need the engine, or fail."""
    if document.media_type in kinds.TYPED:
        return [read(path, document, 1, limits)]
    if document.media_type != kinds.PDF:
        return [None] * document.page_count
    from extractors.sources import pdf

    readings: list[PageReading | None] = []
    with pdf.opened(path) as file:
        for number in range(1, document.page_count + 1):
            started = time.perf_counter()
            try:
                reading, regions = text_of(file, number, limits)
            except DocumentError:  # it is raised again, and told of, where the page is read by itself
                reading, regions = None, []
            readings.append(_timed(reading, started) if reading and not regions else None)
    return readings


def text_of(file: Any, number: int, limits: Limits) -> tuple[PageReading | None, list[Box]]:
    """What the text layer of a page says, None where it is not sound, and where on the page only a picture tells."""
    from extractors.reading.content import Content
    from extractors.reading.soundness import has_sound_text, regions_without_text
    from extractors.reading.text_layer import read_text_layer
    from extractors.sources import pdf
    from extractors.sources.damage import damage_told

    with damage_told("pymupdf"):  # of this page, and the others are read
        pdf.check_page(file, number, limits)
        content = Content(file[number - 1])
        if not has_sound_text(content):
            return None, []
        reading = read_text_layer(content, number)
        # a page that is turned has its picture read in its own frame; only upright text takes pictures in
        return reading, regions_without_text(content) if reading.words and not reading.rotation else []


def _read_pdf_page(path: Path, number: int, limits: Limits) -> PageReading:
    from extractors.sources import pdf

    with pdf.opened(path) as file:
        reading, regions = text_of(file, number, limits)
        if reading and not regions:
            return reading
        page = file[number - 1]
        picture, size = pdf.render(page), (page.rect.width, page.rect.height)
    if reading:
        from extractors.reading.regions import with_regions

        return with_regions(reading, picture, regions)
    from extractors.reading.scan import read_scan

    return read_scan(picture, number, size)


def _read_typed(path: Path, document: DocumentInfo, number: int, limits: Limits) -> PageReading:
    if document.media_type == kinds.DOCX:
        from extractors.reading import docx

        return docx.read_docx(path, number, limits)
    from extractors.reading import html
    from extractors.sources.html import read_archive, read_html

    load = read_html if document.media_type == kinds.HTML else read_archive
    return html.read_html(load(path, limits), number, limits)


def _read_picture(path: Path, document: DocumentInfo, number: int) -> PageReading:
    from extractors.reading.scan import read_scan
    from extractors.sources import pictures

    return read_scan(pictures.decode(path, number), number, document.page_sizes[number - 1])
