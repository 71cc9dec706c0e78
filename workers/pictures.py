"""Pictures of pages: kept beside the files, made by workers when somebody asks.

The web server's threads may not open files (PyMuPDF is not thread-safe): they look here, send for what is
not there, and wait a little.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workers.failures import SET_ASIDE, Failure

FORGET_SECONDS = 600.0
"""After so long a picture that could not be made is tried again: perhaps the disk was full."""


class PictureFolder:
    """`<sha256>/<number>.png` for each picture, in subfolders by the first two digits."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, sha256: str, number: int) -> Path | None:
        place = self._place(sha256, number, "png")
        return place if place.is_file() else None

    def keep(self, sha256: str, number: int, png: bytes) -> None:
        """Put a picture in its place, whole or not at all; it can be made again, and so is not synced."""
        _write(self._place(sha256, number, "png"), png)
        for extension in ("tries", "json"):
            self._place(sha256, number, extension).unlink(missing_ok=True)

    @contextmanager
    def attempt(self, sha256: str, number: int) -> Iterator[int]:
        """Be the one who makes a picture: the number of this try, noted before it; 0 while another is at it.

        The lock goes with the process that holds it, however that ends.
        """
        tries = self._place(sha256, number, "tries")
        if _age(tries) > FORGET_SECONDS:
            tries.unlink(missing_ok=True)
        tries.parent.mkdir(parents=True, exist_ok=True)
        with tries.open("ab", buffering=0) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield 0
                return
            file.write(b".")
            yield file.tell()

    def fail(self, sha256: str, number: int, failure: Failure) -> None:
        """Say why there is no picture."""
        _write(self._place(sha256, number, "json"), failure.model_dump_json().encode())

    def failure(self, sha256: str, number: int, attempts: int) -> Failure | None:
        """Why there is no picture and will be none for now: it was refused, or tried `attempts` times."""
        refused, tries = self._place(sha256, number, "json"), self._place(sha256, number, "tries")
        with contextlib.suppress(FileNotFoundError):
            if _age(refused) <= FORGET_SECONDS:
                return Failure.model_validate_json(refused.read_bytes())
            if _age(tries) <= FORGET_SECONDS and tries.stat().st_size > attempts:
                return SET_ASIDE[None]
        return None

    def delete(self, sha256: str) -> None:
        """Remove all pictures of a file."""
        shutil.rmtree(self._folder(sha256), ignore_errors=True)

    def files(self) -> Iterator[str]:
        """SHA-256 of every file that has pictures."""
        return (folder.name for folder in self._root.glob("[0-9a-f][0-9a-f]/*"))

    def _folder(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256

    def _place(self, sha256: str, number: int, extension: str) -> Path:
        return self._folder(sha256) / f"{number}.{extension}"


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(place)


def _age(file: Path) -> float:
    """Seconds since it was last written; endless where it is not there.

    One that was written before the clock was put back is as old as it would be had the clock been put on.
    """
    try:
        return abs(time.time() - file.stat().st_mtime)
    except FileNotFoundError:
        return float("inf")
