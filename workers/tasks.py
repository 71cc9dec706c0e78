"""Celery tasks: each hands its message on to `workers.work`."""

from __future__ import annotations

from functools import cache

from celery import shared_task

from workers.messages import ASSEMBLE, OPEN, READ
from workers.runtime import Runtime
from workers.settings import Settings
from workers.work import Work


@cache
def work() -> Work:
    """The work of this process; settings come from the environment."""
    return Runtime(Settings()).work


@shared_task(name=OPEN)
def open_report(report_id: str) -> None:
    work().open_report(report_id)


@shared_task(name=READ)
def read_page(report_id: str, number: int) -> None:
    work().read_page(report_id, number)


@shared_task(name=ASSEMBLE)
def assemble_report(report_id: str) -> None:
    work().assemble_report(report_id)
