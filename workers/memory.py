"""Stops worker processes that take too much memory, in the middle of a page."""

from __future__ import annotations

import contextlib
import logging
import time

import psutil

from workers.logs import about

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
"""Pause between two looks: what is allocated and filled in it is some hundred megabytes."""


class MemoryWatch:
    """Kills children of this process whose resident memory passes `limit` bytes, and knows what they worked on.

    Resident memory, because ONNX Runtime reserves addresses by the gigabyte which it never fills (so RLIMIT_AS
    would not do); from outside, because Celery looks at a child's memory only between two tasks.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._stopped: set[str] = set()

    def run(self) -> None:
        """Watch for as long as this process lives."""
        me = psutil.Process()
        while True:
            time.sleep(LOOK_SECONDS)
            for child in me.children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    if child.memory_info().rss > self._limit:
                        self._stop(child)

    def stopped(self, task_id: str) -> bool:
        """Whether the process that worked on this was stopped here; to be asked once."""
        known = task_id in self._stopped
        self._stopped.discard(task_id)
        return known

    def _stop(self, child: psutil.Process) -> None:
        from celery.worker import state

        tasks = [request for request in list(state.requests.values()) if request.worker_pid == child.pid]
        for work in [task.args for task in tasks] or [(None,)]:
            with about(*work):
                log.warning("process %s takes more than %s MB: it is stopped", child.pid, self._limit >> 20)
        self._stopped.update(task.id for task in tasks)  # before the kill: what happened is asked for at once after it
        child.kill()
