"""Pages filled from top to bottom: characters, lines broken as Chinese is broken, paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby

import pymupdf

from tests.making.faces import chinese, latin
from tests.making.layout import Layout

A4 = (595.28, 841.89)
NOT_FIRST = "，。、；：！？）〕》”’】%％,.;:!?)]}"
NOT_LAST = "（〔《“‘【([{"
_PIECES = re.compile(r"[A-Za-z0-9./:@+\-]+|.", re.DOTALL)
_UNBREAKABLE = 12


@dataclass(frozen=True)
class Place:
    """A box (x0, y0, x1, y1 in points from the top left) on a page, counted from 0."""

    page: int
    box: tuple[float, float, float, float]


@dataclass
class Sheet:
    """The document being made; `y` is where the next line begins on the last page."""

    layout: Layout
    document: pymupdf.Document = field(default_factory=pymupdf.open)
    y: float = 0.0
    printed: dict[str, Place] = field(default_factory=dict)
    """Where each figure's cell is drawn, by the path of the figure."""
    tables: dict[int, list[Place]] = field(default_factory=dict)
    """Where the pieces of each section's table are drawn."""
    _writers: dict[int, pymupdf.TextWriter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.new_page()

    @property
    def left(self) -> float:
        return self.layout.margin[0]

    @property
    def right(self) -> float:
        return A4[0] - self.layout.margin[2]

    @property
    def bottom(self) -> float:
        return A4[1] - self.layout.margin[3]

    @property
    def page(self) -> pymupdf.Page:
        return self.document[-1]

    def new_page(self) -> None:
        self.document.new_page(width=A4[0], height=A4[1])
        self.y = self.layout.margin[1]

    def room(self) -> float:
        return self.bottom - self.y

    def width(self, text: str, size: float, face: str) -> float:
        return float(sum(font.text_length(run, size) for font, run in self._runs(text, face)))

    def put(self, x: float, baseline: float, text: str, size: float, face: str, page: int = -1) -> None:
        """Write one line of text from `x` on."""
        number = page % len(self.document)
        writer = self._writers.setdefault(number, pymupdf.TextWriter(self.document[number].rect))
        for font, run in self._runs(text, face):
            writer.append((x, baseline), run, font, size)
            x += font.text_length(run, size)

    def spread(self, x: float, baseline: float, text: str, size: float, face: str, width: float) -> None:
        """Write one line with its pieces set apart so that it is `width` long."""
        pieces = _PIECES.findall(text)
        slack = (width - self.width(text, size, face)) / max(1, len(pieces) - 1)
        for piece in pieces:
            self.put(x, baseline, piece, size, face)
            x += self.width(piece, size, face) + slack

    def break_lines(self, text: str, size: float, face: str, width: float, indent: float = 0.0) -> list[str]:
        """Lines no wider than `width`; none begins with closing or ends with opening punctuation."""
        lines: list[list[str]] = [[]]
        used = indent
        for piece in self._pieces(text):
            advance = self.width(piece, size, face)
            if used + advance > width + 0.01 and lines[-1]:
                lines.append(_carried_over(lines[-1], piece))
                used = self.width("".join(lines[-1]), size, face)
            lines[-1].append(piece)
            used += advance
        return ["".join(line) for line in lines]

    def paragraph(
        self, text: str, size: float | None = None, face: str | None = None, indent: float = 2.0, align: str = "left"
    ) -> None:
        """Set a paragraph; `indent` is in type sizes, `align` left, center or right."""
        size, face = size or self.layout.size, face or self.layout.face
        step = size * self.layout.leading
        width = self.right - self.left
        lines = self.break_lines(text, size, face, width, indent * size)
        for number, line in enumerate(lines):
            if self.room() < step:
                self.new_page()
            self.y += step
            baseline = self.y - (step - size) / 2 - size * 0.12
            x = self.left + (indent * size if number == 0 else 0.0)
            if align != "left":
                slack = self.right - x - self.width(line, size, face)
                x += slack / 2 if align == "center" else slack
            if self.layout.justify and align == "left" and number < len(lines) - 1:
                self.spread(x, baseline, line, size, face, self.right - x)
            else:
                self.put(x, baseline, line, size, face)

    def finish(self) -> bytes:
        """Write all text to the pages and give the PDF, with fonts cut to the characters used."""
        for number, writer in self._writers.items():
            writer.write_text(self.document[number])
        self.document.subset_fonts()
        data: bytes = self.document.tobytes(garbage=3, deflate=True, no_new_id=True)
        return data

    def _runs(self, text: str, face: str) -> list[tuple[pymupdf.Font, str]]:
        if self.layout.latin_face is None:
            return [(chinese(face), text)]
        groups = groupby(text, key=str.isascii)
        return [(latin(self.layout.latin_face) if ascii_ else chinese(face), "".join(run)) for ascii_, run in groups]

    def _pieces(self, text: str) -> list[str]:
        """Characters, with words and numbers kept whole unless they are very long."""
        pieces: list[str] = []
        for piece in _PIECES.findall(text):
            pieces.extend([piece] if len(piece) <= _UNBREAKABLE else piece)
        return pieces


def _carried_over(line: list[str], piece: str) -> list[str]:
    """Take from the end of a full line what must go to the next one together with `piece`."""
    carried: list[str] = []
    while len(line) > 1 and (piece[0] in NOT_FIRST or line[-1][-1] in NOT_LAST):
        piece = line.pop()
        carried.insert(0, piece)
    return carried
