"""How often one caller may ask: counted in the Redis of the queue, or in this process while there is none."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, request
from flask_limiter import Limiter, RateLimitExceeded

from web.callers import ALONE, known_caller
from web.errors import answer
from web.problems import make_problem
from workers.settings import Settings

UNCOUNTED = {"static", "service.get_health", "service.get_readiness"}
UPLOADS = ("reports.submit_report", "pages.upload")
SIGN_INS = ("signing.sign_in",)
IN_MEMORY = "memory://"
WINDOW_SECONDS = 60


def limit_rates(app: Flask, settings: Settings) -> None:
    """Count every request; call it when all routes are there."""
    storage = storage_of(settings.broker_url)
    limiter = Limiter(
        key_func=_asker,
        application_limits=[f"{settings.requests_per_minute}/minute"],
        application_limits_exempt_when=lambda: request.endpoint in UNCOUNTED,
        storage_uri=storage,
        storage_options={} if storage == IN_MEMORY else {"socket_connect_timeout": 1, "socket_timeout": 2},
        in_memory_fallback_enabled=storage != IN_MEMORY,
        swallow_errors=True,  # of several requests that find Redis gone at once it falls back for the first only
        key_prefix=f"{settings.key_prefix}rates",
    )
    uploads = limiter.shared_limit(f"{settings.uploads_per_minute}/minute", scope="uploads")
    sign_ins = limiter.shared_limit(f"{settings.sign_ins_per_minute}/minute", scope="sign-ins", key_func=_address)
    for limited, endpoints in ((uploads, UPLOADS), (sign_ins, SIGN_INS)):
        for endpoint in endpoints:
            app.view_functions[endpoint] = limited(app.view_functions[endpoint])  # type: ignore[assignment]
    limiter.init_app(app)

    def refuse(_: RateLimitExceeded) -> Response:
        breached = limiter.current_limit
        seconds = min(max(1, breached.reset_at - int(time.time())), WINDOW_SECONDS) if breached else WINDOW_SECONDS
        return answer(make_problem("too-many-requests"), {"Retry-After": str(seconds)})

    app.register_error_handler(RateLimitExceeded, refuse)


def storage_of(broker_url: str | None) -> str:
    """The place of the counts as the `limits` library names it; in memory where the broker is no Redis."""
    parts = urlsplit(broker_url or "")
    if parts.scheme in ("redis", "rediss"):
        return broker_url or IN_MEMORY
    if parts.scheme == "redis+socket":
        return f"redis+unix://{parts.path}?db={parse_qs(parts.query).get('virtual_host', ['0'])[0]}"
    return IN_MEMORY


def _asker() -> str:
    """The holder of the token; without one, the address."""
    found = known_caller()
    return _address() if found is None or found is ALONE else f"{_hour()} name {found.name}"


def _address() -> str:
    return f"{_hour()} address {request.remote_addr or 'unknown'}"


def _hour() -> int:
    """Part of a count's name: what was counted before the clock was put back would hold for too long."""
    return int(time.time() // 3600)
