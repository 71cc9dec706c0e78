"""What a PDF page holds: text, pictures and drawings, each taken out of the file once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from extractors.sources.mupdf import pymupdf

TEXT = pymupdf.TEXTFLAGS_RAWDICT & ~pymupdf.TEXT_PRESERVE_IMAGES
TEXT_AND_PICTURES = pymupdf.TEXTFLAGS_RAWDICT
UNKNOWN = "\ufffd"


class Content:
    """A PyMuPDF page and what is on it, for as long as its document is open."""

    def __init__(self, page: Any) -> None:
        self.page = page

    @cached_property
    def _text_page(self) -> Any:
        return self.page.get_textpage(flags=TEXT_AND_PICTURES)

    @cached_property
    def pictures(self) -> list[Any]:
        """PyMuPDF's description of each picture, its `bbox` on the page as it is not turned by /Rotate."""
        shown = self._text_page.extractIMGINFO()
        return list(self.page.get_image_info()) if shown else []

    @cached_property
    def lines(self) -> list[Any]:
        """All text as PyMuPDF's lines: direction of writing, spans, and their characters; UNKNOWN stands for half a
        character, which a broken font may give and no JSON can hold."""
        # beside pictures the text is taken out alone: their pixels would come with it
        raw = self.page.get_text("rawdict", flags=TEXT) if self.pictures else self._text_page.extractRAWDICT()
        lines = [line for block in raw["blocks"] for line in block.get("lines", ())]
        for char in (char for line in lines for span in line["spans"] for char in span["chars"]):
            if "\ud800" <= char["c"] <= "\udfff":
                char["c"] = UNKNOWN
        return lines

    @cached_property
    def text(self) -> str:
        """All characters but white space."""
        chars = (char["c"] for line in self.lines for span in line["spans"] for char in span["chars"])
        return "".join("".join(chars).split())

    @cached_property
    def drawings(self) -> list[Any]:
        """PyMuPDF's paths: lines, rectangles and curves, as drawn or filled."""
        return list(self.page.get_cdrawings())

    def text_in(self, part: Any) -> str:
        """The same characters of a part of the page that is not turned."""
        return "".join(self.page.get_text("text", clip=part, flags=pymupdf.TEXTFLAGS_TEXT).split())
