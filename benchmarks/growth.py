"""What is asked of an archive that grows: how long each question takes at each size."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import text

from tests.archive import RARE, fill, id_of
from tests.bench import Bench
from workers.database import migrate
from workers.settings import Settings

REPEATS = 30
"""Each question is asked so often; the least time counts, as other work of the machine only ever adds."""
RARE_WORDS = "".join(map(chr, range(0x4E00, 0x4E04)))
"""Four characters that hardly any text has in this order."""
COUNTED = "counts "
"""So begin the names of lists whose hits are a share of the archive: each says how many there are."""


def measure(folder: Path, sizes: Sequence[int], database_url: str | None) -> Iterator[tuple[int, dict[str, float]]]:
    """For each size in turn the seconds that each question takes; the database must be empty."""
    settings = Settings(data_dir=folder, database_url=database_url)
    migrate(settings.sqlalchemy_url)
    bench, before = Bench(settings), 0
    for size in sizes:
        fill(bench.database, size, before)
        if bench.database.engine.dialect.name == "postgresql":
            engine = bench.database.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("VACUUM ANALYZE"))  # as its autovacuum does
        os.sync()  # or else the next commits wait for what has just been filled in
        before = size
        yield size, {name: _least(ask) for name, ask in questions(bench).items()}


def questions(bench: Bench) -> dict[str, Callable[[], object]]:
    reports, search = bench.reports, bench.reports.search
    uploads = iter(range(10**9))

    def upload() -> None:
        content = f"%PDF-1.7 {time.time_ns()} {next(uploads)}".encode()
        reports.delete(reports.submit(io.BytesIO(content), "年报.pdf")[0].id)

    agency = str(RARE["agency"])
    return {
        "upload and delete": upload,
        "poll": lambda: reports.get(id_of(0)),
        "reconcile": bench.reconciler.reconcile,
        "year": lambda: search(year=1999),
        "status": lambda: search(status=str(RARE["status"])),
        "failed check": lambda: search(failed_check=str(RARE["check"])),
        "agency": lambda: search(agency=agency),
        "words of the text": lambda: search(q=RARE_WORDS),
        "words": lambda: search(q=f"{agency[:2]} {RARE['year']}"),
        f"{COUNTED}all": search,
        f"{COUNTED}a year of twelve": lambda: search(year=2021),
        f"{COUNTED}an outcome of three": lambda: search(status="passed"),
        f"{COUNTED}a failed check of a tenth": lambda: search(failed_check="requests.row_sum.granted"),
        f"{COUNTED}a word of a sixteenth": lambda: search(q="财政局"),
        f"{COUNTED}a word of all": lambda: search(q="报告"),
        f"{COUNTED}a long word of all": lambda: search(q="信息公开工作年度报告"),
    }


def _least(ask: Callable[[], object]) -> float:
    took = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        ask()
        took.append(time.perf_counter() - start)
    return min(took)
