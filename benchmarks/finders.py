"""Ruled cells alone: which finder sees the cells of table 三 for what they are, on the same level pages.

Each page picture is made level with the mapping that Nianbao's own reading gives, so that only the finding of
cells is compared, and truth boxes are taken along. A printed figure's cell counts as found where a cell of the
finder covers it with an intersection over union of a half at least: a cell merged with its neighbour, or cut
in two, does not. PyMuPDF sees vector rules only and is given the PDF page itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pymupdf
from numpy.typing import NDArray

from benchmarks.bare import DPI, as_png, pictures
from extractors import pipeline
from extractors.layout.grids import find_grids
from extractors.limits import DEFAULT_LIMITS
from extractors.reading.page import PageReading
from tests.making.kinds import Made

FINDERS = ("Nianbao", "img2table", "PyMuPDF")
UNION = 0.5
Box = tuple[float, float, float, float]
Picture = NDArray[np.uint8]
SCALE = DPI / 72


def compare(made: Made, path: Path, names: Iterable[str] = FINDERS) -> dict[str, float]:
    """Figure cells of table 三, how many each finder has found, and in what processor time."""
    wanted = {place.page for name, place in made.cells.items() if name.startswith("requests.")}
    measures: dict[str, float] = {"cells of 三": 0.0}
    finders: dict[str, Callable[[Picture, PageReading, Path], Iterable[Box]]] = {
        "Nianbao": _own,
        "img2table": _img2table,
        "PyMuPDF": _pymupdf,
    }
    finders = {name: finders[name] for name in names}
    for number, picture in enumerate(pictures(path)):
        if number not in wanted:
            continue
        reading = pipeline.read_page(path, pipeline.open_document(path), number + 1, DEFAULT_LIMITS)
        back = np.array(reading.to_page).reshape(3, 3)
        level = _levelled(picture, back)
        boxes = [
            _moved(place.box, np.linalg.inv(back))
            for name, place in made.cells.items()
            if name.startswith("requests.") and place.page == number
        ]
        measures["cells of 三"] += len(boxes)
        for name, find in finders.items():
            started = time.process_time()
            found = list(find(level, reading, path))
            seconds = time.process_time() - started
            hits = sum(any(_union(box, other) >= UNION for other in found) for box in boxes)
            measures[f"{name}: cells found"] = measures.get(f"{name}: cells found", 0.0) + hits
            if find is not _own:
                measures[f"{name}: seconds"] = measures.get(f"{name}: seconds", 0.0) + seconds
    return measures


def _own(level: Picture, reading: PageReading, path: Path) -> Iterable[Box]:
    return [cell.box for grid in find_grids(reading.rules) for cell in grid.cells]


def _img2table(level: Picture, reading: PageReading, path: Path) -> Iterable[Box]:
    from img2table.document import Image

    for table in Image(as_png(level)).extract_tables():
        for row in table.content.values():
            for cell in row:
                box = cell.bbox
                yield box.x1 / SCALE, box.y1 / SCALE, box.x2 / SCALE, box.y2 / SCALE


def _pymupdf(level: Picture, reading: PageReading, path: Path) -> Iterable[Box]:
    with pymupdf.open(path) as document:
        if document.is_pdf:
            for table in document[reading.number - 1].find_tables().tables:
                yield from (tuple(cell) for cell in table.cells if cell)


def _levelled(picture: Picture, back: NDArray[np.float64]) -> Picture:
    """The page picture made upright and level, at the same scale; `back` takes points of it to the page."""
    scale = np.diag([SCALE, SCALE, 1.0])
    to_picture = scale @ back @ np.linalg.inv(scale)
    height, width = picture.shape[:2]
    turned = abs(back[0, 0]) < abs(back[0, 1])
    size = (height, width) if turned else (width, height)
    level = cv2.warpPerspective(
        picture,
        to_picture,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )
    return np.asarray(level, np.uint8)


def _moved(box: Box, matrix: NDArray[np.float64]) -> Box:
    x0, y0, x1, y1 = box
    corners: Any = matrix @ np.array([[x0, x1, x1, x0], [y0, y0, y1, y1], [1.0] * 4])
    xs, ys = corners[0] / corners[2], corners[1] / corners[2]
    return float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max())


def _union(a: Box, b: Box) -> float:
    """Intersection over union."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return width * height / (sum(areas) - width * height)
