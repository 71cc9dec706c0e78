"""Room among the processes of one worker: many work side by side, or one alone."""

from __future__ import annotations

import fcntl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

DOOR, INSIDE = 0, 1
"""Places in the file: who waits at the door keeps it from those that come later."""
LOOK_SECONDS = 0.05


class Room:
    """Made by a worker before it forks. What a process holds goes with it, however it ends."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lasts as long as the worker

    @contextmanager
    def enter(self, alone: bool, patience: float) -> Iterator[bool]:
        """Whether there is room, after at most `patience` seconds: beside others, or with nobody else until it ends."""
        deadline = time.monotonic() + patience
        inside = False
        if self._lock(DOOR, fcntl.LOCK_EX, deadline):
            inside = self._lock(INSIDE, fcntl.LOCK_EX if alone else fcntl.LOCK_SH, deadline)
            self._unlock(DOOR)
        try:
            yield inside
        finally:
            self._unlock(INSIDE)

    def _lock(self, place: int, how: int, deadline: float) -> bool:
        """POSIX record locks, since these belong to a process; those of `flock` would be shared with its siblings."""
        while True:
            try:
                fcntl.lockf(self._file, how | fcntl.LOCK_NB, 1, place)
                return True
            except OSError:
                if time.monotonic() > deadline:
                    return False
                time.sleep(LOOK_SECONDS)

    def _unlock(self, place: int) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)
