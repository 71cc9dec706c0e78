"""Whether a PDF page's text layer is what the page shows, and where on it only a picture tells."""

from __future__ import annotations

from collections import Counter
from functools import cache

from extractors.reading.content import Content
from extractors.report import Box
from extractors.sources.mupdf import pymupdf

COVERED = 0.5
"""Share of the page that a picture covers from which the page is a scan, whatever text lies over it."""
COMMON = 0.85
"""Share of the Chinese characters that must be of GB 2312 level 1 (the 3,755 most used): 0.99 in real reports,
about 0.15 where the layer's codes are mapped wrongly."""
PLAIN = 0.9
"""Share of all characters that must be letters, digits, punctuation or Chinese at all."""
WIDE, HIGH = 0.35, 12.0
"""Share of the page's width, and points, from which a picture may be one of a table, be it a lone row of it."""
GLYPHS = 40
"""Drawings with curves on one page from which they may be type drawn as outlines."""
FEW = 8
"""Characters: fewer than this on a page with drawings or pictures are a page number over outlines or a scan."""


def has_sound_text(content: Content) -> bool:
    """True where the text layer can be trusted, or where there is nothing to read at all."""
    if picture_share(content) >= COVERED:
        return False
    if len(content.text) < FEW:
        return not content.page.get_images() and len(content.drawings) < 20
    return is_plausible(content.text)


def picture_share(content: Content) -> float:
    """Share of the page that its largest picture covers, 0–1."""
    page = content.page
    area = abs(page.rect.width * page.rect.height) or 1.0
    visible = page.rect * page.derotation_matrix
    shares = [abs(pymupdf.Rect(info["bbox"]) & visible) / area for info in content.pictures]
    return max(shares, default=0.0)


def regions_without_text(content: Content) -> list[Box]:
    """Where a page with a sound text layer shows pictures or outlines, large enough for a table, that hold no text
    of the layer; in points of the page as shown."""
    page = content.page
    boxes = [pymupdf.Rect(info["bbox"]) for info in content.pictures]
    curved = [pymupdf.Rect(path["rect"]) for path in content.drawings if any(i[0] == "c" for i in path["items"])]
    if len(curved) >= GLYPHS:
        outlines = pymupdf.Rect(curved[0])
        for box in curved[1:]:
            outlines |= box
        boxes.append(outlines)
    wide, visible = WIDE * page.rect.width, page.rect * page.derotation_matrix
    regions = []
    for box in boxes:
        part = box & visible
        shown = part * page.rotation_matrix
        if part.is_empty or shown.width < wide or shown.height < HIGH:
            continue
        if len(content.text_in(part)) < FEW:
            regions.append((shown.x0, shown.y0, shown.x1, shown.y1))
    return regions


def is_plausible(text: str) -> bool:
    """Whether the characters are those of a Chinese report (or of some Latin text), not garbage."""
    counts = Counter(text)
    chinese = {c: count for c, count in counts.items() if "\u4e00" <= c <= "\u9fff"}
    odd = sum(n for c, n in counts.items() if c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or ord(c) < 32)
    plain = sum(n for c, n in counts.items() if c.isascii() or c in chinese or _punctuation(c))
    if odd > 0.05 * len(text) or plain < PLAIN * len(text):
        return False
    return sum(n for c, n in chinese.items() if is_common(c)) >= COMMON * sum(chinese.values())


@cache
def is_common(char: str) -> bool:
    """Whether the character is in GB 2312 level 1."""
    try:
        return 0xB0 <= char.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


def _punctuation(char: str) -> bool:
    return (
        "\u2000" <= char <= "\u2bff" or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef" or char in "·×÷°"
    )
