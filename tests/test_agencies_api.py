"""The archive over HTTP: years side by side, names joined and taken apart, two reports held against each other."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.bench import Bench, application
from tests.making.pdf import render
from tests.making.record import Record
from tests.years import draw_years
from workers.database import migrate
from workers.settings import Settings

CITY, SHORT, OTHER = "云溪市临江区财政局", "临江区财政局", "云溪市临江区教育局"
YEARS = (2021, 2022, 2023)
COLUMN = "legal_service_institution"
CARRIED = f"cross_year.carry_over.{COLUMN}"


class Site:
    """The application over a bench whose work reads files in earnest."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.client = application(bench)

    def send(self, record: Record, name: str = "年报.pdf") -> str:
        """The id of a report, read."""
        answer = self.client.post("/api/v1/reports", data={"file": (io.BytesIO(render(record)), name)})
        assert answer.status_code == 202
        self.bench.deliver_all()
        return str(answer.get_json()["id"])

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(f"/api/v1{path}")
        assert answer.status_code == status, answer.text
        return answer.get_json()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    return Site(Bench(settings))


def test_three_years_of_two_agencies_and_one_changed_figure(bench: Bench) -> None:
    site = Site(bench)
    finance, education = draw_years(CITY, YEARS, seed=3), draw_years(OTHER, YEARS, seed=4)
    was = finance[2].tables["requests"]["carried_over"][COLUMN] or 0
    finance[2].tables["requests"]["carried_over"][COLUMN] = was + 1
    finance[1].title = finance[1].title.replace(CITY, SHORT)
    ids = [site.send(record) for pair in zip(finance, education, strict=True) for record in pair]
    assert site.send(finance[0], "再传一次.pdf") == ids[0]

    listed = site.get("/agencies")
    assert [(item["agency"], len(item["years"])) for item in listed["items"]] == [(OTHER, 3), (CITY, 3)]
    years = site.get(f"/agencies/{quote(SHORT)}/years")
    assert set(years) == {"agency", "years", "series", "checks"}
    assert years["agency"] == CITY
    assert [(year["year"], year["report_id"]) for year in years["years"]] == list(zip(YEARS, ids[::2], strict=True))
    assert years["series"][f"requests.carried_over.{COLUMN}"][2] == was + 1
    failing = [check for check in years["checks"] if check["status"] == "fail"]
    assert [check["id"] for check in failing] == [CARRIED]
    cells = [(place["year"], place["path"], place["value"]) for place in failing[0]["places"]]
    assert cells == [
        (2022, f"requests.carried_forward.{COLUMN}", was),
        (2023, f"requests.carried_over.{COLUMN}", was + 1),
    ]
    assert all(place["page"] and place["box"] for place in failing[0]["places"])
    assert (failing[0]["severity"], failing[0]["cause"], failing[0]["years"]) == ("error", "source", [2022, 2023])
    others = site.get(f"/agencies/{quote(OTHER)}/years")
    assert {check["status"] for check in others["checks"]} == {"pass"}

    found = site.get(f"/reports?failed_check={CARRIED}")
    assert [item["id"] for item in found["items"]] == [ids[4]]
    assert CARRIED in found["items"][0]["failed_checks"]
    checks = site.get(f"/reports/{ids[4]}/result")["validation"]["checks"]
    assert [check["id"] for check in checks if check["status"] == "fail" and "cross_year" in check["id"]] == [CARRIED]

    cell = {"path": f"requests.carried_over.{COLUMN}", "value": was}
    assert site.client.patch(f"/api/v1/reports/{ids[4]}/cells", json={"cells": [cell]}).status_code == 200
    years = site.get(f"/agencies/{quote(CITY)}/years")
    assert {check["status"] for check in years["checks"]} == {"pass"}
    assert [year["status"] for year in years["years"]] == ["passed"] * 3


def test_names_are_joined_and_taken_apart(site: Site) -> None:
    before, after = draw_years("临江区水利局", (2022, 2023))
    after.title = after.title.replace("水利局", "水务局")
    ids = [site.send(record) for record in (before, after)]
    at = f"/api/v1/agencies/{quote('临江区水利局')}"
    joined = site.client.post(f"{at}/names", json={"name": "临江区水务局"})
    assert joined.status_code == 200
    body = joined.get_json()
    assert [(name["name"], name["kind"]) for name in body["names"]] == [
        ("临江区水利局", "fullest"),
        ("临江区水务局", "joined"),
    ]
    assert [year["report_id"] for year in body["years"]] == ids
    assert body["links"]["years"] == f"{at}/years"
    apart = site.client.delete(f"{at}/names/{quote('临江区水务局')}")
    assert (apart.status_code, apart.get_json()["agency"]) == (200, "临江区水务局")
    assert site.client.delete(f"{at}/names/{quote('临江区水利局')}").get_json()["type"].endswith("nothing-to-separate")
    log = site.get("/audit?action=joining")["items"]
    assert log[0]["detail"] == {"agency": "临江区水利局", "name": "临江区水务局"}


def test_an_unknown_agency_is_a_problem(site: Site) -> None:
    for path in (f"/agencies/{quote('某局')}", f"/agencies/{quote('某局')}/years"):
        problem = site.get(path, 404)
        assert problem["type"] == "urn:nianbao:problem:unknown-agency" and "机关" in problem["detail_zh"]
    assert site.client.post("/api/v1/agencies/x/names", json={"name": "y"}).status_code == 404
    assert site.client.post("/api/v1/agencies/x/names", json={}).status_code == 400
    assert site.client.delete("/api/v1/agencies/x/names/y").status_code == 404
    assert site.get("/agencies?per_page=1000", 400)["type"].endswith("invalid-parameter")
    assert site.get("/agencies")["items"] == []


def test_the_list_of_agencies_is_paged_and_searched(site: Site) -> None:
    for number, agency in enumerate(("甲县财政局", "乙县财政局", "丙县教育局")):
        site.send(draw_years(agency, (2022,), seed=number)[0])
    first = site.get("/agencies?per_page=2")
    assert (first["total"], len(first["items"])) == (3, 2)
    rest = site.client.get(first["links"]["next"]).get_json()
    assert len(rest["items"]) == 1 and rest["links"]["next"] is None
    assert {item["agency"] for item in site.get(f"/agencies?q={quote('财政')}")["items"]} == {
        "甲县财政局",
        "乙县财政局",
    }


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("人社局", ["临江区人力资源和社会保障局", "临河县人力资源和社会保障局"]),
        ("临江区人社局", ["临江区人力资源和社会保障局"]),
        ("云溪市临江区人社局", ["临江区人力资源和社会保障局"]),
        ("临河 人社局", ["临河县人力资源和社会保障局"]),
        ("保障局", ["临江区人力资源和社会保障局", "临河县人力资源和社会保障局"]),
        ("临江区财政局", []),
        ("财政局", ["临河县财政局"]),
    ],
)
def test_agencies_are_found_by_their_short_names_and_variants(site: Site, words: str, found: list[str]) -> None:
    for name in ("临江区人力资源和社会保障局", "临河县人力资源和社会保障局", "临河县财政局"):
        site.send(draw_years(name, (2022,))[0])
    assert [item["agency"] for item in site.get(f"/agencies?q={quote(words)}")["items"]] == found


def test_two_reports_of_one_year_are_held_against_each_other(site: Site) -> None:
    (record,) = draw_years(CITY, (2022,))
    old = site.send(record)
    forward = record.tables["requests"]["carried_forward"]
    was = forward[COLUMN] or 0
    forward[COLUMN] = was + 3
    record.published_on = "2023-01-30"
    record.sections["6"] = "本年度另有一件事项需要报告。"
    new = site.send(record)
    agency = site.get(f"/agencies/{quote(CITY)}")
    assert agency["years"][0]["report_id"] == new and agency["superseded"] == {"2022": [old]}
    found = site.get(f"/reports/{new}/difference?with={old}")
    (cell,) = found["cells"]
    assert (cell["path"], cell["before"], cell["after"]) == (f"requests.carried_forward.{COLUMN}", was, was + 3)
    assert cell["before_page"] and cell["after_page"]
    assert [(h["path"], h["after"]) for h in found["headline"]] == [("published_on", "2023-01-30")]
    assert ["另有一件事项" in (line["after"] or "") for line in found["text"]] == [True]
    assert site.get(f"/reports/{old}/difference?with={old}") == {"headline": [], "cells": [], "text": []}
    assert site.get(f"/reports/{new}/difference?with=none", 404)["type"].endswith("unknown-report")
    assert site.get(f"/reports/{new}/difference", 400)["type"].endswith("invalid-parameter")
