"""Three years of two agencies in one ZIP through the real service: read, held against each other, taken out again."""

from __future__ import annotations

import csv
import io
import json
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.making.pdf import render
from tests.test_service import Client, free_port, running, wait_until_ready
from tests.test_service_batches import picture
from tests.years import draw_years
from tests.zips import zip_of

FINANCE, EDUCATION = "云溪市临江区财政局", "云溪市临江区教育局"
YEARS = (2021, 2022, 2023)
COLUMN = "research_institution"
CARRIED = f"cross_year.carry_over.{COLUMN}"


def archive() -> tuple[dict[str, bytes], int]:
    """Files of an archive in which one figure of 2023 is one more than was carried forward, and what that was."""
    finance, education = draw_years(FINANCE, YEARS, seed=11), draw_years(EDUCATION, YEARS, seed=12)
    was = int(finance[2].tables["requests"]["carried_over"][COLUMN] or 0)
    finance[2].tables["requests"]["carried_over"][COLUMN] = was + 1
    files = {f"财政局/{record.year}.pdf": render(record) for record in finance}
    files |= {f"教育局/{record.year}/年报.pdf": render(record) for record in education}
    return files | {"财政局/2022（副本）.pdf": files["财政局/2022.pdf"], "财政局/大楼.jpg": picture()}, was


@pytest.mark.service
@pytest.mark.ocr
def test_a_zip_of_past_years_is_read_checked_and_taken_out(tmp_path: Path) -> None:
    files, was = archive()
    client = Client(free_port())
    with running(["serve", "--port", client.url.rsplit(":", 1)[1], "--data", str(tmp_path / "data")]):
        wait_until_ready(client)
        headers = {"Content-Type": "application/zip"}
        status, batch = client.call("/api/v1/batches", zip_of(files, gbk=True).getvalue(), "POST", **headers)
        assert (status, batch["files_total"]) == (202, 8)
        for _ in range(60):
            _, batch = client.call(f"{batch['links']['self']}?wait=10")
            if batch["status"] == "finished":
                break
        found = {file["name"]: file for file in batch["files"]["items"]}
        ids = {name: file["report_id"] for name, file in found.items()}
        assert ids["财政局/2022（副本）.pdf"] == ids["财政局/2022.pdf"]
        assert {file["state"] for name, file in found.items() if name != "财政局/大楼.jpg"} == {"succeeded"}

        failing = _checks(client, FINANCE, "fail")
        assert [check["id"] for check in failing] == [CARRIED]
        assert [(place["year"], place["path"], place["value"]) for place in failing[0]["places"]] == [
            (2022, f"requests.carried_forward.{COLUMN}", was),
            (2023, f"requests.carried_over.{COLUMN}", was + 1),
        ]
        assert all(place["page"] and place["box"] for place in failing[0]["places"])
        assert _checks(client, EDUCATION, "fail") == [] and len(_checks(client, EDUCATION, "pass")) >= 14

        reports = sorted({file["report_id"] for name, file in found.items() if name.endswith(".pdf")})
        results = {id_: client.call(f"/api/v1/reports/{id_}/result")[1] for id_ in reports}
        failed = [
            check["id"]
            for result in results.values()
            for check in result["validation"]["checks"]
            if check["status"] == "fail" and check["id"].startswith("cross_year.") and check["severity"] == "error"
        ]
        assert failed == [CARRIED]
        which = "&".join(f"id={id_}" for id_ in reports)
        lines = _text(client, f"/api/v1/export.jsonl?{which}").splitlines()
        assert sorted(map(_key, map(json.loads, lines))) == sorted(map(_key, results.values()))
        assert all(json.loads(line) in results.values() for line in lines)
        rows = csv.DictReader(io.StringIO(_text(client, f"/api/v1/export.csv?{which}").removeprefix("\ufeff")))
        read = {(r["agency"], int(r["year"]), f"{r['table']}.{r['row']}.{r['column']}"): r["value"] for r in rows}
        assert read == {
            (result["report"]["agency"], result["report"]["year"], path): "" if value is None else f"{value}"
            for result in results.values()
            for path, value in _cells(result)
        }


def _checks(client: Client, agency: str, status: str) -> list[Any]:
    """The errors between an agency's years with this outcome; warnings may say that two made reports are alike."""
    _, years = client.call(f"/api/v1/agencies/{quote(agency)}/years")
    assert [year["year"] for year in years["years"]] == list(YEARS)
    return [check for check in years["checks"] if check["status"] == status and check["severity"] == "error"]


def _cells(result: Any) -> list[tuple[str, int | float | None]]:
    return [
        (f"{table}.{row}.{column}", value)
        for table, rows in result["report"]["tables"].items()
        for row, columns in (rows or {}).items()
        for column, value in columns.items()
    ]


def _key(result: Any) -> tuple[str, int]:
    return result["report"]["agency"], result["report"]["year"]


def _text(client: Client, path: str) -> str:
    with urllib.request.urlopen(client.url + path, timeout=60) as answer:
        return str(answer.read().decode())
