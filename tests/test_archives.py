"""ZIPs as offices send them and as nobody should: each entry is taken, or left out with a sentence."""

from __future__ import annotations

import struct
import tracemalloc
import warnings
from dataclasses import replace
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from extractors.errors import DamagedFile, LimitExceeded
from extractors.sources.archives import ArchiveLimits, RefusedEntry, blocks, entries, opened

LIMITS = ArchiveLimits()


def packed(folder: Path, *files: tuple[str | ZipInfo, bytes], name: str = "a.zip") -> Path:
    path = folder / name
    with warnings.catch_warnings(), ZipFile(path, "w", ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # of names that come twice
        for entry, content in files:
            archive.writestr(entry, content, compress_type=ZIP_DEFLATED)
    return path


def judged(path: Path, limits: ArchiveLimits = LIMITS) -> dict[str, str | None]:
    with path.open("rb") as file, opened(file, LIMITS) as archive:
        return {e.name: e.problem.message_zh if e.problem else None for e in entries(archive, limits)}


def test_files_are_read_whole_and_folders_and_furniture_are_passed_over(tmp_path: Path) -> None:
    content = Random(1).randbytes(5 << 20)
    path = packed(
        tmp_path,
        ("2021/", b""),
        ("2021/年报.pdf", content),
        ("__MACOSX/2021/._年报.pdf", b"x"),
        ("2021/.DS_Store", b""),
    )
    with path.open("rb") as file, opened(file, LIMITS) as archive:
        (entry,) = entries(archive, LIMITS)
        assert entry.name == "2021/年报.pdf" and entry.problem is None
        assert b"".join(blocks(archive, entry, LIMITS)) == content


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_packed_without_a_word_on_their_encoding(encoding: str, tmp_path: Path) -> None:
    name = "济宁市\\兖州区2021年报.pdf"
    raw = name.encode(encoding)
    path = packed(tmp_path, ("n" * len(raw), b"x"))
    path.write_bytes(path.read_bytes().replace(b"n" * len(raw), raw))
    assert judged(path) == {"济宁市/兖州区2021年报.pdf": None}


@pytest.mark.parametrize("name", ["/etc/passwd", "../年报.pdf", "a/../../b.pdf", "C:/b.pdf", "..\\b.pdf", "\\b.pdf"])
def test_names_that_lead_out_of_the_folder(name: str, tmp_path: Path) -> None:
    (problem,) = judged(packed(tmp_path, (name, b"x"))).values()
    assert problem == "压缩包中的这个文件未被接收：文件名指向压缩包所在文件夹之外，请单独上传。"


def test_links_and_devices(tmp_path: Path) -> None:
    for kind in (0o120777, 0o020666, 0o010666):
        info = ZipInfo("a.pdf")
        info.create_system, info.external_attr = 3, kind << 16
        (problem,) = judged(packed(tmp_path, (info, b"/etc/passwd"))).values()
        assert problem and "符号链接" in problem


def test_the_second_of_one_name_is_left_out_and_the_first_read(tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.pdf", b"first"), ("a.pdf", b"second"))
    with path.open("rb") as file, opened(file, LIMITS) as archive:
        first, second = entries(archive, LIMITS)
        assert b"".join(blocks(archive, first, LIMITS)) == b"first"
        with pytest.raises(RefusedEntry, match="same name"):
            list(blocks(archive, second, LIMITS))


def test_an_entry_with_a_password(tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.pdf", b"x"), ("b.pdf", b"y"))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    secret, plain = judged(path).values()
    assert secret and "密码" in secret and plain is None


def test_a_zip_in_the_zip_is_left_out(tmp_path: Path) -> None:
    inner = packed(tmp_path, ("a.pdf", b"x"), name="inner.zip").read_bytes()
    nested, plain = judged(packed(tmp_path, ("2020.ZIP", inner), ("b.pdf", b"y"))).values()
    assert nested and "压缩包中的压缩包" in nested and plain is None


def test_what_unpacks_to_too_much(tmp_path: Path) -> None:
    path = packed(tmp_path, ("bomb.pdf", bytes(3 << 20)), ("small.pdf", bytes(1000)))
    bomb, small = judged(path).values()
    assert bomb and "超过上限 200 倍" in bomb and small is None
    large = judged(path, replace(LIMITS, max_entry_bytes=2 << 20))["bomb.pdf"]
    assert large and "3 MB，超过上限 2 MB" in large
    with pytest.raises(LimitExceeded, match="unpacks to 3 MB, and 2 MB"):
        judged(path, replace(LIMITS, max_bytes=2 << 20))
    with pytest.raises(LimitExceeded, match="has 2 files, and 1 are accepted"):
        judged(path, replace(LIMITS, max_entries=1))


def test_an_entry_that_is_longer_than_it_says_or_damaged(tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.pdf", bytes(range(256)) * 100))
    whole = path.read_bytes()
    place = whole.index(b"PK\1\2") + 24  # the size that the directory states
    broken = bytearray(whole)
    broken[50:90] = bytes(40)
    for data in (whole[:place] + struct.pack("<I", 10) + whole[place + 4 :], bytes(broken)):
        path.write_bytes(data)
        with path.open("rb") as file, opened(file, LIMITS) as archive:
            (entry,) = entries(archive, LIMITS)
            with pytest.raises(RefusedEntry) as refusal:
                list(blocks(archive, entry, LIMITS))
        assert refusal.value.message_zh == "压缩包中的这个文件已损坏，请单独上传。"


def test_an_entry_whose_name_is_damaged(tmp_path: Path) -> None:
    """Where the file itself begins; the directory has it right."""
    path = packed(tmp_path, ("年报.pdf", b"x"), ("b.pdf", b"y"))
    path.write_bytes(path.read_bytes().replace("年".encode(), b"\xe5\xb9/", 1))
    with path.open("rb") as file, opened(file, LIMITS) as archive:
        damaged, whole = entries(archive, LIMITS)
        with pytest.raises(RefusedEntry, match="damaged"):
            list(blocks(archive, damaged, LIMITS))
        assert list(blocks(archive, whole, LIMITS)) == [b"y"]


def test_a_directory_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    """100,000 entries that are one file, and as if there were none: `zipfile` goes by the directory's size."""
    whole = packed(tmp_path, ("a" * 60, b"x")).read_bytes()
    begin, end = whole.index(b"PK\1\2"), whole.index(b"PK\5\6")
    directory = whole[begin:end] * 100_000
    tail = struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, 0, 0, len(directory), begin, 0)
    path = tmp_path / "long.zip"
    path.write_bytes(whole[:begin] + directory + tail)
    tracemalloc.start()
    with pytest.raises(LimitExceeded) as refusal, path.open("rb") as file, opened(file, LIMITS):
        pass
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()
    assert "5 MB" in refusal.value.message and "请拆分后再上传" in refusal.value.message_zh


def test_what_is_no_zip(tmp_path: Path) -> None:
    whole = packed(tmp_path, ("a.pdf", bytes(9000))).read_bytes()
    for data in (b"", b"PK\3\4", whole[:-30], b"%PDF-1.7"):
        (tmp_path / "b.zip").write_bytes(data)
        with pytest.raises(DamagedFile) as refusal, (tmp_path / "b.zip").open("rb") as file, opened(file, LIMITS):
            pass
        assert "ZIP" in refusal.value.message_zh
