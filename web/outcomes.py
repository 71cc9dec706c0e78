"""What has become of the files of `nianbao submit`: a table for people, or lines for programs."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from web.submitting import Item

PASSED, TO_REVIEW, FAILED = "passed", "to review", "checks failed"
VERDICTS = {"passed": PASSED, "needs_review": TO_REVIEW, "failed": FAILED}
PARTIAL, UNREADABLE, NOT_SENT, NO_REPORT = "partly read", "unreadable", "not sent", "no report"
STYLES = {PASSED: "green", TO_REVIEW: "yellow", PARTIAL: "yellow", FAILED: "red", UNREADABLE: "red", NOT_SENT: "red"}
WRONG = {UNREADABLE, NOT_SENT}
NOTHING_FOUND = "Nothing of an annual report was found in it."
MOST_CHECKS = 3
MOST_LINES = 200
"""Of longer tables those lines are left out that say no more than that all is well."""


def state_of(item: Item) -> str:
    """In a word or two how a file stands."""
    if item.report is None:
        return NO_REPORT if item.no_report else NOT_SENT
    status: str = item.report["status"]
    if item.report.get("no_report"):
        return NO_REPORT
    if status == "succeeded":
        return VERDICTS[item.report["validation_status"]]
    return {"partial": PARTIAL, "failed": UNREADABLE}.get(status, status)


def remarks_on(item: Item) -> str:
    """What is to be looked at, or why there is nothing."""
    report: dict[str, Any] = item.report or {}
    said = [item.problem] if item.problem else []
    if report.get("error"):
        said.append(report["error"]["message"])
    if report.get("no_report"):
        said.append(NOTHING_FOUND)
        report = {}
    if report.get("review_count"):
        said.append(f"{report['review_count']} to review")
    if failed := report.get("failed_checks"):
        more = f" and {len(failed) - MOST_CHECKS} more" if len(failed) > MOST_CHECKS else ""
        said.append(f"failed: {', '.join(failed[:MOST_CHECKS])}{more}")
    if item.same_as:
        said.append(f"the same file as {item.same_as}")
    return "; ".join(said)


def went_wrong(items: Sequence[Item]) -> int:
    """How many files were not sent, or cannot be read."""
    return sum(state_of(item) in WRONG for item in items)


def show(items: Sequence[Item], as_table: bool) -> None:
    """Print all of them, as a table or as lines of state, file, agency, year, remarks and address."""
    if not as_table:
        for item in items:
            click.echo("\t".join((*_line(item), (item.report or {}).get("links", {}).get("self", ""))))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("State", "File", "Agency", "Year", "To look at"):
        table.add_column(name, overflow="fold")
    shown = items if len(items) <= MOST_LINES else [item for item in items if state_of(item) != PASSED]
    for item in shown:
        state, *others = _line(item)
        table.add_row(Text(state, STYLES.get(state, "")), *map(Text, others))
    console = Console()
    console.print(table)
    console.print(Text(_summary(items)))


def _line(item: Item) -> tuple[str, str, str, str, str]:
    report = item.report or {}
    agency, year = report.get("agency") or "", str(report.get("year") or "")
    return state_of(item), _printable(item.name), _printable(agency), year, _printable(remarks_on(item))


def _printable(text: str) -> str:
    """Without what a terminal would obey, and without tabs and ends of lines."""
    return "".join(" " if unicodedata.category(character)[0] == "C" else character for character in text)


def _summary(items: Sequence[Item]) -> str:
    states = ", ".join(f"{number} {state}" for state, number in Counter(map(state_of, items)).most_common())
    sent = sum(item.sent for item in items)
    known = sum(item.report is not None and not item.sent for item in items)
    return f"Files: {len(items)} ({states}). Sent now: {sent}; there before: {known}."
