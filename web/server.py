"""The web server alone: waitress in front of the Flask application."""

from __future__ import annotations

from copy import copy
from typing import Any

import waitress
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask

from web.addresses import LOCAL_NAMES, LOOPBACK, require_tokens
from web.app import FORM_OVERHEAD, create_app
from web.errors import problem_of_status
from web.headers import HEADERS
from web.problems import MEDIA_TYPE
from web.uploads import BodyLimits
from workers.database import migrate
from workers.logs import set_up
from workers.settings import Settings


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """What the server itself refuses (too large, malformed) is answered as a problem, like everything else."""

    def execute(self) -> None:
        error = self.request.error
        limit = self.request.adj.max_request_body_size - FORM_OVERHEAD
        body = problem_of_status(error.code, limit).model_dump_json(exclude_none=True).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend([("Content-Type", MEDIA_TYPE), *HEADERS.items()])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def parser_for(limits: BodyLimits) -> type[HTTPRequestParser]:
    """Reads requests, of whose body no more is taken in than the application accepts."""

    class Parser(HTTPRequestParser):  # type: ignore[misc]
        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            self.adj: Any = copy(self.adj)
            self.adj.max_request_body_size = limits.of(self.command, self.path) + FORM_OVERHEAD

    return Parser


def _proxy(address: str | None) -> dict[str, object]:
    """Have waitress believe what a proxy says of the client's address and protocol."""
    if address is None:
        return {}
    return {
        "trusted_proxy": address,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
    }


def run_web(settings: Settings) -> None:
    """Serve until stopped; one process may die with its parent, nothing is kept in it."""
    set_up(settings.log_format)
    migrate(settings.sqlalchemy_url)
    require_tokens(settings)
    app = create_app(settings, trusted_hosts=LOCAL_NAMES if settings.host in LOOPBACK else None)
    HTTPChannel.error_task_class = ProblemTask
    HTTPChannel.parser_class = parser_for(app.config["BODY_LIMITS"])
    waitress.serve(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.web_threads,
        ident="nianbao",
        channel_timeout=60,
        clear_untrusted_proxy_headers=True,
        **_proxy(settings.trusted_proxy),
    )
