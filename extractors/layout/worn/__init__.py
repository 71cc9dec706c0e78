"""Sides of cells that are worn off altogether: what stands in the middle of each of two cells tells that there are two.

Where a side between two cells shows nothing, they are taken for one that is merged. What is printed in a merged cell
stands in its middle, though, and not in the middle of each part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractors.layout.grids import Grid, find_grids
from extractors.layout.worn.level import level_sides, lost_levels
from extractors.layout.worn.parts import Inked, owners_of
from extractors.layout.worn.upright import lost_uprights, upright_sides
from extractors.reading.page import Rule

__all__ = ["Inked", "with_worn_sides", "worn_sides"]

TIMES = 2
"""How often sides that are worn off are looked for."""


def worn_sides(grid: Grid, inked: Inked) -> Iterator[Rule]:
    """The sides that are worn off: upright ones and level ones."""
    owners = owners_of(grid)
    yield from upright_sides(grid, owners, inked)
    yield from level_sides(grid, owners, inked)
    yield from lost_uprights(grid, inked)
    yield from lost_levels(grid, owners, inked)


def with_worn_sides(rules: Sequence[Rule], inked: Inked) -> list[Rule]:
    """The rules and the sides that are worn off; once some are known, they tell others."""
    rules = list(rules)
    for _ in range(TIMES):
        worn = [side for grid in find_grids(rules) for side in worn_sides(grid, inked)]
        if not worn:
            break
        rules += worn
    return rules
