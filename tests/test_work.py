from __future__ import annotations

import json
from collections.abc import Callable

from extractors.errors import DamagedFile
from tests.bench import Bench


def fail_on(*numbers: int, error: type[Exception]) -> Callable[[int], None]:
    def on_page(number: int) -> None:
        if number in numbers:
            raise error

    return on_page


def test_a_page_that_cannot_be_read_costs_that_page(bench: Bench) -> None:
    bench.reader.on_page = fail_on(2, error=DamagedFile)
    view = bench.submit()
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "partial"
    pages = json.loads(bench.reports.result(view.id))["document"]["pages"]
    assert [page["error"] is None for page in pages] == [True, False, True]
    assert "损坏" in pages[1]["error"]


def test_a_file_of_which_no_page_can_be_read_has_failed(bench: Bench) -> None:
    bench.reader.on_page = fail_on(1, 2, 3, error=DamagedFile)
    view = bench.submit()
    bench.deliver_all()
    done = bench.reports.get(view.id)
    assert done.status == "failed" and done.error is not None and done.error.code == "damaged-file"


def test_what_was_read_once_is_not_read_again(bench: Bench) -> None:
    first = bench.submit(owner="a")
    bench.deliver_all()
    second = bench.submit(owner="b")
    bench.deliver_all()
    assert bench.reader.read == [1, 2, 3]
    results = [
        json.loads(bench.reports.result(view.id, view_owner)) for view, view_owner in ((first, "a"), (second, "b"))
    ]
    for result in results:
        result["engine"].pop("seconds")
    assert results[0] == results[1]


def test_messages_that_come_twice_change_nothing(bench: Bench) -> None:
    view = bench.submit()
    messages = []
    while bench.messenger.messages:
        message = bench.messenger.messages.pop(0)
        messages.append(message)
        bench.deliver(message)
        bench.deliver(message)
    result = bench.reports.result(view.id)
    for message in messages:
        bench.deliver(message)
    assert bench.reader.read == [1, 2, 3] and bench.reader.assembled == 1
    assert bench.reports.result(view.id) == result


def test_a_message_for_a_report_that_is_gone_is_ignored(bench: Bench) -> None:
    bench.work.open_report("none")
    bench.work.read_page("none", 1)
    bench.work.assemble_report("none")
    assert bench.reader.read == []


def test_a_file_gone_from_the_store_is_said(bench: Bench) -> None:
    view = bench.submit()
    bench.store.delete(view.sha256)
    bench.deliver_all()
    done = bench.reports.get(view.id)
    assert done.status == "failed" and done.error is not None and done.error.code == "file-missing-in-store"
