"""Results on their way out, as JSON lines, CSV or a workbook. One is held at a time, however many there are."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, BinaryIO, Literal, cast
from zipfile import ZIP_DEFLATED, ZipFile

from extractors.export import Filed, long_csv, wide_csv
from extractors.report import Result
from workers.selection import Taken

ExportFormat = Literal["jsonl", "csv", "xlsx"]
CsvForm = Literal["long", "wide"]
COUNT, WITHOUT = "Nianbao-Reports", "Nianbao-Reports-Without-Result"
"""Headers: how many results there are, and how many of the chosen reports have none."""
CSV_FORMS: dict[CsvForm, Callable[[Iterable[Filed]], Iterator[str]]] = {"long": long_csv, "wide": wide_csv}
CSV_ENCODING = "utf-8-sig"
"""With a byte order mark, as spreadsheet programs want it."""


def line_pieces(taken: Iterable[Taken]) -> Iterator[bytes]:
    """A result a line, to the byte as the API gives it by itself."""
    return (f"{one.result}\n".encode() for one in taken)


def zip_pieces(taken: Iterable[Taken]) -> Iterator[bytes]:
    """A ZIP with a file for each result, to the byte as the API gives it by itself."""
    sent = Sink()
    with ZipFile(cast(IO[bytes], sent), "w", ZIP_DEFLATED) as archive:
        for number, one in enumerate(taken, 1):
            archive.writestr(f"{number:04}-{_name_of(one.result)}.json", one.result)
            yield sent.take()
    yield sent.take()


class Sink(io.RawIOBase):
    """What has been written since it was last taken."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._blocks.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._blocks)
        self._blocks.clear()
        return taken


def csv_pieces(taken: Iterable[Taken], form: CsvForm) -> Iterator[bytes]:
    encoding = CSV_ENCODING
    for piece in CSV_FORMS[form](_filed(taken)):
        yield piece.encode(encoding)
        encoding = "utf-8"


def write_export(taken: Iterable[Taken], format_: ExportFormat, target: BinaryIO, form: CsvForm = "long") -> None:
    """Write all of it; `form` is that of the CSV."""
    if format_ == "xlsx":
        from extractors.export.workbook import write_workbook  # openpyxl: not needed to start

        write_workbook(_filed(taken), target)
        return
    target.writelines(line_pieces(taken) if format_ == "jsonl" else csv_pieces(taken, form))


def _name_of(result: str) -> str:
    """Agency and year, as far as they are known, in letters that any system takes in a name."""
    report = json.loads(result)["report"]
    return re.sub(r"[^\w-]+", "_", "-".join(str(said) for said in (report["agency"], report["year"]) if said))[:80]


def _filed(taken: Iterable[Taken]) -> Iterator[Filed]:
    return (Filed(Result.model_validate_json(one.result), one.agency) for one in taken)
