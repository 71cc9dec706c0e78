"""Other things that a PDF may be: outlines without text, and a text PDF with a picture in place of a table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pymupdf

from tests.making.damage import Damage, spoil
from tests.making.scan import encoded
from tests.making.sheet import Place


def to_outlines(pdf: bytes) -> bytes:
    """The pages with the outlines of their characters drawn as paths, and no text."""
    drawn = pymupdf.open()
    with pymupdf.open(stream=pdf) as source:
        for page in source:
            svg = page.get_svg_image(text_as_path=True)
            with pymupdf.open(stream=svg.encode(), filetype="svg") as picture:
                drawn.insert_pdf(pymupdf.open(stream=picture.convert_to_pdf()))
    data: bytes = drawn.tobytes(garbage=3, deflate=True, no_new_id=True)
    return data


def with_picture(pdf: bytes, places: Iterable[Place], damage: Damage, seed: int = 0) -> bytes:
    """The PDF with what stands in those places replaced by pictures of it."""
    with pymupdf.open(stream=pdf) as document:
        for number, place in enumerate(places):
            page = document[place.page]
            x0, y0, x1, y1 = place.box
            box = pymupdf.Rect(x0 - 2, y0 - 2, x1 + 2, y1 + 2)
            pixels = page.get_pixmap(dpi=damage.dpi, clip=box, alpha=False)
            picture = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)
            spoiled, _ = spoil(picture, damage, np.random.default_rng([seed, number]))
            page.add_redact_annot(box)
            page.apply_redactions(graphics=pymupdf.PDF_REDACT_LINE_ART_REMOVE_IF_TOUCHED)
            page.insert_image(box, stream=encoded(spoiled, damage, "JPEG"), keep_proportion=False)
        data: bytes = document.tobytes(garbage=3, deflate=True, no_new_id=True)
    return data
