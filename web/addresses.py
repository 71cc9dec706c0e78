"""Addresses of this machine alone, and who may listen on others."""

from __future__ import annotations

from workers.runtime import Runtime
from workers.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
"""What a browser on this machine may call the server: other names are somebody else's page pointing here."""


class Unguarded(Exception):
    """The service would let in everybody; the message says what to do."""


def require_tokens(settings: Settings) -> None:
    """Raise Unguarded where other machines could get in and nobody has a token; the tables must be there."""
    if settings.host in LOOPBACK or Runtime(settings).access.has_tokens():
        return
    raise Unguarded(
        f"On {settings.host} anyone could read the reports: there are no access tokens yet. Make one with "
        "`nianbao token create NAME --admin` (on the same database), or listen on this machine only (127.0.0.1)."
    )
