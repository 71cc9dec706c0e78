"""Damaged and crafted files through the reader: `python -m benchmarks.hostile --texts 5000 --scans 200`.

Small made documents, web pages, Word files and ZIPs are damaged from a seed, and read with the crafted files of the
tests: opened, read, assembled (a ZIP: unpacked, as an upload of many files is), in a child process whose time and
resident memory are limited, as a worker's are. It counts what became of them. A file that crashes, hangs, takes too
much memory or raises an error without a sentence is kept in `--out`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from math import inf
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

import psutil
import pymupdf

from benchmarks.output import markdown
from extractors import pipeline
from extractors.errors import DocumentError
from extractors.sources import archives
from tests.hostile_files import CRAFTED
from tests.making.kinds import make_document
from tests.mutations import mutate
from tests.zips import zip_of
from workers.settings import Settings

TEXTS = (("text", 0), ("text-split", 0))
SCANS = (("office", 0), ("fax", 0))
TYPED = (("html", 0), ("html", 1), ("docx", 0))
"""Kinds of made documents and their strengths: the second of web pages is an MHTML."""
ZIP = ".zip"
ORIGINALS = 3
"""Made documents of each kind."""
BAD = ("crashed", "hung", "too much memory", "error without a sentence")

ASLEEP = 5.0
"""The limit is one of a core's time, so that a busy machine hangs nobody; by the clock it is so many times as long."""

Work = Callable[[Path], tuple[str, str]]
"""What a child does with a file: what became of it, and a word on it."""


@dataclass
class Reader:
    """A child that reads files, made anew after one that it did not survive."""

    work: Work
    seconds: float
    megabytes: float
    _child: BaseProcess | None = field(default=None, init=False)
    _pipe: Connection | None = field(default=None, init=False)

    def read(self, path: Path) -> tuple[str, str]:
        """What became of the file, and a word on it."""
        if self._child is None or self._pipe is None:
            spawn = multiprocessing.get_context("spawn")
            self._pipe, theirs = spawn.Pipe()
            self._child = spawn.Process(target=_serve, args=(theirs, self.work), daemon=True)
            self._child.start()
            theirs.close()
            self._pipe.recv()  # it has started
        self._pipe.send(path)
        process = psutil.Process(self._child.pid)
        end, spent = monotonic() + ASLEEP * self.seconds, _spent(process)
        while True:
            try:
                if self._pipe.poll(0.02):
                    outcome: tuple[str, str] = self._pipe.recv()
                    return outcome
                size, busy = process.memory_info().rss / 2**20, _spent(process) - spent
            except (EOFError, psutil.NoSuchProcess):
                return self._ended("crashed")
            if size > self.megabytes:
                return self._ended("too much memory")
            if busy > self.seconds or monotonic() > end:
                return self._ended("hung")

    def _ended(self, how: str) -> tuple[str, str]:
        self.close()
        return how, ""

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.join()
        self._child = self._pipe = None


def _spent(process: psutil.Process) -> float:
    """Seconds of a core."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _serve(pipe: Connection, work: Work) -> None:
    os.environ.setdefault("NIANBAO_OCR_THREADS", "1")
    pipe.send("ready")
    while True:
        pipe.send(work(pipe.recv()))


def read_text_layer(path: Path) -> tuple[str, str]:
    """Without the text recognition: a page that needs it counts as not read."""

    def read(path: Path) -> bool:
        document = pipeline.open_document(path)
        texts = enumerate(pipeline.read_text_pages(path, document), 1)
        readings = [reading or pipeline.failed_page(document, number, "not read") for number, reading in texts]
        return any(page.error for page in pipeline.assemble(path, document, readings).document.pages)

    return _told(read, path)


def read_whole(path: Path) -> tuple[str, str]:
    return _told(lambda path: any(page.error for page in pipeline.extract(path).document.pages), path)


def unpack(path: Path) -> bool:
    """Whether some of a ZIP's files are left out."""
    limits, refused = archives.ArchiveLimits(), 0
    with path.open("rb") as file, archives.opened(file, limits) as archive:
        for entry in archives.entries(archive, limits):
            try:
                deque(archives.blocks(archive, entry, limits), maxlen=0)
            except archives.RefusedEntry:
                refused += 1
    return refused > 0


def _told(read: Callable[[Path], bool], path: Path) -> tuple[str, str]:
    """What became of a file; `read` says whether a page of it was not read. A ZIP is unpacked."""
    try:
        partly = unpack(path) if path.suffix == ZIP else read(path)
        return ("read in part" if partly else "read"), ""
    except DocumentError as error:
        return "refused", error.code
    except Exception as error:
        return "error without a sentence", repr(error)[:300]


def damaged(kinds: Sequence[tuple[str, int]], count: int, seed: int, cut: bool = False) -> Iterator[tuple[str, bytes]]:
    """So many damaged files, by name; with `cut` all PDFs but one have a single page, so that there can be more."""
    seeds = range(seed * 1000, seed * 1000 + ORIGINALS)
    documents = [make_document(kind, strength, one, short=True) for kind, strength in kinds for one in seeds]
    made = [(document.name, document.suffix, document.data) for document in documents]
    if cut:
        made[1:] = [(name, suffix, first_page(data)) for name, suffix, data in made[1:]]
    yield from _damaged(made, count, seed)


def first_page(pdf: bytes) -> bytes:
    with pymupdf.open(stream=pdf) as document:
        document.select([0])
        content: bytes = document.tobytes(garbage=3)
        return content


def drawn(options: argparse.Namespace, cut: bool = False) -> dict[str, Iterator[tuple[str, bytes]]]:
    """The runs of files that are asked for (`texts`, `scans`, `typed`, `zips`, `seed`), by what they are."""
    return {
        "crafted": ((name, make()) for name, make in CRAFTED.items()),
        "scans, damaged": damaged(SCANS, options.scans, options.seed),
        "text, damaged": damaged(TEXTS, options.texts, options.seed, cut),
        "web pages and Word files, damaged": damaged(TYPED, options.typed, options.seed),
        "ZIPs, damaged": damaged_zips(options.zips, options.seed),
    }


def damaged_zips(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many ZIPs of some web pages, by name."""
    pages = {f"{i}年报.html": make_document("html", 0, seed * 1000 + i, short=True).data for i in range(ORIGINALS)}
    zips = [zip_of(pages, gbk).getvalue() for gbk in (False, True)]
    yield from _damaged([("zip", "zip", data) for data in zips], count, seed)


def _damaged(made: Sequence[tuple[str, str, bytes]], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    originals = [data for _, _, data in made]
    for number in range(count):
        rng = Random(f"{seed} {number}")
        name, suffix, data = rng.choice(made)
        yield f"{name}-{number}.{suffix}", mutate(data, originals, rng)


def run(
    files: Iterator[tuple[str, bytes]], reader: Reader, folder: Path, kept: Path | None, end: float = inf
) -> Counter[str]:
    """Read them all, or as many as until the time `end`; prints what should not be, and keeps the file."""
    counts: Counter[str] = Counter()
    for name, data in takewhile(lambda _: monotonic() < end, files):
        path = folder / name
        path.write_bytes(data)
        how, why = reader.read(path)
        counts[how] += 1
        if how in BAD:
            print(f"{name}: {how} {why}", file=sys.stderr, flush=True)
            if kept:
                kept.mkdir(parents=True, exist_ok=True)
                (kept / name).write_bytes(data)
        path.unlink()
    return counts


def main() -> None:
    settings = Settings()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=5000)
    parser.add_argument("--scans", type=int, default=200)
    parser.add_argument("--typed", type=int, default=5000, help="web pages and Word files")
    parser.add_argument("--zips", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=settings.page_seconds, help="of a core, for one file")
    parser.add_argument("--megabytes", type=float, default=settings.worker_memory_mb, help="of resident memory")
    parser.add_argument("--minutes", type=float, default=inf, help="stop then; the table says how far it came")
    parser.add_argument("--out", type=Path, help="where files that did harm are kept")
    parser.add_argument("--text-layer", action="store_true", help="leave the text recognition out")
    options = parser.parse_args()
    reader = Reader(read_text_layer if options.text_layer else read_whole, options.seconds, options.megabytes)
    end = monotonic() + 60 * options.minutes
    heads = ["files", "read", "read in part", "refused", *BAD]
    rows = [["", *heads]]
    with TemporaryDirectory() as scratch:
        for name, files in drawn(options).items():
            counts = run(files, reader, Path(scratch), options.out, end)
            rows.append([name, str(counts.total()), *(str(counts[head]) for head in heads[1:])])
    reader.close()
    print(markdown(rows))


if __name__ == "__main__":
    main()
