"""What a library cannot make sense of in a file is damage of that file, whatever type of error it raises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb

from extractors.errors import DamagedFile


@contextmanager
def damage_told(library: str) -> Iterator[None]:
    """Around whatever takes something out of a file: an error from inside the library is a DamagedFile.

    One that our own code raises stays what it is.
    """
    try:
        yield
    except Exception as error:
        innermost = [frame for frame, _ in walk_tb(error.__traceback__)][-1]
        if innermost.f_globals["__name__"].partition(".")[0] != library:
            raise
        raise DamagedFile from error
