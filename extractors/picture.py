"""A page as the file shows it, as a PNG for people to look at."""

from __future__ import annotations

import io
from pathlib import Path

from extractors.errors import NoPicture
from extractors.limits import Limits
from extractors.sources import DocumentInfo, kinds

DPI = 150
MOST_PIXELS = 9_000_000
"""Of one picture, A3 at 150 dpi and a little: a larger sheet is drawn coarser."""


def draw_page(path: Path, document: DocumentInfo, number: int, limits: Limits) -> bytes:
    """Page `number` (from 1) as PNG at about 150 dpi, not turned or straightened; raises DocumentError.

    Not thread-safe, like all that opens files.
    """
    if document.media_type in kinds.TYPED:
        raise NoPicture
    width, height = document.page_sizes[number - 1]
    dpi = min(float(DPI), (MOST_PIXELS / max(width * height / 72**2, 1e-6)) ** 0.5)
    if document.media_type == kinds.PDF:
        return _draw_pdf_page(path, number, dpi, limits)
    return _draw_picture(path, number, (width * dpi / 72, height * dpi / 72))


def _draw_pdf_page(path: Path, number: int, dpi: float, limits: Limits) -> bytes:
    from extractors.sources import pdf
    from extractors.sources.mupdf import pymupdf

    with pdf.opened(path) as document:
        pdf.check_page(document, number, limits)
        matrix = pymupdf.Matrix(dpi / 72, dpi / 72)
        pixmap = document[number - 1].get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False)
        return bytes(pixmap.tobytes("png"))


def _draw_picture(path: Path, number: int, size: tuple[float, float]) -> bytes:
    """The picture at most of `size` pixels; one that is smaller stays as it is."""
    from PIL import Image

    from extractors.sources import pictures

    picture = Image.fromarray(pictures.decode(path, number))
    picture.thumbnail((max(1, round(size[0])), max(1, round(size[1]))), Image.Resampling.LANCZOS, reducing_gap=3)
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=4)
    return data.getvalue()
