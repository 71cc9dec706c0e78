"""Copies of files that lie elsewhere, in a folder of this host."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

UNUSED_SECONDS = 3600.0
"""After so long without use a copy goes even where there is room: its report may have been deleted on another host."""


class FileCache:
    """Whole copies by name, and no more than `limit` bytes of them beside those in use.

    Several processes may share the folder. Who has asked for a copy finds it there for at least `use_seconds`.
    """

    def __init__(self, root: Path, limit: int, use_seconds: float) -> None:
        self._root, self._limit, self._use_seconds = root, limit, use_seconds

    def get(self, name: str, fetch: Callable[[IO[bytes]], None]) -> Path:
        """The copy's path, after `fetch` has written it where there is none; what `fetch` raises leaves nothing."""
        place = self._root / name[:2] / name
        with self._locked(fcntl.LOCK_SH), contextlib.suppress(FileNotFoundError):
            os.utime(place)
            return place
        with self.incoming() as file:
            fetch(file)
            file.flush()
            place.parent.mkdir(parents=True, exist_ok=True)
            Path(file.name).replace(place)
        self.make_room()
        return place

    @contextmanager
    def incoming(self) -> Iterator[IO[bytes]]:
        """A temporary file beside the copies, gone at the end unless it has been moved."""
        folder = self._root / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            try:
                yield file
            finally:
                Path(file.name).unlink(missing_ok=True)

    def delete(self, prefix: str) -> None:
        """Remove the copies whose names begin so."""
        for place in (self._root / prefix[:2]).glob(f"{prefix}*"):
            place.unlink(missing_ok=True)

    def make_room(self) -> None:
        """Remove what has long not been used, and then what was used least lately, down to the limit."""
        with self._locked(fcntl.LOCK_EX):
            copies = sorted((s.st_mtime, s.st_size, place) for place, s in self._copies())
            size = sum(size for _, size, _ in copies)
            for used, bytes_, place in copies:
                unused = time.time() - used
                if unused <= self._use_seconds or (unused <= UNUSED_SECONDS and size <= self._limit):
                    break
                place.unlink(missing_ok=True)
                size -= bytes_

    def sweep(self, stale_seconds: float) -> None:
        """Remove temporary files that a killed process has left, and make room."""
        for file in (self._root / "incoming").glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime > stale_seconds:
                    file.unlink()
        self.make_room()

    def _copies(self) -> Iterator[tuple[Path, os.stat_result]]:
        for place in self._root.glob("[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(FileNotFoundError):
                yield place, place.stat()

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Shared while a copy is said to be in use, exclusive while room is made: so that none goes just then."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / "lock").open("ab") as file:
            fcntl.flock(file, how)
            yield
