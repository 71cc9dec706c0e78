"""Paths as somebody types them, and the files that they stand for: single ones, those in folders and those in ZIPs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import ZipFile

from extractors.errors import DamagedFile, DocumentError
from extractors.sources import archives, kinds

ZIP_HEADS = (b"PK\x03\x04", b"PK\x05\x06")
"""Of a ZIP, and of one without files."""
OFFICE_FILE = "[Content_Types].xml"
"""A ZIP with this in it is a document of Word, Excel or PowerPoint (ECMA-376, Part 2)."""
LOCK = "~$"
"""Begins the names of files by which Word says that a document is open."""
IN_MEMORY = 8 << 20
"""Bytes of a file in a ZIP that are unpacked without a file on disk."""


@dataclass(frozen=True)
class Found:
    """A file to send: its name as it is shown, and how to open it, which raises DocumentError or OSError."""

    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]


@dataclass(frozen=True)
class Unreadable:
    """What is there but cannot be sent, and why."""

    name: str
    reason: str


def gather(paths: Sequence[Path], stack: ExitStack) -> Iterator[Found | Unreadable]:
    """The files, folder by folder in the order of their names; hidden ones only where they are named themselves.

    The stack holds the ZIPs, which stay open until the files have been read.
    """
    for path in paths:
        for file in _files_in(path) if path.is_dir() else [path]:
            yield from _opened(file, _readable(file.relative_to(path.parent).as_posix()), stack)


def _files_in(folder: Path) -> Iterator[Path]:
    """All files below a folder; links to folders, which may lead in circles, are not followed."""
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_furniture(name))
        yield from (Path(at, name) for name in sorted(names) if not _is_furniture(name))


def _is_furniture(name: str) -> bool:
    hidden = name.startswith((".", LOCK)) and name != ".."  # which leads out of a ZIP, and is refused
    return hidden or any(name == part.strip("/") for part in archives.FURNITURE)


def _readable(name: str) -> str:
    """The name as people read it; one that is no UTF-8 was unpacked from a ZIP of Chinese Windows, and is GBK."""
    raw = os.fsencode(name)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _opened(file: Path, name: str, stack: ExitStack) -> Iterator[Found | Unreadable]:
    """The file itself, or what is in it if it is a ZIP."""
    try:
        if file.exists() and not file.is_file():
            return  # a pipe or device, which has no end
        with file.open("rb") as opened:
            head = opened.read(1024)
        limits = archives.ArchiveLimits()
        archive = _archive(file, head, limits, stack) if head.startswith(ZIP_HEADS) else None
        if archive is None:
            yield Found(name, lambda: file.open("rb"))
            return
        for entry in archives.entries(archive, limits):
            if not any(map(_is_furniture, entry.name.split("/"))):
                yield Found(f"{name}/{entry.name}", _unpacking(archive, entry, limits))
    except OSError as error:
        yield Unreadable(name, f"It cannot be opened: {(error.strerror or str(error)).lower()}.")
    except DocumentError as error:
        yield Unreadable(name, error.message)


def _archive(file: Path, head: bytes, limits: archives.ArchiveLimits, stack: ExitStack) -> ZipFile | None:
    """The ZIP, or None where it is a document; raises DamagedFile where it is neither, LimitExceeded."""
    try:
        archive = stack.enter_context(archives.opened(stack.enter_context(file.open("rb")), limits))
    except DamagedFile:
        if kinds.sniff(head) == kinds.DOCX:
            return None
        raise
    return None if OFFICE_FILE in archive.namelist() else archive


def _unpacking(
    archive: ZipFile, entry: archives.Entry, limits: archives.ArchiveLimits
) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    @contextmanager
    def unpacked() -> Iterator[IO[bytes]]:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            file.writelines(archives.blocks(archive, entry, limits))
            file.seek(0)
            yield file

    return unpacked
