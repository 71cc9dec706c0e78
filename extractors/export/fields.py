"""Fields of a table that a spreadsheet program may open, and lines of them as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.report import Result

Field = str | int | float | None

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet program may run a CSV field that begins with one of these."""


@dataclass(frozen=True)
class Filed:
    """A result, and what its agency is called however a report prints the name: reports of one agency lie together."""

    result: Result
    filed_under: str | None

    @classmethod
    def alone(cls, result: Result) -> Filed:
        """Where no archive knows more of the agency than the report."""
        return cls(result, result.report.agency)


def csv_lines(lines: Sequence[Sequence[Field]]) -> str:
    """Lines of CSV; texts that look like formulas get a leading '."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_disarmed(field) for field in line] for line in lines)
    return text.getvalue()


def _disarmed(field: Field) -> Field:
    """Text that a spreadsheet program takes as text, whatever it begins with."""
    return f"'{field}" if isinstance(field, str) and field.startswith(FORMULA_STARTS) else field
