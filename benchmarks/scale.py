"""Whether more worker processes read more, and what a report costs in a large archive: `python -m benchmarks.scale`.

Starts a real `nianbao serve` for each number of worker processes, all in the same run, and sends each of them the same
made reports, with text and scanned, as batches, in turn: while one reads, the others have nothing to do. It says how
many reports a second each has read, and how many times as many as the first. Then fills a scratch database with more
and more reports and says what a report costs at each size: to upload, to file between two years with the checks
between them, to list, to find by its words, to export. `--out DIR` keeps scale.md, scale.csv and a picture (scale.svg).
What else the machine does shows in the clock. How long the worker processes waited for a core is told, and the speed-up
without that; core-seconds know nothing of it: growth is judged by these where the database is in
this process (SQLite), by the clock where it is not.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_STORED, ZipFile

import psutil
import pymupdf

from benchmarks import chaos, output
from benchmarks.growth import Took, measure_costs
from benchmarks.service import growth_rows, plot
from benchmarks.serving import SAMPLES, Served, served
from extractors import pipeline

KINDS = ("text", "scan")
QUICK: dict[str, object] = {"texts": 24, "scans": 4, "originals": 4, "rounds": 2, "sizes": [100, 400]}
FLAT = 1.25
"""Times as long at the largest size; more than that is growth."""
Costs = Mapping[int, Mapping[str, Took]]
"""Size of the archive → what is done → what it takes."""


@dataclass
class Reading:
    """What one service has read of a kind, in all rounds."""

    kind: str
    processes: int
    reports: int = 0
    pages: int = 0
    succeeded: int = 0
    seconds: float = 0.0
    """From the first byte sent to the end of the last report, of all rounds."""
    core: float = 0.0
    """Core-seconds of all its processes."""
    others: float = 0.0
    """Core-seconds that the machine has spent on other work meanwhile."""
    waited: float = 0.0
    """Of the seconds, those that its worker processes have waited for a core, on the average."""

    @property
    def rate(self) -> float:
        return self.reports / self.seconds

    @property
    def free_rate(self) -> float:
        """As if each worker process had a core to itself."""
        return self.reports / (self.seconds - self.waited)


@dataclass(frozen=True)
class Plan:
    """How much of each kind is sent to each service."""

    processes: Sequence[int]
    counts: Mapping[str, int]
    originals: int
    rounds: int
    seed: int


def readings(folder: Path, plan: Plan) -> Iterator[Reading]:
    """What each service has read; their processes have loaded their models before."""
    originals = {kind: _originals(kind, plan) for kind in KINDS if plan.counts[kind]}
    with ExitStack() as stack:
        services = {n: stack.enter_context(served(folder / f"{n}", n)) for n in plan.processes}
        for kind, files in originals.items():
            for processes, service in services.items():
                _read(service, _portion(files, 4 * processes, "first"), Reading(kind, processes))
            found = [Reading(kind, processes) for processes in plan.processes]
            for number in range(plan.rounds):
                count = _share(plan.counts[kind], number, plan.rounds)
                for one in found if number % 2 == 0 else reversed(found):
                    _read(services[one.processes], _portion(files, count, f"{number}"), one)
            yield from found


def _originals(kind: str, plan: Plan) -> list[bytes]:
    """Made documents, no more than are sent."""
    count = min(plan.originals, plan.counts[kind])
    return list(chaos.originals(kind == "scan", chaos.Plan(seed=plan.seed, originals=count)))


def _share(count: int, number: int, rounds: int) -> int:
    """Of a round, so that all together are `count`."""
    return count * (number + 1) // rounds - count * number // rounds


def _portion(originals: Sequence[bytes], count: int, name: str) -> list[bytes]:
    """The originals in turn, each with other bytes at its end: what was read is not read again."""
    return [data + f"\n%% {name} {n}\n".encode() for n, data in enumerate(islice(cycle(originals), count))]


def _read(service: Served, files: Sequence[bytes], reading: Reading) -> None:
    """Send the files as one batch, wait for its end, and add what that took."""
    if not files:
        return
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        for number, data in enumerate(files):
            archive.writestr(f"{number:05}", data)
    start, core, busy, waits = time.time(), service.core_seconds(), _busy(), service.waits()
    batch = service.ask("/api/v1/batches", packed.getvalue())
    while batch["finished_at"] is None:
        batch = service.ask(f"{batch['links']['self']}?wait=20&per_page=1")
    spent = service.core_seconds() - core
    reading.seconds += datetime.fromisoformat(batch["finished_at"]).timestamp() - start
    reading.core += spent
    reading.others += max(0.0, _busy() - busy - spent)
    more = [wait - waits.get(pid, 0.0) for pid, wait in service.waits().items()]
    reading.waited += sum(more) / len(more)
    reading.reports += len(files)
    reading.pages += sum(map(_pages_of, files))
    reading.succeeded += batch["counts"].get("succeeded", 0)


def _busy() -> float:
    """Core-seconds that all cores have worked since the machine started."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


def _pages_of(data: bytes) -> int:
    with pymupdf.open(stream=data) as document:
        return int(document.page_count)


def reading_rows(found: Sequence[Reading]) -> list[list[str]]:
    """A head, and a row for each kind and number of processes; the speed-up is over the kind's first row."""
    rows = [
        [
            *("read", "processes", "reports", "pages", "seconds", "reports a second", "speed-up"),
            *("waiting for a core", "a second, a core each", "speed-up, a core each"),
            *("core-seconds a report", "cores in use", "cores taken by others", "not read"),
        ]
    ]
    first: dict[str, Reading] = {}
    for one in found:
        base = first.setdefault(one.kind, one)
        rows.append(
            [
                *(one.kind, f"{one.processes}", f"{one.reports:,}", f"{one.pages:,}"),
                *(f"{one.seconds:.1f}", f"{one.rate:.2f}", f"{one.rate / base.rate:.2f}"),
                *(f"{one.waited:.1f}", f"{one.free_rate:.2f}", f"{one.free_rate / base.free_rate:.2f}"),
                *(
                    f"{one.core / one.reports:.3f}",
                    f"{one.core / one.seconds:.2f}",
                    f"{one.others / one.seconds:.2f}",
                    f"{one.reports - one.succeeded}",
                ),
            ]
        )
    return rows


def cost_rows(costs: Costs, by_clock: bool = False) -> list[list[str]]:
    """The rows of `growth_rows` by the clock, the same multiple of core-seconds, and how the cost grows."""
    sizes = sorted(costs)
    head, *rows = growth_rows(_by_clock(costs))
    if not sizes:
        return [head]
    least, most = costs[sizes[0]], costs[sizes[-1]]
    told = [[*head, f"core-ms at {sizes[-1]:,}", "core, times", "growth"]]
    for row in rows:
        before, after = least[row[0]], most[row[0]]
        core = after.core / before.core
        times = after.seconds / before.seconds if by_clock else core
        told.append([*row, f"{1000 * after.core:.1f}", f"{core:.2f}", growth_of(times, sizes[0], sizes[-1])])
    return told


def growth_of(times: float, small: int, large: int) -> str:
    """In a word: what takes `times` as long in the large archive as in the small one."""
    if times <= FLAT:
        return "flat"
    if times <= log(large) / log(small):
        return "logarithmic"
    return f"n^{log(times) / log(large / small):.2f}"


def picture(costs: Costs, by_clock: bool = False) -> str:
    """What a report costs, beside what grows as the logarithm of the archive and as the archive itself."""
    measured = _by_clock(costs) if by_clock else _by_core(costs)
    growth = {
        size: {**took, "as the logarithm": log(size), "as the archive": float(size)} for size, took in measured.items()
    }
    return plot(growth, faint=("as the logarithm", "as the archive"))


def _by_clock(costs: Costs) -> dict[int, dict[str, float]]:
    return {size: {name: one.seconds for name, one in took.items()} for size, took in costs.items()}


def _by_core(costs: Costs) -> dict[int, dict[str, float]]:
    return {size: {name: one.core for name, one in took.items()} for size, took in costs.items()}


def main() -> None:
    options = _options()
    by_clock = options.database_url is not None
    found: list[Reading] = []
    costs: dict[int, dict[str, Took]] = {}
    with TemporaryDirectory() as scratch:
        counts = {"text": options.texts, "scan": options.scans}
        plan = Plan(options.processes, counts, options.originals, options.rounds, options.seed)
        if any(counts.values()):
            for reading in readings(Path(scratch), plan):
                found.append(reading)
                print(reading, file=sys.stderr, flush=True)
        sample = pipeline.extract(SAMPLES / "yanzhou-2021.pdf")
        for size, took in measure_costs(Path(scratch) / "archive", options.sizes, options.database_url, sample):
            costs[size] = took
            print(f"{size} reports", file=sys.stderr, flush=True)
    tables = [reading_rows(found), cost_rows(costs, by_clock)]
    text = "\n".join(output.markdown(rows) for rows in tables if len(rows) > 1)
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "scale.md").write_text(text, encoding="utf-8")
        output.write_csv([row for rows in tables for row in rows], options.out / "scale.csv")
        (options.out / "scale.svg").write_text(picture(costs, by_clock), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=1000, help="reports with text for each service; 0: none")
    parser.add_argument("--scans", type=int, default=60, help="scanned ones, a page each; 0: none")
    parser.add_argument("--originals", type=int, default=50, help="made documents of each kind that these are made of")
    parser.add_argument("--processes", type=int, nargs="+", default=(1, 2), help="of workers, a service for each")
    parser.add_argument("--rounds", type=int, default=4, help="turns in which the services read their share")
    parser.add_argument("--sizes", type=int, nargs="+", default=(100, 1_000, 10_000), help="of the archive, rising")
    parser.add_argument("--database-url", help="an empty database to fill; SQLite in a scratch folder where not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="little of everything; other options go before it")
    parser.add_argument("--out", type=Path, help="where tables and picture are kept")
    if "--quick" in sys.argv:
        parser.set_defaults(**QUICK)
    return parser.parse_args()


if __name__ == "__main__":
    main()
