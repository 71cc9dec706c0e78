"""Bytes of web pages → text: what is believed is the bytes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from extractors.errors import DamagedFile, LimitExceeded
from extractors.limits import DEFAULT_LIMITS
from extractors.sources.html import read_archive, read_html

TEXT = '<meta charset="{}"><p>政府信息公开工作年度报告，㐂镕</p>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "iso-8859-1", "no-such"])
def test_the_encoding_is_that_of_the_bytes(tmp_path: Path, encoding: str, declared: str) -> None:
    path = tmp_path / "page"
    text = TEXT.format(declared)
    path.write_bytes(text.encode(encoding))
    assert read_html(path, DEFAULT_LIMITS) == text


def test_one_broken_byte_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_bytes(TEXT.encode().replace("年度".encode(), b"\xe5\xb9"))
    assert "政府信息公开工作" in read_html(path, DEFAULT_LIMITS)


def test_a_page_beyond_the_limit_is_turned_away(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_bytes(b"<p>" + bytes(100))
    with pytest.raises(LimitExceeded):
        read_html(path, dataclasses.replace(DEFAULT_LIMITS, max_markup=50))


def test_an_archive_without_a_page_says_so(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    path.write_bytes(b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x--\r\n")
    with pytest.raises(DamagedFile, match="holds no page"):
        read_archive(path, DEFAULT_LIMITS)


@pytest.mark.parametrize("inner", [b"multipart/mixed; boundary=a%d\r\n\r\n", b"message/rfc822\r\n\r\n"])
def test_archives_one_in_the_other_without_end_are_damaged(tmp_path: Path, inner: bytes) -> None:
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=a%d\r\n\r\n"
    path = tmp_path / "archive"
    again = inner if b"%d" in inner else inner + head
    path.write_bytes(head % 0 + b"".join(b"--a%d\r\nContent-Type: " % n + again % (n + 1) for n in range(3000)))
    with pytest.raises(DamagedFile):
        read_archive(path, DEFAULT_LIMITS)
