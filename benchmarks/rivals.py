"""Rows of table 三 as other tools read them, from the same files and with the same models.

- Bare PaddleOCR: its own pipeline `PaddleOCR(...)` with its defaults, on ONNX Runtime with the packaged
  PP-OCRv6 small weights (its page-orientation, unwarping and line-orientation models are not packaged and are
  left out), in one thread; img2table makes tables of its words, straightening the page itself
  (`detect_rotation`), and takes a PDF's own text where there is any.
- PyMuPDF: `Page.find_tables()` on the PDF.

A row counts where one extracted row holds the seven figures in order and its label. Readers of others' output
are generous: O counts as 0, any stroke as blank, and a label may be half wrong. What img2table needs
is in the overlay.
"""

from __future__ import annotations

import logging
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pymupdf
from rapidfuzz import fuzz

from benchmarks.bare import as_png, paddle, pictures
from tests.making.forms import REQUEST_LINES
from tests.making.kinds import Made
from tests.making.record import Value

LIKE = 60
"""Likeness, 0–100, from which a label counts as found."""
Row = list[str]


def compare(made: Made, path: Path) -> dict[str, float]:
    """Rows of table 三 read whole, and the processor time in seconds, by each of the others."""
    measures: dict[str, float] = {}
    for name, read in (("PaddleOCR + img2table", _paddle_and_img2table), ("PyMuPDF", _pymupdf)):
        started = time.process_time()
        try:
            rows = list(read(path))
        except Exception as error:  # what a rival cannot read, it has not read
            logging.getLogger(__name__).warning("%s on %s: %r", name, path.name, error)
            rows = []
        measures[f"{name}: rows right"] = rows_recalled(made, rows)
        measures[f"{name}: seconds"] = time.process_time() - started
    return measures


def rows_recalled(made: Made, rows: Sequence[Row]) -> int:
    """Rows of the printed table that stand among the extracted ones, each of those counted once."""
    left = [(row, [_value(text) for text in row[-7:]]) for row in rows if len(row) >= 8]
    right = 0
    for line in REQUEST_LINES[made.record.requests_form]:
        printed = list(made.record.tables["requests"][line.key].values())
        for index, (row, values) in enumerate(left):
            if _equal(values, printed) and fuzz.partial_ratio(line.label, "".join(row[:-7])) >= LIKE:
                del left[index]
                right += 1
                break
    return right


def _equal(values: Sequence[Value | str], printed: Sequence[Value]) -> bool:
    return list(values) == list(printed)


def _value(text: str) -> Value | str:
    """The figure in a cell; None for a blank or a stroke, the text itself where there is none."""
    text = "".join(unicodedata.normalize("NFKC", text).split()).translate(str.maketrans("OoＯ", "000"))
    if text.strip("/-—–－_一|") == "":
        return None
    try:
        return float(text)
    except ValueError:
        return text


@cache
def _wrapped_paddle() -> Any:
    """The same in img2table's own wrapper."""
    from img2table.ocr import PaddleOCR as Wrapper

    wrapper = Wrapper.__new__(Wrapper)
    wrapper.ocr = paddle()
    return wrapper


def _paddle_and_img2table(path: Path) -> Iterator[Row]:
    from img2table.document import PDF, Image

    if path.suffix == ".pdf":
        found = PDF(str(path), detect_rotation=True).extract_tables(ocr=_wrapped_paddle())
        tables = [table for page in found.values() for table in page]
    else:
        tables = [
            table
            for picture in pictures(path)
            for table in Image(as_png(picture), detect_rotation=True).extract_tables(ocr=_wrapped_paddle())
        ]
    for table in tables:
        for cells in table.content.values():
            yield _once([(cell.bbox.x1, cell.value) for cell in cells])


def _once(cells: Iterable[tuple[int, str | None]]) -> Row:
    """The texts of a row, with a cell that spans columns counted once."""
    by_left = dict(cells)
    return [by_left[left] or "" for left in sorted(by_left)]


def _pymupdf(path: Path) -> Iterator[Row]:
    with pymupdf.open(path) as document:
        if not document.is_pdf:
            return
        for page in document:
            for table in page.find_tables().tables:
                for row in table.extract():
                    yield [text or "" for text in row if text is not None]
