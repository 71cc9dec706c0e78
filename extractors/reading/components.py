"""Connected pieces of ink."""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike

MOST_SHORT = 2**16 - 1
"""Labels that two bytes hold."""


def components(mask: MatLike) -> tuple[MatLike, MatLike, MatLike]:
    """The 8-connected pieces of a mask (rows × columns of bytes, 0 is ground): the label of each pixel, and of each
    label x, y, width, height and area, and the centre (x, y). Label 0 is the ground.

    OpenCV takes half the time where two bytes a label suffice, but does not say where they do not: it gives a piece a
    label, or several until they are found to be one, only where neither the pixel on the left nor any above is ink.
    """
    beside = np.maximum(np.maximum(mask[1:, :-1], mask[:-1, 1:]), mask[:-1, :-1])
    corners = mask[1:, 1:] > beside
    at_edges = mask.shape[0] + mask.shape[1]
    short = np.count_nonzero(corners) + at_edges < MOST_SHORT
    return cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U if short else cv2.CV_32S)[1:]
