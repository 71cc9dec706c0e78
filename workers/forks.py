"""No fork in the midst of a thread's work: what is locked at that moment stays locked in the child, for ever.

SQLite has such locks, as have the clients of PostgreSQL, Redis and S3. A worker forks whenever a process of its own was
lost, while its reconciler and its watchdog, which are threads, ask all of these.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 10.0
"""Seconds that a fork waits for the threads; then a child that hangs, which limits end, is better than a worker that
does."""


class _Gate:
    """Held by a thread at work, or by a fork."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._forking = False

    def before(self) -> None:
        self._forking = self.lock.acquire(timeout=PATIENCE)

    def in_parent(self) -> None:
        if self._forking:
            self.lock.release()

    def in_child(self) -> None:
        self.lock = threading.RLock()


_gate = _Gate()
os.register_at_fork(before=_gate.before, after_in_parent=_gate.in_parent, after_in_child=_gate.in_child)


@contextmanager
def no_fork() -> Iterator[None]:
    """A thread's work that takes some milliseconds, and that no fork should come in between."""
    with _gate.lock:
        yield
