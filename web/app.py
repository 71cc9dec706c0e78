"""The Flask application: API and pages over `workers.reports`."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, request
from flask_openapi3 import Info, OpenAPI

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
from web.uploads import UploadRequest, takes_batch
from workers.reports import Reports
from workers.settings import Settings

FORM_OVERHEAD = 64 * 1024
"""Bytes that a multipart form may add to its file."""


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
    app.config.update(
        MAX_UPLOAD_BYTES=settings.max_upload_bytes,
        MAX_BYTES=settings.max_bytes,
        MAX_CONTENT_LENGTH=settings.max_bytes + FORM_OVERHEAD,
        MAX_FORM_PARTS=settings.max_form_parts,
        TRUSTED_HOSTS=list(trusted_hosts) if trusted_hosts is not None else None,
        SESSION_SECONDS=settings.session_hours * 3600,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.extensions["nianbao"] = Context(reports=Reports(settings), public=settings.host not in LOOPBACK)
    log_requests(app)
    app.before_request(_let_batches_be_large)
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
    return app


def _refuse_nul() -> None:
    """Nothing is called by a name with this character, and PostgreSQL does not take it."""
    given = (request.path, *(text for pairs in request.args.lists() for text in (pairs[0], *pairs[1])))
    if any("\0" in text for text in given):
        raise ProblemError("bad-request")


def _let_batches_be_large() -> None:
    if takes_batch(request.method, request.path):
        request.max_content_length = current_app.config["MAX_UPLOAD_BYTES"] + FORM_OVERHEAD
