"""Figures that a gray seal reaches into."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from extractors.caution.legibility import less_sure
from extractors.cells import CellReading
from extractors.checks.sums import check_sums, vouches
from extractors.forms import TableForm
from extractors.forms.found import FoundTable
from extractors.reading.page import PageReading
from extractors.report import Box, TableName


def under_seals(
    cells: Mapping[str, CellReading],
    found: Mapping[TableName, FoundTable],
    forms: Mapping[TableName, TableForm],
    readings: Sequence[PageReading],
) -> dict[str, CellReading]:
    """Each cell that a gray seal reaches into and no sum agrees with, less sure: what is left of the seal's ink may be
    read as a digit."""
    seals = {reading.number: reading.seals for reading in readings if reading.seals}
    if not seals:
        return {}
    borne_out = {path for check in check_sums(forms, cells) if vouches(check) for path in check.cells}
    return {
        path: less_sure(cells[path], vouched=True)
        for name, table in found.items()
        for key, place in table.cells.items()
        if (path := f"{name}.{key}") in cells
        and path not in borne_out
        and any(_reaches_into(place.cell.box, seal) for seal in seals.get(place.cell.page, ()))
    }


def _reaches_into(box: Box, seal: Box) -> bool:
    """Whether the circle that fills the box around a seal covers some of a box."""
    x, y, radius = (seal[0] + seal[2]) / 2, (seal[1] + seal[3]) / 2, (seal[2] - seal[0]) / 2
    across, down = (max(low - at, at - high, 0.0) for at, low, high in ((x, box[0], box[2]), (y, box[1], box[3])))
    return math.hypot(across, down) < radius
