"""The exports that a page offers of what it lists."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from web.exports import ExportFormat
from web.models import API

EXPORTS: tuple[tuple[str, ExportFormat, dict[str, str]], ...] = (
    ("Excel 工作簿", "xlsx", {}),
    ("CSV（每项数据一行）", "csv", {}),
    ("CSV（每份报告一行）", "csv", {"form": "wide"}),
    ("JSON Lines", "jsonl", {}),
)
"""Words, format, and form."""


def export_links(chosen: Mapping[str, object]) -> list[tuple[str, str]]:
    """Words and address of each; `chosen` are fields of a Selection."""
    return [
        (words, f"{API}/export.{kind}?{urlencode({**chosen, **form}, doseq=True)}") for words, kind, form in EXPORTS
    ]
