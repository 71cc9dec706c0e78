"""Pictures of tables on a page whose text is sound: they are read, and the page's own words stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from cv2.typing import MatLike

from extractors.geometry import PageMap
from extractors.layout.grids import find_grids
from extractors.reading.page import PageReading, Rule
from extractors.report import Box


def with_regions(reading: PageReading, picture: MatLike, regions: Sequence[Box]) -> PageReading:
    """The reading with the tables added that the regions show; `picture` is the page as shown, RGB, and the regions
    are in its points. Pictures without a table add nothing: what they say is no text of the report."""
    from extractors.reading.scan import read_scan

    scale = picture.shape[1] / reading.width
    alone = np.full_like(picture, 255)
    for x0, y0, x1, y1 in regions:
        part = np.s_[round(y0 * scale) : round(y1 * scale), round(x0 * scale) : round(x1 * scale)]
        alone[part] = picture[part]
    seen = read_scan(alone, reading.number, (reading.width, reading.height))
    if not any(grid.columns > 2 or (grid.columns > 1 and grid.rows > 1) for grid in find_grids(seen.rules)):
        return reading
    pages = PageMap([seen])
    words = [replace(word, box=pages.to_page(seen.number, word.box)) for word in seen.words]
    return reading.model_copy(
        update={
            "words": reading.words + words,
            "rules": reading.rules + [_on_page(rule, pages, seen.number) for rule in seen.rules],
            "pictured": list(regions),
            "ocr_models": seen.ocr_models,
        }
    )


def _on_page(rule: Rule, pages: PageMap, number: int) -> Rule:
    """The rule on the page as shown; a slight slant is left out."""
    x0, y0, x1, y1 = pages.to_page(number, (rule.x0, rule.y0, rule.x1, rule.y1))
    if rule.horizontal:
        return Rule(x0=x0, y0=(y0 + y1) / 2, x1=x1, y1=(y0 + y1) / 2, inferred=rule.inferred)
    return Rule(x0=(x0 + x1) / 2, y0=y0, x1=(x0 + x1) / 2, y1=y1, inferred=rule.inferred)
