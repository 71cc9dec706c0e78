"""Title, agency, year, date of publication and period of a report."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from extractors.agencies import misread_as
from extractors.layout.flow import Line
from extractors.layout.paragraphs import Paragraph
from extractors.report import Period
from extractors.text import chinese_number, squeeze

SUBJECT = re.compile(r"(政府信息公开|政务公开|信息公开)(工作)?(年度)?(工作)?(报告|年报)(\(.{1,8}\))?$")
YEAR = re.compile(r"((?:19|20)\d{2}|[二〇○零][〇○零一二三四五六七八九]{3})(?:年度?)?")
DATE = re.compile(
    r"((?:19|20)\d{2}|[二][〇○零一二三四五六七八九]{3})\s*[年\-./]\s*"
    r"(\d{1,2}|[一二三四五六七八九十]{1,2})\s*[月\-./]\s*(\d{1,2}|[一二三四五六七八九十]{1,3})"
)
DATE_LABEL = re.compile(r"(发布|公布|公开|成文|生成|发文|更新)?(时间|日期)")
PERIOD = re.compile(
    r"(?:自|从)?((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日(?:起)?(?:至|到|—|-|~|－)((?:19|20)\d{2})年?(\d{1,2})月(\d{1,2})日"
)
UNIT = re.compile(r"[省市县区州盟旗镇乡]|街道")
"""What the name of an agency says of the region that it is of."""
OPENING = re.compile(r"(?:19|20)\d{2}年度?[,，、]?")
"""What stands before the agency where a text says what it did that year."""
AUTHOR = re.compile(r"本(?:年度)?报告由(.{4,30}?)(?:按照|根据|依据|依照|编制)")
SPECKS = re.compile(r"[.,'`·•。，、]")
"""What dust on a scan is read as; no title has any of these."""
TALLEST_TITLE = 5
"""Lines: no title runs over more."""
AS_LARGE = 0.9
"""Ratio of sizes of type from which they are the same: those measured on scans waver by a point."""
LONGEST_TITLE = 80
"""Characters."""


@dataclass(frozen=True)
class Headline:
    """What was found, each with the lines that it was found in."""

    title: str | None = None
    title_lines: tuple[Line, ...] = ()
    agency: str | None = None
    agency_lines: tuple[Line, ...] = ()
    year: int | None = None
    published_on: dt.date | None = None
    date_lines: tuple[Line, ...] = ()
    period: Period | None = None
    ambiguous: tuple[str, ...] = ()
    """The fields that the report itself puts in doubt: it names its agency a second time in other characters."""
    corrected: bool = False
    """Whether the agency, in the title too, is that other name."""


def read_headline(
    front: list[Line], preamble: list[Paragraph], signature: list[Line], texts: Sequence[str] = ()
) -> Headline:
    """Read them from the lines before the text, the preamble and the signature, in that order; the `texts` of the
    sections may name the agency again."""
    title_lines = find_title(front)
    title = title_of(title_lines) or None
    opening = [p.text for p in preamble]
    agency, agency_lines = _agency(title, title_lines, preamble, signature)
    others = _named_otherwise(agency, title_lines, preamble, signature, texts) if agency else []
    name = _mended(agency, others) if agency else None
    published_on, date_lines = _published_on(front, signature)
    return Headline(
        title=title.replace(agency, name) if title and agency and name else title,
        title_lines=tuple(title_lines),
        agency=name,
        agency_lines=tuple(agency_lines),
        year=_year(title),
        published_on=published_on,
        date_lines=tuple(date_lines),
        period=_period(opening),
        ambiguous=("title", "agency") if others else (),
        corrected=name != agency,
    )


def title_of(lines: list[Line]) -> str:
    """What the lines say as a title: without the spaces that only set it out, digits in half width, and without what
    dust on a scan is read as."""
    text = squeeze("".join(line.text for line in lines))
    scanned = any(word.origin == "ocr" for line in lines for word in line.words)
    return SPECKS.sub("", text) if scanned else text


def find_title(lines: list[Line]) -> list[Line]:
    """The lines of the title: neighbours in type of one size that together name the subject.

    A title may break anywhere, even within 报告. The largest type wins, and of what is nearly as large the title that
    also names year and agency, then the earliest.
    """
    found = []
    for start in range(len(lines)):
        for end in range(start + 1, min(start + TALLEST_TITLE, len(lines)) + 1):
            block = lines[start:end]
            if not _one_block(block):
                break
            text = title_of(block)
            if len(text) <= LONGEST_TITLE and SUBJECT.search(text):
                found.append(block)
    largest = max(map(_type_size, found), default=0.0)
    large = [block for block in found if _type_size(block) >= AS_LARGE * largest]
    return next((block for block in large if _complete(block)), large[0] if large else [])


def _one_block(lines: list[Line]) -> bool:
    """Whether all stand on one page, in type of one size, closely one below the other."""
    first, last = lines[0], lines[-1]
    if DATE_LABEL.search(squeeze(last.text)) or last.page != first.page:
        return False
    if not 0.8 <= last.size / max(first.size, 1) <= 1.25:
        return False
    return len(lines) == 1 or last.box[1] - lines[-2].box[3] < 2.5 * last.size


def _complete(lines: list[Line]) -> bool:
    """Whether year, agency and subject are all there."""
    text = title_of(lines)
    return bool(SUBJECT.search(text) and YEAR.search(text) and _agency_in(text))


def _type_size(lines: list[Line]) -> float:
    return median(line.size for line in lines)


def _agency_in(title: str) -> str | None:
    rest = YEAR.sub("", SUBJECT.sub("", squeeze(title)), count=1)
    rest = re.sub(r"^(关于|年度?)|(的|年度?|关于)$", "", rest).strip("-—· ")
    return rest if len(rest) >= 3 else None


def _agency(
    title: str | None, title_lines: list[Line], preamble: list[Paragraph], signature: list[Line]
) -> tuple[str | None, list[Line]]:
    if title and (agency := _agency_in(title)):
        return agency, title_lines
    if len(signature) > 1:
        return squeeze(signature[0].text), signature[:1]
    for paragraph in preamble:
        if match := AUTHOR.search(squeeze(paragraph.text)):
            return match.group(1), list(paragraph.lines[:1])
    return None, []


def _named_otherwise(
    agency: str,
    title_lines: list[Line],
    preamble: list[Paragraph],
    signature: list[Line],
    texts: Sequence[str],
) -> list[str]:
    """How signature, preamble and text name the agency of a scanned title in other characters than it does."""
    if not any(word.origin == "ocr" for line in title_lines for word in line.words):
        return []
    others = [squeeze(line.text) for line in signature]
    opening = [squeeze(paragraph.text) for paragraph in preamble]
    others += [match.group(1) for text in opening if (match := AUTHOR.search(text))]
    for text in (*opening, *map(squeeze, texts)):
        others += [text[match.end() :][: len(agency)] for match in OPENING.finditer(text)]
    return [other for other in others if misread_as(agency, other)]


def _mended(agency: str, others: Sequence[str]) -> str:
    """The agency, or the other name that tells a region where this has none, 自治具 being no 县, or that has one more
    character, as the recogniser may skip one."""
    alike = (other for other in others if len(other) == len(agency))
    longer = (other for other in others if _lacks_one(agency, other))
    return next(longer, next((other for other in alike if _tells_region(other, agency)), agency))


def _lacks_one(name: str, other: str) -> bool:
    """Whether a name is the other but for one character within it."""
    return len(name) + 1 == len(other) and any(name == other[:i] + other[i + 1 :] for i in range(1, len(other) - 1))


def _tells_region(name: str, other: str) -> bool:
    """Whether a character in which two names differ is part of the name's region and not of the other's."""
    units, others = ({i for m in UNIT.finditer(text) for i in range(*m.span())} for text in (name, other))
    differ = {i for i, (own, its) in enumerate(zip(name, other, strict=True)) if own != its}
    return bool(differ & units) and not differ & others


def _year(title: str | None) -> int | None:
    match = YEAR.search(title) if title else None
    return _number(match.group(1)) if match else None


def _published_on(front: list[Line], signature: list[Line]) -> tuple[dt.date | None, list[Line]]:
    labelled = [line for line in front if DATE_LABEL.search(squeeze(line.text))]
    for line in [*labelled, *signature[-1:]]:
        if (match := DATE.search(squeeze(line.text))) and (date := _date(*match.groups())):
            return date, [line]
    for line in front:
        match = DATE.search(squeeze(line.text))
        if match and len(squeeze(line.text)) <= 14 and (date := _date(*match.groups())):
            return date, [line]
    return None, []


def _period(paragraphs: list[str]) -> Period | None:
    for paragraph in paragraphs:
        if match := PERIOD.search(squeeze(paragraph)):
            start, end = _date(*match.groups()[:3]), _date(*match.groups()[3:])
            if start and end:
                return Period(start=start, end=end)
    return None


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else chinese_number(text)


def _date(year: str, month: str, day: str) -> dt.date | None:
    parts = [_number(part) for part in (year, month, day)]
    if None in parts:
        return None
    try:
        return dt.date(parts[0] or 0, parts[1] or 0, parts[2] or 0)
    except ValueError:
        return None
