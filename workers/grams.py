"""An index for parts of the names of agencies.

Chinese is written without spaces and a word may have two characters, so the key is the pair of neighbouring
characters. It only narrows down: whoever asks compares what it gives with the text itself.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from itertools import pairwise

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from workers.database import insert_once
from workers.tables import GramRow

LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""As SQLite compares: of the letters only ASCII ones are the same in upper and lower case."""
MOST = 16
"""Pairs of a question that are counted."""
ENOUGH = 200
"""Reports with a pair are counted up to here: among pairs so common any will do."""
EVERYWHERE = frozenset(one + other for one, other in pairwise("政府信息公开工作年度报告"))
"""Pairs of the title that the form prescribes: they would narrow nothing down."""


def pairs_of(text: str) -> set[str]:
    """Its pairs of neighbouring characters, without those that nearly every report has."""
    return {one + other for one, other in pairwise(text.translate(LOWER))} - EVERYWHERE


def note_pairs(session: Session, report_id: str, *texts: str | None) -> None:
    """Have the report found by parts of these texts too; what it was found by before stays."""
    pairs = set[str]().union(*(pairs_of(text) for text in texts if text))
    insert_once(session, *(GramRow(report_id=report_id, gram=pair) for pair in sorted(pairs)))


def rarest_pair(session: Session, words: Iterable[str]) -> str | None:
    """That pair of some words which the fewest reports have; None where there is nothing to look for."""
    pairs = sorted(set[str]().union(*map(pairs_of, words)), reverse=True)[:MOST]  # figures, which many have, come last
    if not pairs:
        return None
    counts = []
    for pair in pairs:
        some = select(GramRow.gram).where(GramRow.gram == pair).limit(ENOUGH).subquery()
        number = select(func.count()).select_from(some).scalar_subquery()
        counts.append(select(literal(pair).label("pair"), number.label("number")))
    rarest: str = session.scalars(union_all(*counts).order_by("number").limit(1)).one()
    return rarest
