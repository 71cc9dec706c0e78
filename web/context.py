"""What a request needs of the application."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import current_app

from workers.batches import Batches
from workers.reports import Reports

LONG_POLLS = 16
"""How many threads may hold a long poll at once; the rest of the server's threads stay free to answer."""


@dataclass
class Context:
    reports: Reports
    public: bool = False
    """Whether other machines can reach it: then nobody gets in without a token."""
    polls: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(LONG_POLLS))


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


def context() -> Context:
    held = current_app.extensions["nianbao"]
    assert isinstance(held, Context)
    return held


def reports() -> Reports:
    return context().reports


def batches() -> Batches:
    return Batches(context().reports.runtime)
