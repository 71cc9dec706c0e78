"""What a library cannot make sense of in a file is damage of that file, whatever type of error it raises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb

from extractors.errors import DamagedFile

OURS = __name__.partition(".")[0]


@contextmanager
def damage_told(*libraries: str) -> Iterator[None]:
    """Around whatever takes something out of a file: an error from inside one of the libraries is a DamagedFile.

    One that our own code raises stays what it is.
    """
    try:
        yield
    except Exception as error:
        modules = [frame.f_globals["__name__"].partition(".")[0] for frame, _ in walk_tb(error.__traceback__)]
        own = max(place for place, module in enumerate(modules) if module == OURS)
        if not {*modules[own:]} & {*libraries}:  # what a library calls in its turn may raise it
            raise
        raise DamagedFile from error
