"""Lines of the log: what happened, to which report and page. Never any text of a report.

An exception is logged as its type and the places in the code that it came through: its message may quote a page.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from workers.settings import LogFormat

About = tuple[str | None, int | None]
_about: ContextVar[About] = ContextVar("about", default=(None, None))
LEVELS = {LogFormat.JSON: logging.INFO, LogFormat.TEXT: logging.WARNING}
"""Whoever collects JSON wants every piece of work and request; a person at a terminal, what is wrong."""


@contextmanager
def about(report: str | None, page: int | None = None) -> Iterator[None]:
    """Have every line that this thread logs within name the report and its page."""
    before = _about.set((report, page))
    try:
        yield
    finally:
        _about.reset(before)


def set_up(log_format: LogFormat | None) -> None:
    """Log to standard error; without a format, as text on a terminal and as JSON elsewhere."""
    chosen = log_format or (LogFormat.TEXT if sys.stderr.isatty() else LogFormat.JSON)
    handler = logging.StreamHandler()
    handler.setFormatter(FORMATTERS[chosen]())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for own in ("workers", "web"):
        logging.getLogger(own).setLevel(LEVELS[chosen])


class JsonLines(logging.Formatter):
    """One JSON object a line; report and page are null where a line is about none."""

    def format(self, record: logging.LogRecord) -> str:
        return _as_json(_fields(record))


class TextLines(logging.Formatter):
    """Time, level and event, what is known beside them, and the traceback on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        head = " ".join(str(fields.pop(name)) for name in ("time", "level", "event"))
        trace = fields.pop("traceback", [])
        rest = [f"{name}={_as_json(value)}" for name, value in fields.items() if value is not None]
        return "\n".join([" ".join([head, *rest]), *(f"    {place}" for place in trace)])


FORMATTERS: dict[LogFormat, type[logging.Formatter]] = {LogFormat.JSON: JsonLines, LogFormat.TEXT: TextLines}


def _as_json(value: Any) -> str:
    """On one line, whatever a request has put into a name."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says; a record's `fields` are added as they are."""
    report, page = _about.get()
    moment = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
    said: dict[str, Any] = {
        "time": moment.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": record.getMessage(),
        "logger": record.name,
        "report": report,
        "page": page,
        **getattr(record, "fields", {}),
    }
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        said["error"] = _kind(error)
        frames = traceback.extract_tb(error.__traceback__)
        said["traceback"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return said


def _kind(error: BaseException) -> str:
    """Type of an error and of what caused it; the system's own words of a disk or network are no report's text."""
    words = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{type(error).__name__}{words}" + (f" from {_kind(cause)}" if cause else "")
