"""Every error as a problem: JSON for programs, a Chinese page for people."""

from __future__ import annotations

import logging

from flask import Flask, Response, current_app, make_response, render_template, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, SecurityError

from extractors.errors import DocumentError
from extractors.said import WrongDecision
from web.labels import plain
from web.models import API, FINISHED
from web.problems import Problem, ProblemError, make_problem, problem_response
from web.responses import RETRY_SECONDS
from web.uploads import MEGABYTE
from workers.archive import NothingToSeparate, SeveralOwners, UnknownAgency
from workers.batch_intake import BatchCanceled, UnknownBatch
from workers.decisions import Overtaken
from workers.outages import outage_of
from workers.reports import (
    IdempotencyConflict,
    NoPicture,
    NoResult,
    NotFinished,
    NothingToCancel,
    NothingToRetry,
    PictureNotReady,
    UnknownPage,
    UnknownReport,
)

log = logging.getLogger(__name__)

MACHINE_PATHS = (f"{API}/", "/healthz", "/readyz", "/metrics")
CODES = {404: "not-found", 405: "method-not-allowed"}
RETRY = {"Retry-After": RETRY_SECONDS}
OUTAGE_SECONDS = "10"
"""Retry-After while the house is in disorder."""
MOST_NAMED, LONGEST_NAMED = 20, 200
"""Wrong parameters that an answer names, and characters of each name: as much as was sent may be wrong."""


def handle_errors(app: Flask) -> None:
    app.register_error_handler(ProblemError, lambda e: answer(e.problem, e.headers))
    app.register_error_handler(DocumentError, lambda e: answer(make_problem(e.code, e.message, e.message_zh)))
    app.register_error_handler(UnknownBatch, lambda _: answer(make_problem("unknown-batch")))
    app.register_error_handler(BatchCanceled, lambda _: answer(make_problem("batch-canceled")))
    app.register_error_handler(UnknownReport, lambda _: answer(make_problem("unknown-report")))
    app.register_error_handler(WrongDecision, _wrong_decision)
    app.register_error_handler(Overtaken, lambda e: answer(overtaken(e)))
    app.register_error_handler(UnknownAgency, lambda _: answer(make_problem("unknown-agency")))
    app.register_error_handler(SeveralOwners, _several_owners)
    app.register_error_handler(NothingToSeparate, lambda _: answer(make_problem("nothing-to-separate")))
    app.register_error_handler(UnknownPage, lambda _: answer(make_problem("unknown-page")))
    app.register_error_handler(PictureNotReady, lambda _: answer(make_problem("picture-not-ready"), RETRY))
    app.register_error_handler(NoPicture, _no_picture)
    app.register_error_handler(NotFinished, _not_finished)
    app.register_error_handler(NothingToCancel, lambda _: answer(make_problem("nothing-to-cancel")))
    app.register_error_handler(NothingToRetry, lambda _: answer(make_problem("nothing-to-retry")))
    app.register_error_handler(NoResult, _no_result)
    app.register_error_handler(IdempotencyConflict, lambda _: answer(make_problem("idempotency-conflict")))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def answer(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """The problem in the form that the asker reads."""
    if request.path.startswith(MACHINE_PATHS) or not request.accept_mimetypes.accept_html:
        return problem_response(problem, headers)
    response = make_response(render_template("error.html", problem=problem), problem.status)
    response.headers.extend(headers or {})
    return response


def invalid_parameter(error: ValidationError) -> Response:
    """The answer to parameters that the models refuse; names each, or the first of very many."""
    errors = error.errors(include_url=False, include_input=False)[:MOST_NAMED]
    wrong = [f"{'.'.join(map(str, e['loc']))[:LONGEST_NAMED]}: {e['msg']}" for e in errors]
    names = "、".join(sorted({str(e["loc"][0])[:LONGEST_NAMED] for e in errors if e["loc"]}))
    if not names:
        return answer(make_problem("invalid-parameter", "The body is no JSON object.", "请求正文应为 JSON 对象。"))
    return answer(make_problem("invalid-parameter", "; ".join(wrong), f"请求参数有误：{names}。"))


def _wrong_decision(error: WrongDecision) -> Response:
    return answer(make_problem("wrong-decision", error.message, error.message_zh, path=error.path))


def overtaken(error: Overtaken) -> Problem:
    """Tells what stands there now."""
    return make_problem(
        "changed-meanwhile",
        f"{error.path}: somebody has decided about this meanwhile, it is {plain(error.value, 'null')} by now.",
        f"{error.path}：刚才已由他人改为 {plain(error.value)}，请再对照一次。",
        path=error.path,
    )


def _not_finished(error: NotFinished) -> Response:
    return answer(make_problem("not-finished"), RETRY)


def _several_owners(error: SeveralOwners) -> Response:
    names = ", ".join(error.owners)
    return answer(
        make_problem(
            "several-owners",
            f"More than one owner has an agency of this name: {names}; say which with the parameter owner.",
            f"多个用户（{names.replace(', ', '、')}）都有此机关的报告，请用参数 owner 指明。",
        )
    )


def _no_picture(error: NoPicture) -> Response:
    failure = error.failure
    return answer(make_problem(failure.code, failure.message, failure.message_zh, status=422))


def _no_result(error: NoResult) -> Response:
    view = error.view
    assert view.status in FINISHED
    if view.error is None:
        return answer(make_problem("canceled"))
    return answer(make_problem(view.error.code, view.error.message, view.error.message_zh, status=422))


def _http_error(error: HTTPException) -> Response:
    """Flask's and Werkzeug's own errors; the headers that belong to the status (Allow, …) stay."""
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    if isinstance(error, SecurityError):
        return answer(make_problem("unknown-host"), headers)
    if status == 413 and not _has_too_many_bytes():
        return answer(_too_many_parts(), headers)
    limits = current_app.config["BODY_LIMITS"]
    return answer(problem_of_status(status, limits.of(request.method, request.path)), headers)


def _has_too_many_bytes() -> bool:
    """Whether a request that is too large has more bytes than are accepted, and not only more form fields."""
    length, limit = request.content_length, request.max_content_length
    return length is None or limit is None or length > limit


def _too_many_parts() -> Problem:
    limit = request.max_form_parts
    return make_problem(
        "limit-exceeded",
        f"The form has more than the {limit} fields that are accepted, or a field that is too long; "
        "please send the files in portions, or as a ZIP.",
        f"表单的字段超过上限 {limit} 个，或某个字段过长，请分批上传，或打包成 ZIP 上传。",
    )


def problem_of_status(status: int, max_bytes: int) -> Problem:
    """The problem for an HTTP error that says no more than its status; `max_bytes` of a body are accepted."""
    if status == 413:
        return make_problem(
            "limit-exceeded",
            f"What was sent is larger than the {max_bytes / MEGABYTE:g} MB that are accepted here; "
            "please send less at once, or a smaller file.",
            f"提交的内容超过上限 {max_bytes / MEGABYTE:g} MB，请分批提交，或缩小文件后再提交。",
        )
    code = CODES.get(status, "internal-error" if status >= 500 else "bad-request")
    return make_problem(code, status=status)


def _unexpected(error: Exception) -> Response:
    outage = outage_of(error)
    if outage is not None:
        log.error("%s at %s %s: %s", outage, request.method, request.endpoint, type(error).__name__)
        return answer(make_problem(outage), {"Retry-After": OUTAGE_SECONDS})
    log.exception("unexpected error at %s %s", request.method, request.endpoint)
    return answer(make_problem("internal-error"))
