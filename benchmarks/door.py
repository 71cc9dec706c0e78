"""Damaged and crafted files sent to a real service: `python -m benchmarks.door --texts 5000 --scans 200`.

The files of `benchmarks.hostile`, but through the same door as an upload: each is posted to `nianbao serve`, its state
asked for until it has ended, its result and its page fetched. It counts what they were answered with, whether any part
of the service ended, and how much memory each kind of process took at most.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import psutil

from benchmarks import victims
from benchmarks.hostile import ZIP, drawn
from benchmarks.output import markdown
from benchmarks.serving import OPENER
from benchmarks.victims import House
from workers.states import FINISHED

PARTS = ("serve", "web", "worker", "valkey")
BAD = ("answered 5xx", "no answer", "no sentence", "traceback shown", "not ended")
SET_ASIDE = "set-aside"
"""How the codes begin that say that a limit ended the reading three times."""
NO_ANSWER = 0
"""Instead of a status, where none came in time."""
AHEAD = 40
"""Files that wait or are read at once."""
LOOK_SECONDS, ANSWER_SECONDS, START_SECONDS = 0.2, 60.0, 120.0
SETTINGS: dict[str, object] = {"requests_per_minute": 10_000_000, "uploads_per_minute": 10_000_000}
"""Those of an installation, but for one sender who may send all."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Memory:
    """The most megabytes that a process of each kind was seen with."""

    house: House
    most: dict[str, float] = field(default_factory=dict)
    _over: Event = field(default_factory=Event)

    def watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for part in PARTS:
                for process in self.house.processes(part):
                    self._look(part, process)
                    with suppress(psutil.NoSuchProcess):
                        for hand in process.children() if part == "worker" else ():
                            self._look("process that reads", hand)

    def _look(self, name: str, process: psutil.Process) -> None:
        with suppress(psutil.NoSuchProcess):
            self.most[name] = max(self.most.get(name, 0.0), process.memory_info().rss / 2**20)

    def stop(self) -> None:
        self._over.set()


class Visitor:
    """Sends files to a service and follows each to its end."""

    def __init__(self, house: House, patience: float) -> None:
        self._address = f"http://127.0.0.1:{house.settings.port}"
        self._patience = patience
        self._open: dict[str, tuple[str, float]] = {}
        """Address of what is not over yet → file, and the time when it is given up."""
        self.counts: Counter[str] = Counter()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._ask("/readyz").status == 200:
                return
            time.sleep(LOOK_SECONDS)
        raise TimeoutError("the service has not come up")

    def send(self, files: Iterator[tuple[str, bytes]]) -> Counter[str]:
        """What became of the files; prints what should not be."""
        self.counts = Counter()
        for name, content in files:
            self.counts["files"] += 1
            batch = name.endswith(ZIP)
            kind = "application/zip" if batch else "application/octet-stream"
            answer = self._ask("/api/v1/batches" if batch else "/api/v1/reports", content, {"Content-Type": kind})
            if answer.status in (200, 202):
                where = f"/api/v1/{'batches' if batch else 'reports'}/{answer.json['id']}"
                self._open.setdefault(where, (name, time.monotonic() + self._patience))
            else:
                self._judge(name, "refused at the door", answer, answer.json if answer.status < 500 else {})
            while len(self._open) >= AHEAD:
                self._follow()
        while self._open:
            self._follow()
        return self.counts

    def _follow(self) -> None:
        """Look at all that is open."""
        time.sleep(LOOK_SECONDS)
        for where, (name, end) in list(self._open.items()):
            answer = self._ask(where)
            if answer.status == 200 and answer.json["status"] not in (*FINISHED, "finished"):
                if time.monotonic() < end:
                    continue
                self._count(name, "not ended")
            elif answer.status == 200:
                self._end(name, where, answer)
            else:
                self._judge(name, "no sentence", answer, {})
            del self._open[where]

    def _end(self, name: str, where: str, answer: Answer) -> None:
        """What became of one, and whether its page and its result can be had."""
        view = answer.json
        pages = [self._ask(where.removeprefix("/api/v1"))]
        if name.endswith(ZIP):
            refused = view["counts"].get("refused", 0)
            self._judge(name, "read in part" if refused else "read", answer, None, pages)
        elif view["status"] == "failed":
            aside = view["error"]["code"].startswith(SET_ASIDE)
            self._judge(name, view["error"]["code"] if aside else "refused", answer, view["error"], pages)
        else:
            result = self._ask(f"{where}/result")
            broken = [page["error"] for page in result.json["document"]["pages"] if page["error"]]
            self._judge(name, "read in part" if broken else "read", result, None, pages)

    def _judge(
        self, name: str, how: str, answer: Answer, reason: Mapping[str, str] | None, pages: list[Answer] | None = None
    ) -> None:
        """Count `how`, unless an answer is worse; `reason` is why the file was not taken, in the words of the API."""
        answers = [answer, *(pages or [])]
        if any(b"Traceback" in one.body for one in answers):
            how = "traceback shown"
        elif any(one.status == NO_ANSWER for one in answers):
            how = "no answer"
        elif any(one.status >= 500 for one in answers):
            how = "answered 5xx"
        elif reason is not None and not (reason.get("detail_zh") or reason.get("message_zh")):
            how = "no sentence"
        self._count(name, how)

    def _count(self, name: str, how: str) -> None:
        self.counts[how] += 1
        if how in BAD or how.startswith(SET_ASIDE):
            print(f"{name}: {how}", file=sys.stderr, flush=True)

    def _ask(self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        request = urllib.request.Request(self._address + path, body, dict(headers or {}))
        try:
            with OPENER.open(request, timeout=ANSWER_SECONDS) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read())
        except OSError:
            return Answer(NO_ANSWER, b"{}")


def visit(
    runs: Mapping[str, Iterator[tuple[str, bytes]]], folder: Path, workers: int, patience: float
) -> tuple[list[list[str]], list[list[str]]]:
    """Send each run of files to a service in a folder of its own: what became of them, and of the service."""
    heads = ["files", "refused at the door", "read", "read in part", "refused", *BAD]
    rows = [["", *heads, "set aside"]]
    with victims.serve(folder, workers, **SETTINGS) as house:
        visitor, memory = Visitor(house, patience), Memory(house)
        visitor.wait_until_ready()
        before = _pids(house)
        watch = Thread(target=memory.watch, daemon=True)
        watch.start()
        for name, files in runs.items():
            counts = visitor.send(files)
            aside = sum(count for how, count in counts.items() if how.startswith(SET_ASIDE))
            rows.append([name, *(str(counts[head]) for head in heads), str(aside)])
        memory.stop()
        watch.join()
        ended = len(before - _pids(house))
    parts = [["", "number"], ["parts of the service that ended", str(ended)]]
    return rows, parts + [[f"MB at most: {name}", f"{most:.0f}"] for name, most in sorted(memory.most.items())]


def _pids(house: House) -> set[tuple[str, int]]:
    return {(part, process.pid) for part in PARTS for process in house.processes(part)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.door", description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=5000)
    parser.add_argument("--scans", type=int, default=200)
    parser.add_argument("--typed", type=int, default=1000, help="web pages and Word files")
    parser.add_argument("--zips", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="processes that read")
    parser.add_argument("--patience", type=float, default=900.0, help="seconds after which a file has not ended")
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        for rows in visit(drawn(options, cut=True), Path(scratch), options.workers, options.patience):
            print(markdown(rows))


if __name__ == "__main__":
    main()
