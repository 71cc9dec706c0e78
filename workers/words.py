"""An index of the words in reports: their sections, title, agency and file name.

Chinese is written without spaces, so the index is of characters and of pairs of neighbouring ones. It says for each
of these which reports have it: of a word of one or two characters that is the whole answer, of a longer one the text
of the reports that have all its pairs is looked at.

A table with a row for each pair and report would take ten times the room, and fifty times as long to add to. So each
database keeps them in its own inverted index, whose lists are compressed: SQLite in FTS5 (a token for each pair), and
PostgreSQL in a GIN index over an array.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, cast, column, select, table, text
from sqlalchemy.orm import Session

from extractors.report import Result
from extractors.text import squeeze
from workers.tables import ReportRow, TextRow

MOST = 64
"""Pairs of a question that are looked up; of a longer one the text is looked at in any case."""
PAIRS = table("text_pairs", column("rowid"), column("number"), column("pairs"))


def plain(words: str) -> str:
    """Words without spaces, in lower case and in one width."""
    return squeeze(words).replace("\0", "").lower()


def note_words(session: Session, report_id: str, *parts: str | None, result: Result | None = None) -> None:
    """Have a report be found by the words of these parts and of its result, and by no others."""
    lines = [line for part in parts if part for line in part.splitlines()]
    if result is not None:
        report = result.report
        lines += report.preamble.splitlines()
        lines += [line for s in report.sections for line in (s.heading, *s.text.splitlines())]
    words = "\n".join(filter(None, map(plain, lines)))
    row = session.scalar(select(TextRow).where(TextRow.report_id == report_id))
    if row is None:
        row = TextRow(report_id=report_id, text=words)
        session.add(row)
        session.flush()
    elif row.text == words:
        return
    else:
        _drop(session, row)
        row.text = words
        session.flush()
    _add(session, [row])


def note_names(session: Session, names: Mapping[str, str]) -> None:
    """Have new reports, by id, be found by their names."""
    rows = [TextRow(report_id=report_id, text=plain(name)) for report_id, name in names.items()]
    session.add_all(rows)
    session.flush()
    if rows:
        _add(session, rows)


def forget_words(session: Session, report_id: str) -> None:
    """Take a report out of the index; to be called before its row is deleted."""
    row = session.scalar(select(TextRow).where(TextRow.report_id == report_id))
    if row is not None:
        _drop(session, row)


def having(session: Session, words: Iterable[str]) -> ColumnElement[bool] | None:
    """The condition that a report has each of some words; None where there are none."""
    wanted = [word for word in map(plain, words) if word]
    if not wanted:
        return None
    codes = sorted(set().union(*map(_codes_of_word, wanted)))
    texts = select(TextRow.report_id)
    if codes:
        texts = texts.where(TextRow.number.in_(_with_all(session, codes[:MOST])))
    for word in wanted:
        if len(codes) > MOST or len(word) > 2 or not word.isalnum():
            texts = texts.where(TextRow.text.contains(word, autoescape=True))
    return ReportRow.id.in_(texts)


def codes_of(words: str) -> set[int]:
    """A number for each letter or digit, and for each two that stand side by side."""
    pairs = {_code(pair) for pair in map("".join, pairwise(words)) if pair.isalnum()}
    return pairs | {_code(one) for one in words if one.isalnum()}


def _codes_of_word(word: str) -> set[int]:
    """Those that say most: the characters of a pair add nothing to it."""
    pairs = {_code(pair) for pair in map("".join, pairwise(word)) if pair.isalnum()}
    return pairs or {_code(one) for one in word if one.isalnum()}


def _code(characters: str) -> int:
    """Unicode has 21 bits."""
    return sum(ord(one) << 21 * place for place, one in enumerate(reversed(characters)))


def _with_all(session: Session, codes: Sequence[int]) -> Select[tuple[int]]:
    """Numbers of the texts that have all of these."""
    if _on_postgresql(session):
        return select(PAIRS.c.number).where(PAIRS.c.pairs.op("@>")(cast(list(codes), ARRAY(BigInteger))))
    return select(PAIRS.c.rowid).where(text("text_pairs MATCH :tokens").bindparams(tokens=_tokens(codes)))


def _add(session: Session, rows: Sequence[TextRow]) -> None:
    codes = [(row.number, sorted(codes_of(row.text))) for row in rows]
    if _on_postgresql(session):
        insert = text("INSERT INTO text_pairs (number, pairs) VALUES (:number, :pairs)")
        session.execute(insert, [{"number": number, "pairs": pairs} for number, pairs in codes])
    else:
        insert = text("INSERT INTO text_pairs (rowid, pairs) VALUES (:number, :pairs)")
        session.execute(insert, [{"number": number, "pairs": _tokens(pairs)} for number, pairs in codes])


def _drop(session: Session, row: TextRow) -> None:
    """FTS5 is told what the row was made of, as it does not keep it."""
    if _on_postgresql(session):
        session.execute(text("DELETE FROM text_pairs WHERE number = :number"), {"number": row.number})
    else:
        drop = text("INSERT INTO text_pairs (text_pairs, rowid, pairs) VALUES ('delete', :number, :pairs)")
        session.execute(drop, {"number": row.number, "pairs": _tokens(sorted(codes_of(row.text)))})


def _tokens(codes: Sequence[int]) -> str:
    return " ".join(f"{code:x}" for code in codes)


def _on_postgresql(session: Session) -> bool:
    return bool(session.get_bind().dialect.name == "postgresql")
