"""What is asked of a growing archive takes no more work, on SQLite and on PostgreSQL; counted, not timed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text, update

from extractors.report import Result
from extractors.sources import DocumentInfo
from tests.archive import RARE, RARE_REPORTS, fill, id_of
from tests.bench import Bench
from tests.effort import Statement, statements_of
from workers.batches import Batches, BatchView
from workers.database import migrate
from workers.decisions import Change
from workers.failures import Cause
from workers.settings import Settings
from workers.tables import PageRow, ReportRow

SMALL, LARGE = 600, 3000
"""Reports."""
FEW = {"sqlite": 2500, "postgresql": 300}
"""Instructions, or rows, that a statement may take in any case; going through all reports takes 15,000, or 3,000."""
AGENCY = "某某市某某区档案馆"
TEXT = "龘龖靐齾"
"""What one report alone says."""
COUNTED = (
    *("list of batches", "list of all owners' batches"),
    *("list", "list, third page", "common year", "common status", "common outcome", "list of all owners"),
    *(f"common {what} of all owners" for what in ("year", "status", "outcome")),
)
"""A list says how many there are: these count all that they find, in an index."""


class Archive:
    """What people and workers ask of a service: each call does it once."""

    def __init__(self, bench: Bench, sample: Result) -> None:
        self._bench, self._sample = bench, sample
        bench.reader.assemble = lambda _, document, *__: self._result(document)  # type: ignore[method-assign]
        self._uploads, self._to_be_read = 0, ""
        self._batches = Batches(bench.reports.runtime)
        self._upload()
        bench.deliver_all()
        self._open = [self._upload() for _ in range(3)]
        bench.work.open_report(self._open[1])
        bench.messenger.messages.clear()

    def asks(self) -> dict[str, Callable[[], object]]:
        reports, search = self._bench.reports, self._bench.reports.search
        return {
            "poll a queued one": lambda: reports.get(self._open[0]),
            "poll one being read": lambda: reports.get(self._open[1]),
            "poll a finished one": lambda: reports.get(id_of(0)),
            "result": lambda: reports.result(id_of(0)),
            "list": search,
            "list, third page": lambda: search(page=3),
            "common year": lambda: search(year=2021),
            "common status": lambda: search(status="succeeded"),
            "common outcome": lambda: search(status="passed"),
            "year": lambda: self._rare(year=RARE["year"]),
            "form": lambda: search(edition="pre2019"),
            "form of all owners": lambda: search(owner=None, edition="pre2019"),
            "status": lambda: self._rare(status=RARE["status"]),
            "failed check": lambda: self._rare(failed_check=RARE["check"]),
            "agency": lambda: self._rare(agency=RARE["agency"]),
            "words of the text": lambda: self._found(1, TEXT[:2]),
            "longer words of the text": lambda: self._found(1, TEXT),
            "agency of the archive": lambda: reports.archive.agency(str(RARE["agency"])),
            "variant of an agency": lambda: reports.archive.agency(f"某某省{AGENCY}"),
            "years of an agency": lambda: reports.archive.years(AGENCY),
            "around a report": lambda: reports.archive.around(id_of(0)),
            "words": lambda: self._rare(q=f"{str(RARE['agency'])[:2]} {RARE['year']}"),
            "everything": lambda: self._rare(
                q=RARE["agency"], agency=RARE["agency"], year=RARE["year"], failed_check=RARE["check"]
            ),
            "list of all owners": lambda: search(owner=None),
            "common year of all owners": lambda: search(owner=None, year=2021),
            "common status of all owners": lambda: search(owner=None, status="succeeded"),
            "common outcome of all owners": lambda: search(owner=None, status="passed"),
            "agency of all owners": lambda: search(owner=None, agency=str(RARE["agency"])),
            "files by their hashes": lambda: search(sha256=[f"{number:064x}" for number in range(50)]),
            "files by their hashes of all owners": lambda: search(sha256=[f"{n:064x}" for n in range(50)], owner=None),
            "reports by their ids": lambda: search(id=[id_of(number) for number in range(50)], status="failed"),
            "export of a few": lambda: list(reports.harvest(year=RARE["year"]).taken),
            "export of a few of all owners": lambda: list(reports.harvest(None, agency=RARE["agency"]).taken),
            "audit log": lambda: reports.audit(50),
            "audit log of a report": lambda: reports.audit(50, report_id=self._open[0]),
            "poll a batch": lambda: self._batches.get("local-0"),
            "files of a batch": lambda: self._batches.files("local-0"),
            "reports of a batch": lambda: self._batches.reports("local-0"),
            "matrix of a batch": lambda: self._batches.standings("local-0"),
            "list of batches": self._batches.search,
            "list of all owners' batches": lambda: self._batches.search(owner=None),
            "send a batch": self._send_batch,
            "stop and retry a batch": self._stop_and_retry,
            "forget a batch": lambda: self._batches.delete(self._send_batch().id),
            "upload": self._upload,
            "upload again": lambda: reports.submit(io.BytesIO(b"%PDF-1.7 1"), "again.pdf"),
            "read": self._read,
            "correct": self._correct,
            "join and separate": self._join,
            "delete": lambda: reports.delete(self._upload()),
            "reconcile": self._reconcile,
            "release all claims": reports.release_claims,
            "release one's claims": lambda: self._bench.work.release(self._open[1], "holder", Cause.CRASH),
        }

    def _send_batch(self) -> BatchView:
        self._uploads += 2
        return self._batches.submit(
            [(f"{n:05}.pdf", io.BytesIO(f"%PDF-1.7 {n}".encode())) for n in (self._uploads - 1, self._uploads)]
        )

    def _stop_and_retry(self) -> None:
        batch = self._send_batch()
        self._batches.cancel(batch.id)
        self._batches.retry(batch.id)

    def _rare(self, **wanted: object) -> None:
        found = self._bench.reports.search(**wanted)  # type: ignore[arg-type]
        assert found.total == len(found.items) == RARE_REPORTS

    def _upload(self) -> str:
        self._uploads += 1
        content = io.BytesIO(f"%PDF-1.7 {self._uploads}".encode())
        return self._bench.reports.submit(content, f"{self._uploads:05}.pdf", idempotency_key=f"{self._uploads}")[0].id

    def _found(self, number: int, q: str) -> None:
        assert self._bench.reports.search(q=q).total == number

    def _read(self) -> None:
        """A report of an agency that has one of the year before; many others have reports of these years."""
        view = self._upload()
        self._to_be_read = f"{self._uploads:05}.pdf"
        self._bench.deliver_all()
        assert self._bench.reports.get(view).status == "succeeded"
        assert self._bench.reports.archive.years(AGENCY).checks

    def _correct(self) -> None:
        """The one read last, which moves to another year and back; then it is deleted."""
        report = self._bench.reports.archive.agency(AGENCY).years[-1].report_id
        for year in (2060, 2021):
            self._bench.reports.decide(report, [Change("year", year)])
        self._bench.reports.delete(report)

    def _result(self, document: DocumentInfo) -> Result:
        """The first report has the text, the one to be read the agency too; all others are nobody's."""
        result, first = self._sample.model_copy(deep=True), document.filename == "00001.pdf"
        last = document.filename == self._to_be_read
        result.report.agency, result.report.year = AGENCY if first or last else None, 2020 if first else 2021
        result.report.sections[0].text = TEXT if first else "甲乙"
        return result

    def _join(self) -> None:
        self._bench.reports.archive.join(AGENCY, str(RARE["agency"]))
        self._bench.reports.archive.separate(AGENCY, str(RARE["agency"]))

    def _reconcile(self) -> None:
        with self._bench.database.write() as session:
            for row, id_ in ((ReportRow, ReportRow.id), (PageRow, PageRow.report_id)):
                session.execute(update(row).where(id_.in_(self._open)).values(sent_at=1.0))
        self._bench.messenger.messages.clear()
        assert self._bench.reconciler.reconcile() >= 5  # two reports to open and three pages to read
        self._bench.messenger.messages.clear()


def test_the_work_does_not_grow_with_the_archive(bench: Bench, sample: Result) -> None:
    archive = Archive(bench, sample)
    small, large = (_measured(bench, archive, *sizes) for sizes in ((0, SMALL), (SMALL, LARGE)))
    grown = [
        f"{name}: {before.work} → {after.work}: {after.sql}\n{after.plan}\n"
        for name, after_all in large.items()
        for before, after in zip(small[name], after_all, strict=True)
        if after.work > max(FEW[bench.database.engine.dialect.name], 1.25 * before.work)
        and not (name in COUNTED and "count(*)" in after.sql)
    ]
    assert not grown, "\n".join(grown)


def test_what_a_list_counts_is_counted_in_an_index(tmp_path: Path, sample: Result) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    bench = Bench(settings)
    asks, engine = Archive(bench, sample).asks(), bench.reports._database.engine
    for name in COUNTED:
        count = next(s for s in statements_of([engine], asks[name]) if "count(*)" in s.sql)
        assert re.search(r"(?:reports|batches) USING COVERING INDEX", count.plan), name


def _measured(bench: Bench, archive: Archive, begin: int, end: int) -> dict[str, list[Statement]]:
    """What each of the asks takes after the archive has grown."""
    fill(bench.database, end, begin, owners=("local", "another"))
    engines = bench.database.engine, bench.reports._database.engine
    if engines[0].dialect.name == "sqlite":
        with bench.database.write() as session:
            # the index of words merges its parts now and then, a little more with each tenfold
            session.execute(text("INSERT INTO text_pairs (text_pairs) VALUES ('optimize')"))
    if engines[0].dialect.name == "postgresql":
        with bench.database.write() as session:
            session.execute(text("ANALYZE"))  # as its autovacuum does
            # small tables are read from end to end, and rightly so: here they stand for large ones
            name = session.scalar(text("SELECT current_database()"))
            session.execute(text(f"ALTER DATABASE {name} SET enable_seqscan = off"))
        for engine in engines:
            engine.dispose()
    return {name: statements_of(engines, ask) for name, ask in archive.asks().items()}
