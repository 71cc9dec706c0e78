"""Characters: the spellings that mean the same, and how alike two labels are."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

KEPT = 1 << 14
"""Answers kept of each question: a form has some 100 labels, each of which is held against each printed one several
times, and reports print the same ones; 5 MB at most."""

_SPACE = re.compile(r"[\s\u200b\ufeff\xa0]+")
_MARKS = re.compile(r"[\s“”\"'‘’…·—\-－–_.,，。、:：;；()（）〔〕\[\]【】《》<>〈〉/／|*]")
_NUMBERING = re.compile(
    r"^\s*[（(【\[]?\s*([一二三四五六七八九十]{1,3}|\d{1,2}|[①-⑳㈠-㈩⑴-⒇⒈-⒛])\s*[)）】\].、．，,:：]*\s*"
)
_CHINESE_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "O": 0, "两": 2}


def squeeze(text: str) -> str:
    """The text without any white space, in compatibility form (full width digits become ASCII)."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(KEPT)
def bare(text: str) -> str:
    """Only what tells labels apart: no space, punctuation, quotes or brackets."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(KEPT)
def split_numbering(label: str) -> tuple[str, str]:
    """('1', '属于国家秘密') from '1.属于国家秘密'; the first part is empty where there is no numbering."""
    text = squeeze(label)
    match = _NUMBERING.match(text)
    if not match or match.end() == len(text):
        return "", text
    return unicodedata.normalize("NFKC", match.group(1)), text[match.end() :]


@lru_cache(KEPT)
def likeness(a: str, b: str) -> float:
    """0–1: how alike two labels are, punctuation and spaces apart (1 − normalised Indel distance)."""
    return fuzz.ratio(bare(a), bare(b)) / 100


@lru_cache(KEPT)
def label_likeness(printed: str, label: str) -> float:
    """Likeness with or without the numbering, whichever fits better; a different numbering costs a little."""
    number, rest = split_numbering(printed)
    wanted, wanted_rest = split_numbering(label)
    score = likeness(rest, wanted_rest)
    if number and wanted and _ordinal(number) != _ordinal(wanted):
        score -= 0.05
    return max(score, likeness(printed, label))


@lru_cache(KEPT)
def best_likeness(printed: str, labels: tuple[str, ...]) -> float:
    """To the one of several labels that is most like it."""
    return max(likeness(printed, label) for label in labels)


@lru_cache(KEPT)
def best_label_likeness(printed: str, labels: tuple[str, ...]) -> float:
    """The same, with or without the numbering."""
    return max(label_likeness(printed, label) for label in labels)


def _ordinal(number: str) -> int | str:
    digits = re.sub(r"\D", "", number)
    return int(digits) if digits else chinese_number(number) or number


def chinese_number(text: str) -> int | None:
    """21 from 二十一, 2021 from 二〇二一; None where it is no number."""
    if not text or any(c not in _CHINESE_DIGITS and c != "十" for c in text):
        return None
    if "十" not in text:
        return int("".join(str(_CHINESE_DIGITS[c]) for c in text))
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1 or ones == "十":
        return None
    return (_CHINESE_DIGITS[tens] if tens else 1) * 10 + (_CHINESE_DIGITS[ones] if ones else 0)
