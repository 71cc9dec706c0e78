"""Where a person decides: pages with their cells, and the forms that accept or correct them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from extractors.editions import editions_of
from extractors.report import Result
from extractors.said import HEADLINE, Said, WrongDecision
from web.callers import origin, owner, signature
from web.context import reports
from web.errors import overtaken
from web.page_view import show_page
from web.problems import ProblemError
from web.review import doubts_of, following
from workers.decisions import Change, Overtaken

bp = Blueprint("desk", __name__)

REVIEWER = "reviewer"
"""The cookie that holds the name of who decides."""
REVIEWER_SECONDS = 365 * 24 * 3600
NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")


@bp.app_context_processor
def names() -> dict[str, object]:
    return {"reviewer": reviewer()}


@bp.get("/reports/<id>/pages/<int:number>")
def page(id: str, number: int) -> str:  # noqa: A002 - the name in the address
    """A page of the file with the box of each cell; `?cell=` marks one and lets it be decided about."""
    return _page(id, number, request.args.get("cell") or None)


@bp.post("/reports/<id>/cells")
def decide(id: str) -> Response:  # noqa: A002 - the name in the address
    """The forms that accept or correct one cell, without script; back to where they were sent from."""
    path, typed = request.form.get("path", ""), request.form.get("value", "")
    number = request.form.get("page", 1, type=int)
    before = _result(id)
    try:
        change = _change(path, request.form.get("do", ""), typed, request.form.get("seen"))
        after = reports().decide(id, [change], signature(reviewer()), owner=owner(), origin=origin())
    except (WrongDecision, Overtaken) as error:
        if not request.accept_mimetypes.accept_html:
            raise
        if isinstance(error, Overtaken):
            return make_response(_page(id, number, path, overtaken(error).detail_zh), 409)
        return make_response(_page(id, number, path, error.message_zh, typed), 422)
    if "from_page" in request.form:
        return redirect(url_for("desk.page", id=id, number=number, cell=path), 303)
    return redirect(url_for("pages.report", id=id, _anchor=_next_anchor(before, after, path)), 303)


@bp.post("/reports/<id>/reviewer")
def set_reviewer(id: str) -> Response:  # noqa: A002 - the name in the address
    """Keep the name of who decides in this browser."""
    response = redirect(url_for("pages.report", id=id, _anchor="review"), 303)
    name = " ".join(request.form.get("name", "").split())[:64]
    if name:
        response.set_cookie(
            REVIEWER, quote(name), max_age=REVIEWER_SECONDS, httponly=True, samesite="Strict", secure=request.is_secure
        )
    else:
        response.delete_cookie(REVIEWER, httponly=True, samesite="Strict", secure=request.is_secure)
    return response


def reviewer() -> str | None:
    """The name that the person at this browser has given."""
    return unquote(request.cookies.get(REVIEWER, ""))[:64] or None


def _page(report_id: str, number: int, path: str | None, error: str | None = None, typed: str | None = None) -> str:
    """`error` says why a decision, in which `typed` was given, has not been taken."""
    view = reports().get(report_id, owner=owner())
    result = _result(report_id)
    try:
        shown = show_page(result, number, path, reports().decisions(report_id, owner=owner()))
    except WrongDecision as wrong:
        if error is None:
            raise ProblemError("not-found", wrong.message, wrong.message_zh.removeprefix(f"{path}：")) from wrong
        shown = show_page(result, number)
    if shown is None:
        raise ProblemError("unknown-page")
    title = result.report.title or view.filename
    words = error and error.removeprefix(f"{path}：")
    return render_template("page.html", view=view, title=title, shown=shown, error=words, typed=typed)


def _change(path: str, do: str, typed: str, seen: str | None) -> Change:
    if do == "accept":
        return Change(path, accepted=True, seen=seen)
    if do == "blank":
        return Change(path, None, seen=seen)
    text = typed.strip()
    if not text:
        raise WrongDecision(path, "no value was given.", "请填写正确的内容；原件此处空白的，请按“原件空白”。")
    return Change(path, text if path in HEADLINE and path != "year" else read_number(text), seen=seen)


def read_number(text: str) -> Said:
    """A figure as people type it, in full width or with thousands separators; anything else stays the text it is."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("−", "-")
    match = NUMBER.fullmatch(plain)
    if not match or len(plain) > 40:
        return text
    whole, fraction = match.group(1) + match.group(2).replace(",", ""), match.group(3)
    return float(whole + fraction) if fraction else int(whole)


def _next_anchor(before: Result, after: Result, path: str) -> str:
    """What comes next on the review list, so that a person can go on from there."""
    left = {entry.path for entry in after.validation.review}
    doubts = [d for d in doubts_of(before, editions_of(before.report.tables)) if d.asked.path in left | {path}]
    following_doubt = following(doubts, path)
    return following_doubt.anchor if following_doubt else "review"


def _result(report_id: str) -> Result:
    return Result.model_validate_json(reports().result(report_id, owner=owner()))
