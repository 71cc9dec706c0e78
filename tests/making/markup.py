"""The choices of a report that is kept as a file without pages: how its web page or Word document is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from tests.making.grids import Cell, Grid


@dataclass(frozen=True)
class Markup:
    """The defaults are a plain page, or a plain document, as the standard has it."""

    encoding: str = "utf-8"
    declared: str | None = "utf-8"
    """The encoding that the page says it is in; None: it says nothing."""
    furniture: bool = False
    """The page is saved with what stands around the report, links, scripts and forms."""
    layout_tables: bool = False
    """The report stands in a cell of tables that only lay it out."""
    breaks: bool = False
    """Paragraphs are parted by line breaks only."""
    spans_of_style: bool = False
    """Markup as Word exports it: a class, a style and a span around every piece of text."""
    wrong_span: str = "none"
    """The rowspan of a group of table 三 that is wrong: long, short, or wide (a colspan)."""
    numbered: bool = False
    """The numbers of headings are automatic, and not in their text."""
    changes: bool = False
    """The document keeps what was deleted and added since its draft."""
    text_box: bool = False
    """The line under the title stands in a text box."""


ENCODINGS = (
    ("utf-8", "utf-8"),
    ("utf-8", None),
    ("utf-8", "gb2312"),
    ("utf-8-sig", "utf-8"),
    ("gbk", "gb2312"),
    ("gbk", None),
    ("gbk", "utf-8"),
    ("gb18030", "gb18030"),
    ("utf-16", "utf-16"),
)
"""How a page is written, and what it says of it: the one need not be the other."""


def draw_markup(rng: Random) -> Markup:
    """Any way in which an office may have kept a report."""
    encoding, declared = rng.choice(ENCODINGS)
    return Markup(
        encoding=encoding,
        declared=declared,
        furniture=rng.random() < 0.7,
        layout_tables=rng.random() < 0.35,
        breaks=rng.random() < 0.25,
        spans_of_style=rng.random() < 0.3,
        wrong_span=rng.choice(("none", "none", "long", "short", "wide")),
        numbered=rng.random() < 0.5,
        changes=rng.random() < 0.5,
        text_box=rng.random() < 0.3,
    )


def with_wrong_span(grid: Grid, kind: str, rng: Random) -> Grid:
    """Table 三 as a careless hand leaves it; every cell stays in its row, and in its order there."""
    if kind == "wide":
        wanted = [cell for cell in grid.cells if cell.row < grid.heads and cell.rows == 1 and cell.columns == 5]
        change = {"columns": 6}
    else:
        ends = [cell.row + cell.rows for cell in grid.cells if cell.column < 2 and cell.rows > 1]
        wanted = [
            cell
            for cell in grid.cells
            if cell.column < 2
            and cell.row >= grid.heads
            and cell.rows > 2
            and ends.count(cell.row + cell.rows) == 1
            and cell.row + cell.rows < grid.row_count
        ]
        change = {}
    if not wanted or kind == "none":
        return grid
    wrong: Cell = rng.choice(wanted)
    change = change or {"rows": wrong.rows + (1 if kind == "long" else -1)}
    cells = [replace(cell, **change) if cell is wrong else cell for cell in grid.cells]  # type: ignore[arg-type]
    return Grid(grid.shares, cells, grid.heads)
