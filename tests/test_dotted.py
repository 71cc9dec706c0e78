"""Sides of a table of which a fax has left specks: what must be there though too few are left."""

from __future__ import annotations

from extractors.layout.dotted import completed, parted
from extractors.layout.grids import find_grids
from extractors.reading.page import Rule
from extractors.report import Box

XS, YS = (100.0, 200.0, 230.0, 260.0, 290.0), (100.0, 120.0, 140.0, 160.0, 180.0)


def level(y: float, x0: float = XS[0], x1: float = XS[-1]) -> Rule:
    return Rule(x0=x0, y0=y, x1=x1, y1=y)


def upright(x: float, y0: float = YS[0], y1: float = YS[-1]) -> Rule:
    return Rule(x0=x, y0=y0, x1=x, y1=y1)


def sides(rules: list[Rule], ink: Box | None = None, specks: tuple[float, float, float] | None = None) -> set[Box]:
    """The sides told, where ink stands in a box and specks are seen from start to end at a level."""

    def crossed(box: Box) -> bool:
        return ink is not None and ink[0] < box[2] and ink[2] > box[0] and ink[1] < box[3] and ink[3] > box[1]

    def dotted(start: float, end: float, at: float, upright: bool) -> bool:
        return not upright and specks == (start, end, at)

    return {(rule.x0, rule.y0, rule.x1, rule.y1) for rule in completed(rules, dotted, crossed)}


FRAME = [*(level(y) for y in (YS[0], YS[-1])), *(upright(x) for x in XS)]
ROWS = [level(y) for y in (120.0, 160.0)]


def test_a_whole_table_lacks_nothing() -> None:
    assert sides([*FRAME, *(level(y) for y in YS)]) == set()


def test_a_side_between_two_on_its_line_is_there_unless_something_stands_across_it() -> None:
    broken = [*FRAME, *ROWS, level(150, 100, 200), level(150, 230, 290)]
    assert sides(broken) == {(200, 150, 230, 150)}
    assert sides(broken, ink=(210, 140, 220, 160)) == set()
    assert sides(broken, ink=(210, 135, 220, 145)) == {(200, 150, 230, 150)}


def test_a_side_between_columns_of_one_width_is_there() -> None:
    rules = [level(y) for y in YS] + [upright(x) for x in XS if x not in (200, 260)]
    assert sides([*rules, upright(260, 120), upright(200, 120)]) == {(260, 100, 260, 120)}


def test_a_rule_ends_at_another_one_only() -> None:
    """Where nothing meets it, it goes on to the border."""
    rules = [level(y, 130 if y == 145 else 100) for y in (100, 120, 145, 160, 180)]
    rules += [*(upright(x) for x in (100, 200, 290)), upright(130, 160, 180)]
    assert sides(rules) == {(100, 145, 130, 145)}
    assert sides([*rules, upright(130, 120, 160)]) == set()


def test_a_side_that_shows_specks_is_ruled() -> None:
    rules = [*FRAME, *ROWS, level(150, 230, 260)]
    assert sides(rules) == set()
    assert sides(rules, specks=(260, 290, 150)) == {(260, 150, 290, 150)}


def test_upright_rules_do_not_run_past_the_heading_of_a_section() -> None:
    tables = [level(y) for y in (100, 120, 140, 200, 220)]
    run_on = [upright(x, 100, 220) for x in (100, 200, 290)]
    assert [grid.rows for grid in find_grids([*tables, *run_on])] == [4]
    assert [grid.ys for grid in find_grids(parted([*tables, *run_on], [170]))] == [[100, 120, 140], [200, 220]]
    assert parted([*tables, *run_on], []) == [*tables, *run_on]
