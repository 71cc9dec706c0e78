"""Writes a truth record as a Word document, a draft with its tracked changes among them."""

from __future__ import annotations

import io
from copy import deepcopy
from random import Random
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from tests.making import tables
from tests.making.grids import Cell, Grid
from tests.making.layout import Layout
from tests.making.markup import Markup
from tests.making.pdf import dated, signed, title_lines, worded
from tests.making.record import Record

_BY = 'w:id="1" w:author="甲" w:date="2024-01-01T00:00:00Z"'
LIST, LIST_ID = "901", "902"


def write_docx(record: Record, layout: Layout, markup: Markup, seed: int = 0) -> bytes:
    """The document's bytes; all its text is the same for the same arguments."""
    return _Writer(record, layout, markup, Random(seed)).write()


class _Writer:
    def __init__(self, record: Record, layout: Layout, markup: Markup, rng: Random) -> None:
        self._record, self._layout, self._markup, self._rng = record, layout, markup, rng
        self._document = docx.Document()
        self._numbering = self._document.part.numbering_part.element
        self._counted = True
        """Whether all headings up to here were numbered by the list."""
        self._holder: Any = self._document
        if markup.layout_tables:
            self._holder = self._document.add_table(1, 1).cell(0, 0)

    def write(self) -> bytes:
        record, layout = self._record, self._layout
        self._add_list()
        for line in title_lines(record, layout):
            self._paragraph(line, size=22)
        if date := dated(record, layout):
            self._dated(date)
        self._text(record.sections.get("0", ""))
        grids = {
            2: tables.proactive_grid(record, layout),
            3: tables.requests_grid(record, layout),
            4: tables.review_grid(record, layout),
        }
        for number in range(1, 7):
            self._heading(number)
            self._text(record.sections.get(str(number), ""))
            if number in grids:
                self._table(grids[number])
        for line in signed(record, layout):
            self._paragraph(line)
        data = io.BytesIO()
        self._document.save(data)
        return data.getvalue()

    def _paragraph(self, text: str, size: float = 14) -> Any:
        paragraph = self._holder.add_paragraph()
        middle = self._rng.randint(0, len(text))
        for part in (text[:middle], text[middle:]):
            if part:
                paragraph.add_run(part).font.size = Pt(size)
        return paragraph

    def _text(self, text: str) -> None:
        for line in text.splitlines():
            paragraph = self._paragraph(worded(line, self._layout))
            if self._markup.changes and self._rng.random() < 0.4:
                self._change(paragraph)

    def _change(self, paragraph: Any) -> None:
        """Words that were deleted, words that were added, and at times a paragraph that was divided."""
        element = paragraph._p
        element.append(_deleted("这些字已经删去。"))
        runs = element.findall(qn("w:r"))
        added = parse_xml(f"<w:ins {nsdecls('w')} {_BY}/>")
        runs[-1].addprevious(added)
        added.append(runs[-1])
        if self._rng.random() < 0.3:
            self._holder.add_paragraph()._p.append(_deleted("一整段都已删去。"))

    def _dated(self, text: str) -> None:
        if not self._markup.text_box:
            self._paragraph(text, size=12)
            return
        box = f"<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"
        drawn = f'<v:shape id="box"><v:textbox>{box}</v:textbox></v:shape>'
        spaces = (
            'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
            'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
            'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
            'xmlns:v="urn:schemas-microsoft-com:vml"'
        )
        run = parse_xml(
            f'<w:r {spaces}><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx>'
            f"</w:drawing></mc:Choice><mc:Fallback><w:pict>{drawn}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
        self._holder.add_paragraph()._p.append(run)

    def _heading(self, number: int) -> None:
        text = worded(self._layout.heading(number), self._layout)
        mark, _, title = text.partition("、")
        if not self._markup.numbered or mark not in tuple("一二三四五六"):
            self._paragraph(text)
            self._counted = False
            return
        name = LIST_ID if self._counted else self._begin_anew(number)
        numbered = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="{name}"/></w:numPr>'
        self._paragraph(title)._p.get_or_add_pPr().append(parse_xml(numbered))
        self._counted = True

    def _begin_anew(self, number: int) -> str:
        """A name for the list that lets it go on from another number, as one heading was not counted."""
        name = f"{int(LIST_ID) + number}"
        override = f'<w:lvlOverride w:ilvl="0"><w:startOverride w:val="{number}"/></w:lvlOverride>'
        self._numbering.append(
            parse_xml(f'<w:num {nsdecls("w")} w:numId="{name}"><w:abstractNumId w:val="{LIST}"/>{override}</w:num>')
        )
        return name

    def _add_list(self) -> None:
        level = (
            '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/>'
            '<w:lvlText w:val="%1、"/></w:lvl>'
        )
        w = nsdecls("w")
        self._numbering.insert(0, parse_xml(f'<w:abstractNum {w} w:abstractNumId="{LIST}">{level}</w:abstractNum>'))
        named = f'<w:num {w} w:numId="{LIST_ID}"><w:abstractNumId w:val="{LIST}"/></w:num>'
        self._numbering.append(parse_xml(named))

    def _table(self, grid: Grid) -> None:
        table = self._holder.add_table(grid.row_count, len(grid.shares))
        for cell in grid.cells:
            first = table.cell(cell.row, cell.column)
            if cell.rows > 1 or cell.columns > 1:
                first = first.merge(table.cell(cell.row + cell.rows - 1, cell.column + cell.columns - 1))
            self._fill(first, cell)
        if self._markup.changes:
            self._delete_row(table)

    def _fill(self, cell: Any, wanted: Cell) -> None:
        lines = list(wanted.text) if wanted.vertical else [wanted.text]
        cell.text = lines[0] if lines else ""
        for line in lines[1:]:
            cell.add_paragraph(line)
        if wanted.figure and wanted.text and self._markup.changes and self._rng.random() < 0.2:
            element = cell.paragraphs[0]._p
            run = element.findall(qn("w:r"))[0]
            run.addprevious(_deleted("77"))
            added = parse_xml(f"<w:ins {nsdecls('w')} {_BY}/>")
            run.addprevious(added)
            added.append(run)

    def _delete_row(self, table: Any) -> None:
        """A copy of the last row that was deleted again."""
        last = table._tbl.findall(qn("w:tr"))[-1]
        copy = deepcopy(last)
        copy.get_or_add_trPr().append(parse_xml(f"<w:del {nsdecls('w')} {_BY}/>"))
        last.addnext(copy)


def _deleted(text: str) -> Any:
    return parse_xml(f"<w:del {nsdecls('w')} {_BY}><w:r><w:delText>{text}</w:delText></w:r></w:del>")
