"""Many files and what a service knows of them: which it has already, and how far it has come with each."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from typing import Any, Protocol

from extractors.errors import DocumentError, UnsupportedType
from extractors.limits import Limits
from extractors.sources import judge
from web.gathering import Found, Unreadable
from web.remote import RemoteError

AT_ONCE = 50
"""Reports that are asked for in one request, by ids or hashes: an address of 4,000 characters."""
PAUSE, LONGEST_WAIT = 1.0, 20
"""Seconds between two looks at what is being read, and the longest that one look waits for a change."""
ENDED = frozenset({"succeeded", "partial", "failed", "canceled"})
NO_LIMIT = Limits(max_bytes=sys.maxsize)
"""How large a file may be is for the service to say."""
NO_REPORT = "It is no PDF, Word file, web page or picture."
BLOCK = 1 << 20


class Service(Protocol):
    """What of `web.remote.Remote` is needed here."""

    def reports(self, **wanted: str | Sequence[str]) -> list[dict[str, Any]]: ...

    def report(self, report_id: str, wait: int = 0) -> dict[str, Any]: ...


@dataclass
class Item:
    """A file, and what has become of it so far."""

    name: str
    file: Found | None = None
    """None where it cannot even be opened."""
    size: int = 0
    """Bytes."""
    sha256: str | None = None
    report: dict[str, Any] | None = None
    """As the API gives it, once the service has it."""
    problem: str | None = None
    """Why it has not been sent, or has no report any more."""
    no_report: bool = False
    """It is of a kind that no report is of."""
    same_as: str | None = None
    """Name of the file before it that has the same bytes."""
    sent: bool = False
    """Now, and not at an earlier time."""

    @property
    def ended(self) -> bool:
        return self.report is None or self.report["status"] in ENDED


def to_item(file: Found | Unreadable) -> Item:
    return Item(file.name, file) if isinstance(file, Found) else Item(file.name, problem=file.reason)


def judge_all(items: Sequence[Item], pool: ThreadPool) -> Iterator[Item]:
    """Read every file once for its kind and hash; those of no known kind are no reports."""
    seen: dict[str, Item] = {}
    for item in pool.imap(_judge, items):
        if item.sha256:
            first = seen.setdefault(item.sha256, item)
            item.same_as = None if first is item else first.name
        yield item


def ask_for_known(service: Service, items: Sequence[Item]) -> Iterator[Item]:
    """Note for each file the report that the service has of it, if it has one."""
    for some in _portions([item for item in items if item.sha256]):
        found: dict[str, dict[str, Any]] = {}
        for report in service.reports(sha256=sorted({item.sha256 for item in some if item.sha256})):
            found.setdefault(report["sha256"], report)
        for item in some:
            item.report = found.get(item.sha256 or "")
            yield item


def share_reports(items: Iterable[Item]) -> None:
    """Tell those of the same bytes as another what has become of that one."""
    first = {item.sha256: item for item in items if item.sha256 and item.same_as is None}
    for item in items:
        if item.sha256 and item.same_as is not None:
            item.report, item.problem = first[item.sha256].report, first[item.sha256].problem


def wait_for_all(service: Service, items: Iterable[Item]) -> Iterator[Item]:
    """Each file as soon as its report is seen to have ended; looks at those first that came first."""
    waiting: dict[str, list[Item]] = {}
    for item in items:
        if item.report is not None and not item.ended:
            waiting.setdefault(item.report["id"], []).append(item)
    while waiting:
        some = list(waiting)[:AT_ONCE]
        looked, found = time.monotonic(), {report["id"]: report for report in service.reports(id=some)}
        ended = [id_ for id_ in some if id_ not in found or found[id_]["status"] in ENDED]
        for report_id in ended:
            for item in waiting.pop(report_id):
                item.report = found.get(report_id)
                item.problem = None if item.report else "The report has been deleted meanwhile."
                yield item
        if not ended:
            _wait(service, some[0])
        if waiting:
            time.sleep(max(0.0, PAUSE - (time.monotonic() - looked)))


def unreadable(error: DocumentError | OSError) -> str:
    """Why a file cannot be read, as a sentence."""
    if isinstance(error, DocumentError):
        return error.message
    return f"It cannot be read: {(error.strerror or str(error)).lower()}."


def _judge(item: Item) -> Item:
    if item.file is None:
        return item
    try:
        with item.file.open() as content:
            head = content.read(1024)
            digest, item.size = hashlib.sha256(head), len(head)
            while block := content.read(BLOCK):
                digest.update(block)
                item.size += len(block)
        judge(head, item.size, NO_LIMIT)
        item.sha256 = digest.hexdigest()
    except (DocumentError, OSError) as error:
        item.no_report = type(error) is UnsupportedType
        item.problem = NO_REPORT if item.no_report else unreadable(error)
    return item


def _wait(service: Service, report_id: str) -> None:
    try:
        service.report(report_id, LONGEST_WAIT)
    except RemoteError as error:
        if error.status != 404:  # deleted since: seen at the next look
            raise


def _portions(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[first : first + AT_ONCE] for first in range(0, len(items), AT_ONCE))
