"""Who works beside others on a worker, and who alone."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors.report import Result
from tests.workers_support import Start, eventually, report_pdf
from workers.failures import SET_ASIDE
from workers.room import Room


class Rooms:
    """Processes that have come from one, and are in its room until they are killed."""

    def __init__(self) -> None:
        self.room = Room()
        self.inside: list[int] = []

    def enter(self, alone: bool, patience: float = 0.2) -> bool:
        """Have another process try to enter."""
        told, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            with self.room.enter(alone, patience) as free:
                os.write(tell, b"y" if free else b"n")
                signal.pause()
        self.inside.append(pid)
        os.close(tell)
        entered = os.read(told, 1) == b"y"
        os.close(told)
        if not entered:
            self.kill()
        return entered

    def kill(self) -> None:
        """The last one that has come."""
        pid = self.inside.pop()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    made = Rooms()
    yield made
    while made.inside:
        made.kill()


def test_many_are_in_a_room_or_one_alone(rooms: Rooms) -> None:
    assert rooms.enter(alone=False) and rooms.enter(alone=False)
    assert not rooms.enter(alone=True)
    rooms.kill()
    rooms.kill()
    assert rooms.enter(alone=True)
    assert not rooms.enter(alone=False) and not rooms.enter(alone=True)
    rooms.kill()
    assert rooms.enter(alone=False)


def test_who_waits_to_be_alone_is_not_passed_by(rooms: Rooms) -> None:
    assert rooms.enter(alone=False)
    pid = os.fork()
    if pid == 0:
        with rooms.room.enter(alone=True, patience=30):
            signal.pause()
    time.sleep(0.5)
    assert not rooms.enter(alone=False)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert rooms.enter(alone=False)


@pytest.mark.service
def test_what_brings_down_its_worker_is_set_aside_and_not_what_was_read_beside_it(start: Start, tmp_path: Path) -> None:
    """Page 1 kills the worker with all its processes whenever it is read; the others are in hand at that moment."""
    service = start(workers=3, page_seconds=8, lease_margin=1, reconcile_seconds=0.3)
    poison = "time.sleep(1.5)\n        if number == 1: os.kill(os.getppid(), signal.SIGKILL)"
    view = service.submit(report_pdf(tmp_path / "年报.pdf", pages=3))
    worker: subprocess.Popen[bytes] | None = None

    def finished() -> bool:
        nonlocal worker
        if worker is None or worker.poll() is not None:  # as whoever supervises it would
            service.reports.release_claims()
            worker = service.start_worker(poison)
        return service.reports.get(view.id).finished_at is not None

    eventually(finished, 120)
    assert service.reports.get(view.id).status == "partial"
    pages = Result.model_validate_json(service.reports.result(view.id)).document.pages
    assert [page.error for page in pages] == [SET_ASIDE[None].message_zh, None, None]
    assert service.times_read(1) == service.settings.attempts
