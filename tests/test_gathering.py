"""Which files stand behind the paths that somebody types."""

from __future__ import annotations

import os
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from web.gathering import Found, Unreadable, gather

PDF = b"%PDF-1.7 content"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    for name in ("b.pdf", "a/科技局/2021.pdf", "a/2020.pdf", ".hidden.pdf", ".git/x.pdf", "~$b.docx", "Thumbs.db"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(PDF)
    return made


def found_in(*paths: Path) -> dict[str, bytes | str]:
    """Name → content, or the reason why there is none, in order."""
    with ExitStack() as stack:
        found: dict[str, bytes | str] = {}
        for file in gather(paths, stack):
            if isinstance(file, Unreadable):
                found[file.name] = file.reason
                continue
            with file.open() as content:
                found[file.name] = content.read()
        return found


def zipped(path: Path, files: dict[str, bytes], encoding: str = "utf-8") -> Path:
    """A ZIP as programs pack it that say nothing about the encoding of names."""
    names = {name: f"{n}".encode().rjust(len(name.encode(encoding)), b"x") for n, name in enumerate(files)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(names[name].decode(), content)
    raw = path.read_bytes()
    for name, placeholder in names.items():
        raw = raw.replace(placeholder, name.encode(encoding))
    path.write_bytes(raw)
    return path


def test_a_folder_gives_its_files_in_order_without_hidden_ones(folder: Path) -> None:
    assert list(found_in(folder)) == ["in/b.pdf", "in/a/2020.pdf", "in/a/科技局/2021.pdf"]


def test_what_is_named_is_taken_even_if_hidden(folder: Path) -> None:
    assert list(found_in(folder / ".hidden.pdf", folder / "b.pdf")) == [".hidden.pdf", "b.pdf"]


def test_names_in_gbk_are_read(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode("年报.pdf".encode("gbk"))).write_bytes(PDF)
    (tmp_path / os.fsdecode(b"\xff\xff.pdf")).write_bytes(PDF)
    names = sorted(name.removeprefix(f"{tmp_path.name}/") for name in found_in(tmp_path))
    assert names[0] == "年报.pdf" and names[1].encode().endswith(b".pdf")


def test_links_in_circles_and_pipes_are_left_alone(folder: Path) -> None:
    (folder / "a" / "again").symlink_to(folder)
    (folder / "linked.pdf").symlink_to(folder / "b.pdf")
    os.mkfifo(folder / "pipe.pdf")
    assert list(found_in(folder)) == ["in/b.pdf", "in/linked.pdf", "in/a/2020.pdf", "in/a/科技局/2021.pdf"]


def test_what_cannot_be_opened_is_said(folder: Path) -> None:
    (folder / "gone.pdf").symlink_to(folder / "nowhere")
    assert "no such file" in str(found_in(folder)["in/gone.pdf"])


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_zip_gives_its_files_under_their_chinese_names(folder: Path, encoding: str) -> None:
    files = {"科技局/2021年报.pdf": PDF, "__MACOSX/._a": b"x", ".b": b"x", "~$c.docx": b"x", "科技局/2020.pdf": PDF * 9}
    zipped(folder / "全部.zip", files, encoding)
    found = found_in(folder / "全部.zip")
    assert found == {"全部.zip/科技局/2021年报.pdf": PDF, "全部.zip/科技局/2020.pdf": PDF * 9}


def test_zips_in_folders_are_opened_and_broken_ones_named(folder: Path) -> None:
    zipped(folder / "good.zip", {"x.pdf": PDF})
    (folder / "broken.zip").write_bytes(b"PK\x03\x04" + b"\0" * 2000)
    found = found_in(folder)
    assert found["in/good.zip/x.pdf"] == PDF
    assert "ZIP is damaged" in str(found["in/broken.zip"])


def test_a_word_file_is_no_zip(folder: Path) -> None:
    zipped(folder / "report.docx", {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
    assert found_in(folder / "report.docx")["report.docx"] == (folder / "report.docx").read_bytes()


def test_a_bomb_and_a_path_out_of_the_zip_are_refused_when_they_are_opened(folder: Path) -> None:
    path = zipped(folder / "bad.zip", {"bomb.pdf": b"\0" * (50 << 20), "../../etc/x.pdf": PDF, "good.pdf": PDF})
    with ExitStack() as stack:
        files = {file.name: file for file in gather([path], stack) if isinstance(file, Found)}
        for name in ("bad.zip/bomb.pdf", "bad.zip/../../etc/x.pdf"):
            with pytest.raises(Exception, match="left out"), files[name].open():
                pass
        with files["bad.zip/good.pdf"].open() as content:
            assert content.read() == PDF


def test_a_large_entry_can_be_read_twice(folder: Path) -> None:
    """As uploads are when they are tried again."""
    large = os.urandom(9 << 20)
    path = zipped(folder / "large.zip", {"large.pdf": PDF + large})
    with ExitStack() as stack:
        [file] = gather([path], stack)
        assert isinstance(file, Found)
        with file.open() as content:
            first = content.read()
            content.seek(0)
            assert content.read() == first == PDF + large
