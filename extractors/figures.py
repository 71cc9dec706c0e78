"""The text of a cell → value, note and doubt. Nothing is converted or repaired in silence."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from extractors.forms import Column
from extractors.report import Value

STROKES = set("/\\-—–－―−_一|丨·.。")
"""A cell of nothing but these is printed blank."""
UNLIKE_STROKES = frozenset("023456789")
"""Digits that no dash or slash looks like: where the recogniser says one of them, it is of another opinion."""
WHOLE_STROKE, SHORT_STROKE = 0.97, 0.88
"""Confidence of a scanned stroke: of one as long as type is high, and of a shorter one, which may yet be what is left
of a worn figure."""
DASH = "—"
"""As which a level stroke is read."""
LOOKALIKES = {"0": "OoΟοОо〇○０QDU", "1": "lI|丨｜１", "4": "A", "-": "－–−一", "—": "―", ".": "．·", "/": "／"}
"""Characters that printed figures are taken for on a scan; their probability counts for the figure."""
_PLAIN = str.maketrans({alike: figure for figure, all_alike in LOOKALIKES.items() for alike in all_alike})
APART = "digits apart"
"""The doubt about figures with paper between their digits."""
DUST = ".·:,'"
"""As which specks beside a figure are read."""
SPECKED = "specks beside the figure"
"""The doubt about a count with one of these at its ends: of a pale digit a speck is left, too."""
LEADING_ZERO = "a 0 before other digits"
"""The doubt about a figure that begins with one: no form is filled in so."""
NONE_WORDS = {"无", "空", "无此项", "不涉及"}
_NUMBER = re.compile(r"([+\-−－﹣]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
MOST_DIGITS = 15
"""Of a number: with more of them, JSON's readers round it (a double holds 15), and no report counts so far."""
_SIGN_WORDS = {"减少": -1, "减": -1, "下降": -1, "负": -1, "增加": 1, "增长": 1, "增": 1}
_UNITS = ("亿元", "万元", "千元", "元")


def without_lookalikes(text: str) -> str:
    """What a scan says where a figure stands: 91O is 910."""
    return text.translate(_PLAIN)


@dataclass(frozen=True)
class Figure:
    """`value` is None where the cell is blank, or where it holds no number (then `doubt` says so)."""

    value: Value
    blank: bool = False
    note: str | None = None
    doubt: str | None = None


@lru_cache(1024)
def read_figure(text: str, column: Column, lines: int = 1) -> Figure:
    """Interpret the characters of a cell of `column`; `lines` is how many lines they stand on."""
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace("﹣", "-").strip()
    compact = re.sub(r"\s+", "", plain)
    if not compact or set(compact) <= STROKES:
        return Figure(None, blank=True)
    if compact in NONE_WORDS:
        return Figure(None, blank=True, note=compact)
    bare = compact.strip(DUST)
    if column.plain and bare != compact and bare.isascii() and bare.isdigit() and len(bare) <= MOST_DIGITS:
        return Figure(int(bare), doubt=SPECKED)
    sign, body = _sign_word(compact)
    match = _NUMBER.match(body)
    if not match or sum(char.isdigit() for char in match.group()) > MOST_DIGITS:
        return Figure(None, doubt="no number", note=compact)
    value = _value(match, sign)
    rest = body[match.end() :]
    doubt = None
    if re.search(r"\d\s+\d", plain[: _end_in(plain, match.group())]):
        doubt = APART
    if len(match.group(2)) > 1 and match.group(2).startswith("0"):
        doubt = doubt or LEADING_ZERO
    if lines > 1 and not rest:
        doubt = "number over two lines"
    if rest:
        doubt = doubt or _rest_doubt(rest, column)
    if match.group(3) and not (column.decimal or column.any_unit):
        doubt = doubt or "decimal in a column of counts"
    if sign is not None and not column.signed:
        doubt = doubt or "sign word in a column of counts"
    return Figure(value, note=_note(rest), doubt=doubt)


def _sign_word(text: str) -> tuple[int | None, str]:
    for word, sign in _SIGN_WORDS.items():
        if text.startswith(word) and text[len(word) : len(word) + 1].isdigit():
            return sign, text[len(word) :]
    return None, text


def _value(match: re.Match[str], sign: int | None) -> int | float:
    whole, fraction = match.group(2).replace(",", ""), match.group(3)
    number: int | float = float(whole + fraction) if fraction else int(whole)
    return -number if match.group(1) not in ("", "+") or sign == -1 else number


def _end_in(plain: str, number: str) -> int:
    """Where the number's last digit stands in the text that still has its spaces."""
    digits, seen = sum(c.isdigit() for c in number), 0
    for position, char in enumerate(plain):
        seen += char.isdigit()
        if seen == digits:
            return position + 1
    return len(plain)


def _rest_doubt(rest: str, column: Column) -> str | None:
    """What follows the number is a remark in brackets or a unit; anything else is doubtful."""
    remark = rest[0] in "([【〔" and rest[-1] in ")]】〕"
    bracketless = rest.strip("()")
    unit = next((u for u in _UNITS if bracketless == u), None)
    if unit is not None:
        return None if column.any_unit or unit == column.unit else "another unit"
    if remark or re.fullmatch(r"[件项条个宗起次份人]", rest):
        return None
    return "text after the number"


def _note(rest: str) -> str | None:
    if not rest:
        return None
    inner = rest[1:-1] if rest[0] in "([【〔" and rest[-1] in ")]】〕" else rest
    return inner or None
