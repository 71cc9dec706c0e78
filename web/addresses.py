"""Addresses of this machine alone."""

from __future__ import annotations

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
"""What a browser on this machine may call the server: other names are somebody else's page pointing here."""
