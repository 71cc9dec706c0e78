"""Tables of which no rule is left: the rules that they would have, from the words alone.

Rows are told by the labels of the official form and by what stands beside them, columns by figures and heads one below
the other. A table is made up only if all its columns are there; figures in it are doubtful by that (`caution`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import inf

from extractors.headings import is_heading
from extractors.layout.grids import lines_of
from extractors.layout.unruled.page import Part, find_figures, middle_height, pieces_of, within, without_numbers
from extractors.layout.unruled.proactive import find_proactive
from extractors.layout.unruled.requests import find_requests
from extractors.layout.unruled.review import find_review, heads_among
from extractors.reading.page import Rule, Word
from extractors.report import Box

__all__ = ["find_figures", "find_unruled", "heights_of_headings", "may_be_tables"]

FEWEST_FIGURES = 2
"""Words of a page with a table that are figures; most other pages have one, their number, beside which nothing
stands."""
WIDE = 0.65
"""Share of the text's width from which a line is part of a paragraph: the labels of table 三 take up to 0.58."""


def may_be_tables(words: Sequence[Word]) -> bool:
    """Whether it is worth while to look for tables on a page."""
    figures = find_figures(words)
    if len(figures) >= FEWEST_FIGURES:
        return True
    beside = any(w.box[2] < box[0] and w.box[1] < middle_height(box) < w.box[3] for box in figures for w in words)
    # a row of dashes, which the detector does not see, below the heads of table 四
    return beside or bool(heads_among(words))


def heights_of_headings(words: Sequence[Word]) -> list[float]:
    """Where the middles of the headings of sections are."""
    lines = lines_of(words)
    return [middle_height(line[0].box) for line in lines if is_heading("".join(word.text for word in line))]


def find_unruled(
    words: Sequence[Word], pieces: Sequence[Box], figures: Sequence[Box], rules: Sequence[Rule] = ()
) -> list[Rule]:
    """Made up rules of all tables that the words of a page show.

    `pieces` are what is printed, parted where columns may be, `figures` those among them that may be figures; `rules`
    are upright ones that are left of a table.
    """
    left, right = min(w.box[0] for w in words), max(w.box[2] for w in words)
    figures = without_numbers(figures, words)
    uprights = [rule for rule in rules if not rule.horizontal]
    headings = heights_of_headings(words)
    closed = [piece for piece in pieces_of(words) if piece[-1].box[2] - piece[0].box[0] < WIDE * (right - left)]
    apart = [word for piece in closed for word in piece]
    made: list[Rule] = []
    for top, bottom in itertools.pairwise([-inf, *headings, inf]):
        part = Part(
            tuple(w for w in apart if top < middle_height(w.box) < bottom),
            tuple(within(pieces, top, bottom)),
            tuple(within(figures, top, bottom)),
            tuple(rule for rule in uprights if top < (rule.y0 + rule.y1) / 2 < bottom),
            left,
            right,
            first=top == -inf,
        )
        made += find_proactive(part) or find_requests(part) or find_review(part)
    return made
