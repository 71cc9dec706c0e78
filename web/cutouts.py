"""Where a cell stands on its page, and the part of the page around it, turned upright, for an SVG.

All numbers are PDF points from the top left corner of the page as the file shows it; only `view` is in
points of the page turned upright.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from extractors.report import TABLES, Box, Page, Result

ASPECT = 2.5
"""Width of a cut-out by its height."""
LEAST_HEIGHT = 48.0
MARGIN = 1.2
"""Between the ink of a cell's border and the mark around it."""


@dataclass(frozen=True)
class Place:
    """The box of something on a page; `guessed` from its neighbours where it was not found itself."""

    page: int
    box: Box
    guessed: bool = False


@dataclass(frozen=True)
class Mark:
    """A rectangle to be drawn on the page."""

    x: float
    y: float
    width: float
    height: float
    guessed: bool = False


@dataclass(frozen=True)
class View:
    """A page, or a part of it, as an SVG shows it: `view` is its viewBox, `turn` what makes the page upright."""

    page: int
    width: float
    height: float
    view: str
    turn: str | None
    mark: Mark | None = None


def place_of(result: Result, path: str) -> Place | None:
    """Where the thing at a path is printed; None where nothing tells."""
    head, _, rest = path.partition(".")
    if head == "unmatched" and rest.isdigit() and int(rest) < len(result.report.unmatched):
        row = result.report.unmatched[int(rest)]
        return Place(row.page, row.box)
    evidence = result.evidence.get(path)
    if evidence and evidence.page and evidence.box:
        return Place(evidence.page, evidence.box)
    return _guess(result, path)


def page_to_see(result: Result, path: str) -> int:
    """The page where a thing is, or else should be: one that was not read, that of its neighbours, or the first."""
    if place := place_of(result, path):
        return place.page
    head, _, rest = path.partition(".")
    if head == "pages" and rest.isdigit():
        return int(rest)
    near = _page_nearby(result, path)
    unread = [page.number for page in result.document.pages if page.error]
    return min(unread, key=lambda number: abs(number - (near or number)), default=near or 1)


def cut_out(result: Result, place: Place) -> View | None:
    """The surroundings of a place; None where its page is unknown."""
    page = page_of(result, place.page)
    if page is None:
        return None
    width, height = _upright_size(page)
    x0, y0, x1, y1 = _upright(page, place.box)
    tall = max(1.9 * (y1 - y0), LEAST_HEIGHT, 1.06 * (x1 - x0) / ASPECT)
    wide = min(ASPECT * tall, width)
    tall = min(tall, height)
    left = min(max((x0 + x1 - wide) / 2, 0.0), width - wide)
    top = min(max((y0 + y1 - tall) / 2, 0.0), height - tall)
    return _view(page, (left, top, wide, tall), place)


def whole_page(result: Result, number: int, place: Place | None = None) -> View | None:
    """The whole page upright, a place on it marked."""
    page = page_of(result, number)
    if page is None:
        return None
    width, height = _upright_size(page)
    return _view(page, (0, 0, width, height), place if place and place.page == number else None)


def page_of(result: Result, number: int) -> Page | None:
    return next((page for page in result.document.pages if page.number == number), None)


def mark_of(page: Page, place: Place) -> Mark:
    """The rectangle around a place, on the page."""
    x0, y0, x1, y1 = place.box
    left, top = max(x0 - MARGIN, 0.0), max(y0 - MARGIN, 0.0)
    right, bottom = min(x1 + MARGIN, page.width), min(y1 + MARGIN, page.height)
    return Mark(round(left, 2), round(top, 2), round(right - left, 2), round(bottom - top, 2), place.guessed)


def _view(page: Page, part: tuple[float, float, float, float], place: Place | None) -> View:
    return View(
        page=page.number,
        width=page.width,
        height=page.height,
        view=" ".join(f"{number:.2f}" for number in part),
        turn=_turn(page),
        mark=mark_of(page, place) if place else None,
    )


def _turn(page: Page) -> str | None:
    """The SVG transform that turns the page upright."""
    width, height = f"{page.width:g}", f"{page.height:g}"
    return {
        90: f"matrix(0 1 -1 0 {height} 0)",
        180: f"matrix(-1 0 0 -1 {width} {height})",
        270: f"matrix(0 -1 1 0 0 {width})",
    }.get(page.rotation)


def _upright_size(page: Page) -> tuple[float, float]:
    return (page.height, page.width) if page.rotation in (90, 270) else (page.width, page.height)


def _upright(page: Page, box: Box) -> Box:
    """The box on the page turned upright."""
    x0, y0, x1, y1 = box
    width, height = page.width, page.height
    turned: dict[int, Box] = {
        90: (height - y1, x0, height - y0, x1),
        180: (width - x1, height - y1, width - x0, height - y0),
        270: (y0, width - x1, y1, width - x0),
    }
    return turned.get(page.rotation, box)


def _as_shown(page: Page, box: Box) -> Box:
    """The box of the upright page on the page as the file shows it."""
    x0, y0, x1, y1 = box
    width, height = page.width, page.height
    turned: dict[int, Box] = {
        90: (y0, height - x1, y1, height - x0),
        180: (width - x1, height - y1, width - x0, height - y0),
        270: (width - y1, x0, width - y0, x1),
    }
    return turned.get(page.rotation, box)


def _page_nearby(result: Result, path: str) -> int | None:
    """The page of the cell of the same table that is nearest in the form's order."""
    paths = [p for p in result.evidence if p.startswith(f"{path.partition('.')[0]}.")]
    start = paths.index(path) if path in paths else 0
    found = [(abs(i - start), result.evidence[p].page) for i, p in enumerate(paths) if result.evidence[p].page]
    return min(found, default=(0, None))[1]


def _guess(result: Result, path: str) -> Place | None:
    """For a cell that was not found: as high as its row, as wide as its column, as far as they were found."""
    table, _, rest = path.partition(".")
    row, _, column = rest.partition(".")
    if table not in TABLES or not column:
        return None
    found = {p: e for p, e in result.evidence.items() if p.startswith(f"{table}.") and e.page and e.box}
    own_row = [Place(e.page or 0, e.box) for p, e in found.items() if p.split(".")[1] == row and e.box]
    if not own_row:
        return None
    page = page_of(result, own_row[0].page)
    if page is None:
        return None
    beside = [_upright(page, place.box) for place in own_row if place.page == page.number]
    above = [
        _upright(page, e.box) for p, e in found.items() if p.endswith(f".{column}") and e.page == page.number and e.box
    ]
    left, right = _span((b[0], b[2]) for b in above or beside)
    top, bottom = _span((b[1], b[3]) for b in beside)
    return Place(page.number, _as_shown(page, (left, top, right, bottom)), guessed=True)


def _span(pairs: Iterable[tuple[float, float]]) -> tuple[float, float]:
    ends = list(pairs)
    return min(a for a, _ in ends), max(b for _, b in ends)
