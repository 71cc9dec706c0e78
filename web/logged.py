"""A line of the log for each request, and its report and page on every line that is logged within."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack

from flask import Flask, Response, g, request

from workers.logs import about

log = logging.getLogger(__name__)

NOT_OF_REPORTS = ("batches", "batch_pages")
"""Blueprints whose `id` is none of a report."""


def log_requests(app: Flask) -> None:
    """Call it before all that may answer a request early."""
    app.before_request(_begin)
    app.after_request(_note)
    app.teardown_request(_end)


def _begin() -> None:
    named = {} if request.blueprint in NOT_OF_REPORTS else request.view_args or {}
    g.logged, g.started = ExitStack(), time.monotonic()
    g.logged.enter_context(about(named.get("id"), named.get("number")))


def _note(response: Response) -> Response:
    seconds = round(time.monotonic() - g.started, 3)
    said = {"method": request.method, "endpoint": request.endpoint, "status": response.status_code, "seconds": seconds}
    log.info("request", extra={"fields": said})
    return response


def _end(_: BaseException | None) -> None:
    if "logged" in g:
        g.logged.close()
