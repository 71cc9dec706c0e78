"""From the level page, where layout works, to the page as the file shows it."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.reading.page import AS_SHOWN, PageReading
from extractors.report import Box, Origin


class PageMap:
    """Takes boxes of any page back to the coordinates that leave the house."""

    def __init__(self, readings: Sequence[PageReading]) -> None:
        self._readings = {reading.number: reading for reading in readings}

    def origin(self, page: int, box: Box) -> Origin | None:
        """How what stands in a box of the level page was read."""
        reading = self._readings[page]
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        pictured = any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in reading.pictured)
        return "ocr" if pictured else reading.origin

    def shown(self, page: int, box: Box) -> Box | None:
        """The same box for people to look at; None where the file has no pages."""
        return None if self._readings[page].typed is not None else self.to_page(page, box)

    def to_page(self, page: int, box: Box) -> Box:
        """The upright rectangle around the box's corners on the page as shown, within the page, in points."""
        reading = self._readings[page]
        m = reading.to_page
        x0, y0, x1, y1 = box
        xs, ys = [x0, x1], [y0, y1]
        if m != AS_SHOWN:
            points = []
            for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)):
                w = m[6] * x + m[7] * y + m[8]
                points.append(((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w))
            xs, ys = [p[0] for p in points], [p[1] for p in points]
        return (
            round(min(max(min(xs), 0.0), reading.width), 2),
            round(min(max(min(ys), 0.0), reading.height), 2),
            round(min(max(max(xs), 0.0), reading.width), 2),
            round(min(max(max(ys), 0.0), reading.height), 2),
        )


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of them."""
    x0s, y0s, x1s, y1s = zip(*boxes, strict=True)
    return (min(x0s), min(y0s), max(x1s), max(y1s))
