"""What is sent, what is not, and what becomes of it: against a service that is played."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from multiprocessing.pool import ThreadPool
from typing import IO, Any

import pytest

from web import submitting
from web.gathering import Found, Unreadable
from web.remote import RemoteError
from web.submitting import Item, ask_for_known, judge_all, send_new, to_item, wait_for_all


class Played:
    """Keeps reports by hash; each look brings the first `speed` queued ones to their end."""

    def __init__(self, speed: int = 0) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.names: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.waited: list[str] = []
        self.refusals: dict[str, RemoteError] = {}
        self.speed, self.down = speed, False
        self._lock = threading.Lock()

    def send(self, name: str, content: IO[bytes]) -> dict[str, Any]:
        if name in self.refusals:
            raise self.refusals[name]
        sha256 = hashlib.sha256(content.read()).hexdigest()
        with self._lock:
            self.names.append(name)
            return self.kept.setdefault(sha256, {"id": f"id-{name}", "sha256": sha256, "status": "queued"})

    def reports(self, **wanted: str | Sequence[str]) -> list[dict[str, Any]]:
        if self.down:
            raise RemoteError("The server does not answer.")
        self.asked.append(wanted)
        queued = [report for report in self.kept.values() if report["status"] == "queued"]
        for report in queued[: self.speed]:
            report["status"] = "succeeded"
        return [
            dict(report)
            for report in self.kept.values()
            if report["sha256"] in wanted.get("sha256", ()) or report["id"] in wanted.get("id", ())
        ]

    def report(self, report_id: str, wait: int = 0) -> dict[str, Any]:
        self.waited.append(report_id)
        self.speed = 3
        return {}


def file_of(name: str, content: bytes) -> Item:
    return to_item(Found(name, lambda: nullcontext(io.BytesIO(content))))


def pdfs(count: int) -> list[Item]:
    return [file_of(f"{n}.pdf", f"%PDF-1.7 {n}".encode()) for n in range(count)]


def go(service: Played, items: Sequence[Item]) -> Sequence[Item]:
    """As `nianbao submit` does, without waiting."""
    with ThreadPool(3) as pool:
        list(judge_all(items, pool))
        list(ask_for_known(service, items))
        list(send_new(service, items, pool))
    return items


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submitting, "PAUSE", 0.0)


def test_all_is_sent_once_under_its_own_name() -> None:
    service = Played()
    items = go(service, [file_of("区/科技局/2021.pdf", b"%PDF-1.7 a"), *pdfs(120)])
    assert sorted(service.names) == sorted(["2021.pdf", *(f"{n}.pdf" for n in range(120))])
    assert all(item.sent and item.report for item in items)


def test_what_the_service_has_is_not_sent_again() -> None:
    service = Played()
    go(service, pdfs(70))
    service.names.clear()
    items = go(service, pdfs(75))
    assert sorted(service.names) == ["70.pdf", "71.pdf", "72.pdf", "73.pdf", "74.pdf"]
    assert [item.sent for item in items] == [False] * 70 + [True] * 5
    assert all(item.report and item.report["sha256"] == item.sha256 for item in items)
    assert all(len(asked["sha256"]) <= submitting.AT_ONCE for asked in service.asked)


def test_the_same_bytes_are_sent_once_and_have_one_report() -> None:
    service = Played()
    items = go(service, [file_of("a.pdf", b"%PDF-1.7"), file_of("b/copy.pdf", b"%PDF-1.7")])
    assert service.names == ["a.pdf"]
    assert items[0].report == items[1].report and items[0].same_as is None
    assert (items[1].same_as, items[1].sent) == ("a.pdf", False)


def test_what_is_no_report_is_named_and_not_sent() -> None:
    def broken() -> Any:
        raise OSError(5, "Input/output error")

    service = Played()
    items = go(
        service,
        [
            file_of("note.txt", b"hello"),
            file_of("empty.pdf", b""),
            file_of("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
            to_item(Found("disk.pdf", broken)),
            to_item(Unreadable("gone.pdf", "It cannot be opened: no such file.")),
        ],
    )
    assert service.names == [] and [item.no_report for item in items] == [True, False, False, False, False]
    for item, words in zip(items, ("no PDF", "0 bytes", "Word", "input/output error", "no such file"), strict=True):
        assert item.problem and words in item.problem, item


@pytest.mark.parametrize("status", [413, 415, 500])
def test_a_refused_file_does_not_stop_the_others(status: int) -> None:
    service = Played()
    service.refusals["1.pdf"] = RemoteError("Too large.", status)
    items = go(service, [*pdfs(3), file_of("copy of 1.pdf", b"%PDF-1.7 1")])
    assert [item.problem for item in items] == [None, "Too large.", None, "Too large."]
    assert sorted(service.names) == ["0.pdf", "2.pdf"]


@pytest.mark.parametrize("status", [401, 404, 429, 503])
def test_a_service_that_takes_nothing_ends_it(status: int) -> None:
    service = Played()
    service.refusals["1.pdf"] = RemoteError("No.", status)
    with pytest.raises(RemoteError, match="No"):
        go(service, pdfs(3))


def test_a_connection_that_breaks_is_the_fault_of_the_file_only_if_the_service_answers() -> None:
    service = Played()
    service.refusals["1.pdf"] = RemoteError("It broke off.")
    assert [item.problem for item in go(service, pdfs(3))] == [None, "It broke off.", None]
    items = pdfs(3)
    with ThreadPool(1) as pool:
        list(judge_all(items, pool))
        service.down = True
        with pytest.raises(RemoteError):
            list(send_new(service, items[1:2], pool))


def test_waiting_looks_at_a_portion_until_all_have_ended() -> None:
    service = Played()
    items = go(service, [*pdfs(60), file_of("copy.pdf", b"%PDF-1.7 3")])
    service.asked.clear()
    seen = list(wait_for_all(service, items))
    assert service.waited == ["id-0.pdf"]
    assert sorted(item.name for item in seen) == sorted(item.name for item in items)
    assert {item.report["status"] for item in items if item.report} == {"succeeded"}
    assert all(len(asked["id"]) <= submitting.AT_ONCE for asked in service.asked)


def test_waiting_ends_for_a_report_that_is_deleted() -> None:
    service = Played()
    items = go(service, pdfs(2))
    del service.kept[items[0].sha256 or ""]
    service.speed = 1
    list(wait_for_all(service, items))
    assert items[0].report is None and items[0].problem == "The report has been deleted meanwhile."
    assert items[1].report and items[1].report["status"] == "succeeded"
