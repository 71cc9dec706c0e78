"""A Word document → paragraphs and tables, as its last editor left it: what was deleted is gone, what was added counts.

Source: ECMA-376 part 1, chapter 17. Elements are named by their local names; those of the drawing and compatibility
layers are only gone through for text boxes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

from extractors.limits import Limits
from extractors.reading.numbering import Numbering
from extractors.reading.page import PageReading
from extractors.reading.spans import RawTable
from extractors.reading.typed import Block, Cell, RawText, clean, read_typed, too_many_paragraphs, unfold
from extractors.sources.damage import damage_told
from extractors.sources.docx import LIBRARIES, open_docx

USUAL = 10.5
"""Points: Word's own size of Chinese text where nothing says another."""
GONE = frozenset(map(qn, ("w:del", "w:moveFrom", "w:instrText", "w:delText", "w:rPr", "w:pPr", "w:rt")))
"""What is not in the text as it stands; w:rt is a reading aid above it."""
TEXT_BOX, TEXT, BREAK, TAB = qn("w:txbxContent"), qn("w:t"), (qn("w:br"), qn("w:cr")), qn("w:tab")
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The same thing once more, for old programs."""


def read_docx(path: Path, number: int, limits: Limits) -> PageReading:
    """The paragraphs and tables of a Word file; raises DocumentError."""
    document = open_docx(path, limits)
    with damage_told(*LIBRARIES):  # parts that are not what they should be
        return read_typed(number, unfold(_Reader(document, limits).blocks(document.element.body)))


@dataclass
class _Text:
    """What a paragraph has said so far, and the text boxes that hang on it."""

    lines: list[str]
    size: float = 0.0
    bold: bool = False


class _Reader:
    def __init__(self, document: Document, limits: Limits) -> None:
        self._limits = limits
        self._paragraphs = 0
        self._numbering = Numbering(document)
        self._styles = {style.style_id: style.element for style in document.styles}
        self._size = _size_in(document.styles.element.find(f"{qn('w:docDefaults')}//{qn('w:rPr')}")) or USUAL

    def blocks(self, container: Any) -> Iterator[Block]:
        """Of a body, a cell or a text box."""
        open_paragraph = _Text([""])
        for element in _content(container):
            if element.tag == qn("w:tbl"):
                yield self._table(element)
                continue
            boxes: list[Any] = []
            self._read_paragraph(element, open_paragraph, boxes)
            if not _runs_on(element):
                yield from _paragraphs(open_paragraph)
                open_paragraph = _Text([""])
            for box in boxes:
                yield from self.blocks(box)
        yield from _paragraphs(open_paragraph)

    def _read_paragraph(self, paragraph: Any, text: _Text, boxes: list[Any]) -> None:
        self._paragraphs += 1
        if self._paragraphs > self._limits.max_paragraphs:
            raise too_many_paragraphs(self._limits)
        style = self._style_chain(paragraph)
        text.lines[-1] += self._numbering.number_of(paragraph, style)
        own = next((size for size in (_size_in(s.find(qn("w:rPr"))) for s in style) if size), self._size)
        self._read_runs(paragraph, text, boxes, own)

    def _read_runs(self, element: Any, text: _Text, boxes: list[Any], size: float) -> None:
        for child in element:
            if child.tag in GONE or child.tag == FALLBACK:
                continue
            if child.tag == TEXT_BOX:
                boxes.append(child)
            elif child.tag == TEXT:
                text.lines[-1] += child.text or ""
                if (child.text or "").strip():
                    text.size = max(text.size, size)
            elif child.tag in BREAK:
                text.lines.append("")
            elif child.tag == TAB:
                text.lines[-1] += " "
            elif child.tag == qn("w:noBreakHyphen"):
                text.lines[-1] += "-"
            elif child.tag == qn("w:r"):
                properties = child.find(qn("w:rPr"))
                if not _is_on(properties, "w:vanish"):
                    text.bold = text.bold or _is_on(properties, "w:b")
                    self._read_runs(child, text, boxes, _size_in(properties) or size)
            else:
                self._read_runs(child, text, boxes, size)

    def _style_chain(self, paragraph: Any) -> list[Any]:
        """The paragraph's style and those that it is based on."""
        properties = paragraph.find(qn("w:pPr"))
        name = _value(properties, "w:pStyle")
        chain: list[Any] = []
        while name in self._styles and self._styles[name] not in chain:
            chain.append(self._styles[name])
            name = _value(chain[-1], "w:basedOn")
        return chain

    def _table(self, table: Any) -> RawTable[Cell]:
        """Cells that go on from the row above are that row's."""
        raw: RawTable[Cell] = RawTable()
        above: dict[int, tuple[int, Cell]] = {}
        """Column → (columns, cell) of the cells that a row may go on with."""
        for row in _within(table, "w:tr"):
            properties = row.find(qn("w:trPr"))
            if properties is not None and properties.find(qn("w:del")) is not None:
                continue
            cells, here = [], {}
            left = _count(properties, "w:gridBefore")
            if left:
                cells.append(Cell(columns=left))
            for element in _within(row, "w:tc"):
                own = element.find(qn("w:tcPr"))
                if own is not None and own.find(qn("w:cellDel")) is not None:
                    continue
                columns = max(_count(own, "w:gridSpan"), 1)
                merge = own.find(qn("w:vMerge")) if own is not None else None
                goes_on = merge is not None and merge.get(qn("w:val"), "continue") == "continue"
                if goes_on and left in above and above[left][0] == columns:
                    cell = above[left][1]
                    cell.rows += 1
                    cell.blocks += self.blocks(element)
                else:
                    cell = Cell(columns=columns, blocks=list(self.blocks(element)))
                    cells.append(cell)
                if merge is not None:
                    here[left] = (columns, cell)
                left += columns
            raw.rows.append(cells)
            above = here
        return raw


def _content(container: Any) -> Iterator[Any]:
    """Paragraphs and tables, also those in content controls and those added with changes tracked."""
    for child in container:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag not in GONE:
            yield from _content(child)


def _within(element: Any, name: str) -> Iterator[Any]:
    """The rows of a table, or the cells of a row: content controls may stand around them."""
    for child in element:
        if child.tag == qn(name):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:moveTo"), qn("w:customXml")):
            yield from _within(child, name)


def _runs_on(paragraph: Any) -> bool:
    """Whether the mark at its end was deleted: the next paragraph is part of it."""
    mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}")
    return mark is not None and mark.find(qn("w:del")) is not None


def _paragraphs(text: _Text) -> Iterator[RawText]:
    for line in map(clean, text.lines):
        if line:
            yield RawText(line, text.size or USUAL, text.bold)


def _value(properties: Any, name: str) -> str | None:
    found = properties.find(qn(name)) if properties is not None else None
    return None if found is None else found.get(qn("w:val"))


def _count(properties: Any, name: str) -> int:
    value = _value(properties, name) or ""
    return min(int(value), 1000) if value.isascii() and value.isdigit() else 0


def _is_on(properties: Any, name: str) -> bool:
    found = properties.find(qn(name)) if properties is not None else None
    return found is not None and found.get(qn("w:val"), "true") not in ("0", "false", "off")


def _size_in(properties: Any) -> float | None:
    """Points; Word counts half ones."""
    size = _count(properties, "w:sz")
    return size / 2 if size else None
