"""Results as tables: long and wide CSV, a workbook, JSON lines. All of them take one report after the other, so that
an archive of any size goes through."""

from extractors.export.fields import Filed
from extractors.export.lines import json_lines
from extractors.export.long import LONG_HEADER, long_csv
from extractors.export.wide import WIDE_HEADER, wide_csv

__all__ = ["LONG_HEADER", "WIDE_HEADER", "Filed", "json_lines", "long_csv", "wide_csv"]
