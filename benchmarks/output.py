"""Scores as tables for people and programs, and as a picture."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from html import escape
from math import log10
from pathlib import Path
from typing import Any

from benchmarks.scores import Finding, Score

COLUMNS: tuple[tuple[str, Callable[[Sequence[Score]], Any]], ...] = (
    ("documents", lambda s: len(s)),
    ("pages", lambda s: sum(x.pages for x in s)),
    ("cells", lambda s: _cells(s)),
    ("right %", lambda s: _percent(_cells(s) - _wrong(s), _cells(s), 2)),
    ("wrong, listed", lambda s: _listed(s)),
    ("wrong, silent", lambda s: _silent(s)),
    ("right, listed %", lambda s: _percent(_alarms(s), _cells(s), 2)),
    ("characters wrong", lambda s: f"{sum(x.edits for x in s) / max(1, sum(x.characters for x in s)):.4f}"),
    ("title, agency, year, date", lambda s: f"{sum(x.heads_right for x in s)}/{sum(x.heads for x in s)}"),
    ("checks missed", lambda s: sum(len(x.missed) for x in s)),
    ("checks false", lambda s: sum(len(x.false) for x in s)),
    ("rows of 三 %", lambda s: _percent(sum(x.rows_right for x in s), sum(x.rows for x in s), 1)),
    ("boxes %", lambda s: _percent(sum(x.boxes_right for x in s), sum(x.boxes for x in s), 1)),
    ("seconds a page", lambda s: f"{sum(x.seconds for x in s) / max(1, sum(x.pages for x in s)):.2f}"),
)


def _cells(scores: Sequence[Score]) -> int:
    return sum(x.cells for x in scores)


def _wrong(scores: Sequence[Score]) -> int:
    return sum(len(x.wrong) for x in scores)


def _silent(scores: Sequence[Score]) -> int:
    return sum(len(x.silent) for x in scores)


def _listed(scores: Sequence[Score]) -> int:
    return _wrong(scores) - _silent(scores)


def _alarms(scores: Sequence[Score]) -> int:
    return sum(len(x.alarms) for x in scores)


def _percent(part: int, whole: int, digits: int) -> str:
    return f"{100 * part / whole:.{digits}f}" if whole else "–"


def rows_of(scores: Iterable[Score], strengths: bool = False) -> list[list[str]]:
    """A head, a row a kind (or a strength of a kind) in the order of the first documents, and the total."""
    groups: dict[str, list[Score]] = {}
    for one in scores:
        groups.setdefault(f"{one.kind}-{one.strength + 1}" if strengths else one.kind, []).append(one)
    if strengths:
        groups = dict(sorted(groups.items()))
    everything = [one for group in groups.values() for one in group]
    rows = [["kind", *(name for name, _ in COLUMNS)]]
    for name, group in [*groups.items(), ("all", everything)]:
        rows.append([name, *(str(column(group)) for _, column in COLUMNS)])
    return rows


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table whose columns line up; figures stand to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| "
        + " | ".join(
            text.ljust(width) if i == 0 else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def write_csv(rows: Sequence[Sequence[object]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def findings(scores: Iterable[Score]) -> str:
    """Every wrong cell, silent ones first, then every alarm and whatever else went wrong, a line each."""
    scores = list(scores)
    wrong = sorted((f for s in scores for f in s.wrong), key=lambda f: (f.reason is not None, f.document, f.path))
    lines = [f"WRONG  {_line(f)}" for f in wrong]
    lines += [f"ALARM  {_line(f)}" for s in scores for f in s.alarms]
    for one in scores:
        lines += [f"ERROR  {one.document}  {text}" for text in one.errors]
        lines += [f"HEAD   {one.document}  {text}" for text in one.wrong_heads]
        lines += [f"CHECK  {one.document}  {name} missed" for name in one.missed]
        lines += [f"CHECK  {one.document}  {name} false" for name in one.false]
    return "\n".join(lines) + "\n"


def _line(finding: Finding) -> str:
    sure = "" if finding.confidence is None else f"  {finding.confidence:.3f}"
    listed = finding.reason or "SILENT"
    return (
        f"{finding.document}  {finding.path}  printed {finding.printed!r}  read {finding.read!r} "
        f"= {finding.value}{sure}  {listed}"
    )


def plot(scores: Sequence[Score]) -> str:
    """An SVG: for each kind, the shares of cells wrong and silent, wrong and listed, and right and listed.

    The axis is logarithmic from 0.01 % to 100 %: what matters is whether a bar is there at all.
    """
    kinds = list(dict.fromkeys(one.kind for one in scores))
    left, width, step = 130, 640, 34
    height = 70 + step * len(kinds)
    series = (
        ("wrong, silent", "#c0182b", _silent),
        ("wrong, listed", "#e39a2d", _listed),
        ("right, listed", "#7f9db9", _alarms),
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 90} {height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for power in range(5):
        x, share = left + width * power / 4, 10.0 ** (power - 4)
        parts.append(f'<line x1="{x}" y1="40" x2="{x}" y2="{height - 20}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{height - 5}" text-anchor="middle">{share:.2%}</text>')
    for index, (name, colour, _) in enumerate(series):
        x = left + 150 * index
        parts.append(f'<rect x="{x}" y="12" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="22">{name}</text>')
    for row, kind in enumerate(kinds):
        group = [one for one in scores if one.kind == kind]
        y = 46 + step * row
        parts.append(f'<text x="{left - 8}" y="{y + 17}" text-anchor="end">{escape(kind)}</text>')
        for index, (_, colour, count) in enumerate(series):
            number = count(group)
            length = width * _log_share(number / max(1, _cells(group)))
            top = y + 9 * index
            parts.append(f'<rect x="{left}" y="{top}" width="{length:.1f}" height="8" fill="{colour}"/>')
            if number:
                parts.append(f'<text x="{left + length + 4:.1f}" y="{top + 8}" font-size="9">{number}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _log_share(share: float) -> float:
    """0 at 0.01 % and below, 1 at 100 %."""
    return 0.0 if share <= 0 else max(0.02, 1 + log10(share) / 4)
