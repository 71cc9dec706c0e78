"""A page, or the part of it around a cell, turned upright, for an SVG.

All numbers are PDF points from the top left corner of the page as the file shows it; only `view` is in
points of the page turned upright.
"""

from __future__ import annotations

from dataclasses import dataclass

from extractors.report import Page, Result
from web.places import Place, page_of, upright

ASPECT = 2.5
"""Width of a cut-out by its height."""
LEAST_HEIGHT = 48.0
MARGIN = 1.2
"""Between the ink of a cell's border and the mark around it."""


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


def cut_out(result: Result, place: Place) -> View | None:
    """The surroundings of a place; None where its page is unknown."""
    page = page_of(result, place.page)
    if page is None:
        return None
    width, height = _upright_size(page)
    x0, y0, x1, y1 = upright(page, place.box)
    tall = max(1.9 * (y1 - y0), LEAST_HEIGHT, 1.06 * (x1 - x0) / ASPECT)
    wide = min(ASPECT * tall, width)
    tall = min(tall, height)
    left = min(max((x0 + x1 - wide) / 2, 0.0), width - wide)
    top = min(max((y0 + y1 - tall) / 2, 0.0), height - tall)
    return _view(page, (left, top, wide, tall), place)


def whole_page(result: Result, number: int, place: Place | None = None) -> View | None:
    """The whole page upright, a place on it marked; None where there is none to be seen."""
    page = page_of(result, number)
    if page is None or not page.width:
        return None
    width, height = _upright_size(page)
    return _view(page, (0, 0, width, height), place if place and place.page == number else None)


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
