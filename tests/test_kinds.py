"""Kinds of files by their first bytes."""

from __future__ import annotations

import io
import zipfile

import pytest

from extractors.sources import kinds


def packed(*names: str, content: bytes = b"some text") -> bytes:
    """A ZIP with files of these names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<!DOCTYPE html><html>", kinds.HTML),
        (b"\xef\xbb\xbf\r\n<HTML lang=zh>", kinds.HTML),
        ("<html><body>".encode("utf-16"), kinds.HTML),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0">', kinds.HTML),
        (b"<!-- saved from url=(0022)http://www.example.cn/ -->\n<html>", kinds.HTML),
        (b"<table><tr>", kinds.HTML),
        (b'<?xml version="1.0"?><svg xmlns="x">', None),
        (b"a text with <html> in it", None),
        (b"<!-- " + b"x" * 1100, None),
        (b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n", kinds.ARCHIVE),
        (b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n", None),
        (packed("[Content_Types].xml", "word/document.xml"), kinds.DOCX),
        (packed("_rels/.rels", "word/document.xml"), kinds.DOCX),
        (packed("theme.xml", "word/document.xml"), kinds.DOCX),
        (packed("reports/2021.pdf"), None),
        (packed("reports/word/2021.docx", "年报/_rels/x"), None),
        (packed("年报.docx", content=packed("[Content_Types].xml", "word/document.xml")), None),
        (packed("2021.zip", content=packed("word/document.xml")), None),
        (b"PK\x03\x04" + b"\xff" * 26 + b"word/", None),
        (b"PK\x03\x04", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", kinds.OLD_OFFICE),
        (b"junk\n%PDF-1.7", kinds.PDF),
    ],
)
def test_a_file_is_judged_by_its_bytes(head: bytes, kind: str | None) -> None:
    assert kinds.sniff(head[:1024]) == kind


@pytest.mark.timeout(10)
def test_a_head_of_nothing_but_comments_is_judged_at_once() -> None:
    """Each comment might run over the ends of those after it: 2 ** 146 ways."""
    assert kinds.sniff((b"<!---->" * 146)[:1024]) is None
    assert kinds.sniff(b"<!---->" * 140 + b"<html>") == kinds.HTML
