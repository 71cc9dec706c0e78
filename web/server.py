"""The web server alone: waitress in front of the Flask application."""

from __future__ import annotations

from workers.database import migrate
from workers.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
"""What a browser on this machine may call the server: other names are somebody else's page pointing here."""


def run_web(settings: Settings) -> None:
    """Serve until stopped; one process may die with its parent, nothing is kept in it."""
    import logging

    import waitress

    from web.app import create_app

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    migrate(settings.sqlalchemy_url)
    app = create_app(settings, trusted_hosts=LOCAL_NAMES if settings.host in LOOPBACK else None)
    waitress.serve(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.web_threads,
        ident="nianbao",
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
        channel_timeout=60,
        clear_untrusted_proxy_headers=True,
    )
