"""Pictures of pages: drawn by workers on demand, kept, refused in words, gone with the file."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from PIL import Image

from extractors.errors import DamagedFile
from extractors.limits import DEFAULT_LIMITS
from extractors.pipeline import draw_page, open_document
from tests.bench import Bench
from tests.conftest import SAMPLE
from workers.pictures import FORGET_SECONDS
from workers.reports import NoPicture, NotFinished, PictureNotReady, UnknownPage, UnknownReport


def picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def drawn(path: Path, number: int = 1) -> Image.Image:
    return picture(draw_page(path, open_document(path), number, DEFAULT_LIMITS))


def test_a_page_of_a_pdf_is_drawn_at_150_dpi() -> None:
    info = open_document(SAMPLE)
    page = picture(draw_page(SAMPLE, info, 2, DEFAULT_LIMITS))
    width, height = info.page_sizes[1]
    assert page.format == "PNG"
    assert abs(page.width - width * 150 / 72) <= 1 and abs(page.height - height * 150 / 72) <= 1


def test_pages_of_tiffs_and_pictures_are_drawn_as_they_lie(tmp_path: Path) -> None:
    first, second = Image.new("1", (1654, 2339), 1), Image.new("1", (2339, 1654), 0)
    first.save(tmp_path / "two.tif", save_all=True, append_images=[second], dpi=(200, 200), compression="group4")
    assert drawn(tmp_path / "two.tif").size == (1240, 1754)
    assert drawn(tmp_path / "two.tif", 2).size == (1754, 1240)
    Image.new("RGB", (700, 990), "white").save(tmp_path / "small.jpg")
    assert drawn(tmp_path / "small.jpg").size == (700, 990), "a small picture is not blown up"
    Image.new("P", (3508, 2480)).save(tmp_path / "large.png", dpi=(300, 300))
    assert drawn(tmp_path / "large.png").size == (1754, 1240)


def test_a_picture_is_made_once_by_a_worker(bench: Bench) -> None:
    view = bench.submit()
    with pytest.raises(NotFinished):
        bench.reports.picture(view.id, 1)
    bench.deliver_all()
    with pytest.raises(PictureNotReady):
        bench.reports.picture(view.id, 2)
    assert bench.messenger.messages == [("draw", view.id, 2)]
    bench.messenger.messages *= 2
    bench.deliver_all()
    assert bench.reports.picture(view.id, 2).read_bytes() == b"png"
    assert bench.reader.drawn == [2] and bench.messenger.messages == []


def test_a_request_waits_for_the_worker(bench: Bench) -> None:
    view = bench.submit()
    bench.deliver_all()
    worker = threading.Timer(0.3, bench.work.draw_page, (view.id, 1))
    worker.start()
    assert bench.reports.picture(view.id, 1, seconds=30).read_bytes() == b"png"
    worker.join()


def test_pages_and_reports_that_are_not_there(bench: Bench) -> None:
    view = bench.submit()
    bench.deliver_all()
    for number in (0, 4, 10**9):
        with pytest.raises(UnknownPage):
            bench.reports.picture(view.id, number)
    for unknown in ("none", view.id):
        with pytest.raises(UnknownReport):
            bench.reports.picture(unknown, 1, owner="another")
    bench.messenger.down = True
    with pytest.raises(PictureNotReady):
        bench.reports.picture(view.id, 1, seconds=60)


def test_a_page_that_cannot_be_drawn_says_why(bench: Bench) -> None:
    def damaged(number: int) -> None:
        raise DamagedFile

    bench.reader.on_draw = damaged
    view = bench.submit()
    bench.deliver_all()
    bench.work.draw_page(view.id, 1)
    with pytest.raises(NoPicture) as caught:
        bench.reports.picture(view.id, 1)
    assert caught.value.failure.code == "damaged-file" and "损坏" in caught.value.failure.message_zh
    bench.work.draw_page(view.id, 1)
    assert bench.reader.drawn == [1]


def test_a_page_that_breaks_its_worker_is_set_aside_for_a_while(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(number: int) -> None:
        raise MemoryError

    bench.reader.on_draw = broken
    view = bench.submit()
    bench.deliver_all()
    for _ in range(3):
        bench.work.draw_page(view.id, 1)
        with pytest.raises(PictureNotReady):
            bench.reports.picture(view.id, 1)
    bench.deliver_all()
    with pytest.raises(NoPicture) as caught:
        bench.reports.picture(view.id, 1)
    assert caught.value.failure.code == "set-aside" and bench.reader.drawn == [1, 1, 1]
    monkeypatch.setattr("workers.pictures.FORGET_SECONDS", -1.0)
    assert FORGET_SECONDS > 0
    bench.reader.on_draw = lambda number: None
    bench.work.draw_page(view.id, 1)
    assert bench.reports.picture(view.id, 1).is_file()


def test_while_one_draws_another_does_not(bench: Bench) -> None:
    view = bench.submit()
    bench.deliver_all()
    bench.reader.on_draw = lambda number: bench.work.draw_page(view.id, number) if len(bench.reader.drawn) < 2 else None
    bench.work.draw_page(view.id, 1)
    assert bench.reader.drawn == [1] and bench.reports.picture(view.id, 1).is_file()


def test_pictures_go_with_the_file(bench: Bench) -> None:
    mine, yours = bench.submit(owner="a"), bench.submit(owner="b")
    bench.deliver_all()
    bench.work.draw_page(mine.id, 1)
    bench.reports.delete(mine.id, "a")
    assert bench.reports.picture(yours.id, 1, owner="b").is_file()
    bench.reader.on_draw = lambda number: bench.reports.delete(yours.id, "b")
    bench.work.draw_page(yours.id, 2)
    assert bench.reader.drawn == [1, 2]
    assert [path for path in bench.settings.files_root.rglob("*") if path.is_file()] == []
