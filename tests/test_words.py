"""Words in the text of reports: all are found that are there, and none that is not, on both databases."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from extractors.report import Result, Section
from tests.bench import Bench, postgres_database
from tests.conftest import answers
from workers.database import Database, migrate
from workers.decisions import Change
from workers.settings import Settings
from workers.words import codes_of, plain

TEXT = "全年共受理依申请公开3件，办理Wi-Fi投诉。\n　（一）主动 公开情况：共２０条，𠮷祥街道。"


@pytest.fixture
def report(bench: Bench, sample: Result) -> str:
    """A report whose first section has the text."""
    return send(bench, sample, TEXT, "a.pdf")


def send(bench: Bench, sample: Result, words: str, name: str) -> str:
    result = sample.model_copy(deep=True)
    result.report.sections = [
        Section(number=1, title="总体情况", heading="一、总体情况", text=words, pages=[1], subsections=[])
    ]
    bench.reader.assemble = lambda *_: result  # type: ignore[method-assign]
    view = bench.submit(f"%PDF-1.7 {name}".encode(), name)
    bench.deliver_all()
    return view.id


def found(bench: Bench, q: str) -> list[str]:
    return [view.id for view in bench.reports.search(q=q).items]


@pytest.mark.parametrize(
    "q",
    [
        *(
            "公开",
            "依申请公开",
            "受理依申请",
            "公",
            "3件",
            "3",
            "wi-fi",
            "WI",
            "20条",
            "２０",
            "主动公开",
            "𠮷祥",
            "𠮷",
        ),
        *(
            "，办",
            "：共",
            "（一）主动",
            "情况 受理",
            "公开 2021 科学技术局",
            "科学 a.pdf",
            "总体情况",
            "\u200b",
            "办理Wi-Fi投诉。",
        ),
        TEXT.split("\n")[0],
    ],
)
def test_words_of_the_text_are_found(bench: Bench, report: str, q: str) -> None:
    assert found(bench, q) == [report]


@pytest.mark.parametrize(
    "q",
    [
        *(
            "开公",
            "公开公",
            "受理公开",
            "申请公开4件",
            "街道全年",
            "投诉主动",
            "吉祥",
            "公_",
            "%",
            "公开 银河",
            "_",
            "；",
        ),
        *("受理依申请公开办理", "共受理依申请公开3件办理"),
        "公开" * 100,
    ],
)
def test_words_that_are_not_there_are_not_found(bench: Bench, report: str, q: str) -> None:
    assert found(bench, q) == []


def test_a_search_by_words_is_exact(bench: Bench, sample: Result) -> None:
    rng = Random(5)
    texts = ["".join(rng.choice("甲乙丙丁，1") for _ in range(40)) for _ in range(12)]
    ids = [send(bench, sample, words, f"{number}.doc") for number, words in enumerate(texts)]
    for _ in range(60):
        word = "".join(rng.choice("甲乙丙丁，1") for _ in range(rng.randint(1, 4)))
        wanted = {id_ for id_, words in zip(ids, texts, strict=True) if word in words}
        if word != "1" and not word.isdigit():  # file name and title have figures of their own
            assert set(found(bench, word)) == wanted, word


def test_what_is_changed_or_deleted_is_found_no_more(bench: Bench, report: str, sample: Result) -> None:
    bench.reports.decide(report, [Change("title", "某市二〇二一年报告")])
    assert found(bench, "某市二〇二一") == [report] and found(bench, "依申请") == [report]
    assert found(bench, f"{sample.report.title}") == []
    bench.reports.reread(report)
    bench.deliver_all()
    assert found(bench, "依申请 某市二〇二一") == [report]
    other = send(bench, sample, TEXT, "b.pdf")
    bench.reports.delete(report)
    assert found(bench, "依申请") == [other]
    bench.reports.delete(other)
    with bench.database.read() as session:
        pairs = "SELECT count(*) FROM text_pairs"
        if bench.database.engine.dialect.name == "sqlite":
            pairs += f" WHERE text_pairs MATCH '{min(codes_of('申')):x}'"
        assert session.scalar(text("SELECT count(*) FROM texts")) == session.scalar(text(pairs)) == 0


def test_an_owner_finds_only_his_own(bench: Bench, report: str) -> None:
    assert bench.reports.search(q="依申请", owner="another").total == 0
    assert bench.reports.search(q="依申请", owner=None).total == 1
    assert bench.reports.search(q="依申请", agency="科学技术局", year=2021).total == 1
    assert bench.reports.search(q="依申请", failed_check="structure.order").total == 0


def test_widths_spaces_and_letters_do_not_matter() -> None:
    assert plain("　２０２１ 年\tＡb\0") == "2021年ab"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_reports_of_an_earlier_version_are_indexed_and_put_into_the_archive(
    tmp_path: Path, sample: Result, kind: str
) -> None:
    if kind == "sqlite":
        _upgrade(Settings(data_dir=tmp_path), sample)
    elif answers(5432):
        with postgres_database() as url:
            _upgrade(Settings(data_dir=tmp_path, database_url=url), sample)
    else:
        pytest.skip("no PostgreSQL answers on 127.0.0.1:5432")


def _upgrade(settings: Settings, sample: Result) -> None:
    migrate(settings.sqlalchemy_url, "0012")
    database = Database(settings.sqlalchemy_url)
    with database.write() as session:
        for year in (2021, 2022):
            result = sample.model_copy(deep=True)
            result.report.year = year
            columns = {
                "id": f"{year}", "owner": "local", "sha256": f"{year}", "filename": "Scan.pdf", "size": 1,
                "stage": "done", "status": "succeeded", "created_at": 1.0, "attempts": 1, "year": year,
                "title": "题", "agency": sample.report.agency, "validation_status": "passed",
            }  # fmt: skip
            names = ", ".join(columns)
            session.execute(text(f"INSERT INTO reports ({names}) VALUES (:{names.replace(', ', ', :')})"), columns)
            kept = {"id": f"{year}", "result": result.model_dump_json()}
            session.execute(text("INSERT INTO results (report_id, result) VALUES (:id, :result)"), kept)
    migrate(settings.sqlalchemy_url)
    bench = Bench(settings)
    word = plain(sample.report.sections[0].text)[20:26]
    assert [bench.reports.search(q=q).total for q in ("scan", "题", word, "银河")] == [2, 2, 2, 0]
    bench.reconciler.reconcile()
    seen = bench.reports.archive.years(sample.report.agency or "")
    assert [year.year for year in seen.agency.years] == [2021, 2022] and seen.checks
    bench.reports.delete("2021")
    assert bench.reports.search(q=word).total == 1
    database.dispose()
    assert json.loads(bench.reports.result("2022"))["validation"]["status"] == "passed"
