"""Pages: what a person sees of states, doubts and faults, and what another site may not do."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from extractors.pipeline import extract
from extractors.report import Evidence, Result, Review, Unmatched
from tests.bad_files import make_bad_files, one_page
from tests.bench import Bench, application
from web.report_page import show
from web.sheets import Figure
from workers.database import migrate
from workers.settings import Settings

SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"
TOTAL = "requests.new_received.total"


@pytest.fixture(scope="module")
def result() -> Result:
    return extract(SAMPLE)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    return Bench(settings)


@pytest.fixture
def client(bench: Bench) -> FlaskClient:
    return application(bench)


def figures(result: Result) -> dict[str, Figure]:
    cells = [cell for part in show(result).parts if part.sheet for row in part.sheet.body for cell in row]
    return {cell.path: cell for cell in cells if isinstance(cell, Figure)}


def changed(result: Result, path: str, **evidence: object) -> Result:
    """A copy in which the cell at `path` was read in another way."""
    table, row, column = path.split(".")
    copy = result.model_copy(deep=True)
    copy.evidence[path] = Evidence.model_validate({**copy.evidence[path].model_dump(), **evidence})
    if evidence.get("state") in ("blank", "missing"):
        getattr(copy.report.tables, table)[row][column] = None
    return copy


def test_every_figure_of_the_result_is_on_the_page_once(result: Result) -> None:
    cells = [
        f"{name}.{row}.{column}"
        for name, table in result.report.tables
        for row, columns in table.items()
        for column in columns
    ]
    shown = [cell for part in show(result).parts if part.sheet for row in part.sheet.body for cell in row]
    assert sorted(cell.path for cell in shown if isinstance(cell, Figure)) == sorted(cells)


def test_a_key_that_the_form_does_not_have_is_still_shown(result: Result) -> None:
    copy = result.model_copy(deep=True)
    assert copy.report.tables.requests is not None
    copy.report.tables.requests["made_up"] = {"total": 7}
    assert figures(copy)["requests.made_up.total"].text == "7"


def test_blank_stroke_and_missing_look_different(result: Result) -> None:
    blank = figures(changed(result, TOTAL, state="blank", raw=""))[TOTAL]
    stroke = figures(changed(result, TOTAL, state="blank", raw="/"))[TOTAL]
    missing = figures(changed(result, TOTAL, state="missing", raw=None, page=None))[TOTAL]
    assert [(cell.kind, cell.text) for cell in (blank, stroke, missing)] == [
        ("blank", ""),
        ("blank", "/"),
        ("missing", "缺"),
    ]


def test_a_doubtful_cell_says_why_and_where(result: Result) -> None:
    copy = changed(result, TOTAL, raw="34", page=3, confidence=0.5, origin="ocr")
    copy.validation.review.append(Review(path=TOTAL, reason="low_confidence"))
    cell = figures(copy)[TOTAL]
    assert cell.doubt == "识别把握不足"
    assert "第 3 页 · 原文“34”" in cell.tip and "图像识别 · 可信度 50.0%" in cell.tip
    assert [doubt.label for doubt in show(copy).doubts] == ["表三 · 一、本年新收政府信息公开申请数量 · 总计"]


def test_the_sum_that_does_not_agree_stands_out_among_its_parts(result: Result) -> None:
    copy = result.model_copy(deep=True)
    check = next(check for check in copy.validation.checks if check.id == "requests.row_sum.new_received")
    check.status, check.cause = "fail", "source"
    found = figures(copy)
    assert found[check.cells[-1]].fault == "sum" and found[check.cells[0]].fault == "part"
    assert [entry.cause for entry in show(copy).errors] == ["报告原文不符"]
    check.cause = "reading"
    assert figures(copy)[check.cells[-1]].fault is None


def test_rows_that_fit_no_key_are_listed(result: Result) -> None:
    copy = result.model_copy(deep=True)
    row = Unmatched(table="requests", label="五、补充", values=["3"], page=4, box=(0, 0, 1, 1))
    copy.report.unmatched.append(row)
    (part,) = [part for part in show(copy).parts if part.unmatched]
    assert part.heading.startswith("三、") and part.unmatched[0].row == row


def test_what_the_file_says_is_text_and_never_markup(client: FlaskClient, bench: Bench) -> None:
    name = '<img src=x onerror="alert(1)">.pdf'
    client.post("/api/v1/reports", data={"file": (io.BytesIO(SAMPLE.read_bytes()), name)})
    bench.deliver_all()
    page = client.get("/").text
    assert "<img src=x" not in page and "&lt;img src=x" in page


def test_the_form_works_without_script(client: FlaskClient, bench: Bench) -> None:
    answer = client.post("/", data={"file": (io.BytesIO(SAMPLE.read_bytes()), "年报.pdf")})
    assert answer.status_code == 303
    waiting = client.get(answer.headers["Location"])
    assert "排队" in waiting.text or "即将开始" in waiting.text
    bench.deliver_all()
    assert "核验通过" in client.get(answer.headers["Location"]).text
    deleted = client.post(answer.headers["Location"] + "/delete")
    assert deleted.status_code == 303 and "还没有报告" in client.get("/").text


def test_every_kind_of_error_is_a_chinese_sentence(client: FlaskClient, bench: Bench, tmp_path: Path) -> None:
    for name, path in make_bad_files(tmp_path).items():
        answer = client.post("/", data={"file": (io.BytesIO(path.read_bytes()), name)}, headers={"Accept": "text/html"})
        bench.deliver_all()
        page = answer if answer.status_code != 303 else client.get(answer.headers["Location"])
        heading = re.search(r'class="(?:report-title|bad-words)">([^<]+。)<', page.text)
        if answer.status_code != 303 or "无法识别" in page.text:
            assert heading, name
        else:
            assert "需要复核" in page.text, name


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://[zz]"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Origin": "http://localhost"}, 202),
        ({}, 202),
    ],
)
def test_another_site_changes_nothing(client: FlaskClient, headers: dict[str, str], status: int) -> None:
    answer = client.post("/api/v1/reports", data={"file": (io.BytesIO(SAMPLE.read_bytes()), "a.pdf")}, headers=headers)
    assert answer.status_code == status


def test_pages_name_no_other_host_and_hold_no_inline_script(client: FlaskClient, bench: Bench) -> None:
    report = client.post("/api/v1/reports", data={"file": (io.BytesIO(SAMPLE.read_bytes()), "a.pdf")}).json
    assert report is not None
    bench.deliver_all()
    texts = [client.get(path).text for path in ("/", f"/reports/{report['id']}", "/nothing")]
    folder = Path(str(client.application.static_folder))
    texts += [path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "") for path in folder.iterdir()]
    for text in texts:
        # the text of a report may print an address; nothing may load or lead to one
        assert not re.search(r"""(?:["'`=]|url\()\s*(?:https?:)?//""", text), text[:200]
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", text), text[:200]


def test_a_reading_is_stopped_and_tried_again_by_forms_without_script(bench: Bench, client: FlaskClient) -> None:
    client.post("/", data={"file": (io.BytesIO(SAMPLE.read_bytes()), "年报.pdf")})
    at = f"/reports/{bench.reports.search().items[0].id}"

    def offered() -> set[str]:
        return set(re.findall(rf'action="{at}/(\w+)" method="post"', client.get(at).get_data(as_text=True)))

    assert offered() == {"cancel", "delete"}
    assert client.post(f"{at}/cancel").headers["Location"] == at
    assert "已取消" in client.get(at).get_data(as_text=True)
    assert offered() == {"retry", "delete"}
    assert client.post(f"{at}/retry").status_code == 303
    bench.deliver_all()
    assert {"reread", "delete"} <= offered() and "retry" not in offered()
    late = client.post(f"{at}/cancel", headers={"Accept": "text/html"})
    assert late.status_code == 409 and "已经结束" in late.get_data(as_text=True)
    assert client.post(f"{at}/reread").status_code == 303
    assert {"cancel", "delete"} <= offered() and "reread" not in offered()
    page = client.get(at).get_data(as_text=True)
    assert "以下是此前的结果" in page and 'id="waiting"' in page and "科学技术局" in page
    next(bench.settings.files_root.glob("*/" + 64 * "?")).unlink()
    bench.deliver_all()
    page, card = client.get(at).get_data(as_text=True), client.get("/").get_data(as_text=True)
    assert "未能完成" in page and "原文件已不存在" in page and "科学技术局" in page and "reread" in offered()
    assert "原文件已不存在" in card
    assert client.post(f"{at}/burn").status_code == 404
    assert client.post(f"{at}/reread", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_what_is_no_report_is_called_so(bench: Bench, client: FlaskClient) -> None:
    client.post("/", data={"file": (io.BytesIO(one_page("")), "大楼.pdf")})
    bench.deliver_all()
    (body,) = client.get("/api/v1/reports").get_json()["items"]
    assert body["no_report"] and body["validation_status"] == "needs_review"
    listed, page = (client.get(at).get_data(as_text=True) for at in ("/", body["links"]["html"]))
    for text in (listed, page):
        assert "不像年度报告" in text and "它可能不是年度报告" in text and "核验未通过" not in text
    cells = [{"path": "agency", "value": "某市财政局"}]
    assert client.patch(f"/api/v1/reports/{body['id']}/cells", json={"cells": cells}).status_code == 200
    assert "不像年度报告" not in client.get("/").get_data(as_text=True)
