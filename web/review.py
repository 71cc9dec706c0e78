"""The review list and what has been decided, as the pages show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.decisions import HEADLINE, Said, as_json, is_entry, value_at
from extractors.forms import Form
from extractors.report import Evidence, Result, TableName
from web.cutouts import View, cut_out, place_of
from web.labels import REASONS, label_of, name_of
from workers.decisions import DecisionView


@dataclass(frozen=True)
class Asked:
    """Something that a person can decide about."""

    path: str
    label: str
    text: str
    """The value as shown."""
    kind: str
    """What can be typed: `number`, `text`, `date`, or `none` where it can only be accepted."""
    page: int
    """Where to look; 1 where nothing tells."""
    cutout: View | None
    evidence: Evidence | None

    @property
    def acceptance(self) -> str | None:
        """What a person says who leaves it as it is; None for characters that make no number: they cannot stay."""
        if self.kind == "none":
            return "已看过"
        if self.evidence is None or self.evidence.state == "missing":
            return "原件确无"
        return None if self.text.startswith("“") else "无误"


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
    value = value_at(result, path)
    place = place_of(result, path)
    evidence = result.evidence.get(path)
    return Asked(
        path=path,
        label=label_of(path, result, forms),
        text=text_of(value, evidence),
        kind=_kind(result, path),
        page=place.page if place else 1,
        cutout=cut_out(result, place) if place else None,
        evidence=evidence,
    )


def doubts_of(result: Result, forms: Mapping[TableName, Form]) -> list[Doubt]:
    return [Doubt(asked_of(result, e.path, forms), REASONS[e.reason]) for e in result.validation.review]


def done_of(result: Result, decisions: Sequence[DecisionView], forms: Mapping[TableName, Form]) -> list[Done]:
    """What persons have decided, the latest first, each thing once."""
    last = {decision.path: decision for decision in decisions}
    return [
        Done(asked_of(result, decision.path, forms), name_of(decision.by), decision.at, words_of(decision))
        for decision in sorted(last.values(), key=lambda decision: decision.at, reverse=True)
    ]


def words_of(decision: DecisionView) -> str:
    """更正：77 → 34."""
    if decision.accepted:
        return "确认无误"
    return f"由 {_plain(decision.previous)} 更正为 {_plain(decision.value)}"


def text_of(value: Said, evidence: Evidence | None) -> str:
    if value is not None:
        return _plain(value)
    if evidence is None or evidence.state == "missing":
        return "未找到"
    return f"“{evidence.raw}”" if evidence.state == "read" and evidence.raw else "空白"


def _plain(value: Said) -> str:
    if value is None:
        return "空白"
    return f"{value:.10g}" if isinstance(value, float) else str(as_json(value))


def _kind(result: Result, path: str) -> str:
    if is_entry(result, path):
        return "none"
    if path == "published_on":
        return "date"
    return "text" if path in HEADLINE and path != "year" else "number"
