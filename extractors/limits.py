"""How much of a file is accepted before it is turned away."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Upper bounds for one file; each is named in the error that it causes."""

    max_bytes: int = 100 * 1024 * 1024
    max_pages: int = 500
    max_pixels: int = 100_000_000
    """Pixels of one page's picture: 100 million is an A4 page at 1000 dpi."""
    max_instructions: int = 4_000_000
    """Bytes of the drawing instructions of one PDF page, unpacked: a report's page has some 20,000, one whose
    characters are drawn as outlines up to 2 million."""
    max_characters: int = 50_000
    """Of one PDF page's text: a full page of a report has 3,000."""
    max_picture_side: int = 65_500
    """Pixels of a picture's longer side: the most that a JPEG can have, and 2.8 m at 600 dpi."""
    max_side: int = 14_400
    """Points of a PDF page's longer side: 200 inches, the most that Acrobat makes (ISO 32000-1, Annex C)."""
    max_markup: int = 12 * 1024 * 1024
    """Bytes of the text of an HTML or Word file, unpacked; a long report takes 1 MB."""
    max_paragraphs: int = 30_000
    """Paragraphs, cells and what else begins on a new line in such a file; a page of a site has some 1,000."""


DEFAULT_LIMITS = Limits()
