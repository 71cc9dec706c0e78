"""What a request needs of the application."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import current_app

from web.problems import ProblemError
from workers.batches import Batches
from workers.reports import Reports

LONG_POLLS = 16
"""How many threads may hold a long poll at once; the rest of the server's threads stay free to answer."""

EXPORTS = 4
"""How many exports one process makes at once: each takes a thread for as long as its reader needs."""
EXPORT_RETRY = {"Retry-After": "10"}


@dataclass
class Context:
    reports: Reports
    public: bool = False
    """Whether other machines can reach it: then nobody gets in without a token."""
    polls: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(LONG_POLLS))
    exports: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(EXPORTS))


@contextmanager
def waiting_place() -> Iterator[bool]:
    """Whether this request may wait: False while too many threads wait already."""
    polls = context().polls
    free = polls.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            polls.release()


@contextmanager
def export_place() -> Iterator[None]:
    """Be one of the few exports that are made at once; raises ProblemError while there are enough."""
    places = context().exports
    if not places.acquire(blocking=False):
        raise ProblemError("busy-exporting", headers=EXPORT_RETRY)
    try:
        yield
    finally:
        places.release()


def context() -> Context:
    held = current_app.extensions["nianbao"]
    assert isinstance(held, Context)
    return held


def reports() -> Reports:
    return context().reports


def batches() -> Batches:
    return Batches(context().reports.runtime)
