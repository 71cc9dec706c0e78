"""Removing files that no report refers to any more."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from workers.database import Database, hold
from workers.store import Store
from workers.tables import ReadingRow, ReportRow


def forget_file(database: Database, store: Store, sha256: str) -> bool:
    """Remove a file and its page readings, unless a report refers to it; True when it is gone.

    It is held meanwhile: an upload of the same file comes before and keeps it, or after and brings it again.
    """
    with database.write() as session:
        hold(session, sha256)
        if session.scalar(select(func.count()).where(ReportRow.sha256 == sha256)):
            return False
        session.execute(delete(ReadingRow).where(ReadingRow.sha256 == sha256))
        store.delete(sha256)
        return True


def forget_strays(database: Database, store: Store) -> int:
    """Remove files and pictures that a crash has left between store and database; gives their number."""
    strays = 0
    for sha256 in {*store.old_files(), *store.pictures.files()}:
        with database.read() as session:
            known = session.scalar(select(func.count()).where(ReportRow.sha256 == sha256))
        if not known:
            strays += forget_file(database, store, sha256)
    return strays
