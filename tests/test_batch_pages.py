"""The pages of batches: what is dropped or chosen together, how far it is, and its agencies year by year."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from extractors.report import Result
from tests.bench import Bench, application
from tests.zips import zip_of
from web.batch_page import AGENCIES, NO_AGENCY, NO_YEAR, matrix_of
from workers.batches import Batches, Standing
from workers.database import migrate
from workers.settings import Settings

SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"
READER = {"Accept": "text/html"}


def pdf(number: int) -> bytes:
    return f"%PDF-1.7 {number}".encode()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    return Bench(settings)


@pytest.fixture
def client(bench: Bench) -> FlaskClient:
    return application(bench)


def send(client: FlaskClient, *files: tuple[str, bytes]) -> str:
    """Where the form without script leads to."""
    form = {"file": [(io.BytesIO(content), name) for name, content in files]}
    answer = client.post("/", data=form, headers=READER)
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_a_zip_or_several_files_become_a_batch_and_one_file_does_not(client: FlaskClient) -> None:
    assert send(client, ("a.pdf", SAMPLE.read_bytes())).startswith("/reports/")
    assert send(client, ("a.zip", zip_of({"a.pdf": pdf(1)}).getvalue())).startswith("/batches/")
    assert send(client, ("a.pdf", pdf(2)), ("b.pdf", pdf(3))).startswith("/batches/")
    listed = client.get("/batches").text
    assert "a.zip" in listed and "共 2 个文件" in listed
    assert 'href="/batches"' in client.get("/").text


def test_a_batch_is_shown_with_its_files_their_errors_and_what_can_be_done(bench: Bench, client: FlaskClient) -> None:
    content = zip_of(
        {
            "2021/年报.pdf": SAMPLE.read_bytes(),
            "2021/<b>.pdf": pdf(1),
            "说明.txt": b"x",
            "副本.pdf": SAMPLE.read_bytes(),
        }
    )
    at = send(client, ("兖州区.zip", content.getvalue()))
    waiting = client.get(at).text
    assert (
        "data-unfinished" in waiting and "停止识别" in waiting and "重试" not in waiting and "移除批次" not in waiting
    )
    bench.deliver_all()
    page = client.get(at).text
    assert "data-unfinished" not in page and "停止识别" not in page and "重试 1 个未读出的文件" in page
    assert "内容不是 PDF" in page and "与第 1 个文件内容相同" in page
    assert "2021/&lt;b&gt;.pdf" in page and "<b>.pdf" not in page
    row = re.search(
        r'<th scope="row"><a class="quiet" href="([^"]+)">济宁市兖州区科学技术局</a></th>'
        r'<td><a class="field good" href="/reports/\w+">核验通过',
        page,
    )
    assert row and "1 份报告" in client.get(unescape(row.group(1))).text
    assert client.get(f"/parts{at}").text.strip() in page
    only = client.get(f"{at}?state=refused").text
    assert "说明.txt" in only and "副本.pdf" not in only and 'aria-current="true"' in only


def test_the_buttons_work_without_script(bench: Bench, client: FlaskClient) -> None:
    at = send(client, ("a.pdf", pdf(1)), ("b.pdf", pdf(2)))
    assert client.post(f"{at}/cancel").headers["Location"] == at
    page = client.get(at).text
    assert "已取消" in page and "重试 2 个" in page
    late = client.post(f"{at}/cancel", headers=READER)
    assert late.status_code == 409 and "已经结束" in late.text
    assert client.post(f"{at}/retry").status_code == 303
    assert "停止识别" in client.get(at).text
    assert client.post(f"{at}/cancel").status_code == 303
    assert client.post(f"{at}/delete").headers["Location"] == "/batches"
    gone = client.get(at, headers=READER)
    assert gone.status_code == 404 and "没有这个编号的批次" in gone.text
    assert client.post(f"{at}/burn").status_code == 404
    assert bench.reports.search().total == 2


@pytest.mark.parametrize("query", ["page=0", "state=lost", "agencies=x"])
def test_a_wrong_question_is_a_problem(client: FlaskClient, query: str) -> None:
    at = send(client, ("a.pdf", pdf(1)), ("b.pdf", pdf(2)))
    for path in (at, f"/parts{at}"):
        assert client.get(f"{path}?{query}", headers=READER).status_code == 400
    assert client.get("/batches?page=0", headers=READER).status_code == 400


def test_what_cannot_be_taken_in_is_a_chinese_sentence(client: FlaskClient) -> None:
    for content in (b"PK\x03\x04 cut off", zip_of({}).getvalue(), zip_of({"a.txt": b"x", "b.txt": b"x"}).getvalue()):
        answer = client.post("/", data={"file": (io.BytesIO(content), "a.zip")}, headers=READER)
        assert answer.status_code == 422 and re.search(r'class="report-title">[^<]+。<', answer.text)
    many = {"file": [(io.BytesIO(pdf(n)), f"{n}.pdf") for n in range(1001)]}
    answer = client.post("/", data=many, headers=READER)
    assert answer.status_code == 413 and "超过上限 1000 个" in answer.text


def test_a_long_batch_is_shown_in_pages(client: FlaskClient) -> None:
    at = send(client, ("a.zip", zip_of({f"{n:03}.pdf": pdf(n) for n in range(120)}).getvalue()))
    page = client.get(at).text
    assert page.count('class="file-number"') == 50 and "第 1 / 3 页，共 120 个" in page
    assert "119.pdf" in client.get(f"{at}?page=3").text


def test_the_matrix_has_a_field_for_each_report() -> None:
    standings = [
        Standing("乙局", 2022, "1", "succeeded", "passed"),
        Standing("甲局", 2021, "2", "succeeded", "failed"),
        Standing("甲局", 2022, "3", "succeeded", "needs_review"),
        Standing("甲局", 2022, "4", "partial", "needs_review"),
        Standing(None, 2021, "5", "succeeded", "needs_review"),
        Standing("甲局", None, "6", "succeeded", "needs_review"),
    ]
    matrix = matrix_of(standings)
    assert matrix.years == ["2021", "2022", NO_YEAR]
    assert [row.agency for row in matrix.rows] == ["乙局", "甲局", NO_AGENCY]
    shown = [[[(field.report_id, field.tone) for field in cell] for cell in row.cells] for row in matrix.rows]
    assert shown == [
        [[], [("1", "good")], []],
        [[("2", "bad")], [("3", "doubt"), ("4", "doubt")], [("6", "doubt")]],
        [[("5", "doubt")], [], []],
    ]


@pytest.mark.parametrize(
    ("years", "columns"),
    [
        ([2019, 2021], ["2019", "2020", "2021"]),
        ([None], [NO_YEAR]),
        ([None, 2022], ["2022", NO_YEAR]),
        ([2022, 1921], ["1921", "2022"]),
        ([], []),
    ],
)
def test_years_of_which_there_is_nothing_have_a_column(years: list[int | None], columns: list[str]) -> None:
    matrix = matrix_of([Standing("甲局", year, str(year), "succeeded", "passed") for year in years])
    assert matrix.years == columns
    assert all(len(row.cells) == len(columns) for row in matrix.rows)


def test_a_large_matrix_has_pages() -> None:
    standings = [Standing(f"{n:04}局", 2022, str(n), "succeeded", "passed") for n in range(2 * AGENCIES + 1)]
    assert [len(matrix_of(standings, page).rows) for page in (1, 2, 3, 9)] == [AGENCIES, AGENCIES, 1, 1]
    assert matrix_of(standings).agencies == 2 * AGENCIES + 1


def test_the_pages_hold_no_inline_script(bench: Bench, client: FlaskClient, sample: Result) -> None:
    bench.work._reader.assemble = lambda *_: sample  # type: ignore[method-assign]
    view = Batches(bench.reports.runtime).submit(
        [("a.pdf", io.BytesIO(SAMPLE.read_bytes())), ("b.txt", io.BytesIO(b"x"))]
    )
    bench.deliver_all()
    for path in ("/batches", f"/batches/{view.id}"):
        text = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", text)
