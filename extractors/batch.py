"""Several files on all cores. What has text is read at once; each page that needs the engine is a piece of work of
its own, so that one long scan uses all cores."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors import pipeline
from extractors.cores import cores
from extractors.errors import DocumentError
from extractors.limits import DEFAULT_LIMITS, Limits
from extractors.reading.page import PageReading
from extractors.report import Result
from extractors.sources import DocumentInfo

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

FEW_FILES = 12
"""Up to so many files, text is read here and now: it takes no longer than new processes take to start."""
AHEAD = 8
"""Pages, or files, for each core that are sent before their turn: enough to keep it busy, without holding the
readings of a whole archive."""

OnPage = Callable[[Path, int, int], None]


@dataclass(frozen=True)
class Extracted:
    """What became of one file: a result, or the error that says why there is none."""

    path: Path
    result: Result | None
    error: DocumentError | None


@dataclass(frozen=True)
class Begun:
    """A file of which some pages are still to be read: those that have no reading."""

    path: Path
    document: DocumentInfo
    readings: list[PageReading | None]


Start = Callable[..., Callable[[], Any]]
"""Starts a piece of work, a function and its arguments, and gives what waits for its outcome."""


@dataclass(frozen=True)
class Sent:
    """A file with its missing pages under way."""

    begun: Begun
    start: Start
    pages: list[Callable[[], PageReading]]


def extract_files(
    paths: Sequence[Path], limits: Limits = DEFAULT_LIMITS, on_page: OnPage | None = None
) -> Iterator[Extracted]:
    """Read the files in order; one that cannot be read does not stop the others."""
    at_hand = cores()
    with ExitStack() as stack:
        pool = cache(lambda: stack.enter_context(_pool(at_hand)))
        few = at_hand == 1 or len(paths) <= FEW_FILES
        ahead: deque[Extracted | Sent] = deque()
        for begun in (begin(path, limits) for path in paths) if few else _begun_in(pool(), paths, limits, at_hand):
            ahead.append(begun if isinstance(begun, Extracted) else _send(begun, pool, limits, at_hand, len(paths)))
            while ahead and (isinstance(ahead[0], Extracted) or sum(map(_under_way, ahead)) > AHEAD * at_hand):
                yield _collect(ahead.popleft(), limits, on_page)
        while ahead:
            yield _collect(ahead.popleft(), limits, on_page)


def _pool(processes: int) -> ProcessPoolExecutor:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def begin(path: Path, limits: Limits) -> Extracted | Begun:
    """Open a file and read what has text: all of it, or what is left is to be read by the engine."""
    try:
        document = pipeline.open_document(path, limits=limits)
        readings = pipeline.read_text_pages(path, document, limits)
    except DocumentError as error:
        return Extracted(path, None, error)
    known = [reading for reading in readings if reading]
    if len(known) < len(readings):
        return Begun(path, document, readings)
    return Extracted(path, pipeline.assemble(path, document, known, limits), None)


def _begun_in(
    pool: ProcessPoolExecutor, paths: Sequence[Path], limits: Limits, at_hand: int
) -> Iterator[Extracted | Begun]:
    waiting: deque[Future[Extracted | Begun]] = deque()
    for path in paths:
        waiting.append(pool.submit(begin, path, limits))
        if len(waiting) > AHEAD * at_hand:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _send(begun: Begun, pool: Callable[[], ProcessPoolExecutor], limits: Limits, at_hand: int, files: int) -> Sent:
    """Send out the missing pages; the only one of the only file is read here and now."""
    alone = at_hand == 1 or (files == 1 and begun.readings.count(None) == 1)
    start: Start = partial if alone else lambda *work: pool().submit(*work).result
    numbers = [number for number, reading in enumerate(begun.readings, 1) if reading is None]
    pages = [start(pipeline.read_page, begun.path, begun.document, number, limits) for number in numbers]
    return Sent(begun, start, pages)


def _under_way(file: Extracted | Sent) -> int:
    return len(file.pages) if isinstance(file, Sent) else 0


def _collect(file: Extracted | Sent, limits: Limits, on_page: OnPage | None) -> Extracted:
    """What has become of a file, as soon as all of its pages are there."""
    if isinstance(file, Extracted):
        total = file.result.document.page_count if file.result else 0
        if on_page:
            for number in range(1, total + 1):
                on_page(file.path, number, total)
        return file
    path, document = file.begun.path, file.begun.document
    pages = iter(file.pages)
    readings: list[PageReading] = []
    errors: list[DocumentError] = []
    for number, known in enumerate(file.begun.readings, 1):
        try:
            readings.append(known or next(pages)())
        except DocumentError as error:
            errors.append(error)
            readings.append(pipeline.failed_page(document, number, error.message_zh))
        if on_page:
            on_page(path, number, document.page_count)
    if len(errors) == document.page_count:
        return Extracted(path, None, errors[0])
    # the engine is at hand for a second look where it has read the pages
    return Extracted(path, file.start(pipeline.assemble, path, document, readings, limits)(), None)
