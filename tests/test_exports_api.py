"""Exports over the API: what was chosen, equal to the results, and streamed."""

from __future__ import annotations

import csv
import io
import itertools
import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
import requests
from flask.testing import FlaskClient

from extractors.report import TABLES, Result
from tests.bench import Bench, application
from tests.web_support import serving
from tests.workers_support import eventually
from web import context
from workers.access import Role
from workers.audit import COMMAND_LINE
from workers.batches import Batches
from workers.database import migrate
from workers.decisions import Change
from workers.selection import Taken
from workers.settings import Settings

YEARS = (2021, 2022, 2023)


@pytest.fixture
def bench(tmp_path: Path, sample: Result) -> Bench:
    """Reports of three years, one of them corrected, one of another owner, and one that is still queued."""
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    made = Bench(settings)
    for year in YEARS:
        report = sample.report.model_copy(update={"year": year})
        read = sample.model_copy(update={"report": report})
        made.reader.assemble = lambda *_, read=read: read  # type: ignore[method-assign]
        view = made.submit(f"%PDF-1.7 {year}".encode(), f"{year}.pdf")
        made.deliver_all()
    made.reports.decide(view.id, [Change("requests.new_received.natural_person", 77)])
    made.submit(b"%PDF-1.7 his", "his.pdf", owner="member")
    made.deliver_all()
    made.submit(b"%PDF-1.7 queued", "queued.pdf")
    return made


@pytest.fixture
def client(bench: Bench) -> FlaskClient:
    return application(bench)


def results_of(bench: Bench) -> list[Result]:
    """By year, as the API gives each by itself."""
    views = bench.reports.search(status="succeeded").items
    return sorted(
        (Result.model_validate_json(bench.reports.result(view.id)) for view in views),
        key=lambda result: result.report.year or 0,
    )


def figures_of(result: Result) -> dict[str, int | float | None]:
    """Path → value of all cells."""
    return {
        f"{table}.{row}.{column}": value
        for table in TABLES
        for row, columns in (getattr(result.report.tables, table) or {}).items()
        for column, value in columns.items()
    }


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def offered(page: str) -> list[str]:
    """What the buttons for exports ask, with the fields of their form."""
    hidden = [
        (name, unescape(value)) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    ]
    buttons = re.findall(r'formaction="(/api/v1/export[^"]+)"(?: name="(\w+)" value="(\w+)")?', page)
    return [f"{at}?{urlencode([*hidden, *([(name, value)] if name else [])])}" for at, name, value in buttons]


def number(text: str) -> int | float | None:
    return None if text == "" else float(text) if "." in text else int(text)


def test_json_lines_are_the_results(bench: Bench, client: FlaskClient) -> None:
    answer = client.get("/api/v1/export.jsonl")
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    assert [Result.model_validate_json(line) for line in answer.data.splitlines()] == results_of(bench)
    assert (answer.headers["Nianbao-Reports"], answer.headers["Nianbao-Reports-Without-Result"]) == ("3", "1")
    assert answer.headers["Content-Disposition"].endswith(".jsonl")


def test_both_forms_of_csv_hold_the_figures_of_the_results(bench: Bench, client: FlaskClient) -> None:
    wanted = {str(result.report.year): figures_of(result) for result in results_of(bench)}
    long: dict[str, dict[str, int | float | None]] = {year: {} for year in wanted}
    answer = client.get("/api/v1/export.csv")
    for row in rows_of(answer):
        long[row["year"]]["{table}.{row}.{column}".format(**row)] = number(row["value"])
    assert long == wanted
    assert answer.data.startswith(b"\xef\xbb\xbf") and b"\xef\xbb\xbf" not in answer.data[3:]
    wide = rows_of(client.get("/api/v1/export.csv?form=wide"))
    assert {row["year"]: {path: number(row[path]) for path in wanted[row["year"]]} for row in wide} == wanted
    assert wanted["2023"]["requests.new_received.natural_person"] == 77


def test_the_workbook_holds_the_figures_of_the_results(bench: Bench, client: FlaskClient) -> None:
    answer = client.get("/api/v1/export.xlsx")
    assert answer.content_length == len(answer.data)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["表四 复议诉讼"]
    lines = [line[1:2] + line[4:] for line in sheet.iter_rows(min_row=2, values_only=True)]
    for line, result in zip(lines, results_of(bench), strict=True):
        columns = result.report.tables.review_litigation or {}
        assert line == (result.report.year, *(value for row in columns.values() for value in row.values()))


@pytest.mark.parametrize(
    ("query", "years"),
    [
        ("year=2022", [2022]),
        ("q=2023.pdf", [2023]),
        ("status=queued", []),
        ("failed_check=no.such", []),
        ("agency=兖州", [*YEARS]),
        ("current=True&year=2022", [2022]),
    ],
)
def test_the_filters_are_those_of_the_list(client: FlaskClient, query: str, years: list[int]) -> None:
    lines = client.get(f"/api/v1/export.jsonl?{query}").data.splitlines()
    assert [Result.model_validate_json(line).report.year for line in lines] == years


def test_single_reports_are_chosen_by_their_ids(bench: Bench, client: FlaskClient) -> None:
    first, _, third = (view.id for view in bench.reports.search(status="succeeded").items)
    found = rows_of(client.get(f"/api/v1/export.csv?form=wide&id={first}&id={third}"))
    assert [row["year"] for row in found] == ["2021", "2023"]
    listed = client.get(f"/api/v1/reports?id={first}&id={third}&per_page=1").get_json()
    assert listed["total"] == 2
    assert client.get(listed["links"]["next"]).get_json()["items"][0]["id"] == third


def test_a_batch_has_exports_of_its_own(bench: Bench, client: FlaskClient) -> None:
    sent = [(f"{year}.pdf", io.BytesIO(f"%PDF-1.7 {year}".encode())) for year in YEARS[:2]]
    batch = Batches(bench.reports.runtime).submit([*sent, ("new.pdf", io.BytesIO(b"%PDF-1.7 new"))])
    at = f"/api/v1/batches/{batch.id}"
    packed = client.get(f"{at}/export.zip", buffered=True)
    assert (packed.mimetype, packed.headers["Nianbao-Reports"]) == ("application/zip", "2")
    assert packed.headers["Nianbao-Reports-Without-Result"] == "1"
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert archive.testzip() is None
        assert [Result.model_validate_json(archive.read(name)) for name in archive.namelist()] == results_of(bench)[:2]
        agency = results_of(bench)[0].report.agency
        assert archive.namelist() == [f"000{n}-{agency}-{year}.json" for n, year in enumerate(YEARS[:2], 1)]
    for form in ("", "&form=wide"):
        addresses = f"{at}/export.csv?{form}", f"/api/v1/export.csv?batch={batch.id}{form}"
        own, chosen = (client.get(address, buffered=True) for address in addresses)
        assert own.data == chosen.data and own.headers["Content-Disposition"] == chosen.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{at}/export.xlsx").data))
    other = openpyxl.load_workbook(io.BytesIO(client.get(f"/api/v1/export.xlsx?batch={batch.id}").data))
    assert [list(sheet.values) for sheet in book] == [list(sheet.values) for sheet in other]


def test_a_batch_is_taken_out_by_its_id(bench: Bench, client: FlaskClient) -> None:
    sent = [(f"{year}.pdf", io.BytesIO(f"%PDF-1.7 {year}".encode())) for year in (2021, 2023)]
    batch = Batches(bench.reports.runtime).submit([*sent, ("new.pdf", io.BytesIO(b"%PDF-1.7 new"))])
    answer = client.get(f"/api/v1/export.jsonl?batch={batch.id}")
    assert [Result.model_validate_json(line).report.year for line in answer.data.splitlines()] == [2021, 2023]
    assert answer.headers["Nianbao-Reports-Without-Result"] == "1"
    assert client.get(f"/api/v1/reports?batch={batch.id}&year=2023").get_json()["total"] == 1
    page = client.get(f"/batches/{batch.id}").get_data(as_text=True)
    assert f"/api/v1/export.csv?batch={batch.id}&form=wide" in offered(page)
    other = Batches(bench.reports.runtime).submit([("a.pdf", io.BytesIO(b"%PDF-1.7 other"))], owner="other")
    for unknown in ("none", other.id):
        for address in ("export.jsonl", "export.xlsx", "reports"):
            answer = client.get(f"/api/v1/{address}?batch={unknown}")
            assert answer.status_code == 404 and answer.json and answer.json["type"].endswith(":unknown-batch")


@pytest.mark.parametrize("query", ["form=tall", "year=x", "status=best", "page=2", "unknown=1"])
def test_wrong_parameters_are_named(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/v1/export.csv?{query}")
    assert answer.status_code == 400 and answer.json is not None
    assert query.split("=")[0] in answer.json["detail"]


def test_a_member_takes_out_his_own_and_an_admin_all(bench: Bench, client: FlaskClient) -> None:
    member = bench.reports.access.create("member", Role.MEMBER, COMMAND_LINE)
    admin = bench.reports.access.create("root", Role.ADMIN, COMMAND_LINE)
    counts = []
    for token in (member, admin):
        answer = client.get("/api/v1/export.jsonl", headers={"Authorization": f"Bearer {token}"})
        counts.append((len(answer.data.splitlines()), answer.headers["Nianbao-Reports"]))
    assert counts == [(1, "1"), (4, "4")]
    assert client.get("/api/v1/export.jsonl").status_code == 401


def test_results_are_fetched_while_they_are_sent(
    bench: Bench, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.selection.AT_ONCE", 1)
    answer = client.get("/api/v1/export.jsonl", buffered=False)
    pieces = answer.iter_encoded()
    first = Result.model_validate_json(next(pieces))
    for view in bench.reports.search(year=2022).items:
        bench.reports.delete(view.id)
    others = [Result.model_validate_json(piece).report.year for piece in pieces]
    assert (first.report.year, others) == (2021, [2023])
    answer.close()


def test_only_so_many_exports_are_made_at_once(client: FlaskClient) -> None:
    held = [client.get("/api/v1/export.jsonl", buffered=False) for _ in range(context.EXPORTS)]
    for format_ in ("jsonl", "csv", "xlsx"):
        busy = client.get(f"/api/v1/export.{format_}")
        assert busy.status_code == 503 and busy.headers["Retry-After"] and busy.json is not None
        assert busy.json["type"].endswith(":busy-exporting")
    for answer in held:
        answer.close()
    for _ in range(context.EXPORTS + 1):
        assert client.get("/api/v1/export.xlsx").status_code == 200
        client.get("/api/v1/export.csv").close()


def test_a_reader_who_goes_away_ends_his_export(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.selection._taken", lambda *_: itertools.repeat(Taken("x" * 1_000_000, None)))
    with serving(bench) as address:
        for _ in range(context.EXPORTS):
            with requests.get(f"{address}/api/v1/export.jsonl", stream=True, timeout=30) as answer:
                assert answer.raw.read(10) == b"x" * 10
        assert requests.head(f"{address}/api/v1/export.jsonl", timeout=30).status_code in (200, 503)
        eventually(lambda: requests.head(f"{address}/api/v1/export.jsonl", timeout=30).ok, 30)


def test_the_page_offers_what_it_lists(client: FlaskClient) -> None:
    page = client.get("/?year=2022&status=succeeded&q=%E5%85%96%E5%B7%9E").get_data(as_text=True)
    links = offered(page)
    assert [link.split("?")[0] for link in links] == [
        f"/api/v1/export.{kind}" for kind in ("xlsx", "csv", "csv", "jsonl")
    ]
    for link in links:
        answer = client.get(link)
        assert (answer.status_code, answer.headers["Nianbao-Reports"]) == (200, "1")
        answer = client.get(f"{link}&current=true")
        assert (answer.status_code, answer.headers["Nianbao-Reports"]) == (200, "1")
    assert len(rows_of(client.get(links[2]))) == 1
    assert 'type="checkbox" name="current"' in page
    assert 'type="checkbox"' not in client.get("/?current=true").get_data(as_text=True)
    assert "/api/v1/export" not in client.get("/?year=1999").get_data(as_text=True)
