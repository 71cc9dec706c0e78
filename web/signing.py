"""Signing in with a token, and out."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.callers import ALONE, COOKIE, known_caller
from web.context import reports
from workers.audit import Origin

bp = Blueprint("signing", __name__)

NOBODY = "nobody"


@bp.get("/sign-in")
def show() -> Response:
    """The page to sign in on; who has no need of it is sent on."""
    if known_caller() is not None:
        return redirect(_next(), 303)
    return make_response(render_template("sign-in.html", next=_next()))


@bp.post("/sign-in")
def sign_in() -> Response:
    """Keep a session in this browser, until it is signed out or too old."""
    if known_caller() is ALONE:
        return redirect(_next(), 303)
    secret = reports().access.sign_in(request.form.get("token", "").strip(), Origin(NOBODY, request.remote_addr))
    if secret is None:
        return make_response(render_template("sign-in.html", next=_next(), wrong=True), 401)
    response = redirect(_next(), 303)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(current_app.config["SESSION_SECONDS"]),
        httponly=True,
        samesite="Lax",  # a link to a report in a letter leads there; forms are guarded by their key
        secure=request.is_secure,
    )
    return response


@bp.post("/sign-out")
def sign_out() -> Response:
    reports().access.sign_out(request.cookies.get(COOKIE, ""))
    response = redirect(url_for("signing.show"), 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _next() -> str:
    """Where to go afterwards: an address of this site, whatever the request says."""
    wanted = request.values.get("next", "/")
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if own else "/"
