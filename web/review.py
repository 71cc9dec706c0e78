"""The review list and what has been decided, as the pages show them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.decisions import is_entry, value_at
from extractors.forms import Form
from extractors.labels import REASONS
from extractors.report import TABLES, Evidence, Result, TableName
from extractors.said import HEADLINE, Said, as_json
from web.cutouts import View, cut_out
from web.labels import label_of, name_of, plain
from web.places import page_to_see, place_of
from web.sheets import STROKES
from workers.decisions import DecisionView


@dataclass(frozen=True)
class Asked:
    """Something that a person can decide about."""

    path: str
    label: str
    value: Said
    text: str
    """The value as shown."""
    kind: str
    """What can be typed: `number`, `text`, `date`, or `none` where it can only be accepted."""
    page: int
    """Where to look."""
    cutout: View | None
    evidence: Evidence | None

    @property
    def seen(self) -> str:
        """The value as the forms send it back, so that nobody decides about another one than he saw."""
        return json.dumps(as_json(self.value), ensure_ascii=False)

    @property
    def found(self) -> bool:
        """Whether there is something that was read."""
        return self.kind != "none" and self.evidence is not None and self.evidence.state != "missing"

    @property
    def acceptance(self) -> str | None:
        """What a person says who leaves it as it is; None where it cannot stay so.

        That is: characters that make no number, and a cell of a table that is not there at all.
        """
        if self.kind == "none":
            return "原件无此表" if self.path in TABLES else "已看过"
        if self.evidence is None:
            return None
        if not self.found:
            return "原件未写" if self.path in HEADLINE else "原件无此格"
        return None if self.value is None and self.evidence.state == "read" and self.evidence.raw else "无误"

    @property
    def blank(self) -> str | None:
        """What a person says who sees nothing printed there; None where `acceptance` says as much."""
        if self.path in HEADLINE:
            return "原件未写" if self.found else None
        return "原件空白"


@dataclass(frozen=True)
class Doubt:
    """An entry of the review list."""

    asked: Asked
    reason: str

    @property
    def label(self) -> str:
        return self.asked.label

    @property
    def anchor(self) -> str:
        return f"review-{self.asked.path}"


@dataclass(frozen=True)
class Done:
    """The last decision about something."""

    asked: Asked
    by: str
    at: dt.datetime
    words: str
    """What was decided."""


def asked_of(result: Result, path: str, forms: Mapping[TableName, Form]) -> Asked:
    """Raises WrongDecision where nothing is at the path."""
    value, place = value_at(result, path), place_of(result, path)
    evidence = result.evidence.get(path)
    return Asked(
        path=path,
        label=label_of(path, result, forms),
        value=value,
        text=text_of(value, evidence),
        kind=_kind(result, path),
        page=page_to_see(result, path),
        cutout=cut_out(result, place) if place else None,
        evidence=evidence,
    )


def doubts_of(result: Result, forms: Mapping[TableName, Form]) -> list[Doubt]:
    return [Doubt(asked_of(result, e.path, forms), REASONS[e.reason]) for e in result.validation.review]


def following(doubts: Sequence[Doubt], path: str) -> Doubt | None:
    """The entry after the one at `path`, or else the first of the others."""
    paths = [doubt.asked.path for doubt in doubts]
    start = paths.index(path) + 1 if path in paths else 0
    return next((d for d in [*doubts[start:], *doubts[:start]] if d.asked.path != path), None)


def done_of(result: Result, decisions: Sequence[DecisionView], forms: Mapping[TableName, Form]) -> list[Done]:
    """What persons have decided, the latest first, each thing once."""
    last = {d.path: d for d in decisions if d.path in result.evidence or is_entry(result, d.path)}
    latest = sorted(last.values(), key=lambda decision: decision.at, reverse=True)
    return [done(decision, asked_of(result, decision.path, forms)) for decision in latest]


def done(decision: DecisionView, asked: Asked) -> Done:
    return Done(asked, name_of(decision.by), decision.at, _words(decision, asked))


def _words(decision: DecisionView, asked: Asked) -> str:
    """由 77 更正为 34."""
    if decision.accepted:
        return "确认无误" if asked.found else asked.acceptance or "确认无误"
    if decision.previous is None:
        return f"填写为 {plain(decision.value)}"
    return f"由 {plain(decision.previous)} 更正为 {plain(decision.value)}"


def text_of(value: Said, evidence: Evidence | None) -> str:
    if value is not None:
        return plain(value)
    if evidence is None or evidence.state == "missing":
        return "没有读到"
    raw = (evidence.raw or "").strip()
    if evidence.state == "blank" and raw in STROKES:
        return f"{raw}（空白）"
    return f"“{raw}”" if evidence.state == "read" and raw else "空白"


def _kind(result: Result, path: str) -> str:
    if is_entry(result, path):
        return "none"
    if path == "published_on":
        return "date"
    return "text" if path in HEADLINE and path != "year" else "number"
