"""JPEG, PNG, TIFF (several pages), WebP and BMP files through Pillow."""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, _imaging

from extractors.errors import LimitExceeded
from extractors.limits import Limits
from extractors.sources.damage import damage_told
from extractors.sources.pdf import MOST_PIXELS, too_many_pixels

TILE_WIDTH, TILE_LENGTH = 322, 323
"""Tags of a TIFF."""
A4_LONG_SIDE = 841.9
"""Points; the size a picture is taken to have when it does not state its resolution."""

with suppress(OSError, AttributeError):  # where Pillow keeps its libtiff to itself, nothing changes
    # libtiff writes what is wrong with a file to standard error, past any log; what cannot be read Pillow raises
    ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The Pillow image, nothing decoded yet; raises DamagedFile for whatever fails while it is open."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before anything is decoded
        with damage_told("PIL"), Image.open(path) as image:
            yield image


def page_sizes(path: Path, limits: Limits) -> list[tuple[float, float]]:
    """Width and height of each page in points; raises LimitExceeded, DamagedFile."""
    sizes: list[tuple[float, float]] = []
    with opened(path) as image:
        for _ in _frames(image):
            if len(sizes) == limits.max_pages:
                raise LimitExceeded(
                    f"The file has more than {limits.max_pages} pages, and no more are accepted; please split it.",
                    f"文件超过 {limits.max_pages} 页的上限，请拆分后再上传。",
                )
            width, height = image.size
            _check_size(width, height, limits)
            _check_size(*_tile(image), limits)
            dpi = _resolution(image)
            sizes.append((width * 72 / dpi, height * 72 / dpi))
        if len(sizes) == 1:
            image.load()  # a cut file is found out here, not by the first reader
    return sizes


def _frames(image: Image.Image) -> Iterator[None]:
    """The image at each of its pages in turn; their number is not asked for, as a TIFF would go through all for it."""
    for frame in count():
        try:
            image.seek(frame)
        except EOFError:
            return
        yield


def _tile(image: Image.Image) -> tuple[int, int]:
    """Width and height of the pieces that a TIFF is decoded in (TIFF 6.0, section 15), whatever is shown of them."""
    tags = getattr(image, "tag_v2", {})
    return int(tags.get(TILE_WIDTH, 0)), int(tags.get(TILE_LENGTH, 0))


def _check_size(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.max_pixels:
        raise too_many_pixels(width, height, limits)
    if max(width, height) > limits.max_picture_side:
        raise LimitExceeded(
            f"A picture of {width} × {height} pixels is longer than the limit of {limits.max_picture_side} pixels a "
            "side; please cut it into pages.",
            f"图片有 {width} × {height} 像素，超过每边 {limits.max_picture_side} 像素的上限，请按页裁切后再上传。",
        )


def decode(path: Path, number: int) -> NDArray[np.uint8]:
    """Page `number` (from 1) as an RGB array, rows × columns × 3, coarser than the file has it where that is huge."""
    with opened(path) as image:
        image.seek(number - 1)
        scale = (MOST_PIXELS / (image.width * image.height)) ** 0.5
        picture = image if image.mode in ("L", "RGB") else image.convert("L" if image.mode == "1" else "RGB")
        if scale < 1:
            picture.thumbnail((max(1, int(image.width * scale)), max(1, int(image.height * scale))), reducing_gap=2)
        return np.asarray(picture.convert("RGB"))


def _resolution(image: Image.Image) -> float:
    """Dots per inch, as stated where that gives a sheet between a postcard and A2, else as if on A4."""
    stated = image.info.get("dpi", (0, 0))[0]
    long_side = max(image.size)
    if stated and 400 <= long_side * 72 / float(stated) <= 1700:
        return float(stated)
    return long_side * 72 / A4_LONG_SIDE
