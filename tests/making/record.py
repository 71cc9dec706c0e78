"""The truth record: what a made report prints, in the shape of the corpus's `*.truth.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.making.forms import Form
from tests.making.sums import Tables, Value, failing_checks

__all__ = ["Record", "Tables", "Value", "cells", "load", "save"]


@dataclass
class Record:
    """What is printed, whatever the layout; `None` is a cell printed blank or with a stroke.

    `sections` maps "0" (what stands before the first heading) to "6" to paragraphs joined by newlines;
    `printed` maps the path of a cell to its characters where they are not simply its value.
    """

    agency: str
    year: int
    form: Form
    requests_form: Form
    title: str
    tables: Tables
    sections: dict[str, str]
    published_on: str | None = None
    mode: str = "pdf"
    failing_checks: list[str] = field(default_factory=list)
    printed: dict[str, str] = field(default_factory=dict)

    def settle_checks(self) -> None:
        """Work out again which checks the printed figures break."""
        self.failing_checks = failing_checks(self.tables)

    def cell_text(self, path: str) -> str:
        """The characters printed in a cell."""
        if path in self.printed:
            return self.printed[path]
        table, row, column = path.split(".")
        value = self.tables[table][row][column]
        return "" if value is None else f"{value}"


def cells(tables: Tables) -> Iterator[tuple[str, Value]]:
    """Every cell as (path, value), a path being table.row.column."""
    for table, rows in tables.items():
        for row, columns in rows.items():
            for column, value in columns.items():
                yield f"{table}.{row}.{column}", value


def load(path: Path) -> Record:
    return Record(**json.loads(path.read_text(encoding="utf-8")))


def save(record: Record, path: Path) -> None:
    path.write_text(json.dumps(asdict(record), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
