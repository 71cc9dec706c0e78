"""Whether a report is ever lost: `python -m benchmarks.chaos --reports 300 --seed 1`.

Sends small reports, with text and scanned, to a real service (`--setup serve`, or `apart`: Valkey, PostgreSQL, a web
server and several workers as processes of their own), and meanwhile kills, freezes and cuts off its parts at random
from the seed. In the end it says how many reports were sent, answered with 202 and finished; how many were lost, came
to another end later or differ from a quiet reading (0 each); which ones the faults had set aside, and whether they
could be retried; and how long it took after each kind of fault until what was in hand was done and new work went on.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from benchmarks import output, victims
from benchmarks.hostile import first_page
from benchmarks.serving import OPENER
from benchmarks.victims import House
from extractors import pipeline
from tests.bench import postgres_database
from tests.making import scan
from tests.making.kinds import make_document
from workers.database import Database
from workers.states import FINISHED, OPEN_PAGES, Stage
from workers.tables import PageRow, ReportRow

SENT_TWICE = 0.2
"""Share of the files that are sent a second time."""
LOOK_SECONDS = 0.3
START_SECONDS = 120.0
SETTINGS: dict[str, object] = {
    "reconcile_seconds": 1.0,
    "page_seconds": 60,
    "lease_margin": 5,
    "requests_per_minute": 1_000_000,
    "uploads_per_minute": 1_000_000,
}
"""Those of an installation, but for leases that end while one can wait for it."""


@dataclass(frozen=True)
class Plan:
    """What a run is to be."""

    setup: str = "serve"
    reports: int = 300
    scans: float = 0.35
    """Their share."""
    seed: int = 1
    workers: int = 2
    """Processes that read."""
    pause: float = 10.0
    """Seconds from fault to fault, on the average."""
    faults: int = 60
    """No more than so many."""
    patience: float = 300.0
    """Seconds without an end after which it is given up."""
    originals: int = 4
    """Made documents of each kind; each file that is sent is one of them with other bytes at its end."""
    kinds: Sequence[str] = ()
    """Of faults; all where it is empty."""


def originals(scans: bool, plan: Plan) -> Iterator[bytes]:
    """Small documents: all pages with text, or the first one as an office scan or a fax."""
    for seed in range(plan.seed, plan.seed + plan.originals):
        pdf = make_document("text", 0, seed, short=True).data
        if scans:
            make = scan.to_tiff if seed % 2 else scan.to_pdf
            yield make(first_page(pdf), scan.PRESETS["fax" if seed % 2 else "office"], seed)
        else:
            yield pdf


def told(result: dict[str, Any]) -> Any:
    """A result without what differs from file to file and from run to run."""
    result["document"] = {**result["document"], "sha256": "", "filename": ""}
    return {**result, "engine": {**result["engine"], "seconds": 0}}


@dataclass
class Sent:
    """A file and what became of it."""

    content: bytes
    original: int
    ids: set[str] = field(default_factory=set)
    """Given with each 202; more than one is a mistake."""
    refused: str | None = None
    ended: str | None = None
    """The status with which it was first seen ended."""
    why: str | None = None
    first: bytes | None = None
    """Its result at that moment."""


@dataclass
class Fault:
    kind: str
    at: float
    hand: set[tuple[str, int | None, str]]
    """What was being worked on: report, page, stage."""
    done: int
    """Pieces of work that had been done."""
    went_on: float | None = None
    """Seconds until the service was ready and other work had been done."""
    recovered: float | None = None
    """Seconds until that and all that had been in hand was done."""


class Run:
    """One run against one house."""

    def __init__(self, house: House, files: Sequence[Sent], plan: Plan) -> None:
        self._house, self._plan, self._rng = house, plan, Random(plan.seed)
        self.files = files
        self.faults: list[Fault] = []
        self._ahead = max(6, len(files) // 8)
        self.failed_requests: Counter[str] = Counter()
        self._database = Database(house.settings.sqlalchemy_url)
        self._over = threading.Event()

    def go(self) -> None:
        """Send all, and do harm until all have ended; give up where nothing ends for too long."""
        self._wait_until_ready()
        self.failed_requests.clear()
        threads = [threading.Thread(target=act, daemon=True) for act in (self._send, self._follow, self._watch)]
        for thread in threads:
            thread.start()
        left, since = len(self.files), time.monotonic()
        kinds: list[str] = []
        while left and time.monotonic() - since < self._plan.patience:
            if self._over.wait(self._rng.uniform(0.4, 1.6) * self._plan.pause):
                break
            if not kinds:  # each of them once, then again in another order
                wanted = list(self._plan.kinds or self._house.faults)
                kinds = self._rng.sample(wanted, len(wanted))
            if len(self.faults) < self._plan.faults:
                self._harm(kinds.pop())
            now = sum(file.ended is None for file in self.files)
            if now < left:
                left, since = now, time.monotonic()
            latest = self.faults[-1].kind if self.faults else ""
            print(f"{latest}; {left} reports have not ended", file=sys.stderr, flush=True)
        self._over.set()
        for thread in threads:
            thread.join()
        self._wait_until_ready()

    def retry(self) -> None:
        """Have those read again that the faults have set aside, as a person would; then all ends are looked at."""
        again = [file for file in self.files if file.ended not in (None, "succeeded")]
        for file in again:
            self._ask(f"/api/v1/reports/{min(file.ids)}/retry", b"")
        deadline = time.monotonic() + self._plan.patience
        for file in again:
            while self._report(file)["status"] not in FINISHED and time.monotonic() < deadline:
                time.sleep(LOOK_SECONDS)

    def last(self, file: Sent) -> tuple[str | None, bytes | None]:
        """How a file stands at last, and its result."""
        if not file.ids:
            return None, None
        status = str(self._report(file)["status"])
        return status, self._result(file) if status in ("succeeded", "partial") else None

    def _harm(self, kind: str) -> None:
        try:
            with self._database.read() as session:
                fault = Fault(kind, time.monotonic(), _in_hand(session), _done(session))
            self._house.faults[kind](self._house, self._rng)
        except SQLAlchemyError:
            return
        self.faults.append(fault)

    def _send(self) -> None:
        """One file after the other, never more than so many ahead of the workers; each until it is accepted."""
        rng = Random(self._rng.random())
        for number, file in enumerate(self.files):
            while number - sum(one.ended is not None for one in self.files) >= self._ahead:
                if self._over.wait(LOOK_SECONDS):
                    return
            for _ in range(1 + (rng.random() < SENT_TWICE)):
                while (accepted := self._try("/api/v1/reports", file.content)) is None:
                    if self._over.wait(LOOK_SECONDS):
                        return
                file.ids.add(accepted["id"])

    def _follow(self) -> None:
        """Note the end of each report when it is first seen."""
        while not self._over.wait(LOOK_SECONDS):
            for file in self.files:
                if not file.ids or file.ended is not None:
                    continue
                view = self._try(f"/api/v1/reports/{min(file.ids)}")
                if view is None or view["status"] not in FINISHED:
                    continue
                if view["status"] in ("succeeded", "partial"):
                    try:
                        file.first = self._result(file)
                    except OSError:
                        continue
                    errors = [page["error"] for page in json.loads(file.first)["document"]["pages"] if page["error"]]
                    file.why = errors[0] if errors else None
                else:
                    file.why = (view["error"] or {}).get("message_zh")
                file.ended = view["status"]
            if all(file.ended is not None for file in self.files):
                self._over.set()

    def _watch(self) -> None:
        """Note for each fault when it is over."""
        while not self._over.wait(LOOK_SECONDS):
            waiting = [fault for fault in list(self.faults) if fault.recovered is None]
            if not waiting or self._try("/readyz") is None:
                continue
            try:
                with self._database.read() as session:
                    hand, done = _in_hand(session), _done(session)
                    for fault in waiting:
                        if done <= fault.done + len(fault.hand):
                            continue
                        now = time.monotonic() - fault.at
                        fault.went_on = fault.went_on or now
                        if not fault.hand & hand and not _still(session, fault.hand - hand):
                            fault.recovered = now
            except SQLAlchemyError:
                continue

    def _try(self, path: str, body: bytes | None = None) -> Any:
        """The answer, or None where there is none of use; what went wrong is counted."""
        try:
            return self._ask(path, body)
        except urllib.error.HTTPError as error:
            self.failed_requests[f"{error.code}"] += 1
        except OSError:
            self.failed_requests["no answer"] += 1
        return None

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        return json.loads(self._fetch(path, body))

    def _fetch(self, path: str, body: bytes | None = None) -> bytes:
        headers = {"Content-Type": "application/octet-stream"}
        request = urllib.request.Request(f"http://127.0.0.1:{self._house.settings.port}{path}", body, headers)
        try:
            with OPENER.open(request, timeout=60) as answer:
                content: bytes = answer.read()
                return content
        except (urllib.error.URLError, OSError):
            raise
        except Exception as error:  # an answer that ends in its midst
            raise OSError(str(error)) from error

    def _report(self, file: Sent) -> Any:
        return self._ask(f"/api/v1/reports/{min(file.ids)}")

    def _result(self, file: Sent) -> bytes:
        return self._fetch(f"/api/v1/reports/{min(file.ids)}/result")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._try("/readyz") is None:
            if time.monotonic() > deadline:
                raise TimeoutError("the service has not come up")
            time.sleep(LOOK_SECONDS)


def _in_hand(session: Session) -> set[tuple[str, int | None, str]]:
    reports = session.execute(select(ReportRow.id, ReportRow.stage).where(ReportRow.claim.is_not(None))).all()
    pages = session.execute(select(PageRow.report_id, PageRow.number).where(PageRow.claim.is_not(None))).all()
    return {(report, None, stage) for report, stage in reports} | {(report, number, "") for report, number in pages}


def _still(session: Session, work: set[tuple[str, int | None, str]]) -> bool:
    """Whether any of it has still to be done."""
    for report, number, stage in work:
        if number is None:
            left = session.scalar(select(ReportRow.id).where(ReportRow.id == report, ReportRow.stage == stage))
        else:
            page = (PageRow.report_id == report, PageRow.number == number, PageRow.state.in_(OPEN_PAGES))
            left = session.scalar(select(PageRow.report_id).where(*page))
        if left is not None:
            return True
    return False


def _done(session: Session) -> int:
    pages = session.scalar(select(func.count()).select_from(PageRow).where(PageRow.state.not_in(OPEN_PAGES))) or 0
    return pages + (session.scalar(select(func.count()).where(ReportRow.stage == Stage.DONE)) or 0)


def count_rows(run: Run, quiet: Sequence[Any]) -> list[list[str]]:
    """What is to be known of a run; a head and a row for each figure."""
    files = run.files
    at_first = Counter(file.ended for file in files if file.ids)
    reasons = Counter(file.why for file in files if file.ended not in (None, "succeeded"))
    run.retry()
    last = [run.last(file) for file in files]
    untouched = [(file, result) for file, (_, result) in zip(files, last, strict=True) if file.ended == "succeeded"]
    results = [(file, result) for file, (status, result) in zip(files, last, strict=True) if status == "succeeded"]
    equal = sum(result is not None and told(json.loads(result)) == quiet[file.original] for file, result in results)
    figures = {
        "files sent": len(files),
        "answered 202": sum(bool(file.ids) for file in files),
        "finished": sum(count for status, count in at_first.items() if status in FINISHED),
        "lost": sum(status not in FINISHED for file, (status, _) in zip(files, last, strict=True) if file.ids),
        "one file, two reports": sum(len(file.ids) > 1 for file in files),
        "another result later": sum(file.first != result for file, result in untouched),
        "succeeded at once": at_first["succeeded"],
        **{f"set aside: {reason}": count for reason, count in reasons.items()},
        "succeeded in the end, those set aside retried": len(results),
        "of these equal to a quiet reading": equal,
        "faults": len(run.faults),
        **{f"requests that failed: {kind}": count for kind, count in sorted(run.failed_requests.items())},
    }
    return [["", "number"], *([name, str(count)] for name, count in figures.items())]


def recovery_rows(faults: Sequence[Fault]) -> list[list[str]]:
    """A head and a row for each kind of fault."""
    kinds: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        kinds[fault.kind].append(fault)
    rows = [
        ["after", "times", "other work went on: median s", "longest", "what was in hand was done: median s", "longest"]
    ]
    for kind, found in sorted(kinds.items()):
        times = [[one.went_on for one in found], [one.recovered for one in found]]
        rows.append([kind, str(len(found)), *(cell for seconds in times for cell in _median_and_longest(seconds))])
    return rows


def _median_and_longest(found: Sequence[float | None]) -> tuple[str, str]:
    """Of those that are known: the run may have been over before."""
    seconds = [one for one in found if one is not None]
    return (f"{median(seconds):.1f}", f"{max(seconds):.1f}") if seconds else ("–", "–")


def unrest(plan: Plan, folder: Path) -> tuple[list[list[str]], list[list[str]]]:
    """One run in a folder of its own: its figures, and the times to recover."""
    rng = Random(f"{plan.seed} files")
    made = [*originals(False, plan), *originals(True, plan)]
    quiet = []
    for number, content in enumerate(made):
        path = folder / f"{number}"
        path.write_bytes(content)
        quiet.append(told(json.loads(pipeline.extract(path).model_dump_json())))
    files = []
    for number in range(plan.reports):
        original = rng.randrange(plan.originals) + plan.originals * (rng.random() < plan.scans)
        files.append(Sent(made[original] + b"\n%% %d\n" % number, original))
    database: AbstractContextManager[str] = postgres_database() if plan.setup == "apart" else nullcontext("")
    with database as url:
        where = (
            victims.apart(folder, url, plan.workers, **SETTINGS)
            if url
            else victims.serve(folder, plan.workers, **SETTINGS)
        )
        with where as house:
            run = Run(house, files, plan)
            run.go()
            return count_rows(run, quiet), recovery_rows(run.faults)


def main() -> None:
    plan = Plan()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--setup", choices=("serve", "apart"), default=plan.setup)
    parser.add_argument("--reports", type=int, default=plan.reports)
    parser.add_argument("--scans", type=float, default=plan.scans, help="their share")
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--workers", type=int, default=plan.workers, help="processes that read")
    parser.add_argument("--pause", type=float, default=plan.pause, help="seconds from fault to fault, on the average")
    parser.add_argument("--faults", type=int, default=plan.faults, help="no more than so many")
    parser.add_argument("--patience", type=float, default=plan.patience, help="seconds without an end to give up after")
    parser.add_argument("--out", type=Path, help="where tables and logs are kept")
    options = vars(parser.parse_args())
    out: Path | None = options.pop("out")
    started = time.monotonic()
    with TemporaryDirectory() as scratch:
        tables = "\n".join(output.markdown(rows) for rows in unrest(Plan(**options), Path(scratch)))
        tables += f"\n{time.monotonic() - started:.0f} seconds.\n"
        if out:
            out.mkdir(parents=True, exist_ok=True)
            (out / "chaos.md").write_text(tables, encoding="utf-8")
            for log in Path(scratch).glob("*.log"):
                (out / log.name).write_bytes(log.read_bytes())
    print(tables)


if __name__ == "__main__":
    main()
