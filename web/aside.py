"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written(target: Path | None) -> Iterator[BinaryIO]:
    """Where to write: a file beside the target that takes its place at the end, or standard output for None."""
    if target is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.part")
    try:
        with half.open("wb") as file:
            yield file
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
