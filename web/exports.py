"""Results on their way out, as JSON lines, CSV or a workbook. One is held at a time, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Literal

from extractors.export import long_csv, wide_csv
from extractors.report import Result

ExportFormat = Literal["jsonl", "csv", "xlsx"]
CsvForm = Literal["long", "wide"]
COUNT, WITHOUT = "Nianbao-Reports", "Nianbao-Reports-Without-Result"
"""Headers: how many results there are, and how many of the chosen reports have none."""
CSV_FORMS: dict[CsvForm, Callable[[Iterable[Result]], Iterator[str]]] = {"long": long_csv, "wide": wide_csv}
CSV_ENCODING = "utf-8-sig"
"""With a byte order mark, as spreadsheet programs want it."""


def line_pieces(results: Iterable[str]) -> Iterator[bytes]:
    """A result a line, to the byte as the API gives it by itself."""
    return (f"{result}\n".encode() for result in results)


def csv_pieces(results: Iterable[str], form: CsvForm) -> Iterator[bytes]:
    encoding = CSV_ENCODING
    for piece in CSV_FORMS[form](_parsed(results)):
        yield piece.encode(encoding)
        encoding = "utf-8"


def write_export(results: Iterable[str], format_: ExportFormat, target: BinaryIO, form: CsvForm = "long") -> None:
    """Write all of it; `form` is that of the CSV."""
    if format_ == "xlsx":
        from extractors.export.workbook import write_workbook  # openpyxl: not needed to start

        write_workbook(_parsed(results), target)
        return
    target.writelines(line_pieces(results) if format_ == "jsonl" else csv_pieces(results, form))


def _parsed(results: Iterable[str]) -> Iterator[Result]:
    return map(Result.model_validate_json, results)
