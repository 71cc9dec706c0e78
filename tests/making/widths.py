"""Full and half width punctuation."""

from __future__ import annotations

_HALF = str.maketrans("（），：；", "(),:;")


def half_width(text: str) -> str:
    """Brackets, commas, colons and semicolons as many word processors type them."""
    return text.translate(_HALF)
