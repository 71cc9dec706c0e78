"""/api/v1/reports: send a report, follow its reading, stop it or have it done again, list, delete."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from web.callers import caller, origin, owner
from web.context import batches, reports, waiting_place
from web.models import (
    API,
    FINISHED,
    LONGEST_WAIT,
    PageLinks,
    ReportBody,
    ReportList,
    ReportPath,
    SearchQuery,
    UploadHeaders,
    WaitQuery,
    list_body,
    report_body,
)
from web.responses import COMMON_PROBLEMS, RETRY_SECONDS, TOKEN, model_response, problem_responses
from web.uploads import uploaded_file
from workers.views import ReportView

bp = APIBlueprint(
    "reports",
    __name__,
    url_prefix=f"{API}/reports",
    abp_tags=[Tag(name="reports")],
    abp_responses=COMMON_PROBLEMS,
    abp_security=TOKEN,
)

BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": (
            "The file as form field `file`, or as the whole body with its name in Content-Disposition "
            "(`filename*=UTF-8''…` is understood). Its kind is judged by its bytes."
        ),
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/pdf": BINARY,
            "text/html": BINARY,
            "image/*": BINARY,
            "application/octet-stream": BINARY,
        },
    }
}


@bp.post(
    "",
    summary="Send a report",
    responses={"202": ReportBody, **problem_responses("413", "415", "422")},
    openapi_extensions=UPLOAD,
)
def submit_report(header: UploadHeaders) -> Response:
    """Answers as soon as the file is safely kept; the same bytes give the same report."""
    stream, filename = uploaded_file(request)
    view, _ = reports().submit(stream, filename, caller().name, header.idempotency_key, origin())
    response = model_response(report_body(view), 202)
    response.headers["Location"] = f"{API}/reports/{view.id}"
    return response


@bp.get("", summary="List reports, newest first", responses={"200": ReportList, **problem_responses("404")})
def list_reports(query: SearchQuery) -> Response:
    if query.batch:
        batches().get(query.batch, owner())  # or there is none
    found = reports().search(**query.model_dump(), owner=owner())
    pages = -(-found.total // found.per_page)
    links = PageLinks(
        next=_page_link(query, query.page + 1) if query.page < pages else None,
        prev=_page_link(query, query.page - 1) if query.page > 1 else None,
    )
    return model_response(list_body(found, links))


@bp.get("/<id>", summary="State and progress of a report", responses={"200": ReportBody, **problem_responses("404")})
def get_report(path: ReportPath, query: WaitQuery) -> Response:
    """With `wait` it answers as soon as something has changed; Retry-After is there until it is finished."""
    view = _wait_for(path.id, query.wait)
    response = model_response(report_body(view))
    if view.status not in FINISHED:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


@bp.delete(
    "/<id>", summary="Delete a report, its file and its result", responses={"204": None, **problem_responses("404")}
)
def delete_report(path: ReportPath) -> Response:
    reports().delete(path.id, owner=owner(), origin=origin())
    return Response(status=204)


@bp.post(
    "/<id>/cancel",
    summary="Stop the reading of a report",
    responses={"200": ReportBody, **problem_responses("403", "404", "409")},
)
def cancel_report(path: ReportPath) -> Response:
    """What is queued is not read any more, and what is being read at this moment is not kept."""
    return model_response(report_body(reports().cancel(path.id, owner(), origin())))


@bp.post(
    "/<id>/retry",
    summary="Read again what could not be read",
    responses={"202": ReportBody, **problem_responses("403", "404", "409")},
)
def retry_report(path: ReportPath) -> Response:
    """For reports that failed, are partial or were canceled; pages that have been read are not read a second time."""
    return model_response(report_body(reports().retry(path.id, owner(), origin())), 202)


@bp.post(
    "/<id>/reread",
    summary="Make the result anew with the present engine",
    responses={"202": ReportBody, **problem_responses("403", "404", "409")},
)
def reread_report(path: ReportPath) -> Response:
    """Decisions of persons stay. Pages that this version of the engine has read are not read a second time."""
    return model_response(report_body(reports().reread(path.id, owner(), origin())), 202)


def _wait_for(report_id: str, seconds: float) -> ReportView:
    """The report, after at most `seconds` of waiting for a change; at once when too many wait already."""
    with waiting_place() as free:
        if seconds > 0 and free:
            return reports().wait(report_id, min(seconds, LONGEST_WAIT), owner=owner())
    return reports().get(report_id, owner=owner())


def _page_link(query: SearchQuery, page: int) -> str:
    wanted = {**query.model_dump(exclude_none=True), "page": page}
    return f"{API}/reports?{urlencode(wanted, doseq=True)}"
