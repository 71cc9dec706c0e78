"""Turns a made PDF into scans of it: PDF of JPEG pages, TIFF, single pictures, and mixtures. Same seed, same bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from random import Random
from typing import Final

import numpy as np
import pymupdf
from PIL import Image

from tests.making.damage import Damage, Picture, spoil

PRESETS: Final[dict[str, Damage]] = {
    "office": Damage(noise=3.0, blur=0.5, skew=0.4),
    "worn": Damage(dpi=150, noise=7.0, blur=0.7, skew=1.6, shading=0.25, jpeg=60, faint=0.15, specks=2e-5),
    "fax": Damage(bilevel=True, noise=18.0, blur=0.6, skew=0.8, specks=3e-5),
    "photo": Damage(colour=True, noise=4.0, blur=0.6, perspective=0.035, shading=0.35, jpeg=78),
    "turned": Damage(noise=3.0, blur=0.5, skew=0.6, rotations=(90, 270, 180)),
    "junk": Damage(noise=3.0, blur=0.5, skew=0.4),
    "thin": Damage(noise=4.0, blur=0.5, skew=0.5, faint=0.25, broken_rules=0.02),
    "low": Damage(dpi=110, noise=3.0, blur=0.4, skew=0.4, jpeg=75),
    "stamped": Damage(colour=True, noise=3.0, blur=0.5, skew=0.5, seal=True, holes=True, black_edges=True),
}
JUNK = "ⅢÜ§¤Ø¿¶ÞæþðßŒœ¥£øå‡†¬¦±"


def page_pictures(pdf: bytes, damage: Damage, seed: int = 0) -> list[Picture]:
    """The pages as pictures, spoiled and turned."""
    pictures = []
    with pymupdf.open(stream=pdf) as document:
        for number, page in enumerate(document):
            pixels = page.get_pixmap(dpi=damage.dpi, alpha=False)
            picture = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)
            rng = np.random.default_rng([seed, number])
            spoiled = spoil(picture, damage, rng, last=number == len(document) - 1)
            turn = damage.rotations[number % len(damage.rotations)]
            pictures.append(np.ascontiguousarray(np.rot90(spoiled, -turn // 90)))
    return pictures


def to_pdf(pdf: bytes, damage: Damage, seed: int = 0) -> bytes:
    """A PDF of one JPEG (bilevel: PNG) a page and nothing else."""
    scanned = pymupdf.open()
    for picture in page_pictures(pdf, damage, seed):
        _add_page(scanned, picture, damage)
    data: bytes = scanned.tobytes(deflate=True, no_new_id=True)
    return data


def to_junk_pdf(pdf: bytes, damage: Damage, seed: int = 0) -> bytes:
    """A scan with the text layer of a scanner that knew no Chinese: right places, wrong characters."""
    rng = Random(seed)
    with pymupdf.open(stream=to_pdf(pdf, damage, seed)) as scanned, pymupdf.open(stream=pdf) as source:
        for page, original in zip(scanned, source, strict=True):
            for x0, _, _, y1, word, *_ in original.get_text("words"):
                text = "".join(rng.choice(JUNK) for _ in word[:40])
                page.insert_text((x0, y1 - 2), text, fontsize=9, render_mode=3)
        data: bytes = scanned.tobytes(deflate=True, no_new_id=True)
    return data


def to_mixed_pdf(pdf: bytes, damage: Damage, scanned_pages: set[int], seed: int = 0) -> bytes:
    """The PDF itself, with the pages of those indices (from 0) replaced by scans."""
    pictures = page_pictures(pdf, replace(damage, rotations=(0,)), seed)
    mixed = pymupdf.open()
    with pymupdf.open(stream=pdf) as source:
        for number, picture in enumerate(pictures):
            if number in scanned_pages:
                _add_page(mixed, picture, damage)
            else:
                mixed.insert_pdf(source, from_page=number, to_page=number)
    data: bytes = mixed.tobytes(garbage=3, deflate=True, no_new_id=True)
    return data


def to_tiff(pdf: bytes, damage: Damage, seed: int = 0) -> bytes:
    """A TIFF of all pages: Group 4 where bilevel, else LZW."""
    images = [_image(picture, damage) for picture in page_pictures(pdf, damage, seed)]
    data = io.BytesIO()
    images[0].save(
        data,
        "TIFF",
        save_all=True,
        append_images=images[1:],
        dpi=(damage.dpi, damage.dpi),
        compression="group4" if damage.bilevel else "tiff_lzw",
    )
    return data.getvalue()


def to_pictures(pdf: bytes, damage: Damage, kind: str = "JPEG", seed: int = 0) -> list[bytes]:
    """One JPEG, PNG, WEBP or BMP file a page."""
    return [_encoded(picture, damage, kind) for picture in page_pictures(pdf, damage, seed)]


def _image(picture: Picture, damage: Damage) -> Image.Image:
    image = Image.fromarray(picture)
    return image.convert("1", dither=Image.Dither.NONE) if damage.bilevel else image


def _encoded(picture: Picture, damage: Damage, kind: str) -> bytes:
    data = io.BytesIO()
    image = _image(picture, damage)
    image = image.convert("L") if damage.bilevel and kind in ("JPEG", "WEBP") else image
    image.save(data, kind, quality=damage.jpeg, dpi=(damage.dpi, damage.dpi))
    return data.getvalue()


def _add_page(document: pymupdf.Document, picture: Picture, damage: Damage) -> None:
    height, width = (side * 72 / damage.dpi for side in picture.shape[:2])
    page = document.new_page(width=width, height=height)
    page.insert_image(page.rect, stream=_encoded(picture, damage, "PNG" if damage.bilevel else "JPEG"))
