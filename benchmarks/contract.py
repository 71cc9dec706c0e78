"""Does the API keep what it publishes? `python -m benchmarks.contract --examples 300 --seed 1`.

Schemathesis makes requests from openapi.json, valid ones and others, and sends them to the web application of a service
that has reports of every state. Status, content type, headers and body of each answer must be as the description says,
and no answer may be a 5xx but a 503 with Retry-After. Requests that break this are printed.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from benchmarks.output import markdown
from extractors.errors import DamagedFile
from tests.bench import Bench, postgres_database
from web.app import create_app
from workers.batches import Batches
from workers.database import migrate
from workers.decisions import Change
from workers.settings import Settings
from workers.work import PipelineReader, Work

SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DESCRIPTION = "/api/v1/openapi.json"
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
PATHS = ("requests.new_received.total", "title", "year", "published_on", "unmatched.0")
AGENCY, FORMER = "济宁市兖州区科学技术局", "济宁市兖州区科技办公室"
"""Of the sample, and another name that is joined to it."""
REAL = 0.8
"""Share of the requests that are made to name what there is."""


@dataclass
class Site:
    """The web application of a service without processes, and reports that stand in every way."""

    bench: Bench
    app: Any
    ids: list[str] = field(default_factory=list)
    batch_ids: list[str] = field(default_factory=list)
    made: int = 0
    changed: bool = True
    """Whether a request has done something to them."""

    @classmethod
    def on(cls, folder: Path, database_url: str | None = None) -> Site:
        """With its files in a folder, and its database there too unless it has an address."""
        many = 10**9
        given = Settings(
            data_dir=folder,
            database_url=database_url,
            requests_per_minute=many,
            uploads_per_minute=many,
            sign_ins_per_minute=many,
        )
        migrate(given.sqlalchemy_url)
        bench = Bench(given)
        app = create_app(given)
        app.extensions["nianbao"].reports = bench.reports
        return cls(bench, app)

    def fill(self) -> None:
        """Have one report each that is read, read in part, refused, canceled and queued, and one read again."""
        self.ids = [self._read(), self._part(), self._refused(), self._canceled(), self._part()]
        self.bench.reports.reread(self.ids[-1])
        for id_ in self.ids:
            self.bench.work.draw_page(id_, 1)
        self.ids.append(self._send())
        self.bench.reports.decide(self.ids[1], [Change("agency", FORMER)])
        self.bench.reports.archive.join(AGENCY, FORMER)
        self.batch_ids = [self._send_batch(canceled=False), self._send_batch(canceled=True)]
        self.bench.messenger.messages.clear()
        self.changed = False

    def _send(self, content: bytes = b"%PDF-1.7 ") -> str:
        self.made += 1
        stream = io.BytesIO(content + b"%% %d" % self.made)
        return self.bench.reports.submit(stream, f"年报{self.made}.pdf")[0].id

    def _send_batch(self, canceled: bool) -> str:
        self.made += 1
        batches = Batches(self.bench.reports.runtime)
        sent = [(f"{self.made}/年报.pdf", io.BytesIO(b"%%PDF-1.7 %% %d" % self.made)), ("a.txt", io.BytesIO(b"x"))]
        id_ = batches.submit(sent).id
        if canceled:
            batches.cancel(id_)
        return id_

    def _read(self) -> str:
        id_ = self._send(SAMPLE.read_bytes())
        real = Work(self.bench.settings, self.bench.database, self.bench.store, self.bench.messenger, PipelineReader())
        real.open_report(id_)
        return id_

    def _part(self) -> str:
        return self._with_fault(self._send(), "on_page", 2)

    def _refused(self) -> str:
        return self._with_fault(self._send(), "on_open")

    def _canceled(self) -> str:
        id_ = self._send()
        self.bench.reports.cancel(id_)
        return id_

    def _with_fault(self, id_: str, hook: str, page: int | None = None) -> str:
        def fail(number: int | None = None) -> None:
            if number == page:
                raise DamagedFile

        setattr(self.bench.reader, hook, fail)
        self.bench.deliver_all()
        setattr(self.bench.reader, hook, lambda *_: None)
        return id_


def exercise(site: Site, examples: int, seed_of_all: int) -> Iterator[tuple[str, Counter[int], list[str]]]:
    """For each operation so many valid and as many invalid requests: its name, statuses, and what was wrong."""
    schema = schemathesis.openapi.from_wsgi(DESCRIPTION, site.app)
    waits = (("web.reports_api.LONGEST_WAIT", 0.02), ("web.batches_api.LONGEST_WAIT", 0.02))
    with ExitStack() as shorter:
        for name, seconds in (*waits, ("web.results_api.PICTURE_WAIT", 0.0)):
            shorter.enter_context(patch(name, seconds))
        for found in schema.get_all_operations():
            operation = found.ok()
            statuses: Counter[int] = Counter()
            wrong: list[str] = []
            for mode in MODES:
                _exercise(site, operation, mode, examples, seed_of_all, statuses, wrong)
            yield f"{operation.method.upper()} {operation.path}", statuses, wrong


def _exercise(
    site: Site,
    operation: Any,
    mode: GenerationMode,
    examples: int,
    seed_of_all: int,
    statuses: Counter[int],
    wrong: list[str],
) -> None:
    dice = Random(f"{operation.label} {mode} {seed_of_all}")

    @seed(seed_of_all)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if site.changed:
            site.fill()
        _make_real(case, site, dice)
        response = case.call()
        statuses[response.status_code] += 1
        site.changed |= operation.method != "get" and response.status_code < 300
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            told = "; ".join(f"{failure.title}: {failure.message}" for failure in group.exceptions)
            wrong.append(f"{case.as_curl_command()}\n    {response.status_code} {told}"[:3000])
        if response.status_code >= 500 and (response.status_code, "retry-after" in response.headers) != (503, True):
            wrong.append(f"{case.as_curl_command()}\n    {response.status_code}")

    try:
        ask()
    except Exception as error:
        if "Unsatisfiable" not in type(error).__name__ and "no examples" not in str(error).lower():
            raise  # an operation without parameters has no invalid requests


def _make_real(case: Any, site: Site, dice: Random) -> None:
    """Have a request name a report, batch, page or cell that there is; what is drawn at random is never one."""
    ids = site.batch_ids if "/batches/" in case.path else [*site.ids, *5 * site.ids[:1]]
    if "id" in case.path_parameters and dice.random() < REAL:
        case.path_parameters["id"] = dice.choice(ids)
    if "number" in case.path_parameters and dice.random() < REAL:
        case.path_parameters["number"] = dice.choice((1, 1, 1, 8))
    if "agency" in case.path_parameters and dice.random() < REAL:
        case.path_parameters |= {"agency": AGENCY} | ({"name": FORMER} if "name" in case.path_parameters else {})
        case.query.pop("owner", None)
        if isinstance(case.body, dict):
            case.body["name"] = FORMER
    if isinstance(case.body, dict) and isinstance(case.body.get("files"), list) and dice.random() < REAL:
        case.body["files"] = [{"name": "年报.pdf", "report_id": site.ids[0]}]
    if "with" in case.query and dice.random() < REAL:
        case.path_parameters["id"] = case.query["with"] = site.ids[0]
    if isinstance(case.body, dict) and isinstance(case.body.get("cells"), list) and dice.random() < REAL:
        case.path_parameters["id"] = site.ids[0]
        case.body["cells"] = [{"path": dice.choice(PATHS), "accept": True}]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contract", description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=300, help="valid, and as many invalid, for each operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite; it answers on 127.0.0.1:5432")
    options = parser.parse_args()
    rows = [["operation", "requests", "2xx", "4xx", "5xx", "wrong"]]
    with TemporaryDirectory() as scratch, postgres_database() if options.postgresql else nullcontext() as url:
        site = Site.on(Path(scratch), url)
        for name, statuses, wrong in exercise(site, options.examples, options.seed):
            for told in wrong:
                print(f"{name}: {told}", file=sys.stderr, flush=True)
            print(f"{name}: {statuses.total()} requests, {len(wrong)} wrong", file=sys.stderr, flush=True)
            counts = [sum(n for status, n in statuses.items() if status // 100 == kind) for kind in (2, 4, 5)]
            rows.append([f"`{name}`", str(statuses.total()), *map(str, counts), str(len(wrong))])
    print(markdown(rows))


if __name__ == "__main__":
    main()
