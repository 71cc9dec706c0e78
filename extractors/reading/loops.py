"""Whether the figures of a page have kept their thin strokes: the loops of 0, 6, 8 and 9 are closed.

A bilevel scan whose threshold takes hair strokes away turns a 4 into a 1, which reads as one beyond doubt; sums agree
all the same, as the total's 4 is a 1 too. A 0 that has lost its top and bottom still reads as a 0, and tells.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from cv2.typing import MatLike

from extractors.reading.strokes import ink_by_contrast

LOOPS = {"0": 1, "6": 1, "8": 2, "9": 1}
FAINTEST = 0.25
"""Share of the way from paper to the darkest ink of a figure from which a pixel counts: the hair strokes of a scan in
gray are that dark, and what a bilevel one has lost is not there at all."""
FEWEST = 5
"""Loops on a page that tell."""
CLOSED = 0.5
"""Share of loops that are closed where thin strokes are there: 0.99 and more on made scans, 0.6 to 0.8 where ink has
come off in blotches or a fax is thin all over, 0 to 0.4 where thin strokes are gone."""
KEPT = 0.9
"""Share of loops from which thin strokes have been kept beyond doubt."""


def share_of_loops(figures: Iterable[tuple[str, MatLike]]) -> float | None:
    """Share of the loops that figures, each as read and as it is printed (gray, paper light), should have and have;
    None where there are too few to tell."""
    wanted = found = 0
    for text, cut in figures:
        loops = sum(LOOPS.get(digit, 0) for digit in text)
        if loops:
            wanted += loops
            found += min(_loops(cut), loops)
    return found / wanted if wanted >= FEWEST else None


def _loops(cut: MatLike) -> int:
    """Pieces of paper that ink closes in."""
    light = np.pad(ink_by_contrast(cut, FAINTEST) == 0, 1, constant_values=True)
    count, _ = cv2.connectedComponents(light.astype(np.uint8), connectivity=4)
    return int(count) - 2  # but for the ink and the paper around
