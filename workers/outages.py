"""What is wrong with the house rather than with a file: a disk that is full, a database or store that is away."""

from __future__ import annotations

import errno
import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection


class Outage(StrEnum):
    """Each is a problem of the API, too."""

    DISK_FULL = "disk-full"
    DATABASE_AWAY = "database-away"
    STORE_AWAY = "store-away"


class StoreAway(OSError):
    """The store of files does not answer for now."""


DISK_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
SQLITE: dict[int, Outage] = {
    sqlite3.SQLITE_FULL: Outage.DISK_FULL,
    sqlite3.SQLITE_IOERR: Outage.DISK_FULL,
    sqlite3.SQLITE_READONLY: Outage.DISK_FULL,
    sqlite3.SQLITE_BUSY: Outage.DATABASE_AWAY,
    sqlite3.SQLITE_CANTOPEN: Outage.DATABASE_AWAY,
}
"""By primary result code (the low byte): https://sqlite.org/rescode.html."""
POSTGRES: dict[str, Outage] = {
    "53100": Outage.DISK_FULL,
    "08": Outage.DATABASE_AWAY,  # the connection broke
    "25P03": Outage.DATABASE_AWAY,  # this process was frozen in the middle of a transaction
    "40": Outage.DATABASE_AWAY,  # rolled back, a deadlock for instance
    "53": Outage.DATABASE_AWAY,  # too many connections, out of memory
    "55P03": Outage.DATABASE_AWAY,  # a lock that was not to be had
    "57P": Outage.DATABASE_AWAY,  # it is being shut down, or starts
    "58": Outage.DISK_FULL,  # input or output failed
}
"""By how the SQLSTATE begins, the first that fits: https://www.postgresql.org/docs/current/errcodes-appendix.html."""


def outage_of(error: BaseException) -> Outage | None:
    """The outage that an error tells of; None where the house is in order."""
    if isinstance(error, StoreAway):
        return Outage.STORE_AWAY
    if isinstance(error, OSError):
        return Outage.DISK_FULL if error.errno in DISK_ERRNOS else None
    if isinstance(error, NoConnection):
        return Outage.DATABASE_AWAY
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        return SQLITE.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return next((outage for begin, outage in POSTGRES.items() if state.startswith(begin)), None)
    return Outage.DATABASE_AWAY if error.connection_invalidated or _never_connected(error) else None


def _never_connected(error: DBAPIError) -> bool:
    """psycopg has no state for a server that it cannot reach or has lost."""
    return type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout")
