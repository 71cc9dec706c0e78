"""The order in which a report is read: open the file, read each page, assemble the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from extractors import assembly, sources
from extractors.errors import DocumentError
from extractors.limits import DEFAULT_LIMITS, Limits
from extractors.picture import draw_page
from extractors.reading import read, read_text
from extractors.reading.page import PageReading
from extractors.report import Result
from extractors.second_look import DPI, PictureOf
from extractors.sources import DocumentInfo

if TYPE_CHECKING:
    from cv2.typing import MatLike

__all__ = ["assemble", "draw_page", "extract", "failed_page", "open_document", "read_page", "read_text_pages"]


def open_document(path: Path, filename: str | None = None, limits: Limits = DEFAULT_LIMITS) -> DocumentInfo:
    """Judge the file by its bytes and measure its pages; raises DocumentError."""
    return sources.inspect(path, filename or path.name, limits)


def read_page(path: Path, document: DocumentInfo, number: int, limits: Limits = DEFAULT_LIMITS) -> PageReading:
    """Words and ruled lines of page `number` (from 1); raises DocumentError or whatever the engine raises."""
    return read(path, document, number, limits)


def read_text_pages(path: Path, document: DocumentInfo, limits: Limits = DEFAULT_LIMITS) -> list[PageReading | None]:
    """The same for each page that its text layer alone tells all about; None for the others."""
    return read_text(path, document, limits)


def assemble(
    path: Path, document: DocumentInfo, readings: Sequence[PageReading], limits: Limits = DEFAULT_LIMITS
) -> Result:
    """The checked report out of the readings of all pages; doubtful figures of scans are looked at again."""
    return assembly.assemble(document, readings, _pictures(path, document, limits))


def _pictures(path: Path, document: DocumentInfo, limits: Limits) -> PictureOf:
    def picture_of(number: int) -> MatLike:
        from extractors.sources.rendering import page_picture

        return page_picture(path, document, number, limits, DPI)

    return picture_of


def failed_page(document: DocumentInfo, number: int, error: str) -> PageReading:
    """The reading of a page that could not be read: no words, and the reason for a person."""
    width, height = document.page_sizes[number - 1]
    return PageReading(number=number, width=width, height=height, error=error)


def extract(
    path: Path,
    filename: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_page: Callable[[int, int], None] | None = None,
) -> Result:
    """The whole way in this process; `on_page(done, total)` is told of progress.

    A page that fails is an error of that page; raises DocumentError when no page can be read at all.
    """
    document = open_document(path, filename, limits)
    readings = []
    errors: list[DocumentError] = []
    for number, reading in enumerate(read_text_pages(path, document, limits), 1):
        try:
            readings.append(reading or read_page(path, document, number, limits))
        except DocumentError as error:
            errors.append(error)
            readings.append(failed_page(document, number, error.message_zh))
        if on_page:
            on_page(number, document.page_count)
    if len(errors) == document.page_count:
        raise errors[0]
    return assemble(path, document, readings, limits)
