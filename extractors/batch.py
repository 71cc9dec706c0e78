"""Several files on all cores: each page is a piece of work, so that one long report uses them all."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from extractors import pipeline
from extractors.errors import DocumentError
from extractors.limits import DEFAULT_LIMITS, Limits
from extractors.reading.page import PageReading
from extractors.report import Result
from extractors.sources import DocumentInfo, kinds

FEW_PAGES = 12
"""Pages of one PDF that are read here and now when all have a text layer: a new process would take longer."""


@dataclass(frozen=True)
class Extracted:
    """What became of one file: a result, or the error that says why there is none."""

    path: Path
    result: Result | None
    error: DocumentError | None


def extract_files(
    paths: Sequence[Path], limits: Limits = DEFAULT_LIMITS, on_page: Callable[[Path, int, int], None] | None = None
) -> Iterator[Extracted]:
    """Read the files in order, pages side by side; a file that cannot be read does not stop the others."""
    workers = os.cpu_count() or 1
    if workers == 1 or (len(paths) == 1 and _is_quick(paths[0], limits)):
        for path in paths:
            yield _extract_here(path, limits, on_page)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        # a few files ahead keep the cores busy without holding the readings of a whole archive
        ahead: list[tuple[Path, DocumentInfo | DocumentError, list[Future[PageReading]]]] = []
        for path in paths:
            ahead.append(_send(pool, path, limits))
            while sum(len(pages) for _, _, pages in ahead) > 8 * workers:
                yield _collect(pool, limits, *ahead.pop(0), on_page)
        for sent in ahead:
            yield _collect(pool, limits, *sent, on_page)


def _is_quick(path: Path, limits: Limits) -> bool:
    """Whether all pages have a sound text layer, so that no engine needs to be loaded."""
    try:
        document = pipeline.open_document(path, limits=limits)
    except DocumentError:
        return True
    if document.media_type != kinds.PDF or document.page_count > FEW_PAGES:
        return document.page_count == 1
    from extractors.reading.soundness import has_sound_text, regions_without_text
    from extractors.sources import pdf

    with pdf.opened(path) as opened:
        return all(has_sound_text(page) and not regions_without_text(page) for page in opened)


def _extract_here(path: Path, limits: Limits, on_page: Callable[[Path, int, int], None] | None) -> Extracted:
    try:
        result = pipeline.extract(path, limits=limits, on_page=on_page and (lambda n, total: on_page(path, n, total)))
    except DocumentError as error:
        return Extracted(path, None, error)
    return Extracted(path, result, None)


def _send(
    pool: ProcessPoolExecutor, path: Path, limits: Limits
) -> tuple[Path, DocumentInfo | DocumentError, list[Future[PageReading]]]:
    try:
        document = pipeline.open_document(path, limits=limits)
    except DocumentError as error:
        return path, error, []
    numbers = range(1, document.page_count + 1)
    return path, document, [pool.submit(pipeline.read_page, path, document, n, limits) for n in numbers]


def _collect(
    pool: ProcessPoolExecutor,
    limits: Limits,
    path: Path,
    document: DocumentInfo | DocumentError,
    pages: list[Future[PageReading]],
    on_page: Callable[[Path, int, int], None] | None,
) -> Extracted:
    if isinstance(document, DocumentError):
        return Extracted(path, None, document)
    readings: list[PageReading] = []
    errors: list[DocumentError] = []
    for number, page in enumerate(pages, 1):
        try:
            readings.append(page.result())
        except DocumentError as error:
            errors.append(error)
            readings.append(pipeline.failed_page(document, number, error.message_zh))
        if on_page:
            on_page(path, number, len(pages))
    if len(errors) == len(pages):
        return Extracted(path, None, errors[0])
    # where a page was read by the engine, it is at hand in the pool for a second look
    scanned = any(reading.ocr_models for reading in readings)
    task = (path, document, readings, limits)
    result = pool.submit(pipeline.assemble, *task).result() if scanned else pipeline.assemble(*task)
    return Extracted(path, result, None)
