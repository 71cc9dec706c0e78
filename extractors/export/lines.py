"""JSON lines: one result a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractors.report import Result


def json_lines(results: Iterable[Result]) -> Iterator[str]:
    """The whole result of each report, on a line of its own."""
    for result in results:
        yield result.model_dump_json() + "\n"
