"""What a file without pages holds, before it is known what its tables are for: layout, or figures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from extractors.errors import LimitExceeded
from extractors.headings import is_heading
from extractors.limits import Limits
from extractors.reading.page import PageReading, TypedTable, TypedText
from extractors.reading.spans import RawTable, place_cells

_BREAKS = re.compile(r"(?<![ \t\f])[ \t\f]*+[\r\n][ \t\f\r\n]*")
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’]"
_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE})\n|\n(?={_WIDE})")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_BLANKS = re.compile(r"[ \t\n\u00a0]+")


ABOUT = re.compile(
    r"^\s*(?:索\s*引\s*号|主题分类|发布(?:机构|日期|时间)|发文(?:机关|字号|日期)|成文日期|生成日期|公开(?:方式|日期)|信息名称)\s*(?:[:：]|$)"
)
"""Names of what is told of a document; no table of the form has any of them."""
TITLE = re.compile(r"^\s*(?:标\s*题|名\s*称|信息名称|文件名称)\s*[:：]?\s*$")
"""What tables about a document call its title."""
SMALL = 10.5
"""Points: the type of such tables."""
MOST_ROWS = 300
"""Of a table of a report: one with more holds something else, and is told as paragraphs."""


def too_many_paragraphs(limits: Limits) -> LimitExceeded:
    return LimitExceeded(
        f"The document has more than {limits.max_paragraphs} paragraphs and cells; please save only the report.",
        f"文档的段落和单元格超过 {limits.max_paragraphs} 个，请只保存报告正文后再上传。",
    )


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
    typed: list[TypedText | TypedTable] = []
    for block in blocks:
        if isinstance(block, RawText):
            typed.append(TypedText(block.text, block.size, block.bold))
        elif _is_about(block):
            typed += _told(block)
        else:
            typed.append(place_cells(block, _lines))
    return PageReading(number=number, width=0.0, height=0.0, origin="text", typed=typed)


def _is_about(table: RawTable[Cell]) -> bool:
    """Whether it tells of the document, as sites put it over the text."""
    return any(ABOUT.match(line) for row in table.rows for cell in row for line in _lines(cell)[:1])


def _told(table: RawTable[Cell]) -> Iterator[TypedText]:
    """Each name in such a table with what stands beside it."""
    for row in table.rows:
        texts = ["".join(_lines(cell)) for cell in row]
        pairs = zip(texts[::2], texts[1::2], strict=True) if len(texts) % 2 == 0 else [(" ".join(texts), "")]
        for name, value in pairs:
            text = value if value and TITLE.match(name) else f"{name} {value}".strip()
            if text:
                yield TypedText(text, SMALL)


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
    """Whether it holds other tables, the headings of sections among other text, or never two things side by side; or
    is longer than any table of a report."""
    cells = [cell for row in table.rows for cell in row]
    if max((len(row) for row in table.rows), default=0) < 2 or len(table.rows) > MOST_ROWS:
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
