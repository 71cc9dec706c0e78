"""A PostgreSQL server of a test's own, which it may stop and start; Debian keeps the programs beside its versions."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
_CTL = shutil.which("pg_ctl") or next(reversed(_INSTALLED), None)
_USER = "postgres" if os.geteuid() == 0 else None
"""PostgreSQL refuses to run as root."""

needs_postgres_programs = pytest.mark.skipif(_CTL is None, reason="no PostgreSQL server is installed (pg_ctl)")


@dataclass
class PostgresServer:
    """Where it listens, and keeps its data."""

    port: int
    data: Path

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        self._run("initdb", "--silent", "--options", "--username=postgres --auth=trust --no-sync")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self._run("start", "--silent", "--wait", "--log", str(self.data.parent / "log"), "--options", options)

    def stop(self, how: str) -> None:
        """`fast`: transactions are rolled back; `immediate`: as in a crash, and recovered at the next start."""
        self._run("stop", "--silent", "--wait", "--mode", how)

    def _run(self, command: str, *options: str) -> None:
        subprocess.run([str(_CTL), command, "--pgdata", str(self.data), *options], check=True, user=_USER, cwd="/")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    with TemporaryDirectory(prefix="nianbao-postgres-") as folder, socket.socket() as probe:
        if _USER:
            shutil.chown(folder, _USER)
        probe.bind(("127.0.0.1", 0))
        server = PostgresServer(int(probe.getsockname()[1]), Path(folder, "data"))
        probe.close()
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
