"""Ends a worker that no longer consumes though its queue answers, so that whoever started it starts it again.

Seen after a restart of Redis (Celery's issues 8030, 8091 and 10205): the worker is connected, and takes nothing.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from workers.forks import no_fork

log = logging.getLogger(__name__)

LOOKS = 6
"""So often in a row a worker must be found idle while messages wait."""


class Watchdog:
    """Looks whether this worker takes what waits; `waiting` counts the messages in its queues (None: no answer).

    `seconds` should be more than the 30 for which Celery may wait until it connects again.
    """

    def __init__(self, waiting: Callable[[], int | None], seconds: float) -> None:
        self._waiting = waiting
        self._pause = seconds / LOOKS
        self._taken = -1
        self._idle = 0

    def run(self, stop: threading.Event) -> None:
        """Watch until told to stop. A process that is idle for too long ends here: it has no work at hand."""
        while not stop.wait(self._pause):
            with no_fork():
                stalled = self.stalled()
            if stalled:
                log.error("messages wait, and this worker takes none: it ends, to be started again")
                os._exit(1)

    def stalled(self) -> bool:
        """Look once more; True when this was once too often."""
        from celery.worker import state

        taken, busy = state.all_total_count[0], bool(state.requests)
        idle = not busy and taken == self._taken and bool(self._waiting())
        self._taken = taken
        self._idle = self._idle + 1 if idle else 0
        return self._idle >= LOOKS
