"""Connections and transactions, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from workers.outages import outage_of
from workers.tables import Base

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")
BUSY_MILLISECONDS = 30_000
"""How long SQLite waits for another writer."""
PATIENCE_SECONDS = 20.0
"""How long work at hand waits for a database that is away: one is restarted in less."""
PAUSE_SECONDS = 0.5
CONNECT_SECONDS = 10
FROZEN_SECONDS = 60
"""A process that does nothing for so long in the middle of a transaction is frozen or cut off: PostgreSQL ends the
transaction, and with it the locks that others wait for."""
MIGRATION_LOCK = 0x4E69616E
"""Key of the advisory lock that lets one process migrate at a time on PostgreSQL."""
ALL_FILES = MIGRATION_LOCK + 1
"""Key of the advisory lock that whoever holds one file shares, and whoever holds all has alone."""


class Database:
    """The database at a URL. Connections are made after a fork, never carried across one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: Engine | None = None
        self._inherited: Engine | None = None
        self._pid = 0

    @property
    def engine(self) -> Engine:
        if self._engine is None or self._pid != os.getpid():
            # the parent's connections are never closed in the child: that would hang up on the parent
            self._inherited = self._engine
            self._engine, self._pid = _connect(self._url), os.getpid()
        return self._engine

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self, lasting: bool = True) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back when anything is raised.

        On SQLite it takes the write lock at once: a transaction that reads first and then wants to
        write fails when another has written in between, whatever the timeout.

        One that is not `lasting` does not wait for the disk: a power cut may undo it, as a whole and with all that
        came after it up to the next lasting one. No death of a process does.
        """
        options = {"nianbao_write": True, "nianbao_lasting": lasting}
        with (
            Session(self.engine.execution_options(**options), expire_on_commit=False) as session,
            session.begin(),
        ):
            connection = session.connection()  # begins now, not at the first statement
            if not lasting and connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL synchronous_commit TO off"))
            yield session

    def write_patiently(self, act: Callable[[Session], T], lasting: bool = True) -> T:
        """`act` in one transaction, and again for PATIENCE_SECONDS while the database is away or has no room."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with self.write(lasting) as session:
                    return act(session)
            except SQLAlchemyError as error:
                if outage_of(error) is None or time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE_SECONDS)

    def outdated(self) -> str | None:
        """None when the tables are those of this version; else a sentence that says what they are."""
        from alembic.migration import MigrationContext

        with self.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_heads()
        wanted = _revisions_wanted()
        if found == wanted:
            return None
        return f"the tables are at revision {'+'.join(found) or 'none'}, this version wants {'+'.join(wanted)}"

    def dispose(self) -> None:
        if self._engine is not None and self._pid == os.getpid():
            self._engine.dispose()
        self._engine = None


def hold(session: Session, sha256: str) -> None:
    """Be the only one who adds or removes this file until the transaction, a writing one, ends."""
    if session.get_bind().dialect.name == "postgresql":
        locks = text("SELECT pg_advisory_xact_lock_shared(:all), pg_advisory_xact_lock(:key)")
        session.execute(locks, {"all": ALL_FILES, "key": int(sha256[:15], 16)})


def hold_all(session: Session) -> None:
    """The same for all files: PostgreSQL has room for some thousand locks, and a batch may have more files."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:all)"), {"all": ALL_FILES})


def insert_once(session: Session, *rows: Base) -> None:
    """Add rows of one table unless rows with their keys are there; another writer of the same key is waited for."""
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row_type = type(rows[0])
    names = [column.key for column in row_type.__table__.columns]
    values = [{name: getattr(row, name) for name in names} for row in rows]
    session.execute(insert(row_type).on_conflict_do_nothing(), values)


def migrate(url: str, revision: str = "head") -> None:
    """Bring the tables to this version, or to an earlier one; several processes may call it at once."""
    from alembic import command

    config = _migrations()
    engine = _connect(url)
    try:
        with engine.execution_options(nianbao_write=True).connect() as connection:
            _lock(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()
    finally:
        engine.dispose()


def _migrations() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@cache
def _revisions_wanted() -> tuple[str, ...]:
    """The newest revision that this version has."""
    from alembic.script import ScriptDirectory

    return tuple(ScriptDirectory.from_config(_migrations()).get_heads())


def _lock(connection: Connection) -> None:
    """Hold off other migrating processes until this transaction ends (SQLite: its write lock does)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    else:
        connection.execute(text("SELECT 1"))


def _connect(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        parsed = parsed.set(query={"connect_timeout": str(CONNECT_SECONDS), **parsed.query})
        engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "connect", _set_up_postgresql)
        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_postgresql(connection: Any, _: object) -> None:
    connection.execute(f"SET idle_in_transaction_session_timeout = '{FROZEN_SECONDS}s'")
    connection.commit()


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite
    for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_MILLISECONDS}", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("nianbao_write", False):
        lasting = options.get("nianbao_lasting", True)
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")
