"""The exports that a page offers of what it lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from web.exports import CsvForm, ExportFormat
from web.models import API


@dataclass(frozen=True)
class Export:
    """A button: its words, the address that it asks, and the form of the CSV."""

    words: str
    kind: ExportFormat
    form: CsvForm | None = None

    @property
    def address(self) -> str:
        return f"{API}/export.{self.kind}"


EXPORTS = (
    Export("Excel 工作簿", "xlsx"),
    Export("CSV（每项数据一行）", "csv"),
    Export("CSV（每份报告一行）", "csv", "wide"),
    Export("JSON Lines", "jsonl"),
)


@dataclass(frozen=True)
class Offer:
    """The exports of a selection, whose fields go with each."""

    fields: list[tuple[str, str]]
    exports: tuple[Export, ...] = EXPORTS


def offer_of(chosen: Mapping[str, object]) -> Offer:
    """`chosen` are fields of a Selection."""
    values = [(name, value if isinstance(value, list) else [value]) for name, value in chosen.items()]
    return Offer([(name, str(one)) for name, several in values for one in several])
