"""Values as persons give them, in the types of their places."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import unicodedata

from extractors.forms import Column

HEADLINE = ("title", "agency", "year", "published_on")
LONGEST = {"title": 500, "agency": 200}
"""Characters."""
LARGEST = 10**15
"""Figures beyond this are slips of the hand, and no exact numbers in JSON."""

YEARS = range(1900, 3000)
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")

Said = int | float | str | dt.date | None
"""A value as a person gives it; dates also as ISO text."""


class WrongDecision(Exception):
    """A decision that cannot be: no such path, or a value that cannot stand there."""

    def __init__(self, path: str, message: str, message_zh: str) -> None:
        self.path = path
        self.message, self.message_zh = f"{path}: {message}", f"{path}：{message_zh}"
        super().__init__(self.message)


def as_json(value: Said) -> int | float | str | None:
    """The value as it stands in JSON."""
    return value.isoformat() if isinstance(value, dt.date) else value


def typed(path: str, value: Said, own: Said, column: Column | None) -> Said:
    """The value in the type of its place, a cell in the form's `column`; raises WrongDecision.

    What the machine itself has read, `own`, may stand whatever it is.
    """
    if path in LONGEST:
        return _text(path, value)
    if path == "year":
        return _year(path, value)
    if path == "published_on":
        return _date(path, value)
    figure = _figure(path, value)
    if figure is None or column is None or figure == own:
        return figure
    if isinstance(figure, float) and not (column.decimal or column.any_unit):
        raise WrongDecision(path, "a count is a whole number.", "件数、人数等应为整数。")
    if figure < 0 and not column.signed:
        raise WrongDecision(path, "a number cannot be negative here.", "此处的数据不能为负数。")
    return figure


def _figure(path: str, value: Said) -> int | float | None:
    """A whole number as int; raises WrongDecision for anything that is no finite number."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # NaN
        raise WrongDecision(path, "the value must be a number, or null for a blank cell.", "应填写数字，如 34。")
    if abs(value) >= LARGEST:
        raise WrongDecision(path, "the number is too large.", "数字过大。")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(path: str, value: Said) -> str | None:
    if value is None:
        return None
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in str(value))
    text = " ".join(text.split()) if isinstance(value, str) else ""
    if not text or len(text) > LONGEST[path]:
        message = f"the value must be a text of 1 to {LONGEST[path]} characters, or null where none is printed."
        raise WrongDecision(path, message, f"应填写 1 至 {LONGEST[path]} 个字的文字。")
    return text


def _year(path: str, value: Said) -> int | None:
    year = _figure(path, value)
    if year is None or (isinstance(year, int) and year in YEARS):
        return year
    raise WrongDecision(path, "the year must be a whole number from 1900 to 2999.", "年度应为 1900 至 2999 的整数。")


def _date(path: str, value: Said) -> dt.date | None:
    if value is None:
        return None
    text = str(as_json(value))
    with contextlib.suppress(ValueError):
        date = dt.date.fromisoformat(text)
        if ISO_DATE.fullmatch(text) and date.year in YEARS:
            return date
    raise WrongDecision(path, "the value must be a date such as 2022-01-12, or null.", "应填写日期，如 2022-01-12。")
