"""Lines and tables → the six sections with their subsections, and what stands before and after them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractors.forms import SectionForm, load_sections
from extractors.forms.alignment import align
from extractors.headline import find_title
from extractors.layout.flow import Element, Line, Table
from extractors.layout.paragraphs import Measure, Paragraph, measure, read_paragraphs
from extractors.report import Section, Subsection
from extractors.text import bare, chinese_number, likeness, squeeze

HEADING = 0.74
"""Likeness of a whole line to a section title from which it is that heading."""
UNNUMBERED = 0.9
"""The same where the number before it is lost: then it must be nearly exact."""
LONGEST_HEADING = 40
LEADER = re.compile(r"[.…·⋯\s]{3,}\s*\d*$|[\s.…·]\d{1,3}$")
NUMBER = re.compile(r"^第?([一二三四五六七八九十]{1,2}|\d{1,2})(部分|章)?[、.．,，:：\s]*")
SUBHEADING = re.compile(r"^[（(]\s*[一二三四五六七八九十]{1,3}\s*[)）]")
SIGNED_DATE = re.compile(
    r"^((19|20)\d{2}年\d{1,2}月\d{1,2}日|(19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2}|[二〇○零一-九]{4}年.{1,3}月.{1,3}日)$"
)


@dataclass
class Outline:
    """`front` and `preamble` stand before the first section, `signature` after the last."""

    sections: list[Section] = field(default_factory=list)
    front: list[Line] = field(default_factory=list)
    preamble: list[Paragraph] = field(default_factory=list)
    signature: list[Line] = field(default_factory=list)


def read_sections(flow: list[Element]) -> Outline:
    """Find the headings of the six sections and hand every line to the one it belongs to."""
    headings = find_headings(flow)
    outline = Outline()
    body_end, outline.signature = _signature(flow)
    starts = sorted(headings)
    first = starts[0] if starts else len(flow)
    front_end = _front_end(flow, first)
    outline.front = [e for e in flow[:front_end] if isinstance(e, Line)]
    column = measure(flow)
    opening = read_paragraphs(flow[front_end:first], column) if starts else []
    outline.preamble = [p for p in opening if isinstance(p, Paragraph)]
    for position, start in enumerate(starts):
        end = starts[position + 1] if position + 1 < len(starts) else max(body_end, start + 1)
        outline.sections.append(_section(headings[start], flow, start, end, column))
    return outline


def find_headings(flow: list[Element]) -> dict[int, SectionForm]:
    """Index in the flow → section, for the chain of headings that fits best in order."""
    titles = load_sections()
    candidates = [
        (i, element) for i, element in enumerate(flow) if isinstance(element, Line) and _may_be_heading(element)
    ]
    scores = [[_heading_likeness(line, title) for title in titles] for _, line in candidates]
    kept = [k for k, row in enumerate(scores) if max(row) >= HEADING]
    # a table of contents repeats the headings before the text, so that the chain is matched from the
    # end: of two equally good headings the later one is the report's own
    chain = align([scores[k][::-1] for k in reversed(kept)], len(titles))
    found: dict[int, SectionForm] = {}
    for k, target in zip(reversed(kept), chain.matches, strict=True):
        if target is not None and max(scores[k]) >= HEADING:
            index, _ = candidates[k]
            found[index] = titles[len(titles) - 1 - target]
    return found


def _may_be_heading(line: Line) -> bool:
    text = squeeze(line.text)
    return 4 <= len(text) <= LONGEST_HEADING and not LEADER.search(line.text) and text[-1] not in "。;；,，"


def _heading_likeness(line: Line, section: SectionForm) -> float:
    text = squeeze(line.text).rstrip(":：")
    match = NUMBER.match(text)
    title = text[match.end() :] if match else text
    score = max(likeness(title, name) for name in (section.title, *section.aliases))
    if not match:
        return score if score >= UNNUMBERED else 0.0
    number = chinese_number(match.group(1)) or (int(match.group(1)) if match.group(1).isdigit() else None)
    return score if number == section.number else score - 0.1


def _front_end(flow: list[Element], first: int) -> int:
    """Index after the title, date and table of contents: the preamble is running text."""
    lines = [element for element in flow[:first] if isinstance(element, Line)]
    title = {id(line) for line in find_title(lines)}
    end = 0
    for i, element in enumerate(flow[:first]):
        if isinstance(element, Line) and (id(element) in title or _is_front(element)):
            end = i + 1
    return end


def _is_front(line: Line) -> bool:
    text = squeeze(line.text)
    if LEADER.search(line.text) and len(text) < LONGEST_HEADING and NUMBER.match(text):
        return True
    if re.match(r"^(目录|发布(时间|日期|机构)|信息来源|来源|日期|成文日期|公开日期|索引号|浏览|字体|时间|发文)", text):
        return True
    return SIGNED_DATE.match(text) is not None


def _signature(flow: list[Element]) -> tuple[int, list[Line]]:
    """(index where the body ends, lines of the signature): a last line that is a date, and the name above it."""
    lines = [i for i, element in enumerate(flow) if isinstance(element, Line)]
    if not lines or lines[-1] != len(flow) - 1:
        return len(flow), []
    last = flow[lines[-1]]
    assert isinstance(last, Line)
    if not SIGNED_DATE.match(squeeze(last.text)):
        return len(flow), []
    end = lines[-1]
    above = flow[end - 1] if end else None
    if isinstance(above, Line) and _is_name(above, last):
        end -= 1
    return end, [e for e in flow[end:] if isinstance(e, Line)]


def _is_name(line: Line, date: Line) -> bool:
    """A short line without a full stop that stands right of the text's indent, over the date."""
    text = squeeze(line.text)
    return (
        len(text) <= 30 and text[-1] not in "。；;：:" and line.box[0] > 0.3 * (date.box[2]) and not NUMBER.match(text)
    )


def _section(form: SectionForm, flow: list[Element], start: int, end: int, column: Measure) -> Section:
    heading = flow[start]
    assert isinstance(heading, Line)
    blocks = read_paragraphs(flow[start + 1 : end], column)
    paragraphs = [block for block in blocks if isinstance(block, Paragraph)]
    pages = {heading.page} | {page for p in paragraphs for page in p.pages}
    pages |= {block.page for block in blocks if isinstance(block, Table)}
    texts = [paragraph.text for paragraph in paragraphs]
    return Section(
        number=form.number,
        title=form.title,
        heading=heading.text,
        text="\n".join(texts),
        pages=sorted(pages),
        subsections=_subsections(texts),
    )


def _subsections(paragraphs: list[str]) -> list[Subsection]:
    """（一）… opens a subsection; what follows on the same line after a full stop is its text."""
    subsections: list[Subsection] = []
    for paragraph in paragraphs:
        if SUBHEADING.match(paragraph):
            heading, text = _split_heading(paragraph)
            subsections.append(Subsection(heading=heading, text=text))
        elif subsections:
            last = subsections[-1]
            subsections[-1] = Subsection(heading=last.heading, text="\n".join(filter(None, [last.text, paragraph])))
    return subsections


def _split_heading(paragraph: str) -> tuple[str, str]:
    stop = re.search(r"[。:：]", paragraph)
    if stop is None or (stop.end() > LONGEST_HEADING and len(bare(paragraph)) <= 2 * LONGEST_HEADING):
        return paragraph, ""
    return paragraph[: stop.start()], paragraph[stop.end() :].strip()
