"""The Flask application: API and pages over `workers.reports`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, request
from flask.json.provider import DefaultJSONProvider
from flask_openapi3 import Info, OpenAPI
from werkzeug.http import parse_date

from extractors.version import ENGINE_VERSION
from web import (
    agencies_api,
    archive_pages,
    audit_api,
    batch_pages,
    batches_api,
    decisions_api,
    desk,
    exports_api,
    headers,
    pages,
    reports_api,
    results_api,
    service_api,
    signing,
)
from web.addresses import LOOPBACK
from web.callers import require_callers
from web.context import Context
from web.errors import handle_errors, invalid_parameter
from web.logged import log_requests
from web.problems import Problem, ProblemError
from web.rates import limit_rates
from web.uploads import BodyLimits, UploadRequest
from workers.reports import Reports
from workers.settings import Settings

FORM_OVERHEAD = 64 * 1024
"""Bytes that a multipart form may add to its file."""


class JsonProvider(DefaultJSONProvider):
    """Takes JSON that is nested more deeply than it can be read for none at all."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """What it says; raises ValueError where it is no JSON."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def create_app(settings: Settings, trusted_hosts: Sequence[str] | None = None) -> OpenAPI:
    """The application; requests with a Host that is not in `trusted_hosts` (None: any) are refused."""
    app = OpenAPI(
        __name__,
        info=Info(
            title="Nianbao",
            version=ENGINE_VERSION,
            description="Chinese government-information-disclosure annual reports as checked JSON.",
        ),
        doc_ui=False,
        security_schemes={"token": {"type": "http", "scheme": "bearer"}},
        validation_error_status=400,
        validation_error_model=Problem,
        validation_error_callback=invalid_parameter,
    )
    app.request_class = UploadRequest
    app.json = JsonProvider(app)
    app.config.update(
        BODY_LIMITS=BodyLimits(file=settings.max_bytes, batch=settings.max_upload_bytes),
        MAX_FORM_PARTS=settings.max_form_parts,
        TRUSTED_HOSTS=list(trusted_hosts) if trusted_hosts is not None else None,
        SESSION_SECONDS=settings.session_hours * 3600,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.extensions["nianbao"] = Context(reports=Reports(settings), public=settings.host not in LOOPBACK)
    log_requests(app)
    app.before_request(_limit_body)
    headers.protect(app)
    handle_errors(app)
    for api in (
        *(reports_api.bp, results_api.bp, decisions_api.bp, batches_api.bp, agencies_api.bp),
        *(exports_api.bp, audit_api.bp, service_api.bp),
    ):
        app.register_api(api)
    for pages_bp in (pages.bp, batch_pages.bp, archive_pages.bp, desk.bp, signing.bp, audit_api.page_bp):
        app.register_blueprint(pages_bp)
    limit_rates(app, settings)
    require_callers(app)
    app.before_request(_refuse_nul)
    app.before_request(_forget_odd_dates)
    return app


def _refuse_nul() -> None:
    """Nothing is called by a name with this character, and PostgreSQL does not take it."""
    given = (request.path, *(text for pairs in request.args.lists() for text in (pairs[0], *pairs[1])))
    if any("\0" in text for text in given):
        raise ProblemError("bad-request")


def _forget_odd_dates() -> None:
    """What is no date asks for nothing (RFC 9110, 13.1.3), but Werkzeug breaks off at a time zone of many digits."""
    for name in ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_RANGE"):
        try:
            parse_date(request.environ.get(name))
        except OverflowError:
            del request.environ[name]


def _limit_body() -> None:
    request.max_content_length = current_app.config["BODY_LIMITS"].of(request.method, request.path) + FORM_OVERHEAD
