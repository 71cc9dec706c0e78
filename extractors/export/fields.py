"""Fields of a table that a spreadsheet program may open, and lines of them as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

Field = str | int | float | None

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet program may run a CSV field that begins with one of these."""


def csv_lines(lines: Sequence[Sequence[Field]]) -> str:
    """Lines of CSV; texts that look like formulas get a leading '."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_disarmed(field) for field in line] for line in lines)
    return text.getvalue()


def _disarmed(field: Field) -> Field:
    """Text that a spreadsheet program takes as text, whatever it begins with."""
    return f"'{field}" if isinstance(field, str) and field.startswith(FORMULA_STARTS) else field
