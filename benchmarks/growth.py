"""What is asked of an archive that grows: how long each question takes at each size."""

from __future__ import annotations

import io
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from extractors.report import Result
from tests.archive import RARE, STAND_IN, fill, id_of
from tests.bench import Bench
from web.exports import csv_pieces, line_pieces
from workers.database import migrate
from workers.filing import file_report, prepare
from workers.settings import Settings

REPEATS = 30
"""Each question is asked so often; the least time counts, as other work of the machine only ever adds."""
ENOUGH_SECONDS = 10.0
"""A question that takes long is not asked again after so many."""
AGENCY = "某某市某某区档案馆"
"""No other report of the archive is of this one."""
RARE_WORDS = "".join(map(chr, range(0x4E00, 0x4E04)))
"""Four characters that hardly any text has in this order."""
COUNTED = "counts "
"""So begin the names of lists whose hits are a share of the archive: each says how many there are."""


@dataclass(frozen=True)
class Took:
    """The least of several measurements of each."""

    seconds: float
    core: float
    """Core-seconds of this process; a PostgreSQL server's are not among them."""


@dataclass(frozen=True)
class Shared:
    """A question about many reports at once, whose time is told by report."""

    ask: Callable[[], object]
    reports: int


Question = Callable[[], object] | Shared


def measure(folder: Path, sizes: Sequence[int], database_url: str | None) -> Iterator[tuple[int, dict[str, float]]]:
    """For each size in turn the seconds that each question takes; the database must be empty."""
    for size, bench in _grown(folder, sizes, database_url):
        yield size, {name: took.seconds for name, took in _times(questions(bench))}


def measure_costs(
    folder: Path, sizes: Sequence[int], database_url: str | None, sample: Result
) -> Iterator[tuple[int, dict[str, Took]]]:
    """The same of what a report costs, in an archive where one report of RESULT_SHARE has the sample as its result."""
    for size, bench in _grown(folder, sizes, database_url, sample.model_dump_json()):
        yield size, dict(_times(costs(bench, sample)))


def _grown(
    folder: Path, sizes: Sequence[int], database_url: str | None, result: str = STAND_IN
) -> Iterator[tuple[int, Bench]]:
    settings = Settings(data_dir=folder, database_url=database_url)
    migrate(settings.sqlalchemy_url)
    bench, before = Bench(settings), 0
    for size in sizes:
        fill(bench.database, size, before, result=result)
        if bench.database.engine.dialect.name == "postgresql":
            engine = bench.database.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("VACUUM ANALYZE"))  # as its autovacuum does
        os.sync()  # or else the next commits wait for what has just been filled in
        before = size
        yield size, bench


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


def costs(bench: Bench, sample: Result) -> dict[str, Question]:
    """What is done for each report; exports are of the whole archive."""
    asked, reports = questions(bench), bench.reports
    years = _three_years(bench, sample)

    def file_again() -> None:
        with bench.database.write() as session:
            was = prepare(session, years[1], "local", AGENCY)
            file_report(session, years[1], was)

    count = reports.harvest().count
    return {
        "upload and delete": asked["upload and delete"],
        "file between two years": file_again,
        "page of the list": asked[f"{COUNTED}all"],
        "page of a year's list": asked[f"{COUNTED}a year of twelve"],
        "search: rare words": asked["words of the text"],
        "search: a word of a sixteenth": asked[f"{COUNTED}a word of a sixteenth"],
        "export a report, JSON lines": Shared(lambda: _exhaust(line_pieces(reports.harvest().taken)), count),
        "export a report, CSV": Shared(lambda: _exhaust(csv_pieces(reports.harvest().taken, "long")), count),
    }


def _three_years(bench: Bench, sample: Result) -> list[str]:
    """Ids of three reports of an agency, sent and read where they are not there yet."""
    if not bench.reports.search(agency=AGENCY).total:
        for year in (2021, 2022, 2023):
            result = sample.model_copy(deep=True)
            result.report.agency, result.report.year = AGENCY, year
            bench.reader.assemble = lambda *_, made=result: made  # type: ignore[method-assign]
            bench.submit(f"%PDF-1.7 {year}".encode(), f"{year}.pdf")
            bench.deliver_all()
    return [year.report_id for year in bench.reports.archive.agency(AGENCY).years]


def _exhaust(pieces: Iterator[bytes]) -> None:
    deque(pieces, maxlen=0)


def _times(asked: Mapping[str, Question]) -> Iterator[tuple[str, Took]]:
    for name, question in asked.items():
        ask, reports = (question.ask, question.reports) if isinstance(question, Shared) else (question, 1)
        took = _least(ask)
        yield name, Took(took.seconds / reports, took.core / reports)


def _least(ask: Callable[[], object]) -> Took:
    seconds: list[float] = []
    core: list[float] = []
    while len(seconds) < REPEATS and sum(seconds) < ENOUGH_SECONDS:
        start, start_core = time.perf_counter(), time.process_time()
        ask()
        seconds.append(time.perf_counter() - start)
        core.append(time.process_time() - start_core)
    return Took(min(seconds), min(core))
