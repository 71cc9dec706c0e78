"""Holds a result against the truth record of what was read."""

from __future__ import annotations

import re
import unicodedata

from extractors.report import Result
from tests.making.record import Record, cells

_ARITHMETIC = re.compile(r"(requests\.(row_sum|handled_sum|balance)|review_litigation\.sum)\.")
_SUBHEADING = re.compile(r"\([一二三四五六七八九十]+\)[^。]{2,40}")
_LOOSE = re.compile(r"[\s“”\"'‘’…·—\-－]")


def differences(record: Record, result: Result) -> list[str]:
    """Every way in which the result is not exactly what was printed, a sentence each."""
    return [
        *wrong_cells(record, result),
        *_wrong_heads(record, result),
        *_wrong_texts(record, result),
        *_wrong_checks(record, result),
    ]


def wrong_cells(record: Record, result: Result) -> list[str]:
    """Cells whose value is not the one printed; SILENT where the review list does not name them."""
    found = []
    review = {item.path for item in result.validation.review}
    for path, value in cells(record.tables):
        got = cell_value(result, path)
        if (got is None) != (value is None) or (got is not None and value is not None and abs(got - value) > 1e-9):
            silent = "" if path in review else " SILENT"
            found.append(f"{path}: printed {record.cell_text(path)!r} = {value}, read {got}{silent}")
        elif value is None and (state := _state(result, path)) != "blank":
            silent = "" if path in review else " SILENT"
            found.append(f"{path}: printed {record.cell_text(path)!r}, state {state}{silent}")
    return found


def silent_errors(record: Record, result: Result) -> list[str]:
    """The wrong cells that nobody is told to look at."""
    return [sentence for sentence in wrong_cells(record, result) if sentence.endswith("SILENT")]


def false_alarms(record: Record, result: Result) -> list[str]:
    """Paths of cells on the review list that were read rightly and leave no doubt about their unit."""
    wrong = {sentence.split(":")[0] for sentence in wrong_cells(record, result)}
    doubtful = {path for path, printed in record.printed.items() if printed.endswith("元")}
    return sorted({item.path for item in result.validation.review} - wrong - doubtful)


def cell_value(result: Result, path: str) -> int | float | None:
    """The value at table.row.column; None where the result has no such cell."""
    table, row, column = path.split(".")
    rows = getattr(result.report.tables, table) or {}
    value: int | float | None = rows.get(row, {}).get(column)
    return value


def _state(result: Result, path: str) -> str:
    evidence = result.evidence.get(path)
    return evidence.state if evidence else "without evidence"


def text_errors(record: Record, result: Result) -> tuple[int, int]:
    """Characters of the narrative, and how many edits the text read is away from them."""
    total = edits = 0
    read = {str(section.number): section.text for section in result.report.sections} | {"0": result.report.preamble}
    for number, text in record.sections.items():
        want, got = loose(text), loose(read.get(number, ""))
        total += len(want)
        edits += _distance(want, got)
    return total, edits


def loose(text: str) -> str:
    """Text without what typists and readers may do as they like: width, spaces, dashes and quotation marks."""
    return _LOOSE.sub("", unicodedata.normalize("NFKC", text))


def _exact_lines(text: str) -> list[str]:
    """The paragraphs, with width of characters and spaces made one."""
    return ["".join(unicodedata.normalize("NFKC", line).split()) for line in text.splitlines() if line.strip()]


def _wrong_heads(record: Record, result: Result) -> list[str]:
    report = result.report
    published = report.published_on.isoformat() if report.published_on else None
    pairs = {
        "agency": (record.agency, report.agency),
        "year": (record.year, report.year),
        "form": (record.form, report.form),
        "title": (record.title, report.title),
        "published_on": (record.published_on, published),
    }
    return [f"{key}: printed {want!r}, read {got!r}" for key, (want, got) in pairs.items() if want != got]


def _wrong_texts(record: Record, result: Result) -> list[str]:
    read = {str(section.number): section.text for section in result.report.sections} | {"0": result.report.preamble}
    found = []
    for number, text in record.sections.items():
        want, got = _exact_lines(text), _exact_lines(read.get(number, ""))
        if want != got:
            first = next((i for i, pair in enumerate(zip(want, got, strict=False)) if pair[0] != pair[1]), None)
            at = min(len(want), len(got)) if first is None else first
            found.append(f"section {number}, paragraph {at}: printed {want[at : at + 1]}, read {got[at : at + 1]}")
    for section in result.report.sections:
        lines = _exact_lines(record.sections.get(str(section.number), ""))
        headings = [line for line in lines if _SUBHEADING.fullmatch(line)]
        got = ["".join(unicodedata.normalize("NFKC", part.heading).split()) for part in section.subsections]
        if headings and headings != got:
            found.append(f"section {section.number}: printed subsections {headings}, read {got}")
    return found


def _wrong_checks(record: Record, result: Result) -> list[str]:
    failed = {check.id for check in result.validation.checks if check.status == "fail"}
    arithmetic = {name for name in failed if _ARITHMETIC.match(name)}
    want = set(record.failing_checks)
    others = ("narrative.", "structure.section", "structure.table")
    without_cause = sorted(name for name in failed if name.startswith(others))
    return [
        *(f"check {name} should fail" for name in sorted(want - arithmetic)),
        *(f"check {name} fails without cause" for name in [*sorted(arithmetic - want), *without_cause]),
    ]


def _distance(one: str, other: str) -> int:
    """Levenshtein distance."""
    if len(one) < len(other):
        one, other = other, one
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]
