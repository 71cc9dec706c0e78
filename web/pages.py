"""The pages: reports being read, one report, and the forms that work without script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response

from extractors.labels import VERDICTS
from extractors.report import Result
from web.callers import caller, origin, owner
from web.context import batches, reports
from web.errors import invalid_parameter
from web.export_links import offer_of
from web.labels import STATES, chip_of, chip_of_report
from web.models import FINISHED, WITH_RESULT, SearchQuery, percent_of
from web.problems import ProblemError
from web.report_page import show
from web.uploads import MEGABYTE, clean_name
from workers.audit import Origin
from workers.reports import NoResult, NotFinished, Reports
from workers.views import NO_REPORT

bp = Blueprint("pages", __name__)

ACTIONS: dict[str, Callable[[Reports, str, str | None, Origin], object]] = {
    "cancel": Reports.cancel,
    "retry": Reports.retry,
    "reread": Reports.reread,
}


@bp.app_template_global()
def static_url(name: str) -> str:
    """The address of a static file, with its age in it: browsers may keep it until it changes."""
    folder = current_app.static_folder
    assert folder is not None
    return url_for("static", filename=name, v=int((Path(folder) / name).stat().st_mtime))


@bp.app_template_global()
def cell_url(report: str, page: int, path: str) -> str:
    """Where a cell is seen on its page."""
    return url_for("desk.page", id=report, number=page, cell=path, _anchor="here")


@bp.app_template_filter()
def when(moment: dt.datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


@bp.app_context_processor
def names() -> dict[str, object]:
    limits = current_app.config["BODY_LIMITS"]
    return {
        "chip_of": chip_of,
        "chip_of_report": chip_of_report,
        "no_report": NO_REPORT,
        "percent_of": percent_of,
        "finished": FINISHED,
        "with_result": WITH_RESULT,
        "max_bytes": limits.file,
        "max_megabytes": limits.file // MEGABYTE,
        "max_upload_bytes": limits.batch,
    }


@bp.get("/")
def home() -> str | Response:
    """The drop zone and the reports, newest first."""
    return _list_page("home.html")


@bp.get("/parts/reports")
def rows() -> str | Response:
    """Only the list of the home page, for the script that keeps it up to date."""
    return _list_page("parts/reports.html")


@bp.post("/")
def upload() -> Response:
    """The upload form without script; several files or a ZIP are a batch."""
    files = [(file.filename, file.stream) for file in request.files.getlist("file") if file.filename]
    if not files:
        raise ProblemError("file-missing", detail_zh="没有选择文件，请先选择要上传的报告。")
    name, stream = files[0]
    if len(files) > 1 or name.lower().endswith(".zip"):
        batch = batches().submit(files, caller().name, origin())
        return redirect(url_for("batch_pages.batch", id=batch.id), 303)
    view, _ = reports().submit(stream, clean_name(name), caller().name, origin=origin())
    return redirect(url_for("pages.report", id=view.id), 303)


@bp.get("/reports/<id>")
def report(id: str) -> str:  # noqa: A002 - the name in the address
    """One report: its progress, why it failed, or all that it says, which may be read again at this moment."""
    view = reports().get(id, owner=owner())
    try:
        result = Result.model_validate_json(reports().result(id, owner=owner()))
    except (NotFinished, NoResult):
        return render_template("progress.html", view=view)
    around = reports().archive.around(id)
    shown = show(result, reports().decisions(id, owner=owner()), around)
    return render_template("report.html", view=view, shown=shown, around=around)


@bp.post("/reports/<id>/<any(cancel, retry, reread):action>")
def act(id: str, action: str) -> Response:  # noqa: A002 - the name in the address
    """Stop the reading, try again what could not be read, or have all made anew."""
    ACTIONS[action](reports(), id, owner(), origin())
    return redirect(url_for("pages.report", id=id), 303)


@bp.post("/reports/<id>/delete")
def delete(id: str) -> Response:  # noqa: A002 - the name in the address
    reports().delete(id, owner=owner(), origin=origin())
    return redirect(url_for("pages.home"), 303)


def _list_page(template: str) -> str | Response:
    given: dict[str, object] = {name: value.strip() for name, value in request.args.items() if value.strip()}
    given |= {name: request.args.getlist(name) for name in ("id", "sha256") if name in request.args}
    try:
        query = SearchQuery.model_validate(given)
    except ValidationError as error:
        return make_response(invalid_parameter(error))
    chosen = query.model_dump(exclude_defaults=True, exclude={"page", "per_page"})
    found = reports().search(**query.model_dump(), owner=owner())
    pages = max(1, -(-found.total // found.per_page))
    choices = {**{k: STATES[k] for k in ("queued", "running")}, **VERDICTS, "partial": STATES["partial"]}
    choices["failed"] = STATES["failed"]
    return render_template(
        template,
        found=found,
        query=query,
        filtered=bool(chosen),
        choices=choices,
        pages=pages,
        link_to=lambda page: "/?" + urlencode({**query.model_dump(exclude_defaults=True), "page": page}, doseq=True),
        offer=offer_of(chosen),
    )
