"""The official forms as data: printed labels, keys, rows, columns and sums of the three tables."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from extractors.report import TABLES, TableName

__all__ = [
    "TABLES",
    "Balance",
    "Column",
    "Form",
    "Row",
    "SectionForm",
    "TableForm",
    "form_names",
    "load_form",
    "load_sections",
]


class Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Data):
    key: str
    label: str
    groups: tuple[str, ...] = ()
    """Printed headers above the label, outermost first."""
    signed: bool = False
    decimal: bool = False
    unit: str | None = None
    """The unit that the column's own label names."""
    any_unit: bool = False
    """The column leaves the unit to the cell."""

    @property
    def plain(self) -> bool:
        """Whether its figures are digits and nothing else: no sign, no decimal point."""
        return not (self.signed or self.decimal or self.any_unit)


class Row(Data):
    key: str
    label: str
    groups: tuple[str, ...] = ()
    """Printed labels to the left of (table 二: above) the row's own, outermost first."""
    aliases: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    """Only where the row prints columns of its own (table 二)."""


class Balance(Data):
    """The rows on the left add up to the same as the rows on the right, in each column."""

    left: tuple[str, ...]
    right: tuple[str, ...]


class TableForm(Data):
    rows: tuple[Row, ...]
    columns: tuple[Column, ...] = ()
    sum_column: str | None = None
    sum_row: str | None = None
    sum_of_group: str | None = None
    balance: Balance | None = None

    def columns_of(self, row: Row) -> tuple[Column, ...]:
        return row.columns or self.columns

    def row(self, key: str) -> Row:
        return next(row for row in self.rows if row.key == key)


class Form(Data):
    name: Literal["2021", "2019"]
    source: str
    proactive_disclosure: TableForm
    requests: TableForm
    review_litigation: TableForm

    def table(self, name: TableName) -> TableForm:
        return {
            "proactive_disclosure": self.proactive_disclosure,
            "requests": self.requests,
            "review_litigation": self.review_litigation,
        }[name]


class SectionForm(Data):
    number: int
    title: str
    aliases: tuple[str, ...] = ()


@cache
def form_names() -> tuple[str, ...]:
    """The forms there are, newest first."""
    names = (f.name.removesuffix(".toml") for f in files(__name__).iterdir() if f.name.endswith(".toml"))
    return tuple(sorted((name for name in names if name.isdigit()), reverse=True))


@cache
def load_sections() -> tuple[SectionForm, ...]:
    """The six sections, in order."""
    data = tomllib.loads((files(__name__) / "sections.toml").read_text(encoding="utf-8"))
    return tuple(SectionForm.model_validate(section) for section in data["sections"])


@cache
def load_form(name: str) -> Form:
    return Form.model_validate(tomllib.loads((files(__name__) / f"{name}.toml").read_text(encoding="utf-8")))
