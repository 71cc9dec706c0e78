"""One page of a report with its cells, and the cell that a person looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.decisions import value_at
from extractors.editions import editions_of
from extractors.labels import REASONS
from extractors.report import Evidence, Page, Result
from web.cutouts import Mark, View, mark_of, whole_page
from web.formulas import FailedCheck, failed_checks
from web.labels import ORIGINS, label_of, place_text
from web.places import Place, page_of, place_of
from web.review import Asked, Done, Doubt, asked_of, done, doubts_of, following, text_of
from workers.decisions import DecisionView


@dataclass(frozen=True)
class Spot:
    """A cell on the page, to be clicked."""

    path: str
    mark: Mark
    tip: str
    doubtful: bool


@dataclass(frozen=True)
class Chosen:
    """The cell that is looked at, and all that is known of it."""

    asked: Asked
    reason: str | None
    """Why it is on the review list."""
    guessed: bool
    """Its place is only where it should be."""
    facts: list[tuple[str, str]]
    history: list[Done]
    checks: list[FailedCheck]
    next: Doubt | None
    """Another entry of the review list."""
    left: int
    """Entries on the review list."""


@dataclass(frozen=True)
class PageView:
    page: Page
    count: int
    view: View | None
    """None where the file has no pages to be shown."""
    spots: list[Spot]
    chosen: Chosen | None


def show_page(
    result: Result, number: int, path: str | None = None, decisions: Sequence[DecisionView] = ()
) -> PageView | None:
    """Page `number` with the cell at `path` marked; None without such a page. Raises WrongDecision for a wrong path."""
    page = page_of(result, number)
    if page is None:
        return None
    return PageView(
        page=page,
        count=result.document.page_count,
        view=whole_page(result, number, place_of(result, path) if path else None),
        spots=list(_spots(result, page)),
        chosen=_chosen(result, path, decisions) if path else None,
    )


def _spots(result: Result, page: Page) -> Iterator[Spot]:
    forms = editions_of(result.report.tables)
    doubts = {entry.path for entry in result.validation.review}
    for path, evidence in result.evidence.items():
        if evidence.page == page.number and evidence.box:
            tip = f"{label_of(path, result, forms)}：{text_of(value_at(result, path), evidence)}"
            yield Spot(path, mark_of(page, Place(page.number, evidence.box)), tip, path in doubts)
    for i, row in enumerate(result.report.unmatched):
        if row.page == page.number and row.box:
            path = f"unmatched.{i}"
            tip = label_of(path, result, forms)
            yield Spot(path, mark_of(page, Place(page.number, row.box)), tip, path in doubts)


def _chosen(result: Result, path: str, decisions: Sequence[DecisionView]) -> Chosen:
    forms = editions_of(result.report.tables)
    asked = asked_of(result, path, forms)
    reasons = {entry.path: REASONS[entry.reason] for entry in result.validation.review}
    place = place_of(result, path)
    doubts = doubts_of(result, forms)
    history = [done(decision, asked) for decision in reversed(decisions) if decision.path == path]
    return Chosen(
        asked=asked,
        reason=reasons.get(path),
        guessed=place is not None and place.guessed,
        facts=list(_facts(asked.evidence)) if asked.evidence else [],
        history=history,
        checks=[entry for entry in failed_checks(result, forms) if path in entry.check.cells],
        next=following(doubts, path),
        left=len(doubts),
    )


def _facts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    if evidence.raw:
        yield "识读原文", evidence.raw
    if evidence.first_reading is not None and evidence.first_reading != evidence.raw:
        yield "初次读作", evidence.first_reading or "空白"
    if evidence.confidence is not None and evidence.origin:
        yield "可信度", f"{100 * evidence.confidence:.1f}%（{ORIGINS[evidence.origin]}）"
    if evidence.place:
        yield "所在位置", place_text(evidence.place)
    if evidence.note:
        yield "附注", evidence.note
