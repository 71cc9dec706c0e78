"""Checks that failed: the formula with its figures, and whether the report or the reading is to blame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extractors.decisions import value_at
from extractors.forms import Form
from extractors.labels import CAUSES
from extractors.report import Check, Result, TableName
from extractors.said import Said
from web.labels import label_of, plain
from web.places import page_to_see

SUMS = ("requests.row_sum.", "requests.handled_sum.", "review_litigation.sum.")
BALANCE = "requests.balance."
BALANCE_LABELS = ("一、新收", "二、结转", "三（七）总计", "四、结转下年")
FEW = 2
"""So many figures are all shown, zeros too."""


@dataclass(frozen=True)
class Term:
    """A figure of a formula."""

    path: str
    text: str
    label: str
    page: int
    """Where it is printed, or should be."""
    doubtful: bool


@dataclass(frozen=True)
class Side:
    """Figures that are added up; `rest` more are zero or blank. `total` is None where there is but one figure."""

    terms: list[Term]
    rest: int
    total: str | None


@dataclass(frozen=True)
class Formula:
    left: Side
    right: Side


@dataclass(frozen=True)
class FailedCheck:
    check: Check
    title: str
    cause: str | None
    """Who is to blame, in a few words; None for a warning."""
    verdict: str | None
    """What to look at, where the reading may be to blame."""
    formula: Formula | None
    cells: list[Term]


def failed_checks(result: Result, forms: Mapping[TableName, Form]) -> list[FailedCheck]:
    """Those of the report itself, in the order of the result."""
    doubts = {entry.path for entry in result.validation.review}
    failed = [check for check in result.validation.checks if check.status == "fail" and not _is_between_years(check)]
    return [_explained(check, result, forms, doubts) for check in failed]


def _is_between_years(check: Check) -> bool:
    """Its cells are those of two reports."""
    return check.id.startswith("cross_year.")


def _explained(check: Check, result: Result, forms: Mapping[TableName, Form], doubts: set[str]) -> FailedCheck:
    formula = None
    labels = [_part_label(label_of(path, result, forms), check.id) for path in check.cells]
    if check.id.startswith(BALANCE) and len(check.cells) == 4:
        labels = list(BALANCE_LABELS)
    terms = [
        Term(path, plain(value_at(result, path)), label, page_to_see(result, path), path in doubts)
        for path, label in zip(check.cells, labels, strict=True)
    ]
    if check.id.startswith(BALANCE) and len(terms) == 4:
        formula = Formula(_side(terms[:2], check.expected), _side(terms[2:], check.actual))
    elif check.id.startswith(SUMS):
        formula = Formula(_side(terms[:-1], check.expected), Side(terms[-1:], 0, None))
    return FailedCheck(
        check=check,
        title=check.message.partition("：")[0] if formula else check.message,
        cause=CAUSES[check.cause] if check.cause and check.severity == "error" else None,
        verdict=_verdict(check, sum(term.doubtful for term in terms), any(p.error for p in result.document.pages)),
        formula=formula,
        cells=terms,
    )


def _verdict(check: Check, doubtful: int, unread: bool) -> str | None:
    if check.cause != "reading":
        return None
    if not check.cells:
        return "有的页没有读出，可能就在那里。" if unread else "请对照原件确认。"
    if doubtful:
        return f"其中 {doubtful} 个数据没有把握（标有问号），请先对照原件复核。"
    return "其中有数据可能读错，请对照原件复核。"


def _side(terms: list[Term], total: Said) -> Side:
    telling = [term for term in terms if term.doubtful or term.text not in ("0", "空白") or len(terms) <= FEW]
    return Side(telling, len(terms) - len(telling), plain(total))


def _part_label(label: str, check_id: str) -> str:
    """Of 表三 · row · column the part that tells the figures of one formula apart."""
    parts = label.split(" · ")
    if len(parts) != 3:
        return label
    return parts[1] if ".handled_sum." in check_id else parts[2]
