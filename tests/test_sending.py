"""Portions of a batch: against a service that is played."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from multiprocessing.pool import ThreadPool
from typing import IO, Any

import pytest

from web import sending
from web.gathering import Found
from web.remote import RemoteError
from web.sending import Sender
from web.submitting import Item


class Played:
    """Takes files into batches; `refusals` says by name what a request with this file in it is answered with."""

    def __init__(self, **refusals: RemoteError) -> None:
        self.portions: list[tuple[str | None, list[str]]] = []
        self.contents: dict[str, bytes] = {}
        self.known: list[tuple[str, list[tuple[str, str]]]] = []
        self.refusals = refusals
        self.there = True
        self._lock = threading.Lock()

    def send(self, files: Sequence[tuple[str, IO[bytes]]], batch: str | None) -> dict[str, Any]:
        names = [name for name, _ in files]
        with self._lock:
            for name, content in files:
                if name in self.refusals:
                    raise self.refusals[name]
                self.contents[name] = content.read()
            self.portions.append((batch, names))
        return {"id": batch or "b1"}

    def add(self, files: Sequence[tuple[str, str]], batch: str) -> None:
        self.known.append((batch, list(files)))

    def owner_of(self, batch: str) -> str:
        return "li"

    def refused(self, batch: str) -> Iterator[tuple[str, str]]:
        yield from (("2", f"Refused by {batch}."),)

    def answers(self) -> bool:
        return self.there


def items_of(count: int, size: int = 10) -> list[Item]:
    def item(number: int) -> Item:
        return Item(f"{number}", Found(f"{number}", lambda: nullcontext(io.BytesIO(b"%d" % number))), size=size)

    return [item(number) for number in range(count)]


def send(service: Played, items: Sequence[Item], batch: str | None = None) -> Sender:
    sender = Sender(service, batch)
    with ThreadPool(4) as pool:
        assert sorted(item.name for item in sender.send(items, pool)) == sorted(item.name for item in items)
    return sender


def test_all_go_into_one_batch_in_portions() -> None:
    service, items = Played(), items_of(230)
    assert send(service, items).batch == "b1"
    assert service.portions[0][0] is None and {batch for batch, _ in service.portions[1:]} == {"b1"}
    assert sorted(len(names) for _, names in service.portions) == [30, 50, 50, 50, 50]
    assert service.contents == {item.name: item.name.encode() for item in items}
    assert all(item.sent and item.problem is None for item in items)


def test_large_files_go_in_smaller_portions() -> None:
    service = Played()
    send(service, [*items_of(2, sending.PORTION_BYTES // 2), *items_of(1, sending.PORTION_BYTES * 3), *items_of(3)])
    assert sorted(len(names) for _, names in service.portions) == [1, 2, 3]


def test_an_existing_batch_is_added_to() -> None:
    service = Played()
    assert send(service, items_of(60), "b7").batch == "b7"
    assert {batch for batch, _ in service.portions} == {"b7"}


@pytest.mark.parametrize("status", [400, 413, 415, 422, 500])
def test_a_portion_that_is_refused_is_sent_one_by_one(status: int) -> None:
    service, items = Played(**{"3": RemoteError("Too large.", status)}), items_of(60)
    assert send(service, items).batch == "b1"
    assert [item.name for item in items if not item.sent] == ["3"] and items[3].problem == "Too large."
    assert len(service.contents) == 59


def test_the_batch_is_made_by_the_first_portion_that_is_taken() -> None:
    refusal = RemoteError("No.", 422)
    service, items = Played(**{f"{number}": refusal for number in range(50)}), items_of(110)
    assert send(service, items).batch == "b1"
    assert service.portions[0] == (None, [f"{number}" for number in range(50, 100)])
    nothing = Sender(Played(**{"0": refusal}))
    with ThreadPool(1) as pool:
        list(nothing.send(items_of(1), pool))
    assert nothing.batch is None


@pytest.mark.parametrize("status", [401, 404, 409, 429, 503])
def test_a_service_that_takes_nothing_ends_it(status: int) -> None:
    service = Played(**{"55": RemoteError("Not now.", status)})
    with pytest.raises(RemoteError, match="Not now"):
        send(service, items_of(60))
    assert len(service.contents) >= 50


def test_a_connection_that_breaks_is_the_fault_of_the_file_only_if_the_service_answers() -> None:
    service, items = Played(**{"1": RemoteError("It broke off.")}), items_of(3)
    send(service, items)
    assert [item.problem for item in items] == [None, "It broke off.", None]
    service.there = False
    with pytest.raises(RemoteError):
        send(service, items_of(3))


def test_a_file_that_has_gone_meanwhile_is_told() -> None:
    def gone() -> Any:
        raise FileNotFoundError(2, "No such file or directory")

    service, items = Played(), items_of(3)
    items[1].file = Found("1", gone)
    send(service, items)
    assert [item.sent for item in items] == [True, False, True]
    assert items[1].problem == "It cannot be read: no such file or directory."
    lonely = Item("x", Found("x", gone))
    send(service, [lonely])
    assert not lonely.sent and lonely.problem


def test_what_was_sent_and_has_no_report_was_refused() -> None:
    service, items = Played(), items_of(4)
    sender = send(service, items)
    for item in items[:2]:
        item.report = {"id": "r"}
    sender.note_refused(items)
    assert [(item.sent, item.problem) for item in items] == [
        (True, None),
        (True, None),
        (False, "Refused by b1."),
        (False, sending.LOST),
    ]


def test_what_the_service_has_already_is_listed_in_the_batch() -> None:
    service, items = Played(), items_of(1200)
    for item in items[:1100]:
        item.report = {"id": f"r{item.name}", "owner": "li"}
    items[0].sent = True
    items[1].report = {"id": "other", "owner": "wang"}
    Sender(service, "b1").add_known(items)
    assert [(batch, len(files)) for batch, files in service.known] == [("b1", 500), ("b1", 500), ("b1", 98)]
    assert service.known[0][1][0] == ("2", "r2")
    Sender(service).add_known(items)
    assert len(service.known) == 3, "where nothing was sent there is no batch"
