"""The numbers that Word prints before paragraphs and does not keep in their text (ECMA-376 part 1, 17.9)."""

from __future__ import annotations

import re
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

DEEPEST = 9
_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_PLACES = ("", "十", "百", "千")
_COUNT = re.compile(r"[0-9]{1,9}")
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


class Numbering:
    """Counts the numbered paragraphs of one document, in order."""

    def __init__(self, document: Document) -> None:
        found = [rel for rel in document.part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.NUMBERING]
        root = getattr(found[0].target_part, "element", None) if found else None
        self._levels: dict[str, dict[int, Any]] = {}
        """List → its levels."""
        self._lists: dict[str, str] = {}
        """The number by which a paragraph names a list → the list that counts."""
        self._starts: dict[tuple[str, int], int] = {}
        """(list as paragraphs name it, level) → where it begins anew."""
        self._counts: dict[str, list[int | None]] = {}
        for abstract in root.findall(qn("w:abstractNum")) if root is not None else ():
            levels = {_level(level): level for level in abstract.findall(qn("w:lvl"))}
            self._levels[abstract.get(qn("w:abstractNumId"))] = levels
        for number in root.findall(qn("w:num")) if root is not None else ():
            name = number.get(qn("w:numId"))
            self._lists[name] = _value(number, "w:abstractNumId") or ""
            for override in number.findall(qn("w:lvlOverride")):
                if (start := _number(_value(override, "w:startOverride"))) is not None:
                    self._starts[name, _level(override)] = start

    def number_of(self, paragraph: Any, styles: list[Any]) -> str:
        """What stands before the paragraph; it is counted. `styles` are its style and those that it is based on."""
        name, level = _named(paragraph, styles)
        kept = self._lists.get(name or "")
        levels = self._levels.get(kept or "", {})
        if name is None or kept is None or level not in levels or level >= DEEPEST:
            return ""
        counts = self._counts.setdefault(kept, [None] * DEEPEST)
        anew = self._starts.pop((name, level), None)
        before = counts[level]
        counts[level] = anew if anew is not None else _start(levels[level]) if before is None else before + 1
        counts[level + 1 :] = [None] * (DEEPEST - level - 1)
        return self._shown(levels, counts, level)

    def _shown(self, levels: dict[int, Any], counts: list[int | None], level: int) -> str:
        if (_value(levels[level], "w:numFmt") or "decimal") in ("bullet", "none"):
            return ""
        plain = levels[level].find(qn("w:isLgl")) is not None

        def number(match: re.Match[str]) -> str:
            at = int(match.group(1)) - 1
            if at not in levels:
                return ""
            count = counts[at]
            shown = "decimal" if plain else _value(levels[at], "w:numFmt") or "decimal"
            return written(_start(levels[at]) if count is None else count, shown)

        text = re.sub(r"%([1-9])", number, _value(levels[level], "w:lvlText") or "")
        return f"{text} " if text[-1:].isalnum() else text


def written(number: int, style: str) -> str:
    """A number as Word writes it in one of its styles; in figures where it is none of those that reports use."""
    if style in ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand"):
        return chinese(number)
    if style in ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"):
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if style == "chineseLegalSimplified" and number < 10:
        return _LEGAL[number]
    if style.startswith("decimalEnclosedCircle") and 1 <= number <= len(_CIRCLED):
        return _CIRCLED[number - 1]
    if style in ("lowerLetter", "upperLetter") and 1 <= number <= 26:
        letter = chr(ord("a") + number - 1)
        return letter.upper() if style == "upperLetter" else letter
    if style in ("lowerRoman", "upperRoman") and 1 <= number < 400:
        roman = _roman(number)
        return roman.upper() if style == "upperRoman" else roman
    return f"{number:02}" if style == "decimalZero" else str(number)


def chinese(number: int) -> str:
    """二十一 from 21; below ten thousand."""
    if not 0 < number < 10_000:
        return str(number)
    text, gap = "", False
    digits = [int(digit) for digit in str(number)]
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit:
            text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit
    return text[1:] if text.startswith("一十") else text


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def _named(paragraph: Any, styles: list[Any]) -> tuple[str | None, int]:
    """(list, level) that the paragraph or, where it says nothing, its style names."""
    for element in (paragraph, *styles):
        properties = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if properties is not None:
            name, level = _value(properties, "w:numId"), _value(properties, "w:ilvl") or "0"
            if name is not None:
                return (None, 0) if name == "0" else (name, _number(level) or 0)
    return None, 0


def _level(element: Any) -> int:
    level = _number(element.get(qn("w:ilvl"), "0"))
    return DEEPEST if level is None else min(level, DEEPEST)


def _start(level: Any) -> int:
    start = _number(_value(level, "w:start"))
    return 1 if start is None else start


def _number(text: str | None) -> int | None:
    """What a file says in digits, if it is a number of a size that a list can have."""
    return int(text) if text is not None and _COUNT.fullmatch(text) else None


def _value(element: Any, name: str) -> str | None:
    found = element.find(qn(name))
    return None if found is None else found.get(qn("w:val"))
