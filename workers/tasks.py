"""Celery tasks: each hands its message on to `workers.work`."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from celery import shared_task

from workers.logs import about
from workers.messages import ASSEMBLE, DRAW, OPEN, READ
from workers.runtime import Runtime
from workers.work import Work

log = logging.getLogger(__name__)


@cache
def _work(app: Any) -> Work:
    """The work of this process, with the settings that its application was made with, and the room of its worker."""
    return Runtime(app.settings, room=app.room).work


@contextmanager
def _message(task: Any, report_id: str, number: int | None = None) -> Iterator[Work]:
    """The work to do for a message; a line of the log says what it was about and how long it took."""
    started = time.monotonic()
    with about(report_id, number):
        event = task.name.removeprefix("nianbao.")
        try:
            yield _work(task.app)
        except Exception:
            log.exception("%s broke off", event)
            raise
        log.info(event, extra={"fields": {"seconds": round(time.monotonic() - started, 3)}})


@shared_task(name=OPEN, bind=True)
def open_report(self: Any, report_id: str) -> None:
    with _message(self, report_id) as work:
        work.open_report(report_id, self.request.id)


@shared_task(name=READ, bind=True)
def read_page(self: Any, report_id: str, number: int) -> None:
    with _message(self, report_id, number) as work:
        work.read_page(report_id, number, self.request.id)


@shared_task(name=ASSEMBLE, bind=True)
def assemble_report(self: Any, report_id: str) -> None:
    with _message(self, report_id) as work:
        work.assemble_report(report_id, self.request.id)


@shared_task(name=DRAW, bind=True)
def draw_page(self: Any, report_id: str, number: int) -> None:
    with _message(self, report_id, number) as work:
        work.draw_page(report_id, number)
