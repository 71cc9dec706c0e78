"""The file in a request: a form field or the whole body, and its name."""

from __future__ import annotations

import contextlib
import unicodedata
from typing import IO

from flask import Request
from werkzeug.http import parse_options_header

from web.problems import ProblemError

LONGEST_NAME = 200
"""Characters; names are for people to read and never become paths."""
UNNAMED = "report"


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
