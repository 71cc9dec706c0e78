"""Match what is printed with what the form prescribes, by likeness and by order together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ALIKE = 0.55
"""Labels less alike than this are different labels (rapidfuzz ratio; typos as printed stay above 0.7)."""
FAINT = 0.3
"""Likeness from which a label supports, faintly, what its place says."""
KNOWN = 0.5
"""Share of the labels that must be known for the others to stand where they must, if all are printed."""
SAID = 0.75
"""Likeness from which a label says what it is, however few others can be read."""
TIE = 1e-9
"""Sums of floats that differ by less are equal."""


@dataclass(frozen=True)
class Alignment:
    """`matches[i]` is the index in the form of printed item `i`, or None; `by_position` holds those
    that no likeness supports: the one gap between two sure neighbours."""

    matches: list[int | None]
    by_position: set[int]
    score: float
    anchored: frozenset[int] = frozenset()
    """Those of `by_position` that can be nothing else: a gap of one between neighbours whose labels are known, or
    as many items as the form has in all; and a little of the label must be there."""


def align(likeness: Sequence[Sequence[float]], wanted: int, least: float = FAINT) -> Alignment:
    """The best matching that keeps the order; `likeness[i][j]` is 0–1 for printed i and wanted j.

    `least` is the likeness from which an item that only its place supports is anchored there.
    """
    printed = len(likeness)
    best = [[0.0] * (wanted + 1) for _ in range(printed + 1)]
    for i in range(printed - 1, -1, -1):
        for j in range(wanted - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + likeness[i][j] - ALIKE)
    matches: list[int | None] = [None] * printed
    i = j = 0
    score = 0.0
    while i < printed and j < wanted:
        gain = likeness[i][j] - ALIKE
        if gain > 0 and best[i][j] <= best[i + 1][j + 1] + gain + TIE:
            matches[i] = j
            score += gain
            i, j = i + 1, j + 1
        elif best[i][j] <= best[i + 1][j] + TIE:
            i += 1
        else:
            j += 1
    return _squeezed(matches, wanted, score, likeness, least)


def all_by_position(count: int) -> Alignment:
    """Each printed item for the one of the form in its place, supported by no label."""
    return Alignment(list(range(count)), set(range(count)), 0.0)


def in_order(alignment: Alignment, likeness: Sequence[Sequence[float]], wanted: int) -> Alignment:
    """The alignment, or each printed item for the one in its place where exactly as many are printed as the form has
    and hardly any label can be read; a label that says otherwise must be like that of its own place, too.

    None of those that only their place supports is anchored.
    """
    matches = alignment.matches
    known = [i for i, match in enumerate(matches) if match is not None and i not in alignment.by_position]
    if len(matches) != wanted or len(known) >= KNOWN * wanted or matches == list(range(wanted)):
        return alignment
    if any(likeness[i][match] >= SAID > likeness[i][i] for i in known if (match := matches[i]) is not None):
        return alignment
    own = {i for i in range(wanted) if likeness[i][i] < ALIKE}
    return Alignment(list(range(wanted)), own, sum(likeness[i][i] - ALIKE for i in set(range(wanted)) - own))


def _squeezed(
    matches: list[int | None], wanted: int, score: float, likeness: Sequence[Sequence[float]], least: float
) -> Alignment:
    """Fill gaps where as many items are left printed as wanted between two matched neighbours."""
    by_position: set[int] = set()
    anchored: set[int] = set()
    known = sum(match is not None for match in matches)
    complete = len(matches) == wanted and known >= KNOWN * wanted
    i = 0
    while i < len(matches):
        if matches[i] is not None:
            i += 1
            continue
        end = i
        while end < len(matches) and matches[end] is None:
            end += 1
        before = matches[i - 1] if i else -1
        after = matches[end] if end < len(matches) else wanted
        assert before is not None and after is not None
        if after - before - 1 == end - i and (i or end < len(matches)):
            for k in range(i, end):
                matches[k] = before + 1 + k - i
                by_position.add(k)
            like = [likeness[k][before + 1 + k - i] >= least for k in range(i, end)]
            if complete or end - i == 1:
                anchored.update(k for k, alike in zip(range(i, end), like, strict=True) if alike)
        i = end
    return Alignment(matches, by_position, score, frozenset(anchored))
