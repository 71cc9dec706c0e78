"""What a service knows of many files: played, without one."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import nullcontext
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest

from web import submitting
from web.gathering import Found, Unreadable
from web.submitting import Item, ask_for_known, judge_all, share_reports, to_item, wait_for_all


class Played:
    """Keeps reports by hash; each look brings the first `speed` queued ones to their end."""

    def __init__(self, speed: int = 0) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []
        self.waited: list[str] = []
        self.speed = speed

    def keep(self, number: int, content: bytes) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        self.kept[sha256] = {"id": f"id-{number}", "sha256": sha256, "status": "queued"}

    def reports(self, **wanted: str | Sequence[str]) -> list[dict[str, Any]]:
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


def content_of(number: int) -> bytes:
    return f"%PDF-1.7 {number}".encode()


def file_of(name: str, content: bytes) -> Item:
    return to_item(Found(name, lambda: nullcontext(io.BytesIO(content))))


def judged(*items: Item) -> Sequence[Item]:
    with ThreadPool(3) as pool:
        assert list(judge_all(items, pool)) == list(items)
    return items


def pdfs(count: int) -> Sequence[Item]:
    return judged(*(file_of(f"{number}.pdf", content_of(number)) for number in range(count)))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submitting, "PAUSE", 0.0)


def test_every_file_has_its_hash_and_size() -> None:
    large = b"%PDF-1.7" + bytes(3 << 20)
    [item] = judged(file_of("a.pdf", large))
    assert (item.sha256, item.size, item.problem) == (hashlib.sha256(large).hexdigest(), len(large), None)


def test_what_is_no_report_is_named() -> None:
    def broken() -> Any:
        raise OSError(5, "Input/output error")

    items = judged(
        file_of("note.txt", b"hello"),
        file_of("empty.pdf", b""),
        file_of("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        to_item(Found("disk.pdf", broken)),
        to_item(Unreadable("gone.pdf", "It cannot be opened: no such file.")),
    )
    assert [item.no_report for item in items] == [True, False, False, False, False]
    for item, words in zip(items, ("no PDF", "0 bytes", "Word", "input/output error", "no such file"), strict=True):
        assert item.problem and words in item.problem and item.sha256 is None, item


def test_what_the_service_has_is_found_by_its_hash() -> None:
    service = Played()
    for number in range(0, 120, 2):
        service.keep(number, content_of(number))
    items = pdfs(120)
    assert list(ask_for_known(service, items)) == list(items)
    known = [item.report and item.report["id"] for item in items]
    assert known == [None if number % 2 else f"id-{number}" for number in range(120)]
    assert [len(asked["sha256"]) for asked in service.asked] == [50, 50, 20]


def test_the_same_bytes_share_what_becomes_of_them() -> None:
    items = judged(
        *(file_of(name, b"%PDF-1.7 a") for name in ("a.pdf", "b/copy.pdf", "a.pdf")),
        *(file_of(name, b"%PDF-1.7 c") for name in ("c.pdf", "d.pdf")),
    )
    assert [item.same_as for item in items] == [None, "a.pdf", "a.pdf", None, "c.pdf"]
    items[0].report, items[3].problem = {"id": "1", "status": "queued"}, "Too large."
    share_reports(items)
    assert [item.report and item.report["id"] for item in items] == ["1", "1", "1", None, None]
    assert [item.problem for item in items] == [None, None, None, "Too large.", "Too large."]


def followed(service: Played, *files: Item) -> Sequence[Item]:
    """Files that the service is reading."""
    items = judged(*files)
    for number, item in enumerate(items):
        if item.same_as is None:
            service.keep(number, content_of(number))
    list(ask_for_known(service, items))
    service.asked.clear()
    return items


def test_waiting_looks_at_a_portion_until_all_have_ended() -> None:
    service = Played()
    items = followed(service, *(file_of(f"{number}.pdf", content_of(number % 60)) for number in range(61)))
    seen = list(wait_for_all(service, items))
    assert service.waited == ["id-0"]
    assert sorted(item.name for item in seen) == sorted(item.name for item in items)
    assert {item.report["status"] for item in items if item.report} == {"succeeded"}
    assert all(len(asked["id"]) <= submitting.AT_ONCE for asked in service.asked)


def test_waiting_ends_for_a_report_that_is_deleted() -> None:
    service = Played()
    items = followed(service, *(file_of(f"{number}.pdf", content_of(number)) for number in range(2)))
    del service.kept[items[0].sha256 or ""]
    service.speed = 1
    list(wait_for_all(service, items))
    assert items[0].report is None and items[0].problem == "The report has been deleted meanwhile."
    assert items[1].report and items[1].report["status"] == "succeeded"
