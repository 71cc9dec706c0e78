"""Headers of every answer, and the refusal of changes that another site's page asks for."""

from __future__ import annotations

from flask import Flask, Request, Response, request

from web.problems import ProblemError

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ONLY_HTTPS = "max-age=31536000"
"""For a year browsers that have come by HTTPS come by nothing else."""
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def protect(app: Flask) -> None:
    """Refuse cross-site changes before, and set the headers after, every request."""
    app.before_request(_refuse_cross_site)
    app.after_request(_set_headers)


def from_another_site(request: Request) -> bool:
    """Whether a browser says that a page of another origin sent this request.

    Browsers send Sec-Fetch-Site, older ones Origin; what is no browser sends neither.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin", "")
    return bool(origin) and origin.partition("://")[2] != request.host


def _refuse_cross_site() -> None:
    if request.method not in SAFE_METHODS and from_another_site(request):
        raise ProblemError("cross-site")


def _set_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", ONLY_HTTPS)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
