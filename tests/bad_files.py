"""Files that nobody should send, made on the spot."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pymupdf

CUT_WORD = b"PK\x03\x04" + bytes(22) + (19).to_bytes(2, "little") + bytes(2) + b"[Content_Types].xml"
"""The beginning of a Word file."""


def make_bad_files(folder: Path) -> dict[str, Path]:
    """One of each kind, by name."""
    whole = one_page("会议通知\n各位同事：明天下午三点开会。")
    contents = {
        "empty.pdf": b"",
        "text.pdf": b"this is no PDF at all\n",
        "truncated.pdf": whole[: len(whole) // 2],
        "encrypted.pdf": _encrypted(),
        "no-pages.pdf": NO_PAGES,
        "huge.png": huge_png(50_000, 50_000),
        "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        "cut.docx": CUT_WORD,
        "sheet.docx": zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
        "bomb.docx": zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": bytes(200 << 20)}),
        "deep.html": b"<html><body>" + b"<div>" * 5000 + b"text",
        "cut.jpg": b"\xff\xd8\xff\xe0" + bytes(50),
        "english.pdf": one_page("Annual report of the harbour office\nTotal 5", font="helv"),
        "notice.pdf": whole,
        "blank.pdf": one_page(""),
        "notice.html": b"<!DOCTYPE html><title>x</title><p>Notice</p><img src=http://127.0.0.1:9/table.png>",
    }
    paths = {}
    for name, content in contents.items():
        paths[name] = folder / name
        paths[name].write_bytes(content)
    return paths


REFUSED = {
    "empty.pdf": "empty-file",
    "text.pdf": "unsupported-type",
    "truncated.pdf": "damaged-file",
    "encrypted.pdf": "encrypted-file",
    "no-pages.pdf": "no-pages",
    "huge.png": "limit-exceeded",
    "old.doc": "unsupported-type",
    "cut.docx": "damaged-file",
    "sheet.docx": "unsupported-type",
    "bomb.docx": "limit-exceeded",
    "deep.html": "limit-exceeded",
    "cut.jpg": "damaged-file",
}
"""Name → code of the error."""
AT_THE_DOOR = ("empty.pdf", "text.pdf", "old.doc")
"""Told by their first bytes: an upload is answered so at once."""
NO_REPORTS = ("english.pdf", "notice.pdf", "blank.pdf", "notice.html")
"""Read without an error, but they are no such reports."""

NO_PAGES = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
    b"trailer\n<</Root 1 0 R/Size 3>>\nstartxref\n105\n%%EOF\n"
)


def one_page(text: str, font: str = "china-s") -> bytes:
    document = pymupdf.open()
    page = document.new_page()
    if text:
        page.insert_text((72, 90), text, fontname=font, fontsize=14)
    content = bytes(document.tobytes())
    document.close()
    return content


def zipped(entries: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return content.getvalue()


def _encrypted() -> bytes:
    document = pymupdf.open()
    document.new_page()
    return bytes(document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="a", owner_pw="b"))


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that claim to be a picture of any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b"")
