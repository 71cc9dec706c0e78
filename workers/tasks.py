"""Celery tasks: each hands its message on to `workers.work`."""

from __future__ import annotations

from functools import cache
from typing import Any

from celery import shared_task

from workers.messages import ASSEMBLE, DRAW, OPEN, READ
from workers.runtime import Runtime
from workers.work import Work


@cache
def _work(app: Any) -> Work:
    """The work of this process, with the settings that its application was made with."""
    return Runtime(app.settings).work


@shared_task(name=OPEN, bind=True)
def open_report(self: Any, report_id: str) -> None:
    _work(self.app).open_report(report_id, self.request.id)


@shared_task(name=READ, bind=True)
def read_page(self: Any, report_id: str, number: int) -> None:
    _work(self.app).read_page(report_id, number, self.request.id)


@shared_task(name=ASSEMBLE, bind=True)
def assemble_report(self: Any, report_id: str) -> None:
    _work(self.app).assemble_report(report_id, self.request.id)


@shared_task(name=DRAW, bind=True)
def draw_page(self: Any, report_id: str, number: int) -> None:
    _work(self.app).draw_page(report_id, number)
