"""What differs between two reports of one agency and year: a report that was published again, or read twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from pydantic import Field

from extractors.report import TABLES, Model, Result, Value
from extractors.said import HEADLINE, as_json


class Changed(Model):
    """A value that is not the same in both."""

    path: str
    before: Value | str
    after: Value | str
    before_page: int | None = Field(description="where it is printed; null where it is not")
    after_page: int | None


class ChangedText(Model):
    """A line of a section that only one of the two has, or that reads otherwise."""

    section: int
    before: str | None
    after: str | None


class Difference(Model):
    headline: list[Changed] = Field(description="title, agency, year and date of publication")
    cells: list[Changed] = Field(description="in the order of the form; a cell that only one has is null in the other")
    text: list[ChangedText] = Field(description="lines of the sections")


def difference(before: Result, after: Result) -> Difference:
    """All that is not the same, in the order of the report."""
    return Difference(
        headline=[_changed(path, before, after) for path in HEADLINE if _value(before, path) != _value(after, path)],
        cells=[_changed(path, before, after) for path in _paths(before, after) if _is_other(path, before, after)],
        text=list(_text(before, after)),
    )


def _paths(before: Result, after: Result) -> list[str]:
    """Of all cells that either has."""
    found: dict[str, None] = {}
    for table in TABLES:
        for result in (after, before):
            for row, columns in (getattr(result.report.tables, table) or {}).items():
                found.update(dict.fromkeys(f"{table}.{row}.{column}" for column in columns))
    return list(found)


def _is_other(path: str, before: Result, after: Result) -> bool:
    return _value(before, path) != _value(after, path)


def _changed(path: str, before: Result, after: Result) -> Changed:
    pages = [result.evidence[path].page if path in result.evidence else None for result in (before, after)]
    return Changed(
        path=path, before=_value(before, path), after=_value(after, path), before_page=pages[0], after_page=pages[1]
    )


def _value(result: Result, path: str) -> Value | str:
    if path in HEADLINE:
        return as_json(getattr(result.report, path))
    table, row, column = path.split(".")
    value: Value = (getattr(result.report.tables, table) or {}).get(row, {}).get(column)
    return value


def _text(before: Result, after: Result) -> Iterator[ChangedText]:
    texts = [{section.number: section.text for section in result.report.sections} for result in (before, after)]
    for number in sorted(set(texts[0]) | set(texts[1])):
        old, new = (text.get(number, "").splitlines() for text in texts)
        gone, come = ([line for line in own if line not in known] for own, known in ((old, set(new)), (new, set(old))))
        for was, now in zip_longest(gone, come):
            yield ChangedText(section=number, before=was, after=now)
