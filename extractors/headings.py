"""How well a line of text fits the title of one of the six sections."""

from __future__ import annotations

import re

from extractors.forms import SectionForm, load_sections
from extractors.text import chinese_number, likeness, squeeze

HEADING = 0.74
"""Likeness of a whole line to a section title from which it is that heading."""
UNNUMBERED = 0.9
"""The same where the number before it is lost: then it must be nearly exact."""
LONGEST_HEADING = 40
LEADER = re.compile(r"(?<![.…·⋯\s])[.…·⋯\s]{3,}+\d*$|[\s.…·]\d{1,3}$")
NUMBER = re.compile(r"^第?([一二三四五六七八九十]{1,2}|\d{1,2})(部分|章)?[、.．,，:：\s]*")
SUBHEADING = re.compile(r"^[（(]\s*[一二三四五六七八九十]{1,3}\s*[)）]")


def is_heading(text: str) -> bool:
    """Whether a line by itself is the heading of a section."""
    return may_be_heading(text) and max(heading_likeness(text, title) for title in load_sections()) >= HEADING


def may_be_heading(text: str) -> bool:
    plain = squeeze(text)
    if SUBHEADING.match(plain) or LEADER.search(text):
        return False
    return 4 <= len(plain) <= LONGEST_HEADING and plain[-1] not in "。;；,，"


def heading_likeness(line: str, section: SectionForm) -> float:
    """0–1; a wrong number costs a little, a missing one asks for a nearly exact title."""
    text = squeeze(line).rstrip(":：")
    match = NUMBER.match(text)
    title = text[match.end() :] if match else text
    score = max(likeness(title, name) for name in (section.title, *section.aliases))
    if not match:
        return score if score >= UNNUMBERED else 0.0
    number = chinese_number(match.group(1)) or (int(match.group(1)) if match.group(1).isdigit() else None)
    return score if number == section.number else score - 0.1
