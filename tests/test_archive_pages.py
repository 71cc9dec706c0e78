"""The pages of the archive: years as a table and as charts, what does not agree, names, two reports compared."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from tests.bench import Bench
from tests.test_agencies_api import CITY, COLUMN, SHORT, YEARS, Site
from tests.years import draw_years
from web.agency_page import CHARTS
from workers.database import migrate
from workers.settings import Settings

AT = f"/agencies/{quote(CITY)}"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    return Site(Bench(settings))


def page(site: Site, path: str, status: int = 200) -> str:
    answer = site.client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text
    assert " style=" not in answer.text and "<style" not in answer.text, "the policy lets no inline style through"
    return answer.text


def send_years(site: Site) -> list[str]:
    """Three years, one figure of the last carried over wrongly, one report under a short name."""
    records = draw_years(CITY, YEARS, seed=3)
    carried = records[2].tables["requests"]["carried_over"]
    carried[COLUMN] = (carried[COLUMN] or 0) + 1
    records[1].title = records[1].title.replace(CITY, SHORT)
    return [site.send(record) for record in records]


def test_an_agency_shows_its_years_and_what_does_not_agree_between_them(site: Site) -> None:
    ids = send_years(site)
    shown = page(site, f"/agencies/{quote(SHORT)}")
    years = site.get(f"/agencies/{quote(CITY)}/years")
    for year, report_id in zip(YEARS, ids, strict=True):
        assert f'<a href="/reports/{report_id}">{year}</a>' in shown
    for value in years["series"]["requests.new_received.total"]:
        assert re.search(rf"#at-requests.new_received.total\">{value}</a>", shown)
    (failing,) = [check for check in years["checks"] if check["status"] == "fail"]
    assert failing["message"] in shown and 'id="between-2023"' in shown and 'id="between-2022"' not in shown
    for place, report_id in zip(failing["places"], ids[1:], strict=True):
        address = f"/reports/{report_id}/pages/{place['page']}?cell={place['path']}#here"
        assert f'href="{address}"' in shown
        assert f"第 {place['page']} 页" in page(site, address.partition("#")[0])
    assert f'href="{AT}"' in page(site, "/agencies") and SHORT in page(site, "/agencies")


def test_each_year_says_how_many_of_its_own_checks_failed(site: Site) -> None:
    good, bad = draw_years(CITY, YEARS[:2], seed=3)
    bad.tables["requests"]["new_received"]["total"] = 9999
    ids = [site.send(record) for record in (good, bad)]
    checks = site.get(f"/reports/{ids[1]}/result")["validation"]["checks"]
    own = sum(check["status"] == "fail" and not check["id"].startswith("cross_year.") for check in checks)
    shown = page(site, AT)
    assert own == 2 and f'<a class="soft" href="/reports/{ids[1]}">2 项未通过</a>' in shown
    assert shown.count("项未通过") == 1


def test_its_charts_are_on_the_page_and_can_be_kept(site: Site) -> None:
    send_years(site)
    shown = page(site, AT)
    assert shown.count("<svg") == len(CHARTS)
    series = site.get(f"/agencies/{quote(CITY)}/years")["series"]
    for name in CHARTS:
        assert f'href="{AT}/charts/{name}.svg"' in shown
        answer = site.client.get(f"{AT}/charts/{name}.svg")
        assert answer.mimetype == "image/svg+xml"
        assert CITY in (ET.fromstring(answer.text).findtext("{http://www.w3.org/2000/svg}title") or "")
    outcomes = site.client.get(f"{AT}/charts/outcomes.svg").text
    assert f">{series['requests.total_handled.total'][0]:,g}<" in outcomes, "the parts make the whole"
    denied = sum(values[0] for path, values in series.items() if re.fullmatch(r"requests\.denied_\w+\.total", path))
    assert f"2021 年 不予公开：{denied:,g}" in outcomes
    assert site.client.get(f"{AT}/charts/other.svg").status_code == 404


def test_names_are_joined_and_taken_apart_by_forms(site: Site) -> None:
    before, after = draw_years("临江区水利局", (2022, 2023))
    after.title = after.title.replace("水利局", "水务局")
    for record in (before, after):
        site.send(record)
    at = f"/agencies/{quote('临江区水利局')}"
    joined = site.client.post(f"{at}/names", data={"name": "临江区水务局"})
    assert (joined.status_code, joined.headers["Location"]) == (303, at)
    assert "撤销合并" in page(site, at) and "相邻年度之间" in page(site, at)
    apart = site.client.post(f"{at}/names/separate", data={"name": "临江区水务局"})
    assert apart.headers["Location"] == f"/agencies/{quote('临江区水务局')}"
    assert "撤销合并" not in page(site, at)
    unknown = site.client.post(f"{at}/names", data={"name": "无此局"}, headers={"Accept": "text/html"})
    assert unknown.status_code == 404 and "没有这个名称的机关的报告" in unknown.text
    assert "没有这个名称的机关的报告" in page(site, "/agencies/x", 404)


def test_a_report_leads_to_its_agency_and_to_the_report_that_replaces_it(site: Site) -> None:
    ids = send_years(site)
    latest = page(site, f"/reports/{ids[2]}")
    assert f'href="{AT}"' in latest and "与上年不衔接或异常" in latest and "年度衔接" in latest
    assert "与上年不衔接或异常" not in page(site, f"/reports/{ids[1]}")
    (record,) = draw_years(CITY, (2021,), seed=9)
    new = site.send(record)
    compared = f"/reports/{new}/difference?with={ids[0]}"
    assert "另有更新的报告" in page(site, f"/reports/{ids[0]}") and compared in page(site, f"/reports/{ids[0]}")
    assert compared in page(site, f"/reports/{new}") and compared in page(site, AT)
    assert "表三 · 一、本年新收政府信息公开申请数量" in page(site, compared)
    assert "完全相同" in page(site, f"/reports/{new}/difference?with={new}")
    page(site, f"/reports/{new}/difference?with=none", 404)


def test_a_report_that_only_its_neighbour_contradicts_does_not_say_that_all_is_well(site: Site) -> None:
    before, after = draw_years(CITY, (2022, 2023), seed=3)
    site.send(before)
    for column in ("natural_person", "total"):
        for row in ("carried_over", "granted", "total_handled"):
            after.tables["requests"][row][column] = (after.tables["requests"][row][column] or 0) + 1
    after.settle_checks()
    assert not after.failing_checks
    shown = page(site, f"/reports/{site.send(after)}")
    assert "全部通过" not in shown and "数据不符" in shown and "与上年不衔接或异常" in shown
