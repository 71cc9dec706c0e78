"""The table of what has become of the files sent."""

from __future__ import annotations

from typing import Any

import pytest

from web import outcomes
from web.outcomes import remarks_on, show, state_of, went_wrong
from web.submitting import Item


def item(status: str, name: str = "a.pdf", sent: bool = False, **report: Any) -> Item:
    links = {"self": "/api/v1/reports/1"}
    said = {"id": "1", "status": status, "links": links, "validation_status": None, **report}
    return Item(name, report=said, sent=sent)


@pytest.mark.parametrize(
    ("found", "state", "remarks"),
    [
        (item("succeeded", validation_status="passed"), "passed", ""),
        (item("succeeded", validation_status="needs_review", review_count=3), "to review", "3 to review"),
        (
            item("succeeded", validation_status="failed", failed_checks=["a", "b", "c", "d", "e"]),
            "checks failed",
            "failed: a, b, c and 2 more",
        ),
        (item("partial", validation_status="needs_review", review_count=1), "partly read", "1 to review"),
        (
            item("succeeded", no_report=True, validation_status="needs_review", review_count=6, failed_checks=["a"]),
            "no report",
            "Nothing of an annual report was found in it.",
        ),
        (item("failed", error={"message": "It has a password."}), "unreadable", "It has a password."),
        (item("queued"), "queued", ""),
        (item("canceled"), "canceled", ""),
        (Item("a.txt", problem="No report.", no_report=True), "no report", "No report."),
        (Item("a.pdf", problem="Too large."), "not sent", "Too large."),
    ],
)
def test_each_file_has_a_state_and_what_to_look_at(found: Item, state: str, remarks: str) -> None:
    assert (state_of(found), remarks_on(found)) == (state, remarks)
    assert went_wrong([found]) == (state in ("unreadable", "not sent"))


def test_the_same_file_is_told() -> None:
    found = item("queued")
    found.same_as = "b.pdf"
    assert remarks_on(found) == "the same file as b.pdf"


def test_programs_get_a_line_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    show(
        [
            item("succeeded", agency="科技局", year=2021, validation_status="passed"),
            Item("b.txt", problem="No report."),
        ],
        as_table=False,
    )
    assert [line.split("\t") for line in capsys.readouterr().out.splitlines()] == [
        ["passed", "a.pdf", "科技局", "2021", "", "/api/v1/reports/1"],
        ["not sent", "b.txt", "", "", "No report.", ""],
    ]


@pytest.mark.parametrize("as_table", [True, False])
def test_names_do_nothing_to_a_terminal(capsys: pytest.CaptureFixture[str], as_table: bool) -> None:
    show([item("queued", "a\x1b[2Jb\tc\nd\udc80.pdf")], as_table)
    assert "a [2Jb c d .pdf" in capsys.readouterr().out


def test_people_get_a_table_and_a_sum(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    read = item(
        "succeeded",
        "[red]名称很长的科学技术局2021年年报.pdf",
        True,
        agency="科技局",
        year=2021,
        validation_status="passed",
    )
    show([read, item("queued"), Item("b.txt", problem="No report.", no_report=True)], as_table=True)
    header, first, *_, last = capsys.readouterr().out.splitlines()
    assert header.split() == ["State", "File", "Agency", "Year", "To", "look", "at"]
    assert first.split()[:2] == ["passed", "[red]名称很长的科学技术局2021年年报.pdf"]
    assert last == "Files: 3 (1 passed, 1 queued, 1 no report). Sent now: 1; there before: 1."


def test_a_long_table_leaves_out_what_passed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "MOST_LINES", 3)
    show(
        [*(item("succeeded", f"{n}.pdf", validation_status="passed") for n in range(4)), item("queued", "last.pdf")],
        True,
    )
    shown = capsys.readouterr().out
    assert "last.pdf" in shown and "0.pdf" not in shown and "4 passed, 1 queued" in shown
