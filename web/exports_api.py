"""/api/v1/export.…: the results of a selection of reports, of a batch, or of all, in one file."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial

from flask import Response, send_file
from flask_openapi3 import APIBlueprint, Tag

from web.batch_models import BatchPath
from web.callers import owner
from web.context import batches, export_place, reports
from web.exports import COUNT, WITHOUT, csv_pieces, line_pieces, write_export, zip_pieces
from web.models import API, CsvQuery, FormQuery, SelectionQuery
from web.responses import (
    BINARY,
    COMMON_PROBLEMS,
    CSV,
    TEXT,
    TOKEN,
    XLSX,
    attachment,
    content_responses,
    problem_responses,
)
from workers.selection import Harvest, Taken

JSON_LINES = "application/x-ndjson"
ZIP = "application/zip"
COUNTS = {COUNT: "results in the export", WITHOUT: "reports that fit, but have no result"}

bp = APIBlueprint(
    "exports",
    __name__,
    url_prefix=API,
    abp_tags=[Tag(name="exports")],
    abp_responses={**COMMON_PROBLEMS, **problem_responses("404", "503")},
    abp_security=TOKEN,
)


@bp.get("/export.jsonl", summary="Many results as JSON lines", responses=content_responses(JSON_LINES, TEXT, COUNTS))
def export_lines(query: SelectionQuery) -> Response:
    """A line for each report, to the byte as its `result`, by agency and year. Reports without a result are left out;
    the header Nianbao-Reports-Without-Result counts them."""
    return _stream("jsonl", JSON_LINES, query, line_pieces)


@bp.get("/export.csv", summary="The figures of many reports as CSV", responses=content_responses(CSV, TEXT, COUNTS))
def export_csv(query: CsvQuery) -> Response:
    """UTF-8 with a byte order mark. The long form has a line for each cell, the wide form a line for each report."""
    return _stream("csv", CSV, query, partial(csv_pieces, form=query.form))


@bp.get("/export.xlsx", summary="Many reports as a workbook", responses=content_responses(XLSX, BINARY, COUNTS))
def export_xlsx(query: SelectionQuery) -> Response:
    """A sheet for each table with a line for each report, what failed, and what to look at. It is made whole before
    its first byte is sent, which takes some three seconds for a thousand reports."""
    return _workbook(query)


@bp.get(
    "/batches/<id>/export.zip",
    summary="The results of a batch, each in a file",
    responses=content_responses(ZIP, BINARY, COUNTS),
)
def export_batch_zip(path: BatchPath) -> Response:
    """JSON, each to the byte as its `result`, by agency and year."""
    return _stream("zip", ZIP, SelectionQuery(batch=path.id), zip_pieces)


@bp.get(
    "/batches/<id>/export.csv",
    summary="The figures of a batch as CSV",
    responses=content_responses(CSV, TEXT, COUNTS),
)
def export_batch_csv(path: BatchPath, query: FormQuery) -> Response:
    """As `/export.csv`."""
    return _stream("csv", CSV, SelectionQuery(batch=path.id), partial(csv_pieces, form=query.form))


@bp.get(
    "/batches/<id>/export.xlsx",
    summary="A batch as a workbook",
    responses=content_responses(XLSX, BINARY, COUNTS),
)
def export_batch_xlsx(path: BatchPath) -> Response:
    """As `/export.xlsx`."""
    return _workbook(SelectionQuery(batch=path.id))


def _workbook(query: SelectionQuery) -> Response:
    book = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    with export_place():
        harvest = _harvest(query)
        write_export(harvest.taken, "xlsx", target=book)
    size = book.tell()
    book.seek(0)
    response = send_file(book, mimetype=XLSX)
    response.content_length = size
    return _labelled(response, harvest, "xlsx")


def _harvest(query: SelectionQuery) -> Harvest:
    if query.batch:
        batches().get(query.batch, owner())  # or there is none
    return reports().harvest(owner(), **query.model_dump(exclude={"form"}))


def _stream(
    format_: str, media_type: str, query: SelectionQuery, pieces: Callable[[Iterable[Taken]], Iterator[bytes]]
) -> Response:
    """Send results as they are fetched; an export that breaks off ends without its last chunk, which clients notice."""
    with ExitStack() as stack:
        stack.enter_context(export_place())
        harvest = _harvest(query)
        response = Response(pieces(harvest.taken), mimetype=media_type)
        response.call_on_close(stack.pop_all().close)
    return _labelled(response, harvest, format_)


def _labelled(response: Response, harvest: Harvest, format_: str) -> Response:
    response.headers["Content-Disposition"] = attachment(f"年报数据-{dt.date.today():%Y-%m-%d}.{format_}")
    response.headers[COUNT] = str(harvest.count)
    response.headers[WITHOUT] = str(harvest.without)
    return response
