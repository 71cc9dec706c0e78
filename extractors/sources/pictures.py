"""JPEG, PNG, TIFF (several pages), WebP and BMP files through Pillow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from extractors.errors import DamagedFile, LimitExceeded
from extractors.limits import Limits
from extractors.sources.pdf import too_many_pixels

A4_LONG_SIDE = 841.9
"""Points; the size a picture is taken to have when it does not state its resolution."""


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The Pillow image, nothing decoded yet; raises DamagedFile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before anything is decoded
        try:
            with Image.open(path) as image:
                yield image
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            raise DamagedFile from error


def page_sizes(path: Path, limits: Limits) -> list[tuple[float, float]]:
    """Width and height of each page in points; raises LimitExceeded, DamagedFile."""
    sizes = []
    with opened(path) as image:
        frames = getattr(image, "n_frames", 1)
        if frames > limits.max_pages:
            raise LimitExceeded(
                f"The file has {frames} pages, and {limits.max_pages} are accepted; please split it.",
                f"文件有 {frames} 页，超过上限 {limits.max_pages} 页，请拆分后再上传。",
            )
        for frame in range(frames):
            image.seek(frame)
            width, height = image.size
            if width * height > limits.max_pixels:
                raise too_many_pixels(width, height, limits)
            dpi = _resolution(image)
            sizes.append((width * 72 / dpi, height * 72 / dpi))
        if frames == 1:
            image.load()  # a cut file is found out here, not by the first reader
    return sizes


def decode(path: Path, number: int) -> NDArray[np.uint8]:
    """Page `number` (from 1) as an RGB array, rows × columns × 3."""
    with opened(path) as image:
        image.seek(number - 1)
        return np.asarray(image.convert("RGB"))


def _resolution(image: Image.Image) -> float:
    """Dots per inch, as stated where that gives a sheet between a postcard and A2, else as if on A4."""
    stated = image.info.get("dpi", (0, 0))[0]
    long_side = max(image.size)
    if stated and 400 <= long_side * 72 / float(stated) <= 1700:
        return float(stated)
    return long_side * 72 / A4_LONG_SIDE
