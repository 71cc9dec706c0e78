"""What reading a page gives: the same for a text layer and for a scan."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from extractors.report import Box, Origin


@dataclass(slots=True)
class Word:
    """Characters that stand together on one line, within one cell."""

    text: str
    box: Box
    confidence: float = 1.0
    origin: Origin = "text"
    size: float = 0.0
    """Height of the type in points."""
    bold: bool = False
    figure: str | None = None
    """For a word in a cell of a scan: the best reading if it is a figure, and how sure that is."""
    figure_confidence: float = 0.0


@dataclass(slots=True)
class Rule:
    """A ruled line, horizontal or vertical, from (x0, y0) to (x1, y1).

    Rules and words come by the thousand: they are checked where a reading comes in from outside, as JSON,
    and not where one is made.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    inferred: bool = False
    """Not drawn: where columns without upright rules meet."""

    @property
    def horizontal(self) -> bool:
        return abs(self.x1 - self.x0) >= abs(self.y1 - self.y0)


AS_SHOWN = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
"""The level page is the page as the file shows it."""


@dataclass(slots=True)
class TypedText:
    """A paragraph of a file that says what its paragraphs are (HTML, Word)."""

    text: str
    size: float
    """Height of the type in points, as far as the file tells; what matters is only which is larger."""
    bold: bool = False


@dataclass(slots=True)
class TypedCell:
    """Rows `top`…`bottom` − 1 and columns `left`…`right` − 1 of its table, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int
    lines: list[str]
    sure: bool = True
    """Its row is as wide as the table: it stands under the header that is meant."""


@dataclass(slots=True)
class TypedTable:
    """A table of such a file, with all its cells."""

    rows: int
    columns: int
    cells: list[TypedCell]


class PageReading(BaseModel):
    """Words and ruled lines of one page, in points on the page made upright and level.

    A file without pages is one page that has neither: what it holds is known as it was typed (`typed`).
    """

    number: int
    width: float
    height: float
    """Size of the page as the file shows it."""
    sheet_height: float | None = None
    """Height of the page made upright, where it is not the page's own: a photograph shows the desk too."""
    origin: Origin | None = None
    rotation: int = 0
    skew: float = 0.0
    words: list[Word] = []
    rules: list[Rule] = []
    typed: list[TypedText | TypedTable] | None = None
    """Paragraphs and tables in order, of a file that has no pages to be looked at."""
    to_page: tuple[float, ...] = AS_SHOWN
    """Row by row, the 3×3 matrix that takes a point of the level page to the page as the file shows it."""
    pictured: list[Box] = []
    """Parts of a page with text that were read as pictures."""
    legibility: float = 1.0
    """Share of the Chinese characters of a scan that the quick recogniser was sure of, the worst lines apart, or of the
    loops of its figures that are closed, whichever is less."""
    strokes_kept: bool = False
    """The loops of its figures tell that thin strokes are there: a 1 is no 4 that has lost its bar."""
    seals: list[Box] = []
    """Around the rings of gray seals that were taken out of the page's picture before it was read."""
    behind: float = 0.0
    """By how many levels of 255 at most that was darker than paper which shone through from the back and was taken
    out; 0 where nothing did."""
    ocr_models: list[str] = []
    seconds: float = 0.0
    error: str | None = None
