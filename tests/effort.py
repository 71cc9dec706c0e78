"""How much a database does for what is asked of it, counted, not timed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

STEP = 10
"""Instructions of SQLite's virtual machine between two looks at their number."""
COUNTED = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")


@dataclass
class Statement:
    sql: str
    parameters: Any
    work: int = 0
    """Instructions of SQLite's virtual machine, or rows that PostgreSQL's scans have looked at."""
    plan: str = ""


def statements_of(engines: Sequence[Engine], do: Callable[[], object]) -> list[Statement]:
    """All statements of `do` on engines of one database, with what they take; PostgreSQL carries each out once more
    to tell."""
    with ExitStack() as stack:
        statements: list[Statement] = []
        for engine in engines:
            stack.enter_context(_listening(engine, statements))
        do()
    with engines[0].connect() as connection:
        for statement in statements:
            if connection.dialect.name == "postgresql":
                _explain(connection, statement)
            else:
                rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement.sql, statement.parameters)
                statement.plan = "\n".join(row[-1] for row in rows)
        connection.rollback()
    return statements


@contextmanager
def _listening(engine: Engine, statements: list[Statement]) -> Iterator[None]:
    def note(_: Connection, __: object, sql: str, parameters: Any, ___: object, many: bool) -> None:
        if sql.split()[0] in COUNTED:
            first = parameters[0] if many and isinstance(parameters, list) else parameters
            statements.append(Statement(sql, first))

    def step() -> int:
        if statements:
            statements[-1].work += STEP
        return 0

    def count(connection: Any, *_: object) -> None:
        connection.set_progress_handler(step, STEP)

    def stop(connection: Any, *_: object) -> None:
        connection.set_progress_handler(None, STEP)

    listeners: list[tuple[str, Callable[..., Any]]] = [("before_cursor_execute", note)]
    if engine.dialect.name == "sqlite":
        listeners += [("checkout", count), ("checkin", stop)]
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


def _explain(connection: Connection, statement: Statement) -> None:
    if statement.sql.startswith("INSERT"):
        return  # it looks at no rows but its own
    plan = connection.exec_driver_sql("EXPLAIN (ANALYZE, FORMAT JSON) " + statement.sql, statement.parameters)
    root = plan.scalar_one()[0]["Plan"]
    statement.work, statement.plan = _rows_of(root), json.dumps(root)


def _rows_of(node: dict[str, Any]) -> int:
    """Rows that the scans of a plan have given or thrown away."""
    looked = 0
    if "Relation Name" in node and "Scan" in node["Node Type"]:
        names = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        looked = round(sum(node.get(name, 0) for name in names) * node["Actual Loops"])
    return looked + sum(_rows_of(inner) for inner in node.get("Plans", []))
