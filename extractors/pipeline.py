"""The order in which a report is read: open, read each page, assemble."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from extractors.limits import DEFAULT_LIMITS, Limits
from extractors.reading.page import PageReading
from extractors.report import Result
from extractors.sources import DocumentInfo


def open_document(path: Path, filename: str | None = None, limits: Limits = DEFAULT_LIMITS) -> DocumentInfo:
    """Judge the file by its bytes and count its pages; raises DocumentError."""
    raise NotImplementedError


def read_page(path: Path, document: DocumentInfo, number: int, limits: Limits = DEFAULT_LIMITS) -> PageReading:
    """Words and ruled lines of page `number` (from 1); raises DocumentError or whatever the engine raises."""
    raise NotImplementedError


def failed_page(document: DocumentInfo, number: int, error: str) -> PageReading:
    """The reading of a page that could not be read: no words, and the reason for a person."""
    raise NotImplementedError


def assemble(document: DocumentInfo, readings: Sequence[PageReading]) -> Result:
    """The checked report out of the readings of all pages, in page order."""
    raise NotImplementedError


def extract(
    path: Path,
    filename: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_page: Callable[[int, int], None] | None = None,
) -> Result:
    """The whole way in this process; `on_page(done, total)` is told of progress."""
    raise NotImplementedError
