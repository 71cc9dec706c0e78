"""Who asks: by token, by session, or the only user of a service without tokens."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, g, redirect, request
from werkzeug.wrappers import Response

from web.context import context, reports
from web.errors import MACHINE_PATHS
from web.headers import SAFE_METHODS
from web.problems import ProblemError
from workers.access import Holder, Role, form_key
from workers.audit import LOCAL, Origin

COOKIE = "nianbao_session"
FORM_FIELD = "form_key"
FORM_HEADER = "X-Form-Key"
OPEN_TO_ALL = {
    "static",
    "signing.show",
    "signing.sign_in",
    "service.get_health",
    "service.get_readiness",
    "service.get_schema",
    "service.get_openapi",
}
"""Endpoints that need no token."""


@dataclass(frozen=True)
class Caller:
    name: str
    admin: bool
    owner: str | None
    """Whose reports he sees; None: everybody's."""
    session: str | None = None
    """Secret of his browser's session; None where he has sent a token, or needs none."""

    @property
    def form_key(self) -> str | None:
        return form_key(self.session) if self.session else None


ALONE = Caller(LOCAL.name, admin=True, owner=LOCAL.name)
"""The one user of a service on this machine that has no tokens."""


def require_callers(app: Flask) -> None:
    """Let nobody in without a token or session, once there are tokens."""
    app.before_request(_require)
    app.context_processor(_shown)


def known_caller() -> Caller | None:
    """Who sends this request; None when that is nobody who may."""
    if "caller" not in g:
        g.caller = _identify()
    found: Caller | None = g.caller
    return found


def caller() -> Caller:
    """Who sends this request, which needs one."""
    found = known_caller()
    assert found is not None
    return found


def owner() -> str | None:
    """Whose reports this request may see; None: everybody's."""
    return caller().owner


def origin() -> Origin:
    """Who does something, and from where, for the audit log."""
    return Origin(caller().name, request.remote_addr)


def signature(by: str | None) -> str | None:
    """Who decides: the name that the token vouches for, before one that somebody has typed."""
    if caller() is ALONE:
        return by
    return f"{caller().name}（{by}）" if by else caller().name


def require_admin() -> None:
    if not caller().admin:
        raise ProblemError("admins-only")


def for_a_reader() -> bool:
    """Whether a browser wants a page to show, rather than a script or program an answer."""
    return (
        not request.path.startswith(MACHINE_PATHS)
        and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and request.accept_mimetypes.accept_html
    )


def _identify() -> Caller | None:
    access = reports().access
    if not context().public and not access.closed():
        return ALONE
    given = request.authorization
    if given is not None:
        return _caller(access.holder_of(given.token or "")) if given.type == "bearer" else None
    secret = request.cookies.get(COOKIE)
    return _caller(access.signed_in(secret), secret) if secret else None


def _caller(holder: Holder | None, session: str | None = None) -> Caller | None:
    if holder is None:
        return None
    admin = holder.role is Role.ADMIN
    return Caller(holder.name, admin, None if admin else holder.name, session)


def _shown() -> dict[str, object]:
    """What every page says of its reader; an error page must not ask the database, which may be what is wrong."""
    found: Caller | None = g.get("caller")
    return {"caller": found, "signed_in": found is not None and found.session is not None}


def _require() -> Response | None:
    if request.endpoint is None or request.endpoint in OPEN_TO_ALL:
        return None
    found = known_caller()
    if found is None:
        if for_a_reader():
            back = request.full_path.rstrip("?") if request.method == "GET" else "/"
            return redirect(f"/sign-in?{urlencode({'next': back})}", 303)
        raise ProblemError("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="nianbao"'})
    if found.form_key and request.method not in SAFE_METHODS:
        given = request.headers.get(FORM_HEADER) or request.form.get(FORM_FIELD, "")
        if not hmac.compare_digest(given.encode(), found.form_key.encode()):
            raise ProblemError("form-outdated")
    return None
