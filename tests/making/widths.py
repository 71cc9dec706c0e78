"""Full and half width characters, and the spaces that word processors put between scripts."""

from __future__ import annotations

import re

_HALF = str.maketrans("（），：；", "(),:;")
_FULL_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
_BETWEEN = re.compile(r"(?<=[一-龥])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z])(?=[一-龥])")


def half_width(text: str) -> str:
    """Brackets, commas, colons and semicolons as many word processors type them."""
    return text.translate(_HALF)


def full_width_digits(text: str) -> str:
    return text.translate(_FULL_DIGITS)


def spaced(text: str) -> str:
    """Spaces between Chinese characters and letters or digits: 2021 年 1 月."""
    return _BETWEEN.sub(" ", text)
