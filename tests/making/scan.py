"""Turns a made PDF into scans of it: PDF of JPEG pages, TIFF, single pictures, and mixtures. Same seed, same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

import numpy as np
import pymupdf
from PIL import Image

from tests.making.damage import Damage, Picture, Surroundings, spoil
from tests.making.optics import Matrix
from tests.making.sheet import Place

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


@dataclass(frozen=True)
class ScannedPage:
    """A page as the scanner gives it."""

    picture: Picture
    moved: Matrix
    """The 3×3 matrix that takes a point of the page to the point where it is now; lengths are PDF points."""

    def box(self, box: Sequence[float]) -> tuple[float, float, float, float]:
        """The upright box around where a box of the page has gone."""
        x0, y0, x1, y1 = box
        corners = self.moved @ np.array([[x0, x1, x1, x0], [y0, y0, y1, y1], [1.0] * 4])
        xs, ys = corners[0] / corners[2], corners[1] / corners[2]
        return float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max())


def scan_pages(pdf: bytes, damage: Damage, seed: int = 0, tables: Iterable[Place] = ()) -> list[ScannedPage]:
    """The pages as pictures, spoiled and turned; `tables` says where seals are wanted."""
    pages: list[ScannedPage] = []
    tables = list(tables)
    with pymupdf.open(stream=pdf) as document:
        scale = damage.dpi / 72
        for number, page in enumerate(document):
            rng = np.random.default_rng([seed, number])
            around = Surroundings(
                last=number == len(document) - 1,
                tables=[[v * scale for v in place.box] for place in tables if place.page == number],
                behind=_rendered(document[number ^ 1], damage.dpi) if number ^ 1 < len(document) else None,
            )
            spoiled, moved = spoil(_rendered(page, damage.dpi), damage, rng, around)
            turn = damage.rotations[number % len(damage.rotations)]
            height, width = spoiled.shape[:2]
            points = np.diag([scale, scale, 1.0])
            pages.append(
                ScannedPage(
                    np.ascontiguousarray(np.rot90(spoiled, -turn // 90)),
                    np.linalg.inv(points) @ _turn_matrix(turn, width, height) @ moved @ points,
                )
            )
    return pages


def page_pictures(pdf: bytes, damage: Damage, seed: int = 0) -> list[Picture]:
    """The pages as pictures, spoiled and turned."""
    return [page.picture for page in scan_pages(pdf, damage, seed)]


def _rendered(page: pymupdf.Page, dpi: int) -> Picture:
    pixels = page.get_pixmap(dpi=dpi, alpha=False)
    return np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)


def _turn_matrix(degrees: int, width: int, height: int) -> Matrix:
    """Where the pixels of a picture go when it is turned clockwise."""
    rows = {
        0: [[1, 0, 0], [0, 1, 0]],
        90: [[0, -1, height], [1, 0, 0]],
        180: [[-1, 0, width], [0, -1, height]],
        270: [[0, 1, 0], [-1, 0, width]],
    }[degrees]
    return np.array([*rows, [0, 0, 1]], np.float64)


def to_pdf(pdf: bytes, damage: Damage, seed: int = 0) -> bytes:
    """A PDF of one JPEG (bilevel: PNG) a page and nothing else."""
    return bind(page_pictures(pdf, damage, seed), damage)


def bind(pictures: Iterable[Picture], damage: Damage) -> bytes:
    """A PDF of those pictures."""
    scanned = pymupdf.open()
    for picture in pictures:
        _add_page(scanned, picture, damage)
    data: bytes = scanned.tobytes(deflate=True, no_new_id=True)
    return data


def to_junk_pdf(pdf: bytes, damage: Damage, seed: int = 0) -> bytes:
    """A scan with the text layer of a scanner that knew no Chinese: right places, wrong characters."""
    return with_junk(to_pdf(pdf, damage, seed), pdf, seed)


def with_junk(scan: bytes, pdf: bytes, seed: int) -> bytes:
    """The scan of a PDF, with wrong characters where the words of the PDF are."""
    rng = Random(seed)
    with pymupdf.open(stream=scan) as scanned, pymupdf.open(stream=pdf) as source:
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
    return bind_tiff(page_pictures(pdf, damage, seed), damage)


def bind_tiff(pictures: Iterable[Picture], damage: Damage) -> bytes:
    """A TIFF of those pictures."""
    images = [_image(picture, damage) for picture in pictures]
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
    return [encoded(picture, damage, kind) for picture in page_pictures(pdf, damage, seed)]


def _image(picture: Picture, damage: Damage) -> Image.Image:
    image = Image.fromarray(picture)
    return image.convert("1", dither=Image.Dither.NONE) if damage.bilevel else image


def encoded(picture: Picture, damage: Damage, kind: str) -> bytes:
    """The bytes of one picture file."""
    data = io.BytesIO()
    image = _image(picture, damage)
    image = image.convert("L") if damage.bilevel and kind in ("JPEG", "WEBP") else image
    image.save(data, kind, quality=damage.jpeg, dpi=(damage.dpi, damage.dpi))
    return data.getvalue()


def _add_page(document: pymupdf.Document, picture: Picture, damage: Damage) -> None:
    height, width = (side * 72 / damage.dpi for side in picture.shape[:2])
    page = document.new_page(width=width, height=height)
    page.insert_image(page.rect, stream=encoded(picture, damage, "PNG" if damage.bilevel else "JPEG"))
