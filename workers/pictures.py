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
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from workers.failures import Failure

FORGET_SECONDS = 600.0
"""After so long a picture that could not be made is tried again: perhaps the disk was full."""


class Pictures(Protocol):
    """What a store keeps of pages, by the SHA-256 of the file and the page's number."""

    def find(self, sha256: str, number: int) -> Path | None:
        """A local path of the picture; None where there is none."""

    def keep(self, sha256: str, number: int, png: bytes) -> None:
        """Put a picture in its place, whole or not at all."""

    def attempt(self, sha256: str, number: int) -> AbstractContextManager[int]:
        """Be the one on this host who makes a picture: the number of this try, noted before it; 0 while another is
        at it."""

    def fail(self, sha256: str, number: int, failure: Failure) -> None:
        """Say why there is no picture, for FORGET_SECONDS."""

    def failure(self, sha256: str, number: int) -> Failure | None:
        """Why there is no picture and will be none for now."""

    def delete(self, sha256: str) -> None:
        """Remove all pictures of a file."""

    def files(self) -> Iterator[str]:
        """SHA-256 of every file that has pictures."""


class Tries:
    """Counts how often it was tried to make each picture: a byte a try in `<sha256>/<number>.tries`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def attempt(self, sha256: str, number: int) -> Iterator[int]:
        """See Pictures. The lock goes with the process that holds it, however that ends."""
        tries = self._place(sha256, number)
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

    def forget(self, sha256: str, number: int) -> None:
        """Begin to count anew."""
        self._place(sha256, number).unlink(missing_ok=True)

    def delete(self, sha256: str) -> None:
        """Forget all pages of a file."""
        shutil.rmtree(self._root / sha256[:2] / sha256, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what no longer counts."""
        for tries in self._root.glob("*/*/*.tries"):
            if _age(tries) > FORGET_SECONDS:
                tries.unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # there are others of this file
                    tries.parent.rmdir()

    def _place(self, sha256: str, number: int) -> Path:
        return self._root / sha256[:2] / sha256 / f"{number}.tries"


class PictureFolder:
    """`<sha256>/<number>.png` for each picture, or a refusal as `.json`, in subfolders by the first two digits."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tries = Tries(root)

    def find(self, sha256: str, number: int) -> Path | None:
        place = self._place(sha256, number, "png")
        return place if place.is_file() else None

    def keep(self, sha256: str, number: int, png: bytes) -> None:
        """It can be made again, and so is not synced."""
        _write(self._place(sha256, number, "png"), png)
        self._place(sha256, number, "json").unlink(missing_ok=True)
        self._tries.forget(sha256, number)

    def attempt(self, sha256: str, number: int) -> AbstractContextManager[int]:
        return self._tries.attempt(sha256, number)

    def fail(self, sha256: str, number: int, failure: Failure) -> None:
        _write(self._place(sha256, number, "json"), failure.model_dump_json().encode())

    def failure(self, sha256: str, number: int) -> Failure | None:
        refused = self._place(sha256, number, "json")
        with contextlib.suppress(FileNotFoundError):
            if _age(refused) <= FORGET_SECONDS:
                return Failure.model_validate_json(refused.read_bytes())
        return None

    def delete(self, sha256: str) -> None:
        shutil.rmtree(self._folder(sha256), ignore_errors=True)

    def files(self) -> Iterator[str]:
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
