"""A page in; words with boxes and confidence, and ruled lines, out."""

from __future__ import annotations

import time
from pathlib import Path

from extractors.limits import Limits
from extractors.reading.page import PageReading
from extractors.sources import DocumentInfo, kinds


def read(path: Path, document: DocumentInfo, number: int, limits: Limits) -> PageReading:
    """Read one page: its text layer where that is sound, else its picture."""
    started = time.perf_counter()
    if document.media_type == kinds.PDF:
        reading = _read_pdf_page(path, number, limits)
    else:
        reading = _read_picture(path, document, number)
    return reading.model_copy(update={"seconds": time.perf_counter() - started})


def _read_pdf_page(path: Path, number: int, limits: Limits) -> PageReading:
    from extractors.reading.soundness import has_sound_text, regions_without_text
    from extractors.reading.text_layer import read_text_layer
    from extractors.sources import pdf

    with pdf.opened(path) as document:
        page = document[number - 1]
        pdf.check_pictures(document, number, limits)
        reading = read_text_layer(page, number) if has_sound_text(page) else None
        # a page that is turned has its picture read in its own frame; only upright text takes pictures in
        regions = regions_without_text(page) if reading and reading.words and not reading.rotation else []
        if reading and not regions:
            return reading
        picture, size = pdf.render(page), (page.rect.width, page.rect.height)
    if reading:
        from extractors.reading.regions import with_regions

        return with_regions(reading, picture, regions)
    from extractors.reading.scan import read_scan

    return read_scan(picture, number, size)


def _read_picture(path: Path, document: DocumentInfo, number: int) -> PageReading:
    from extractors.reading.scan import read_scan
    from extractors.sources import pictures

    return read_scan(pictures.decode(path, number), number, document.page_sizes[number - 1])
