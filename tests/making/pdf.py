"""Renders a truth record to a PDF with text, as a word processor would print it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tests.making import grids, tables
from tests.making.layout import Layout
from tests.making.record import Record
from tests.making.sheet import A4, Place, Sheet
from tests.making.widths import half_width, spaced

_NUMERALS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Printed:
    """A made PDF and where in it things stand."""

    pdf: bytes
    cells: dict[str, Place]
    """The cell of each figure, by its path."""
    tables: dict[int, list[Place]]
    """The pieces of the tables, by section."""


def render(record: Record, layout: Layout | None = None) -> bytes:
    """The PDF's bytes: the same record and layout give the same pages."""
    return print_report(record, layout).pdf


def print_report(record: Record, layout: Layout | None = None) -> Printed:
    """The PDF, and where its figures and tables are."""
    layout = layout or Layout()
    sheet = Sheet(layout)
    if layout.cover:
        _cover(sheet, record)
    _title(sheet, record)
    _date_line(sheet, record)
    _paragraphs(sheet, record.sections.get("0", ""))
    for number in range(1, 7):
        _heading(sheet, number)
        _paragraphs(sheet, record.sections.get(str(number), ""))
        _table(sheet, record, number)
    _signature(sheet, record)
    _furnish(sheet, record)
    return Printed(sheet.finish(), sheet.printed, sheet.tables)


def _cover(sheet: Sheet, record: Record) -> None:
    layout = sheet.layout
    sheet.y += 160
    for line in title_lines(record, layout):
        sheet.paragraph(line, size=24, face=layout.heading_face, indent=0, align="center")
    sheet.new_page()
    sheet.paragraph("目    录", size=layout.size + 4, face=layout.heading_face, indent=0, align="center")
    for number in range(1, 7):
        text = worded(layout.heading(number), layout)
        dots = "…" * max(
            3, int((sheet.right - sheet.left - sheet.width(text, layout.size, layout.face)) / layout.size) - 4
        )
        sheet.paragraph(f"{text}{dots}{number + 1}", indent=0)
    sheet.new_page()


def title_lines(record: Record, layout: Layout) -> list[str]:
    """The title as it is broken by whoever typed it."""
    title, year = record.title, f"{record.year}年"
    if layout.title_break == "none":
        return [title]
    if layout.title_break == "middle":
        middle = len(title) // 2
        while title[middle - 1].isdigit():
            middle += 1
        return [title[:middle], title[middle:]]
    for first in (record.agency, year + record.agency, year):
        if title.startswith(first):
            return [first, title[len(first) :]]
    return [title]


def _title(sheet: Sheet, record: Record) -> None:
    layout = sheet.layout
    size = layout.size + 6
    for line in title_lines(record, layout):
        sheet.paragraph(line, size=size, face=layout.heading_face, indent=0, align="center")
    sheet.y += layout.size


def dated(record: Record, layout: Layout) -> str | None:
    """The line with the date under the title, where there is one."""
    style = layout.date_style
    if record.published_on is None or style.startswith("signature"):
        return None
    date = dt.date.fromisoformat(record.published_on)
    return style.format(iso=record.published_on, chinese=_chinese(date), agency=record.agency)


def signed(record: Record, layout: Layout) -> list[str]:
    """Agency and date at the end, where they stand there."""
    style = layout.date_style
    if record.published_on is None or not style.startswith("signature"):
        return []
    date = dt.date.fromisoformat(record.published_on)
    return [record.agency, _numerals(date) if style.endswith("numerals") else _chinese(date)]


def _date_line(sheet: Sheet, record: Record) -> None:
    if text := dated(record, sheet.layout):
        sheet.paragraph(text, size=min(12.0, sheet.layout.size), indent=0, align="center")


def _signature(sheet: Sheet, record: Record) -> None:
    lines = signed(record, sheet.layout)
    if not lines:
        return
    step = sheet.layout.size * sheet.layout.leading
    if sheet.room() < 4 * step:
        sheet.new_page()
    sheet.y += step
    for line in lines:
        sheet.paragraph(line + "　　", indent=0, align="right")


def _paragraphs(sheet: Sheet, text: str) -> None:
    for paragraph in text.splitlines():
        sheet.paragraph(worded(paragraph, sheet.layout))


def _heading(sheet: Sheet, number: int) -> None:
    layout = sheet.layout
    if sheet.room() < 2 * layout.size * layout.leading:
        sheet.new_page()
    sheet.paragraph(worded(layout.heading(number), layout), face=layout.heading_face)


def _table(sheet: Sheet, record: Record, section: int) -> None:
    layout = sheet.layout
    if section == 2:
        sheet.tables[2] = grids.draw(sheet, tables.proactive_grid(record, layout))
    elif section == 3:
        grid = tables.requests_grid(record, layout)
        sheet.tables[3] = grids.draw(sheet, grid, keep_together=layout.new_page_tables)
    elif section == 4:
        sheet.tables[4] = grids.draw(sheet, tables.review_grid(record, layout), keep_together=True)


def _furnish(sheet: Sheet, record: Record) -> None:
    """Running header and page numbers."""
    layout, pages = sheet.layout, len(sheet.document)
    for index in range(pages):
        if layout.page_number:
            text = layout.page_number.format(index + 1, pages)
            x = (A4[0] - sheet.width(text, 10.5, layout.face)) / 2
            sheet.put(x, A4[1] - 42, text, 10.5, layout.face, page=index)
        if layout.running_header and index:
            sheet.put(sheet.left, 44, record.title, 9, layout.face, page=index)


def worded(text: str, layout: Layout) -> str:
    """A paragraph as the layout sets it: width of signs, spaces around digits."""
    text = half_width(text) if layout.half_width else text
    return spaced(text) if layout.spaced_digits else text


def _chinese(date: dt.date) -> str:
    return f"{date.year}年{date.month}月{date.day}日"


def _numerals(date: dt.date) -> str:
    """二〇二二年一月十二日"""
    year = "".join(_NUMERALS[int(digit)] for digit in str(date.year))
    return f"{year}年{_below_hundred(date.month)}月{_below_hundred(date.day)}日"


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _NUMERALS[tens] + "十"
    return head + (_NUMERALS[ones] if ones else "")
