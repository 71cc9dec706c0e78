"""What a file without pages holds, before it is known what its tables are for: layout, or figures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from extractors.headings import is_heading
from extractors.reading.page import PageReading, TypedText
from extractors.reading.spans import RawTable, place_cells

_BREAKS = re.compile(r"[ \t\f]*[\r\n][ \t\f\r\n]*")
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’]"
_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE})\n|\n(?={_WIDE})")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_BLANKS = re.compile(r"[ \t\n\u00a0]+")


def clean(text: str) -> str:
    """The characters of a paragraph as they are seen: where its source is broken into lines, nothing is printed."""
    text = _BREAKS.sub("\n", _INVISIBLE.sub("", text))
    text = _BLANKS.sub(" ", _BETWEEN_WIDE.sub("", text))
    return "".join(char for char in text.strip() if unicodedata.category(char) != "Cc")


@dataclass(slots=True)
class RawText:
    """A paragraph, and what tells whether it belongs to the report."""

    text: str
    size: float
    bold: bool = False
    owner: int = 0
    """The element of a web page that it stands in, as they are counted in order."""
    linked: float = 0.0
    """Share of its characters that are links."""


@dataclass
class Cell:
    """A cell as it is written down: how far it says that it reaches, and what is in it."""

    rows: int = 1
    columns: int = 1
    blocks: list[Block] = field(default_factory=list)


Block = RawText | RawTable[Cell]


def read_typed(number: int, blocks: Iterable[Block]) -> PageReading:
    """The reading of a file that is one page, whatever its length; the tables among the blocks are the report's."""
    typed = [
        place_cells(block, _lines) if isinstance(block, RawTable) else TypedText(block.text, block.size, block.bold)
        for block in blocks
    ]
    return PageReading(number=number, width=0.0, height=0.0, origin="text", typed=typed)


def unfold(blocks: Iterable[Block]) -> Iterator[Block]:
    """Paragraphs and tables in order; a table that only says where on a page things stand is what is in it."""
    for block in blocks:
        if isinstance(block, RawTable) and _is_layout(block):
            for row in block.rows:
                for cell in row:
                    yield from unfold(cell.blocks)
        else:
            yield block


def _is_layout(table: RawTable[Cell]) -> bool:
    """Whether it holds other tables, the headings of sections among other text, or never two things side by side."""
    cells = [cell for row in table.rows for cell in row]
    if max((len(row) for row in table.rows), default=0) < 2:
        return True
    return any(_holds_tables(cell) or _holds_sections(cell) for cell in cells)


def _holds_tables(cell: Cell) -> bool:
    inner = [block for block in cell.blocks if isinstance(block, RawTable)]
    cells = [[cell for row in table.rows for cell in row] for table in inner]
    return any(len(own) > 1 or any(map(_holds_tables, own)) for own in cells)


def _holds_sections(cell: Cell) -> bool:
    return len(cell.blocks) > 1 and any(isinstance(block, RawText) and is_heading(block.text) for block in cell.blocks)


def _lines(cell: Cell) -> list[str]:
    """The lines of a cell; a table of a single cell in it is only a frame."""
    return [block.text for block in unfold(cell.blocks) if isinstance(block, RawText)]
