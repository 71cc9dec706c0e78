"""Each side of a scanned table's cells is looked at by itself."""

from __future__ import annotations

from extractors.layout.borders import Shown, bridges, trace
from extractors.layout.grids import find_grids
from extractors.reading.page import Rule

XS, YS = (100.0, 200.0, 300.0), (100.0, 120.0, 140.0, 160.0)
GRID = [Rule(x0=100, y0=y, x1=300, y1=y) for y in YS] + [Rule(x0=x, y0=100, x1=x, y1=160) for x in XS]

Evidence = dict[tuple[float, float, bool], float | None]


def shown(seen: Evidence, default: float = 1.0) -> Shown:
    """Evidence for the sides that begin at (start, at, upright); all others show fully."""
    return lambda start, end, at, upright: seen.get((start, at, upright), default)


def cells(seen: Evidence) -> int:
    rules = trace(GRID, find_grids(GRID), shown(seen))
    (grid,) = find_grids(rules)
    return len(grid.cells)


def test_what_shows_is_kept() -> None:
    assert cells({}) == 6


def test_a_side_that_characters_hide_or_that_shows_nothing_is_no_border() -> None:
    assert cells({(100.0, 200.0, True): None}) == 5
    assert cells({(100.0, 120.0, False): 0.1}) == 5


def test_little_is_enough_between_two_borders_and_not_beside_none() -> None:
    assert cells({(120.0, 200.0, True): 0.3}) == 6
    assert cells({(140.0, 200.0, True): 0.3}) == 5
    lonely: Evidence = {(100.0, 200.0, True): 0.6, (120.0, 200.0, True): 0.0, (140.0, 200.0, True): 0.0}
    assert cells(lonely) == 3


def test_rules_outside_of_tables_stay() -> None:
    loose = Rule(x0=100, y0=400, x1=300, y1=400)
    assert loose in trace([*GRID, loose], find_grids(GRID), shown({}))


def test_a_table_of_which_all_level_rules_are_broken_at_one_place_is_one() -> None:
    broken = [Rule(x0=x0, y0=y, x1=x1, y1=y) for y in YS for x0, x1 in ((100.0, 180.0), (220.0, 300.0))]
    broken += [Rule(x0=x, y0=100, x1=x, y1=160) for x in (100.0, 140.0, 260.0, 300.0)]
    assert len(find_grids(broken)) == 2
    (grid,) = find_grids(trace(broken, find_grids([*broken, *bridges(broken)]), shown({})))
    assert (grid.xs, grid.ys) == ([100, 140, 260, 300], list(YS))


def test_what_is_short_or_stands_below_is_not_bridged() -> None:
    dashes = [Rule(x0=x, y0=120, x1=x + 20, y1=120) for x in (100.0, 150.0, 200.0)]
    tables = [Rule(x0=100, y0=y, x1=100, y1=y + 60) for y in (100.0, 200.0)]
    assert list(bridges([*dashes, *tables])) == []
