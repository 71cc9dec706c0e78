"""The pages of batches: all of them, one with its progress, files and matrix, and the forms that act on it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.wrappers import Response

from web.batch_models import ENDED, BatchListQuery
from web.batch_page import BATCH_STATES, FILE_STATES, counted, file_chip, matrix_of
from web.callers import origin, owner
from web.context import batches
from web.errors import invalid_parameter
from web.export_links import offer_of
from workers.audit import Origin
from workers.batch_progress import FileState
from workers.batches import Batches

bp = Blueprint("batch_pages", __name__)

ACTIONS: dict[str, Callable[[Batches, str, str | None, Origin], object]] = {
    "cancel": Batches.cancel,
    "retry": Batches.retry,
}
FILES = 50
"""Files of one page."""


class PageQuery(BaseModel):
    """What of a batch is shown."""

    model_config = ConfigDict(extra="ignore")

    state: FileState | None = None
    page: int = Field(default=1, ge=1, le=1_000_000)
    agencies: int = Field(default=1, ge=1, le=1_000_000)


@bp.app_context_processor
def names() -> dict[str, object]:
    return {"batch_states": BATCH_STATES, "file_chip": file_chip, "counted": counted, "ended": ENDED}


@bp.get("/batches")
def listing() -> str | Response:
    """All batches, newest first."""
    try:
        query = BatchListQuery.model_validate(request.args.to_dict())
    except ValidationError as error:
        return make_response(invalid_parameter(error))
    found = batches().search(query.page, query.per_page, owner())
    return render_template("batches.html", found=found, pages=max(1, -(-found.total // found.per_page)))


@bp.get("/batches/<id>")
def batch(id: str) -> str | Response:  # noqa: A002 - the name in the address
    """One batch: how far it has come, its agencies by year, and its files."""
    return _page("batch.html", id)


@bp.get("/parts/batches/<id>")
def part(id: str) -> str | Response:  # noqa: A002 - the name in the address
    """Only what changes, for the script that keeps the page up to date."""
    return _page("parts/batch.html", id)


@bp.post("/batches/<id>/<any(cancel, retry):action>")
def act(id: str, action: str) -> Response:  # noqa: A002 - the name in the address
    """Stop the reading, or try again what could not be read."""
    ACTIONS[action](batches(), id, owner(), origin())
    return redirect(url_for("batch_pages.batch", id=id), 303)


@bp.post("/batches/<id>/delete")
def delete(id: str) -> Response:  # noqa: A002 - the name in the address
    """Forget the batch; its reports stay."""
    batches().delete(id, owner(), origin())
    return redirect(url_for("batch_pages.listing"), 303)


def _page(template: str, batch_id: str) -> str | Response:
    try:
        query = PageQuery.model_validate({name: value for name, value in request.args.items() if value})
    except ValidationError as error:
        return make_response(invalid_parameter(error))

    def link_to(**changes: object) -> str:
        wanted = {**query.model_dump(mode="json", exclude_defaults=True), **changes}
        return f"{url_for('batch_pages.batch', id=batch_id)}?{urlencode({k: v for k, v in wanted.items() if v})}"

    view = batches().get(batch_id, owner())
    files = batches().files(batch_id, query.state, query.page, FILES, owner())
    return render_template(
        template,
        view=view,
        files=files,
        pages=max(1, -(-files.total // files.per_page)),
        matrix=matrix_of(batches().standings(batch_id, owner()), query.agencies),
        state=query.state,
        state_words=query.state and FILE_STATES[query.state],
        link_to=link_to,
        offer=offer_of({"batch": batch_id}),
    )
