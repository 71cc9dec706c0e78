"""/api/v1/reports/{id}/…: the result as JSON, CSV and XLSX, and the file that was sent."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import PurePath

from flask import Response, send_file
from flask_openapi3 import APIBlueprint, Tag

from extractors.difference import Difference, difference
from extractors.export import Filed, long_csv
from extractors.report import Result
from extractors.sources import kinds
from web.callers import owner
from web.context import reports, waiting_place
from web.models import API, FINISHED, DifferenceQuery, PagePath, ReportPath
from web.responses import (
    BINARY,
    COMMON_PROBLEMS,
    CSV,
    RETRY_SECONDS,
    TEXT,
    TOKEN,
    XLSX,
    attachment,
    content_responses,
    model_response,
    problem_responses,
)

SAFE = {"Content-Security-Policy": "sandbox; default-src 'none'"}
"""What was uploaded is shown to no browser as a page of this site."""
PICTURE_WAIT = 5.0
"""Seconds that a request waits for a picture that is being made."""
PICTURE_AGE = 24 * 3600
"""Seconds that a browser may keep one: a report's file never changes."""

bp = APIBlueprint(
    "results",
    __name__,
    url_prefix=f"{API}/reports",
    abp_tags=[Tag(name="results")],
    abp_responses=COMMON_PROBLEMS,
    abp_security=TOKEN,
)
ERRORS = problem_responses("404", "409", "422")
KINDS = (kinds.PDF, kinds.DOCX, kinds.HTML, kinds.ARCHIVE, *sorted(kinds.PICTURES), "application/octet-stream")
"""Content types of what may have been sent; the last where the kind is not known."""


@bp.get("/<id>/result", summary="The checked report as JSON", responses={"200": Result, **ERRORS})
def get_result(path: ReportPath) -> Response:
    """409 with Retry-After while it is being read, 404 when unknown, 422 with the reason when it cannot be read.

    While it is read again the earlier result is given, with `Nianbao-Result: earlier` and Retry-After.
    """
    headers = _age_of(path.id)
    return Response(reports().result(path.id, owner=owner()), mimetype="application/json", headers=headers)


@bp.get("/<id>/result.csv", summary="The figures as CSV", responses={**content_responses(CSV, TEXT), **ERRORS})
def get_csv(path: ReportPath) -> Response:
    """UTF-8 with a byte order mark, as spreadsheet programs want it."""
    headers, result = _age_of(path.id), _result(path.id)
    return _download("".join(long_csv([_filed(path.id, result)])).encode("utf-8-sig"), CSV, result, ".csv", headers)


@bp.get(
    "/<id>/result.xlsx", summary="The report as a workbook", responses={**content_responses(XLSX, BINARY), **ERRORS}
)
def get_xlsx(path: ReportPath) -> Response:
    from extractors.export.workbook import write_workbook  # openpyxl: not needed to start

    headers, result, book = _age_of(path.id), _result(path.id), io.BytesIO()
    write_workbook([_filed(path.id, result)], book)
    return _download(book.getvalue(), XLSX, result, ".xlsx", headers)


@bp.get(
    "/<id>/difference",
    summary="What another report says otherwise",
    responses={"200": Difference, **ERRORS},
)
def get_difference(path: ReportPath, query: DifferenceQuery) -> Response:
    """Every cell, headline and line of text that differs; `before` is the other report, `after` this one."""
    return model_response(difference(_result(query.other), _result(path.id)))


@bp.get(
    "/<id>/file",
    summary="The file that was sent",
    responses={"200": {"content": {kind: {"schema": BINARY} for kind in KINDS}}, **problem_responses("404")},
)
def get_file(path: ReportPath) -> Response:
    stored = reports().file(path.id, owner=owner())
    media_type = stored.media_type or "application/octet-stream"
    response = send_file(stored.path, mimetype=media_type, as_attachment=True, download_name=stored.filename)
    response.headers.update(SAFE)
    return response


@bp.get(
    "/<id>/pages/<int:number>.png",
    summary="A page as the file shows it",
    responses={**content_responses("image/png", BINARY), **ERRORS, **problem_responses("503")},
)
def get_page(path: PagePath) -> Response:
    """About 150 dpi, not turned. It is made when it is first asked for: 503 with Retry-After where that takes long."""
    with waiting_place() as free:
        picture = reports().picture(path.id, path.number, PICTURE_WAIT if free else 0.0, owner=owner())
    response = send_file(picture, mimetype="image/png", max_age=PICTURE_AGE)
    response.cache_control.public, response.cache_control.private = False, True
    return response


def _age_of(report_id: str) -> dict[str, str]:
    """Headers that mark a result which is about to be replaced; to be asked for before it."""
    if reports().get(report_id, owner=owner()).status in FINISHED:
        return {}
    return {"Nianbao-Result": "earlier", "Retry-After": RETRY_SECONDS}


def _result(report_id: str) -> Result:
    return Result.model_validate_json(reports().result(report_id, owner=owner()))


def _filed(report_id: str, result: Result) -> Filed:
    """The result as an export has it."""
    around = reports().archive.around(report_id)
    return Filed(result, around.agency.name) if around else Filed.alone(result)


def _download(content: bytes, media_type: str, result: Result, extension: str, headers: Mapping[str, str]) -> Response:
    name = PurePath(result.document.filename).stem + extension
    response = Response(content, mimetype=media_type, headers=headers)
    response.headers["Content-Disposition"] = attachment(name)
    return response
