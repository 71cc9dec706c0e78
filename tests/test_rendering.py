"""A page that is nothing but a picture is taken out as it is, and must look as it is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from extractors.sources.mupdf import pymupdf
from extractors.sources.pdf import opened, render

WIDTH, HEIGHT = 288, 360
"""Points of the page; its picture is of 200 dpi."""


def scan(channels: int = 1) -> bytes:
    """A PNG with dark strokes on paper, darker towards the right."""
    shape = (round(HEIGHT * 200 / 72), round(WIDTH * 200 / 72), channels)
    pixels = np.full(shape, 240, np.uint8)
    pixels[100:140, 100:500] = 30
    pixels[600:900, 650:700] = 90
    return bytes(cv2.imencode(".png", pixels)[1].tobytes())


def page_with(picture: bytes, box: tuple[float, float, float, float] = (0, 0, WIDTH, HEIGHT)) -> Any:
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    page.insert_image(pymupdf.Rect(box), stream=picture, keep_proportion=False)
    return pymupdf.open(stream=document.tobytes(), filetype="pdf")[0]


def shown(page: Any) -> NDArray[np.uint8]:
    pixmap = page.get_pixmap(dpi=200, colorspace=pymupdf.csRGB, alpha=False)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)


def inverted(page: Any) -> Any:
    page.parent.xref_set_key(page.get_images()[0][0], "Decode", "[1 0]")
    return page


def turned(page: Any) -> Any:
    page.set_rotation(90)
    return page


def cropped(page: Any) -> Any:
    page.set_cropbox(pymupdf.Rect(36, 36, 180, 288))
    return page


def written_on(page: Any) -> Any:
    page.insert_text((50, 200), "2021", fontsize=40)
    return page


def as_it_is(page: Any) -> Any:
    return page


@pytest.mark.parametrize("change", [as_it_is, inverted, turned, cropped, written_on])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_scan_looks_as_the_page_is_shown(change: Callable[[Any], Any], channels: int) -> None:
    page = change(page_with(scan(channels)))
    found, wanted = render(page, 200).astype(int), shown(page).astype(int)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).mean() < 1


def test_a_picture_that_does_not_fill_its_page_is_rendered_where_it_stands() -> None:
    page = page_with(scan(), (50, 50, 200, 250))
    assert (render(page, 200).astype(int) == shown(page)).all()


def test_a_scan_is_never_finer_than_asked_for_and_not_blown_up() -> None:
    page = page_with(scan())
    assert render(page, 100).shape[1] == round(WIDTH * 100 / 72)
    assert render(page, 300).shape == shown(page).shape


def test_the_pictures_of_closed_files_take_no_memory(tmp_path: Path) -> None:
    """Twelve of 12 MB each; MuPDF itself keeps 256 MB of them."""
    paths = [tmp_path / f"{number}.pdf" for number in range(12)]
    picture = bytes(cv2.imencode(".png", np.full((2400, 1700, 3), 200, np.uint8))[1].tobytes())
    for path in paths:
        path.write_bytes(page_with(picture).parent.tobytes())
    process, sizes = psutil.Process(), []
    for path in paths:
        with opened(path) as document:
            document[0].get_pixmap(dpi=200)
        sizes.append(process.memory_info().rss >> 20)
    assert sizes[-1] - sizes[0] < 40
