"""A page of any kind of file as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractors.limits import Limits
from extractors.sources import DocumentInfo, kinds, pdf, pictures


def page_picture(path: Path, document: DocumentInfo, number: int, limits: Limits, dpi: float) -> NDArray[np.uint8]:
    """Page `number` (from 1) as the file shows it, RGB; a PDF at `dpi`, a picture as fine as it is."""
    if document.media_type != kinds.PDF:
        return pictures.decode(path, number)
    with pdf.opened(path) as file:
        pdf.check_page(file, number, limits)
        return pdf.render(file[number - 1], dpi)
