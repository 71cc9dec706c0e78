"""Checks between years that failed: the formula with its figures, each a link to where it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from extractors.checks.cross_year import Place, YearCheck
from extractors.labels import CAUSES, cell_labels
from extractors.report import TABLES
from web.labels import plain

SIGNS = {
    "cross_year.carry_over.": ("", "≠"),
    "cross_year.in_force.": ("", "+", "−", "≠"),
    "cross_year.leap.": ("", "→"),
}
"""What stands before each figure of a formula, by the kind of check."""


@dataclass(frozen=True)
class YearTerm:
    """A figure of one of the two years."""

    sign: str
    text: str
    label: str
    tip: str
    report_id: str | None
    """None where its report is no longer known."""
    page: int
    path: str


@dataclass(frozen=True)
class YearFailure:
    """A check between two years that failed."""

    check: YearCheck
    cause: str | None
    """Who is to blame, in a few words; None for a warning."""
    terms: list[YearTerm]


def failures(checks: Iterable[YearCheck], report_ids: Mapping[int, str]) -> list[YearFailure]:
    """Those that failed, errors first; `report_ids` tells the report of each year."""
    failed = sorted((check for check in checks if check.status == "fail"), key=lambda check: check.severity != "error")
    return [
        YearFailure(
            check=check,
            cause=CAUSES[check.cause] if check.cause and check.severity == "error" else None,
            terms=[_term(place, sign, report_ids) for place, sign in zip(check.places, _signs(check), strict=True)],
        )
        for check in failed
    ]


def _signs(check: YearCheck) -> tuple[str, ...]:
    known = next((signs for prefix, signs in SIGNS.items() if check.id.startswith(prefix)), ())
    return known if len(known) == len(check.places) else ("",) * len(check.places)


def _term(place: Place, sign: str, report_ids: Mapping[int, str]) -> YearTerm:
    head, row, column = place.path.split(".")
    table = next(name for name in TABLES if name == head)
    at = f"第 {place.page} 页" if place.page else ""
    row_label, column_label = cell_labels(table, row, column)
    return YearTerm(
        sign=sign,
        text=plain(place.value),
        label=f"{place.year} 年" + (column_label if table == "proactive_disclosure" else at),
        tip=f"{place.year} 年{at}：{row_label} · {column_label}",
        report_id=report_ids.get(place.year),
        page=place.page or 1,
        path=place.path,
    )
