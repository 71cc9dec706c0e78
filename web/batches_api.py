"""/api/v1/batches: send many files or a ZIP, follow their reading, stop it or have it tried again, list, forget."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from web.batch_models import (
    ENDED,
    BatchBody,
    BatchDetail,
    BatchList,
    BatchListQuery,
    BatchPath,
    BatchQuery,
    KnownFiles,
    address_of,
    batch_body,
    batch_detail,
    batch_list,
    page_links,
)
from web.callers import caller, origin, owner
from web.context import batches, waiting_place
from web.models import API, LONGEST_WAIT, ReportList, UploadHeaders, list_body
from web.responses import COMMON_PROBLEMS, RETRY_SECONDS, TOKEN, model_response, problem_responses
from web.uploads import sent_files
from workers.batches import BatchView

bp = APIBlueprint(
    "batches",
    __name__,
    url_prefix=f"{API}/batches",
    abp_tags=[Tag(name="batches")],
    abp_responses=COMMON_PROBLEMS,
    abp_security=TOKEN,
)

BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": (
            "A ZIP as the whole body, or files as form fields `file`, of which each may be a ZIP; a file's name may "
            "have folders. Kinds are judged by the bytes. A form may have at most 1,000 fields."
        ),
        "content": {
            "application/zip": BINARY,
            "application/octet-stream": BINARY,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            },
        },
    }
}


@bp.post(
    "",
    summary="Send many files or a ZIP",
    responses={"202": BatchBody, **problem_responses("413", "415", "422")},
    openapi_extensions=UPLOAD,
)
def submit_batch(header: UploadHeaders) -> Response:
    """Answers when all files are safely kept; all or nothing.

    A file that is no report, or is refused, is told in the list of files and spoils nothing. The reports of a batch
    are read after those that are sent one by one.
    """
    with sent_files(request) as sent:
        return _accepted(batches().submit(sent, caller().name, origin(), header.idempotency_key))


@bp.post(
    "/<id>/files",
    summary="Add files to a batch",
    responses={"202": BatchBody, **problem_responses("404", "409", "413", "415", "422")},
    openapi_extensions=UPLOAD,
)
def add_files(path: BatchPath) -> Response:
    """A portion may be sent again: a file that the batch has by the same name is not added a second time."""
    with sent_files(request) as sent:
        return _accepted(batches().add(path.id, sent, caller().name, origin()))


@bp.post(
    "/<id>/reports",
    summary="Add files whose reports are there already",
    responses={"202": BatchBody, **problem_responses("404", "409", "413", "415")},
)
def add_reports(path: BatchPath, body: KnownFiles) -> Response:
    """Their bytes need not be sent again. All are added or none; what the batch has by the same name stays once."""
    files = [(file.name, file.report_id) for file in body.files]
    return _accepted(batches().add_known(path.id, files, caller().name))


@bp.get("", summary="List batches, newest first", responses={"200": BatchList})
def list_batches(query: BatchListQuery) -> Response:
    return model_response(batch_list(batches().search(query.page, query.per_page, owner()), query))


@bp.get(
    "/<id>", summary="State, progress and files of a batch", responses={"200": BatchDetail, **problem_responses("404")}
)
def get_batch(path: BatchPath, query: BatchQuery) -> Response:
    """With `wait` it answers as soon as something has changed; Retry-After is there until it has ended."""
    view = _wait_for(path.id, query.wait)
    files = batches().files(path.id, query.state, query.page, query.per_page, owner())
    response = model_response(batch_detail(view, files, query))
    if view.progress.status not in ENDED:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


@bp.get("/<id>/reports", summary="Its reports, each once", responses={"200": ReportList, **problem_responses("404")})
def list_reports(path: BatchPath, query: BatchListQuery) -> Response:
    found = batches().reports(path.id, query.page, query.per_page, owner())
    return model_response(list_body(found, page_links(f"{address_of(path.id)}/reports", found, query)))


@bp.post(
    "/<id>/cancel",
    summary="Stop the reading of a batch",
    responses={"200": BatchBody, **problem_responses("403", "404", "409")},
)
def cancel_batch(path: BatchPath) -> Response:
    """What another batch waits for, or was sent by itself too, is read nevertheless."""
    return model_response(batch_body(batches().cancel(path.id, owner(), origin())))


@bp.post(
    "/<id>/retry",
    summary="Read again what could not be read",
    responses={"202": BatchBody, **problem_responses("403", "404", "409")},
)
def retry_batch(path: BatchPath) -> Response:
    """For its reports that failed, are partial or were canceled."""
    return model_response(batch_body(batches().retry(path.id, owner(), origin())), 202)


@bp.delete("/<id>", summary="Forget a batch; its reports stay", responses={"204": None, **problem_responses("404")})
def delete_batch(path: BatchPath) -> Response:
    batches().delete(path.id, owner(), origin())
    return Response(status=204)


def _accepted(view: BatchView) -> Response:
    response = model_response(batch_body(view), 202)
    response.headers["Location"] = address_of(view.id)
    return response


def _wait_for(batch_id: str, seconds: float) -> BatchView:
    """The batch, after at most `seconds` of waiting for a change; at once when too many wait already."""
    with waiting_place() as free:
        if seconds > 0 and free:
            return batches().wait(batch_id, min(seconds, LONGEST_WAIT), owner())
    return batches().get(batch_id, owner())
