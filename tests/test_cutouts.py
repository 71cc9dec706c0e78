"""Cut-outs of cells, upright whatever way the page lies in the file."""

from __future__ import annotations

import pytest

from extractors.report import Box, Evidence, Page, Result, Unmatched
from web.cutouts import cut_out, mark_of, whole_page
from web.places import Place, page_to_see, place_of

TOTAL = "requests.new_received.total"
PAGE = Page(number=1, width=600, height=800, origin="ocr")


def turned(result: Result, rotation: int) -> Result:
    """The result of a file whose only page must be turned by `rotation` to be upright: 600 × 800 as it lies."""
    page = PAGE.model_copy(update={"rotation": rotation})
    return result.model_copy(
        update={"document": result.document.model_copy(update={"pages": [page], "page_count": 1})}, deep=True
    )


def through(turn: str | None, x: float, y: float) -> tuple[float, float]:
    """A point of the page as the SVG transform places it."""
    if turn is None:
        return x, y
    a, b, c, d, e, f = map(float, turn.removeprefix("matrix(").removesuffix(")").split())
    return a * x + c * y + e, b * x + d * y + f


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (0, 800)), (180, (600, 800)), (270, (600, 0))])
def test_a_turned_page_is_shown_upright_with_its_cell_inside(
    result: Result, rotation: int, corner: tuple[float, float]
) -> None:
    file, box = turned(result, rotation), (300.0, 200.0, 340.0, 215.0)
    whole, part = whole_page(file, 1), cut_out(file, Place(1, box))
    assert whole is not None and part is not None and part.mark is not None
    x, y, width, height = map(float, whole.view.split())
    assert (x, y, width, height) == ((0, 0, 800, 600) if rotation in (90, 270) else (0, 0, 600, 800))
    # the corner of the sheet that is turned to the top left comes to lie there
    assert through(whole.turn, *corner) == (0, 0)
    left, top, wide, tall = map(float, part.view.split())
    for corner_x, corner_y in ((300, 200), (340, 215)):
        at = through(part.turn, corner_x, corner_y)
        assert left < at[0] < left + wide and top < at[1] < top + tall
    assert abs(wide / tall - 2.5) < 0.01


@pytest.mark.parametrize("box", [(0, 0, 10, 10), (590, 790, 600, 800), (0, 300, 600, 320)])
def test_a_cut_out_stays_on_the_page(result: Result, box: Box) -> None:
    part = cut_out(turned(result, 0), Place(1, box))
    assert part is not None and part.mark is not None
    left, top, wide, tall = map(float, part.view.split())
    assert left >= 0 and top >= 0 and left + wide <= 600 and top + tall <= 800
    mark = part.mark
    assert mark.x >= 0 and mark.y >= 0 and mark.x + mark.width <= 600 and mark.y + mark.height <= 800


def test_a_mark_lies_just_around_its_cell() -> None:
    mark = mark_of(PAGE, Place(1, (10, 20, 30, 40)))
    assert (mark.x, mark.y, mark.width, mark.height) == (8.8, 18.8, 22.4, 22.4)


def test_a_cell_that_was_not_found_is_guessed_from_its_row_and_column(result: Result) -> None:
    true = result.evidence[TOTAL]
    assert true.box is not None
    result.evidence[TOTAL] = Evidence(raw=None, page=None, box=None, confidence=None, origin=None, state="missing")
    place = place_of(result, TOTAL)
    assert place is not None and place.guessed and place.page == true.page
    assert all(abs(a - b) < 1.5 for a, b in zip(place.box, true.box, strict=True))


def test_what_is_nowhere_has_no_place(result: Result) -> None:
    nowhere = Evidence(raw=None, page=None, box=None, confidence=None, origin=None, state="missing")
    result.evidence = dict.fromkeys(result.evidence, nowhere)
    assert [place_of(result, path) for path in (TOTAL, "title", "requests", "unmatched.0", "")] == [None] * 5
    result.report.unmatched.append(Unmatched(table=None, label="五", values=[], page=2, box=(1, 2, 3, 4)))
    assert place_of(result, "unmatched.0") == Place(2, (1, 2, 3, 4))
    assert cut_out(result, Place(99, (0, 0, 1, 1))) is None and whole_page(result, 99) is None


def test_what_is_nowhere_is_looked_for_on_the_page_nearest_to_its_neighbours(result: Result) -> None:
    nowhere = Evidence(raw=None, page=None, box=None, confidence=None, origin=None, state="missing")
    near = result.evidence[TOTAL].page
    for path in result.evidence:
        if path.startswith("requests.carried_over."):
            result.evidence[path] = nowhere
    path = "requests.carried_over.total"
    assert place_of(result, path) is None and page_to_see(result, path) == near
    result.document.pages[0].error = result.document.pages[3].error = "damaged"
    assert page_to_see(result, path) == 4, "rather on a page that was not read"
    assert (page_to_see(result, "pages.6"), page_to_see(result, TOTAL)) == (6, near)
    result.evidence["title"] = nowhere
    assert page_to_see(result, "title") == 1
