"""Tables of whose rules a fax has left specks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def page_of_specks(share: float, rows: Sequence[int], columns: Sequence[int]) -> NDArray[np.uint8]:
    """White paper (900 × 1,300 pixels) with a table, its rules at these y and x, of whose ink so much is left."""
    left = np.random.default_rng(5).random((900, 1300)) < share
    ruled = np.zeros_like(left)
    for y in rows:
        ruled[y, columns[0] : columns[-1]] = True
    for x in columns:
        ruled[rows[0] : rows[-1], x] = True
    return np.where(ruled & left, 0, 255).astype(np.uint8)
