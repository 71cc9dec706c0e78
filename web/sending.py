"""Files sent as one batch, a portion of them at a time and several portions at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from multiprocessing.pool import ThreadPool
from typing import IO, Any, Protocol

from extractors.errors import DocumentError
from web.remote import RemoteError
from web.submitting import Item, unreadable

PORTION_FILES, PORTION_BYTES = 50, 16 << 20
"""The most that goes in one request; a larger file goes alone."""
KNOWN_AT_ONCE = 500
"""Names that go in one request."""
REFUSES_SOME = frozenset({400, 413, 415, 422, 500})
"""Statuses that refuse these files; others would refuse any."""
LOST = "The service has taken it, and has no report of it."


class Batches(Protocol):
    """What of `web.remote.Remote` is needed here."""

    def send(self, files: Sequence[tuple[str, IO[bytes]]], batch: str | None) -> dict[str, Any]: ...

    def add(self, files: Sequence[tuple[str, str]], batch: str) -> None: ...

    def owner_of(self, batch: str) -> str: ...

    def refused(self, batch: str) -> Iterator[tuple[str, str]]: ...

    def answers(self) -> bool: ...


class Sender:
    """Sends to a batch; without one the first portion that is taken makes one."""

    def __init__(self, service: Batches, batch: str | None = None) -> None:
        self._service = service
        self.batch = batch

    def send(self, items: Iterable[Item], pool: ThreadPool) -> Iterator[Item]:
        """Each file when it has been sent or refused; raises RemoteError when the service takes no files at all."""
        portions = _portions(items)
        while self.batch is None and (portion := next(portions, None)):
            yield from self._send(portion)
        for sent in pool.imap(self._send, portions):
            yield from sent

    def note_refused(self, items: Iterable[Item]) -> None:
        """Of files that were sent and have no report: why the service has refused them."""
        left = [item for item in items if item.sent and item.report is None]
        reasons = dict(self._service.refused(self.batch)) if left and self.batch else {}
        for item in left:
            item.sent, item.problem = False, reasons.get(item.name, LOST)

    def add_known(self, items: Sequence[Item]) -> None:
        """Have the batch list those too that were not sent, as its owner has their reports; an admin sees others'."""
        there = [(item.name, item.report) for item in items if item.report and not item.sent]
        if self.batch is None or not there:
            return
        owner = self._service.owner_of(self.batch)
        known = [(name, str(report["id"])) for name, report in there if report["owner"] == owner]
        for first in range(0, len(known), KNOWN_AT_ONCE):
            self._service.add(known[first : first + KNOWN_AT_ONCE], self.batch)

    def _send(self, portion: Sequence[Item]) -> Sequence[Item]:
        """Send some files together; where they are refused together, one by one."""
        with ExitStack() as stack:
            opened = [(item, content) for item in portion if (content := _opened(item, stack)) is not None]
            if not opened:
                return portion
            try:
                made = self._service.send([(item.name, content) for item, content in opened], self.batch)
            except RemoteError as error:
                if error.status not in REFUSES_SOME and not (error.status is None and self._service.answers()):
                    raise
                refusal = str(error)
            else:
                self.batch = self.batch or str(made["id"])
                for item, _ in opened:
                    item.sent = True
                return portion
        if len(portion) == 1:
            portion[0].problem = refusal
            return portion
        return [item for one in portion for item in self._send([one])]


def _opened(item: Item, stack: ExitStack) -> IO[bytes] | None:
    """The file, or None where it can no longer be read, which the item says."""
    assert item.file is not None
    try:
        return stack.enter_context(item.file.open())
    except (DocumentError, OSError) as error:
        item.problem = unreadable(error)
        return None


def _portions(items: Iterable[Item]) -> Iterator[Sequence[Item]]:
    portion: list[Item] = []
    for item in items:
        if portion and (len(portion) == PORTION_FILES or sum(one.size for one in portion) + item.size > PORTION_BYTES):
            yield portion
            portion = []
        portion.append(item)
    if portion:
        yield portion
