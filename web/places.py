"""Where a thing is printed, or should be: pages and boxes in PDF points, as the file shows the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from extractors.report import TABLES, Box, Page, Result


@dataclass(frozen=True)
class Place:
    """The box of something on a page; `guessed` from its neighbours where it was not found itself."""

    page: int
    box: Box
    guessed: bool = False


def place_of(result: Result, path: str) -> Place | None:
    """Where the thing at a path is printed; None where nothing tells."""
    head, _, rest = path.partition(".")
    if head == "unmatched" and rest.isdigit() and int(rest) < len(result.report.unmatched):
        row = result.report.unmatched[int(rest)]
        return Place(row.page, row.box) if row.box else None
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


def page_of(result: Result, number: int) -> Page | None:
    return next((page for page in result.document.pages if page.number == number), None)


def upright(page: Page, box: Box) -> Box:
    """The box on the page turned upright."""
    x0, y0, x1, y1 = box
    width, height = page.width, page.height
    turned: dict[int, Box] = {
        90: (height - y1, x0, height - y0, x1),
        180: (width - x1, height - y1, width - x0, height - y0),
        270: (y0, width - x1, y1, width - x0),
    }
    return turned.get(page.rotation, box)


def as_shown(page: Page, box: Box) -> Box:
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
    beside = [upright(page, place.box) for place in own_row if place.page == page.number]
    above = [
        upright(page, e.box) for p, e in found.items() if p.endswith(f".{column}") and e.page == page.number and e.box
    ]
    left, right = _span((b[0], b[2]) for b in above or beside)
    top, bottom = _span((b[1], b[3]) for b in beside)
    return Place(page.number, as_shown(page, (left, top, right, bottom)), guessed=True)


def _span(pairs: Iterable[tuple[float, float]]) -> tuple[float, float]:
    ends = list(pairs)
    return min(a for a, _ in ends), max(b for _, b in ends)
