"""What `nianbao extract` takes for reports with text, by itself and by the batch: `python -m benchmarks.cold`.

Each run is a process of its own on one core, so that the time to load what it needs is in it. From the first report
to the rest of a batch is what one more report costs: its core-seconds are those of many files without those of one.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.output import markdown
from tests.making.kinds import make_document

SAMPLE = Path(__file__).parents[1] / "samples" / "yanzhou-2021.pdf"
"""Six pages of text."""


@dataclass(frozen=True)
class Run:
    """Seconds by the clock, and of the processor."""

    seconds: float
    core_seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold", description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=60, help="how many reports are in the batch")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        seeds = range(options.seed * 1000, options.seed * 1000 + options.reports)
        batch = [make_document("text", seed % 2, seed).write(folder) for seed in seeds]
        alone = [extract([SAMPLE], folder / "alone") for _ in range(options.repeats)]
        one, many = (
            median(extract(files, folder / "results").core_seconds for _ in range(options.repeats))
            for files in (batch[:1], batch)
        )
    rows = [["", "measured"]]
    rows.append([f"`nianbao extract` on {SAMPLE.name}, seconds", f"{median(run.seconds for run in alone):.2f}"])
    rows.append(["reports a second and core, in a batch", f"{(len(batch) - 1) / (many - one):.1f}"])
    print(markdown(rows))


def extract(files: Sequence[Path], into: Path) -> Run:
    """Run the command on these files in a new process on one core."""
    into.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "web.cli", "extract", *map(str, files), "--output", str(into)]
    before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, preexec_fn=_on_one_core)
    seconds, after = time.perf_counter() - clock, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Run(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


if __name__ == "__main__":
    main()
