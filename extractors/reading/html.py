"""An HTML page → paragraphs and tables. The tree is the one that browsers make (Lexbor); no script runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from extractors.errors import LimitExceeded
from extractors.limits import Limits
from extractors.reading.furniture import Element, is_hidden, report_of
from extractors.reading.page import PageReading
from extractors.reading.spans import MOST_COLUMNS, MOST_ROWS, RawTable
from extractors.reading.typed import Block, Cell, RawText, clean, read_typed, too_many_paragraphs, unfold

TEXT, COMMENT = "-text", "-comment"
# fmt: off
PARAGRAPHS = frozenset((
    "address", "article", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
))
# fmt: on
"""What begins on a new line."""
SIZES = {"h1": 22.0, "h2": 18.0, "h3": 16.0}
USUAL = 12.0
"""Points: type of which nothing is said."""
MOST_NESTED = 400
"""Elements one in the other: browsers themselves go no further than 512."""
TOO_DEEP = LimitExceeded(
    f"The page has more than {MOST_NESTED} elements one in the other; please save it as PDF and send that.",
    f"网页元素嵌套超过 {MOST_NESTED} 层，请将网页另存为 PDF 后再上传。",
)
_FONT_SIZE = re.compile(r"font-size\s*:\s*(\d+\.?\d*|\.\d+)\s*(px|pt)", re.IGNORECASE)
_POINTS = {"px": 0.75, "pt": 1.0}
_NUMBER = re.compile(r"\s*(\d{1,9})")


def read_html(markup: str, number: int, limits: Limits) -> PageReading:
    """The report on a page, without what stands around it; raises LimitExceeded."""
    tree = LexborHTMLParser(markup)
    builder = _Builder(limits)
    if tree.body is not None:
        builder.read(tree.body)
    return read_typed(number, report_of(list(unfold(builder.page.blocks)), builder.elements))


@dataclass
class _Builder:
    """Goes through a tree without recursion, as pages are nested as deeply as anyone likes."""

    limits: Limits
    page: Cell = field(default_factory=Cell)
    """What stands outside of all tables."""
    elements: list[Element] = field(default_factory=lambda: [Element(0, 0)])
    _owners: list[int] = field(default_factory=lambda: [0])
    _cells: list[Cell] = field(default_factory=list)
    """The cells that are open, one in the other."""
    _tables: list[RawTable[Cell]] = field(default_factory=list)
    _styles: list[tuple[float, bool]] = field(default_factory=lambda: [(USUAL, False)])
    _links: int = 0
    _text: list[str] = field(default_factory=list)
    _linked: int = 0
    _size: float = 0.0
    _bold: bool = False

    def read(self, body: Any) -> None:
        waiting = [(body, True)]
        while waiting:
            node, opening = waiting.pop()
            if not opening:
                self._close(node)
                continue
            if node.next is not None and waiting:  # what follows the body is none of the page
                waiting.append((node.next, True))
            if node.tag == TEXT:
                self._add(node.text_content or "")
            elif node.tag != COMMENT and not is_hidden(node):
                self._open(node)
                if len(self._styles) > MOST_NESTED:
                    raise TOO_DEEP
                waiting.append((node, False))
                if node.child is not None:
                    waiting.append((node.child, True))
        self._end_paragraph()
        self.elements[0].last = len(self.elements)

    def _open(self, node: Any) -> None:
        tag = node.tag
        if tag in PARAGRAPHS:
            self._end_paragraph()
            owner = len(self.elements)
            if owner > self.limits.max_paragraphs:
                raise too_many_paragraphs(self.limits)
            self.elements.append(Element(self._owners[-1], owner))
            self._owners.append(owner)
        self._styles.append(_style(node, self._styles[-1]))
        if tag == "a" and "href" in node.attributes:
            self._links += 1
        elif tag == "table":
            self._tables.append(RawTable(owner=self._owners[-1]))
        elif tag == "tr" and self._tables:
            self._tables[-1].rows.append([])
        elif tag in ("td", "th") and self._tables and self._tables[-1].rows:
            cell = Cell(_span(node, "rowspan", MOST_ROWS), _span(node, "colspan", MOST_COLUMNS))
            self._tables[-1].rows[-1].append(cell)
            self._cells.append(cell)

    def _close(self, node: Any) -> None:
        tag = node.tag
        self._styles.pop()
        if tag == "a" and "href" in node.attributes:
            self._links -= 1
        if tag not in PARAGRAPHS:
            return
        self._end_paragraph()
        self.elements[self._owners.pop()].last = len(self.elements) - 1
        if tag in ("td", "th") and self._cells:
            self._cells.pop()
        elif tag == "table":
            self._put(self._tables.pop())

    def _add(self, text: str) -> None:
        self._text.append(text)
        seen = len("".join(text.split()))
        if seen:
            size, bold = self._styles[-1]
            self._linked += seen if self._links else 0
            self._size, self._bold = max(self._size, size), self._bold or bold

    def _end_paragraph(self) -> None:
        text = clean("".join(self._text))
        if text:
            linked = self._linked / len("".join(text.split()))
            self._put(RawText(text, self._size, self._bold, self._owners[-1], linked))
        self._text, self._linked, self._size, self._bold = [], 0, 0.0, False

    def _put(self, block: Block) -> None:
        (self._cells[-1] if self._cells else self.page).blocks.append(block)


def _style(node: Any, around: tuple[float, bool]) -> tuple[float, bool]:
    """(size in points, bold) of the type in an element."""
    size, bold = around
    tag = node.tag
    if tag in SIZES:
        size, bold = SIZES[tag], True
    elif tag in ("b", "strong", "th"):
        bold = True
    if match := _FONT_SIZE.search(node.attributes.get("style") or ""):
        size = min(max(float(match.group(1)) * _POINTS[match.group(2).lower()], 1.0), 100.0)
    return size, bold


def _span(node: Any, name: str, most: int) -> int:
    """Rows or columns of a cell: what is no number is 1, and a rowspan of 0 reaches to the end."""
    match = _NUMBER.match(node.attributes.get(name) or "1")
    count = int(match.group(1)) if match else 1
    return min(count, most) if count else (most if name == "rowspan" else 1)
