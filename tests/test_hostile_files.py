"""Files made to do harm: each is answered with a sentence, never with an error from inside a library."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from extractors import reading
from extractors.errors import DamagedFile, DocumentError, LimitExceeded, NoPicture
from extractors.limits import DEFAULT_LIMITS
from extractors.pipeline import assemble, draw_page, open_document, read_page, read_text_pages
from extractors.reading.ruling import _characters
from extractors.sources import pdf, pictures
from extractors.sources.mupdf import pymupdf
from tests import hostile_files


def written(folder: Path, content: bytes, name: str = "hostile.pdf") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_page_tree_that_holds_itself_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile):
        open_document(written(tmp_path, hostile_files.page_tree_in_itself()))


@pytest.mark.parametrize(
    "make",
    [
        hostile_files.image_in_page,
        hostile_files.image_in_instructions,
        hostile_files.image_in_pattern,
        hostile_files.image_in_stamp,
        hostile_files.soft_mask,
    ],
)
def test_a_picture_of_too_many_pixels_is_found_wherever_it_hides(make: Callable[[], bytes], tmp_path: Path) -> None:
    path = written(tmp_path, make())
    document = open_document(path)
    assert read_text_pages(path, document) == [None]
    for look in (read_page, draw_page):
        with pytest.raises(LimitExceeded) as refusal:
            look(path, document, 1, DEFAULT_LIMITS)
        assert "15000 × 8000" in refusal.value.message and "15000 × 8000" in refusal.value.message_zh


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (hostile_files.instruction_bomb, "more than 4 million bytes of drawing instructions"),
        (hostile_files.path_bomb, "more than 4 million bytes of drawing instructions"),
        (partial(hostile_files.forms_in_forms, 4), "characters, and 50000 are accepted"),
    ],
)
def test_a_page_that_unpacks_to_too_much_is_refused(make: Callable[[], bytes], what: str, tmp_path: Path) -> None:
    path = written(tmp_path, make())
    assert path.stat().st_size < 3000
    with pytest.raises(LimitExceeded) as refusal:
        read_page(path, open_document(path), 1)
    assert what in refusal.value.message and "上限" in refusal.value.message_zh


def test_a_tile_that_is_too_large_is_refused_however_small_the_picture(tmp_path: Path) -> None:
    path = written(tmp_path, hostile_files.tiff_of_one_tile(12_000), "tile.tif")
    with pytest.raises(LimitExceeded) as refusal:
        open_document(path)
    assert "12000 × 12000" in refusal.value.message and "12000 × 12000" in refusal.value.message_zh


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", sorted(hostile_files.CRAFTED))
def test_nothing_breaks_and_nothing_is_started(name: str, tmp_path: Path, reached_for: list[object]) -> None:
    path = written(tmp_path, hostile_files.CRAFTED[name](), name)
    try:
        read_and_draw(path)
    except DocumentError as error:
        assert error.message and error.message_zh
    assert reached_for == []


@pytest.mark.parametrize(
    "make",
    [
        hostile_files.script,
        hostile_files.remote_parts,
        hostile_files.web_page,
        hostile_files.web_archive,
        hostile_files.word_file,
    ],
)
def test_nothing_is_fetched(make: Callable[[bytes], bytes], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = b"http://127.0.0.1:%d/a" % server.getsockname()[1]
        read_and_draw(written(tmp_path, make(address)))
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody is waiting at the door
            server.accept()


def read_and_draw(path: Path) -> None:
    """All that is done with a file whose text is in it."""
    document = open_document(path)
    if all(readings := read_text_pages(path, document)):
        assemble(path, document, [reading for reading in readings if reading])
    with contextlib.suppress(NoPicture):  # of web pages and Word files
        draw_page(path, document, 1, DEFAULT_LIMITS)


@pytest.fixture
def reached_for() -> Iterator[list[object]]:
    """What the process connects to, looks up or starts meanwhile."""
    seen: list[object] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn")):
            seen.append((event, arguments))

    sys.addaudithook(watch)
    yield seen
    watching = False


def test_a_page_longer_than_any_paper_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded) as refusal:
        open_document(written(tmp_path, hostile_files.long_page()))
    assert "Page 1 is 1 × 10000000 points, and 14400 a side are accepted (200 inches)" in refusal.value.message
    assert "第 1 页" in refusal.value.message_zh and "14400 磅（5.08 米）" in refusal.value.message_zh


def test_the_longest_page_that_is_accepted(tmp_path: Path) -> None:
    document = open_document(written(tmp_path, hostile_files.page(box=b"0 0 14400 100")))
    assert document.page_sizes == [(14400, 100)]


@pytest.mark.parametrize("error", [pymupdf.mupdf.FzErrorSyntax("no"), RuntimeError("no"), TypeError("no")])
def test_an_error_inside_mupdf_is_one_of_its_page(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, hostile_files.page())
    document = open_document(path)
    monkeypatch.setattr(pymupdf.Page, "get_textpage", raising(error, "pymupdf"))
    assert read_text_pages(path, document) == [None]
    with pytest.raises(DamagedFile):
        read_page(path, document, 1)


def test_an_error_of_our_own_is_not_taken_for_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, hostile_files.page())
    monkeypatch.setattr(reading, "text_of", raising(ValueError("ours"), "extractors.reading"))
    with pytest.raises(ValueError, match="ours"):
        read_page(path, open_document(path), 1)


@pytest.mark.parametrize("error", [struct.error("no"), EOFError(), OverflowError(), MemoryError(), TypeError("no")])
def test_an_error_inside_pillow_is_damage(error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, hostile_files.picture(9, 9))
    monkeypatch.setattr(PngImageFile, "load", raising(error, "PIL.PngImagePlugin"))
    with pytest.raises(DamagedFile):
        open_document(path)


def test_a_tiff_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile):
        open_document(written(tmp_path, hostile_files.cut_tiff()))


def test_damage_of_a_tiff_is_told_by_the_error_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DamagedFile):
        open_document(written(tmp_path, hostile_files.spoilt_tiff()))
    assert capfd.readouterr().err == ""


def test_no_more_pages_of_a_tiff_are_looked_at_than_are_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = replace(DEFAULT_LIMITS, max_pages=5)
    assert open_document(written(tmp_path, hostile_files.tiff_of_pages(5)), limits=limits).page_count == 5
    seen: list[int] = []
    seek = TiffImageFile.seek

    def note(image: TiffImageFile, frame: int) -> None:
        seen.append(frame)
        seek(image, frame)

    monkeypatch.setattr(TiffImageFile, "seek", note)
    with pytest.raises(LimitExceeded) as refusal:
        open_document(written(tmp_path, hostile_files.tiff_of_pages(9)), limits=limits)
    assert "more than 5 pages" in refusal.value.message and "超过 5 页" in refusal.value.message_zh
    assert seen == [0, 1, 2, 3, 4, 5]


def test_a_picture_longer_than_any_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded) as refusal:
        open_document(written(tmp_path, hostile_files.picture(1, 65_501)))
    assert "1 × 65501 pixels" in refusal.value.message and "1 × 65501 像素" in refusal.value.message_zh


@pytest.mark.parametrize(
    ("mode", "kind"), [("1", "TIFF"), ("L", "PNG"), ("RGB", "JPEG"), ("P", "PNG"), ("CMYK", "TIFF")]
)
def test_a_huge_picture_is_taken_in_coarser(mode: str, kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, hostile_files.picture(8000, 4000, mode, kind))
    pixels = pictures.decode(path, 1)
    assert pixels.shape[2] == 3 and abs(pixels.shape[1] - 2 * pixels.shape[0]) <= 2
    assert 0.95 * pdf.MOST_PIXELS < pixels.shape[0] * pixels.shape[1] <= pdf.MOST_PIXELS


def raising(error: Exception, module: str) -> Any:
    """A function of the named module that does nothing but raise."""
    inside: dict[str, Any] = {"__name__": module, "error": error}
    exec("def fail(*_, **__):\n    raise error", inside)
    return inside["fail"]


def test_a_page_all_of_ink_has_no_ground() -> None:
    assert not _characters(np.zeros((600, 400), np.uint8), [], 200).any()
