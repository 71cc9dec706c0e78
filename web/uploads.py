"""The files in a request: form fields or the whole body, and their names."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from flask import Request
from werkzeug.http import parse_options_header

from web.models import API
from web.problems import ProblemError
from workers.batch_intake import UNNAMED, Sent

MEGABYTE = 1024 * 1024
LONGEST_NAME = 200
"""Characters; names are for people to read and never become paths."""
TAKES_FILES = re.compile(rf"{API}/reports")
TAKES_BATCHES = re.compile(rf"/|{API}/batches(?:/[^/]+/files)?")
"""Paths of what may be sent as a batch, and so be larger than one file."""


@dataclass(frozen=True)
class BodyLimits:
    """How many bytes may be sent in one request."""

    file: int
    batch: int
    other: int = 2 * MEGABYTE
    """Of what is no upload: it is read into memory whole, where JSON may take thirty times its room."""

    def of(self, method: str, path: str) -> int:
        """By what is sent to this address."""
        if method == "POST" and TAKES_BATCHES.fullmatch(path):
            return self.batch
        return self.file if method == "POST" and TAKES_FILES.fullmatch(path) else self.other


class UploadRequest(Request):
    """A request with its files on the disk: a form may have a thousand, too many to be in memory or open at once."""

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return cast(IO[bytes], Parked())


class Parked(io.RawIOBase):
    """A temporary file that is open only while it is written or read."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="nianbao-")
        self._path, self._place = Path(name), 0
        self._file: io.FileIO | None = io.FileIO(handle, "r+b")

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._opened().readinto(buffer)
        if not count and len(buffer):
            self._park()
        return count or 0

    def write(self, data: Any) -> int:
        return self._opened().write(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        place = self._opened().seek(offset, whence)
        self._park()
        return place

    def tell(self) -> int:
        return self._place if self._file is None else self._file.tell()

    def close(self) -> None:
        if not self.closed:
            self._park()
            self._path.unlink(missing_ok=True)
        super().close()

    def _opened(self) -> io.FileIO:
        if self._file is None:
            self._file = io.FileIO(self._path, "r+b")
            self._file.seek(self._place)
        return self._file

    def _park(self) -> None:
        if self._file is not None:
            self._place = self._file.tell()
            self._file.close()
            self._file = None


def uploaded_file(request: Request) -> tuple[IO[bytes], str]:
    """The bytes as a stream, and the file's name; raises ProblemError when there is none."""
    if request.mimetype == "multipart/form-data":
        part = request.files.get("file")
        if part is None or not (part.filename or _has_bytes(part.stream)):
            raise ProblemError("file-missing")
        return part.stream, clean_name(part.filename or "")
    if request.content_length is None and "chunked" not in request.headers.get("Transfer-Encoding", ""):
        raise ProblemError("file-missing")
    return request.stream, name_in(request.headers.get("Content-Disposition", ""))


@contextlib.contextmanager
def sent_files(request: Request) -> Iterator[list[Sent]]:
    """All files of a request, by the names that they were sent with; raises ProblemError when there are none."""
    if request.mimetype == "multipart/form-data":
        parts = [part for part in request.files.getlist("file") if part.filename or _has_bytes(part.stream)]
        if not parts:
            raise ProblemError("file-missing")
        yield [(part.filename or UNNAMED, part.stream) for part in parts]
        return
    stream, name = uploaded_file(request)
    with tempfile.TemporaryFile() as body:
        shutil.copyfileobj(stream, body)
        body.seek(0)
        yield [(name, body)]


def name_in(disposition: str) -> str:
    """The file name of a Content-Disposition header (RFC 6266, `filename*` included)."""
    if not disposition:
        return UNNAMED
    # WSGI hands headers over as Latin-1; clients that send UTF-8 bytes unescaped mean UTF-8
    with contextlib.suppress(UnicodeError):
        disposition = disposition.encode("latin-1").decode("utf-8")
    return clean_name(parse_options_header(disposition)[1].get("filename", ""))


def clean_name(name: str) -> str:
    """The last part of a path, without control characters, at most LONGEST_NAME characters long."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()
    if len(shown) > LONGEST_NAME:
        stem, dot, extension = shown.rpartition(".")
        keep = LONGEST_NAME - len(extension) - 1
        shown = f"{stem[:keep]}.{extension}" if dot and keep > 0 else shown[:LONGEST_NAME]
    return shown or UNNAMED


def _has_bytes(stream: IO[bytes]) -> bool:
    first = stream.read(1)
    stream.seek(0)
    return bool(first)
