"""Lines and tables → the six sections with their subsections, and what stands before and after them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import zip_longest

from extractors.forms import SectionForm, load_sections
from extractors.forms.alignment import align
from extractors.headings import HEADING, LEADER, LONGEST_HEADING, NUMBER, SUBHEADING, heading_likeness, may_be_heading
from extractors.headline import TALLEST_TITLE, find_title
from extractors.layout.flow import Element, Line, Table
from extractors.layout.paragraphs import Measure, Paragraph, measure, read_paragraphs
from extractors.report import Section, Subsection, TableName
from extractors.text import bare, squeeze

LONGER = 0.05
"""By how much two lines together must fit better than the first alone."""
DOTS = re.compile(r"(?<![.…·⋯])[.…·⋯]{3,}+\s*\d{1,3}$")
"""An entry of a table of contents."""
TABLE_OF: dict[int, TableName] = {2: "proactive_disclosure", 3: "requests", 4: "review_litigation"}
"""The table of each section that has one."""
DUST = ".,'`·•、"
"""What specks before or after a line are read as."""
SIGNED_DATE = re.compile(
    r"^((19|20)\d{2}年\d{1,2}月\d{1,2}日|(19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2}|[〇○零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)$"
)


@dataclass
class Outline:
    """`front` and `preamble` stand before the first section, `signature` after the last."""

    sections: list[Section] = field(default_factory=list)
    front: list[Line] = field(default_factory=list)
    preamble: list[Paragraph] = field(default_factory=list)
    signature: list[Line] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    """All tables, with the headings that they stand under."""


def read_sections(flow: list[Element]) -> Outline:
    """Find the headings of the six sections and hand every line to the one it belongs to."""
    headings = find_headings(flow)
    outline = Outline(tables=_tables(flow, headings))
    body_end, outline.signature = _signature(flow)
    first = headings[0].start if headings else len(flow)
    title = squeeze("".join(line.text for line in find_title([e for e in flow[:first] if isinstance(e, Line)])))
    front_end = _front_end(flow, first, title)
    outline.front = [e for e in flow[:front_end] if isinstance(e, Line)]
    column = measure(flow)
    opening = read_paragraphs(flow[front_end:first], column) if headings else []
    outline.preamble = [p for p in opening if isinstance(p, Paragraph)]
    for heading, following in zip_longest(headings, headings[1:]):
        end = following.start if following else body_end
        body = [e for e in flow[heading.end : max(end, heading.end)] if not (isinstance(e, Line) and _says(e, title))]
        outline.sections.append(_section(heading, body, column))
    return outline


def _tables(flow: Sequence[Element], headings: Sequence[Heading]) -> list[Table]:
    """The tables of the flow, those in the three sections that have a table of the form known for it."""
    under: TableName | None = None
    starts = {heading.start: TABLE_OF.get(heading.form.number) for heading in headings}
    tables = []
    for i, element in enumerate(flow):
        under = starts.get(i, under)
        if isinstance(element, Table):
            tables.append(replace(element, under=under))
    return tables


@dataclass(frozen=True)
class Heading:
    """Lines `start`…`end` − 1 of the flow, one or two of them."""

    start: int
    end: int
    text: str
    page: int
    form: SectionForm


def find_headings(flow: list[Element]) -> list[Heading]:
    """The chain of headings that fits the six sections best, in order.

    A table of contents repeats the headings before the text, so that the chain is matched from the
    end: of two equally good headings the later one is the report's own.
    """
    titles = load_sections()
    candidates = [c for c in map(partial(_candidate, flow, titles), range(len(flow))) if c and max(c.scores) >= HEADING]
    chain = align([candidate.scores[::-1] for candidate in reversed(candidates)], len(titles))
    found = []
    for candidate, target in zip(reversed(candidates), chain.matches, strict=True):
        if target is not None:
            form = titles[len(titles) - 1 - target]
            found.append(Heading(candidate.start, candidate.end, candidate.text, candidate.page, form))
    return found[::-1]


@dataclass(frozen=True)
class _Candidate:
    start: int
    end: int
    text: str
    page: int
    scores: list[float]


def _candidate(flow: list[Element], titles: Sequence[SectionForm], start: int) -> _Candidate | None:
    """A line as a heading, with the line below it where the two together fit better."""
    line = flow[start]
    if not isinstance(line, Line) or not may_be_heading(line.text):
        return None
    best = _Candidate(start, start + 1, line.text, line.page, _scores(line.text, titles))
    below = flow[start + 1] if start + 1 < len(flow) else None
    if isinstance(below, Line) and not NUMBER.match(squeeze(below.text)) and may_be_heading(line.text + below.text):
        text = line.text + below.text
        both = _Candidate(start, start + 2, text, line.page, _scores(text, titles))
        if max(both.scores) > max(best.scores) + LONGER:
            return both
    return best


def _scores(text: str, titles: Sequence[SectionForm]) -> list[float]:
    return [heading_likeness(text, title) for title in titles]


def _front_end(flow: list[Element], first: int, title: str) -> int:
    """Index after the title (a cover repeats it), date and table of contents: the preamble is running text."""
    end = 0
    for i, element in enumerate(flow[:first]):
        if not isinstance(element, Line):
            continue
        if _is_front(element) or (title and _ends_title(flow[: i + 1], title)):
            end = i + 1
    return end


def _ends_title(flow: list[Element], title: str) -> bool:
    """Whether the last lines together say the title."""
    text = ""
    for element in reversed(flow[-TALLEST_TITLE:]):
        if not isinstance(element, Line):
            return False
        text = squeeze(element.text) + text
        if text == title:
            return True
    return False


def _says(line: Line, title: str) -> bool:
    """Whether a line repeats the title: a running header that the page edges did not give away."""
    return bool(title) and squeeze(line.text) == title


def _is_front(line: Line) -> bool:
    text = squeeze(line.text).strip(DUST)
    if DOTS.search(line.text):
        return True
    if LEADER.search(line.text) and NUMBER.match(text) and len(LEADER.sub("", line.text)) <= LONGEST_HEADING:
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
    if not SIGNED_DATE.match(squeeze(last.text).strip(DUST)):
        return len(flow), []
    end = lines[-1]
    above = flow[end - 1] if end else None
    if isinstance(above, Line) and _is_name(above, last):
        end -= 1
    return end, [e for e in flow[end:] if isinstance(e, Line)]


def _is_name(line: Line, date: Line) -> bool:
    """A short line without a full stop that stands right of the text's indent, over the date."""
    text = squeeze(line.text)
    right = line.whole or line.box[0] > 0.3 * date.box[2]  # where lines stand, not every file tells
    return len(text) <= 30 and text[-1] not in "。；;：:" and right and not NUMBER.match(text)


def _section(heading: Heading, body: list[Element], column: Measure) -> Section:
    blocks = read_paragraphs(body, column)
    texts = [block.text for block in blocks if isinstance(block, Paragraph)]
    pages = {heading.page} | {element.page for element in body}
    return Section(
        number=heading.form.number,
        title=heading.form.title,
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
