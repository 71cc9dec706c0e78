"""Whether the memory of a worker stays flat: `python -m benchmarks.memory --pages 2000`.

One process reads page after page, as a worker does, of made documents of the kinds given: a few of each kind, over and
over, so that sizes change from page to page. It prints the resident memory after so many pages and draws it
(memory.svg). With `--kinds text` it is a text worker.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.output import markdown
from extractors import pipeline
from extractors.limits import DEFAULT_LIMITS
from tests.making.kinds import KINDS, make_document
from web.charts import Series, bar_chart

SCANS = ("office", "photo", "worn", "fax", "low", "turned", "bent")
ROWS = 20
"""Lines of the table."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(SCANS))
    parser.add_argument("--out", type=Path, help="where the picture is kept")
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        files = list(_documents(options.kinds, options.seed, Path(scratch)))
        sizes = list(read_pages(files, options.pages, options.seed))
    step = max(len(sizes) // ROWS, 1)
    shown = list(range(step, len(sizes) + 1, step))
    print(markdown([["pages read", "resident MB"], *([f"{n}", f"{sizes[n - 1]:.0f}"] for n in shown)]))
    settled = sizes[len(sizes) // 10 :]
    print(
        f"\nPeak {max(sizes):.0f} MB; from page {len(sizes) // 10 + 1} on {min(settled):.0f} to {max(settled):.0f} MB."
    )
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        series = [Series("MB", [round(sizes[n - 1]) for n in shown])]
        (options.out / "memory.svg").write_text(
            bar_chart("Resident memory after so many pages", shown, series), "utf-8"
        )


def _documents(kinds: Sequence[str], seed: int, folder: Path) -> Iterator[Path]:
    """Two documents of each kind, of different strengths where there are several."""
    for kind in kinds:
        for strength in {0, len(KINDS[kind]) - 1}:
            made = make_document(kind, strength, seed)
            path = folder / f"{kind}-{strength}{made.suffix}"
            path.write_bytes(made.data)
            yield path


def read_pages(files: Sequence[Path], pages: int, seed: int) -> Iterator[float]:
    """Resident megabytes after each of so many pages of documents taken at random."""
    rng, process, done = random.Random(seed), psutil.Process(), 0
    while done < pages:
        path = rng.choice(files)
        document = pipeline.open_document(path, path.name, DEFAULT_LIMITS)
        readings = []
        for number in range(1, document.page_count + 1):
            readings.append(pipeline.read_page(path, document, number, DEFAULT_LIMITS))
            done += 1
            yield process.memory_info().rss / 2**20
        pipeline.assemble(path, document, readings, DEFAULT_LIMITS)


if __name__ == "__main__":
    main()
