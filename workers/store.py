"""Uploaded files by their SHA-256: what any store of them does, and the store in a folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from extractors.limits import Limits
from extractors.sources import judge
from workers.pictures import PictureFolder, Pictures

BLOCK = 1 << 20
STALE_SECONDS = 3600.0
"""An upload that has lain unfinished for so long was interrupted."""


class Staged(Protocol):
    """An upload that is safely on disk but not yet kept under its name."""

    sha256: str
    size: int
    media_type: str

    def keep(self) -> None:
        """Make the file available under its SHA-256; may be called again, which costs little if it still is."""


class Store(Protocol):
    """Keeps files by content, and pictures of their pages; several hosts may share one.

    Each method may raise StoreAway.
    """

    @property
    def pictures(self) -> Pictures: ...

    def stage(self, stream: IO[bytes], limits: Limits) -> contextlib.AbstractContextManager[Staged]:
        """Take in an upload; raises DocumentError when it is empty, too large or of no known kind."""

    def path(self, sha256: str) -> Path:
        """A local path of the file, good for as long as any work may take; raises FileNotFoundError."""

    def delete(self, sha256: str) -> None:
        """Remove the file and its pictures, if they are there."""

    def old_files(self) -> Iterator[str]:
        """SHA-256 of every file that was kept more than STALE_SECONDS ago."""

    def sweep(self) -> None:
        """Remove what interrupted uploads have left."""

    def check(self) -> None:
        """Raise OSError when nothing can be written."""


class FolderStore:
    """Files in a folder, in subfolders by the first two digits of their SHA-256."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self.pictures = PictureFolder(root / "pictures")

    @contextmanager
    def stage(self, stream: IO[bytes], limits: Limits) -> Iterator[StagedFile]:
        self._incoming.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(handle, "wb") as file:  # not open for longer: thousands may be staged at once
                upload = receive(stream, file, limits)
                os.fsync(file.fileno())
            yield StagedFile(Path(name), self._place(upload.sha256), upload)
        finally:
            Path(name).unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        place = self._place(sha256)
        if not place.is_file():
            raise FileNotFoundError(place.name)
        return place

    def delete(self, sha256: str) -> None:
        self._place(sha256).unlink(missing_ok=True)
        self.pictures.delete(sha256)

    def check(self) -> None:
        self._incoming.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._incoming) as file:
            file.write(b"ok")

    def old_files(self) -> Iterator[str]:
        return (file.name for file in self._root.glob("[0-9a-f][0-9a-f]/*") if _is_old(file))

    def sweep(self) -> None:
        for file in self._incoming.glob("*"):
            if _is_old(file):
                file.unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256


class StagedFile:
    """A synced temporary file on its way to its place."""

    def __init__(self, temporary: Path, place: Path, upload: Received) -> None:
        self._temporary, self._place = temporary, place
        self.sha256, self.size, self.media_type = upload.sha256, upload.size, upload.media_type
        self._synced = False

    def keep(self) -> None:
        """Link it into its place, and sync the folder so that the name survives a power cut."""
        if self._synced and self._place.exists() and self._place.samefile(self._temporary):
            return
        if not self._place.parent.is_dir():
            self._place.parent.mkdir(parents=True, exist_ok=True)
            _sync(self._place.parent.parent)
        with contextlib.suppress(FileExistsError):
            os.link(self._temporary, self._place)
        _sync(self._place.parent)
        self._synced = True


@dataclass(frozen=True)
class Received:
    """What is known of an upload that has come in whole."""

    sha256: str
    size: int
    media_type: str


def receive(stream: IO[bytes], file: IO[bytes], limits: Limits) -> Received:
    """Copy an upload, up to a block more than the limit, and judge it; raises DocumentError."""
    digest, size, head = hashlib.sha256(), 0, b""
    while size <= limits.max_bytes and (block := stream.read(BLOCK)):
        if len(head) < 1024:
            head += block[: 1024 - len(head)]
        digest.update(block)
        file.write(block)
        size += len(block)
    file.flush()
    return Received(digest.hexdigest(), size, judge(head, size, limits))


def _is_old(file: Path) -> bool:
    """Since when it was linked or last written; False when it has just gone."""
    try:
        return time.time() - file.stat().st_ctime > STALE_SECONDS
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
