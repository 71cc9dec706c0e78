"""What kind of file it is, judged by its first bytes and never by its name."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

PDF = "application/pdf"
HTML = "text/html"
ARCHIVE = "multipart/related"
"""A web page saved as one file (MHTML)."""
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OLD_OFFICE = "application/x-ole-storage"
"""Word's files before 2007, and newer ones with a password: known, and not read."""
TYPED = {HTML, ARCHIVE, DOCX}
"""Files that say what their paragraphs and tables are, and have no pages."""
PICTURES = {"image/jpeg", "image/png", "image/tiff", "image/webp", "image/bmp"}

_OFFICE = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"customXml/")
"""Beginnings of the names that a Word file packs first; whether it is one is known when it is opened."""
_ENTRY = struct.Struct("<4s14xL4xHH")
"""Before each file of a ZIP: the signature, its packed size, and the lengths of its name and of what follows it
(APPNOTE.TXT 4.3.7)."""
_MARKUP = re.compile(
    rb"(?>\s+|<\?xml[^>]*>|<!--(?:(?!-->).)*+(?:-->|\Z))*+<(?:!doctype\s+html|html|head|body|meta|title|table|div|p|h[1-6]|center|font)\b",
    re.IGNORECASE | re.DOTALL,
)
"""What a page begins with. Nothing is tried twice (atomic groups): a comment does not run over the end of another."""
_MIME = re.compile(rb"^MIME-Version:.*multipart/related|^Content-Type:\s*multipart/related", re.I | re.M | re.S)


def sniff(head: bytes) -> str | None:
    """Media type from the first 1,024 bytes, or None when it is none that can be read.

    A PDF may carry junk before its header (ISO 32000-1, Annex H: within 1,024 bytes).
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return "image/tiff"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and len(head) > 30:
        return "image/bmp"
    if any(name.startswith(_OFFICE) for name in _packed(head)):
        return DOCX
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return OLD_OFFICE
    if b"%PDF-" in head[:1024]:
        return PDF
    if _MARKUP.match(_plain(head)):
        return HTML
    if _MIME.search(head):
        return ARCHIVE
    return None


def _packed(head: bytes) -> Iterator[bytes]:
    """Names of the files at the top of a ZIP as far as its first bytes tell; never of those in a ZIP within it."""
    at = 0
    while len(head) >= at + _ENTRY.size:
        signature, size, name, extra = _ENTRY.unpack_from(head, at)
        if signature != b"PK\x03\x04":
            return
        begin = at + _ENTRY.size
        if begin + name <= len(head):
            yield head[begin : begin + name]
        if not size:  # it is told only behind the file
            return
        at = begin + name + extra + size


def _plain(head: bytes) -> bytes:
    """The characters of the Latin alphabet, whatever the encoding: pages may be in UTF-16."""
    return head.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
