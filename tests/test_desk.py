"""Where a person decides: the review list with its cut-outs, the page with its cells, forms without script."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from extractors.decisions import decide
from extractors.report import Evidence, Result, Review, Unmatched
from tests.bench import Bench, application
from web.desk import read_number
from workers.database import migrate
from workers.settings import Settings
from workers.tables import ReportRow, ResultRow

SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"
TOTAL = "requests.new_received.total"
GRANTED = "requests.granted.total"
LOST = "requests.carried_over.other_organization"


class Desk:
    """A report of which the machine has misread some cells."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(data_dir=folder)
        migrate(settings.sqlalchemy_url)
        self.bench = Bench(settings)
        self.client = application(self.bench)
        answer = self.client.post("/api/v1/reports", data={"file": (io.BytesIO(SAMPLE.read_bytes()), "年报.pdf")})
        assert answer.json is not None
        self.bench.deliver_all()
        self.id = str(answer.json["id"])
        self.misread()

    def misread(self) -> None:
        with self.bench.database.write() as session:
            row, report = session.get(ResultRow, self.id), session.get(ReportRow, self.id)
            assert row is not None and report is not None
            result = Result.model_validate_json(row.result)
            assert result.report.tables.requests is not None
            result.report.tables.requests["new_received"]["total"] = 77
            result.evidence[TOTAL].raw = "77"
            result.report.tables.requests["granted"]["total"] = None
            result.evidence[GRANTED].raw = "O7"
            result.report.tables.requests["carried_over"]["other_organization"] = None
            result.evidence[LOST] = Evidence(
                raw=None, page=None, box=None, confidence=None, origin=None, state="missing"
            )
            for path in (TOTAL, GRANTED, LOST):
                result.validation.review.append(Review(path=path, reason="ambiguous"))
            odd = Unmatched(table="requests", label="五、<b>补充</b>", values=["3"], page=4, box=(80, 300, 500, 330))
            result.report.unmatched.append(odd)
            row.result = decide(result, []).model_dump_json()
            report.review_count, report.validation_status = 4, "needs_review"

    def change(self, change: Callable[[Result], None]) -> None:
        """Have the machine read otherwise."""
        with self.bench.database.write() as session:
            row = session.get(ResultRow, self.id)
            assert row is not None
            result = Result.model_validate_json(row.result)
            change(result)
            row.result = decide(result, []).model_dump_json()

    @property
    def result(self) -> Result:
        return Result.model_validate_json(self.bench.reports.result(self.id))

    def report(self) -> str:
        return unescape(self.client.get(f"/reports/{self.id}").text)

    def page(self, number: int, cell: str = "") -> str:
        answer = self.client.get(f"/reports/{self.id}/pages/{number}", query_string={"cell": cell} if cell else {})
        assert answer.status_code == 200
        return unescape(answer.text)

    def send(self, path: str, do: str, value: str = "", accept: str = "text/html", **more: str) -> Any:
        form = {"path": path, "do": do, "value": value, "page": "3", **more}
        return self.client.post(f"/reports/{self.id}/cells", data=form, headers={"Accept": accept})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield Desk(tmp_path)


def cards(page: str) -> list[str]:
    return re.findall(r'<li id="review-([\w.]+)"', page)


def test_each_entry_of_the_review_list_has_its_cut_out_and_forms(desk: Desk) -> None:
    page = desk.report()
    assert set(cards(page)) == {TOTAL, GRANTED, LOST, "unmatched.0"}
    assert page.count('class="cutout"') == 4
    assert f'<image href="/api/v1/reports/{desk.id}/pages/3.png"' in page
    assert "mark guessed" in page, "the place of a lost cell is guessed"
    assert page.count('value="accept"') == 3, "what is no number cannot be accepted on the page"
    assert "“O7”" in page and page.count('value="blank"') == 3
    assert "<b>补充</b>" not in desk.client.get(f"/reports/{desk.id}").text
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", page)


def test_a_form_corrects_a_cell_and_leads_to_the_next_entry(desk: Desk) -> None:
    before = cards(desk.report())
    answer = desk.send(before[0], "correct", "０")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/reports/{desk.id}#review-{before[1]}")
    assert desk.result.evidence[before[0]].state == "corrected"
    assert cards(desk.report()) == before[1:]
    last = before[-1]
    assert desk.send(last, "accept").headers["Location"].endswith(f"#review-{before[1]}")
    for path in before[1:-1]:
        answer = desk.send(path, "correct", "0")
    assert answer.headers["Location"].endswith("#review")
    page = desk.report()
    assert cards(page) == [] and "复核清单已全部处理完毕" in page and "已由人确认或更正 4 处" in page
    assert "由 77 更正为 0" in page and "本机用户" in page


def test_the_name_of_who_decides_is_kept_in_the_browser(desk: Desk) -> None:
    answer = desk.client.post(f"/reports/{desk.id}/reviewer", data={"name": " 王  芳 "})
    assert answer.status_code == 303 and "HttpOnly" in answer.headers["Set-Cookie"]
    desk.send(TOTAL, "accept")
    decision = desk.result.evidence[TOTAL].decision
    assert decision is not None and decision.by == "王 芳" and decision.accepted
    assert 'value="王 芳"' in desk.report()
    desk.client.post(f"/reports/{desk.id}/reviewer", data={"name": ""})
    desk.send(TOTAL, "accept")
    decision = desk.result.evidence[TOTAL].decision
    assert decision is not None and decision.by == "local user"


def test_what_cannot_be_is_said_beside_what_was_typed(desk: Desk) -> None:
    for do, value, words in (
        ("correct", "三十四", "应填写数字"),
        ("correct", "", "请填写正确的内容"),
        ("correct", "-5", "不能为负数"),
        ("correct", "1.5", "应为整数"),
    ):
        answer = desk.send(TOTAL, do, value)
        assert answer.status_code == 422 and words in answer.text, value
        assert f'value="{value}"' in answer.text
    script = desk.send(TOTAL, "correct", "x", accept="application/json")
    assert (script.status_code, script.mimetype) == (422, "application/problem+json")
    assert desk.send("nothing.here.either", "accept").status_code == 422
    assert desk.bench.reports.decisions(desk.id) == []


def test_who_saw_another_value_is_told_what_stands_there_now(desk: Desk) -> None:
    (seen,) = set(re.findall(rf'value="{TOTAL}"><input type="hidden" name="seen" value="([^"]*)"', desk.report()))
    assert seen == "77"
    desk.send(TOTAL, "correct", "34", seen=seen)
    late = desk.send(TOTAL, "accept", seen=seen)
    assert late.status_code == 409 and "刚才已由他人改为 34" in late.text and 'aria-invalid="true"' not in late.text
    assert desk.send(TOTAL, "accept", seen=seen, accept="application/json").mimetype == "application/problem+json"
    assert [d.value for d in desk.bench.reports.decisions(desk.id)] == [34]
    assert desk.send(TOTAL, "accept", seen="34").status_code == 303


def test_what_was_seen_may_be_anything_that_is_sent(desk: Desk) -> None:
    for odd in ("[" * 100_000, "9" * 5000, "NaN", "\0", ""):
        answer = desk.client.post(f"/reports/{desk.id}/cells", data={"path": TOTAL, "do": "accept", "seen": odd})
        assert answer.status_code == 409, odd[:10]


def test_a_title_in_quotes_can_be_accepted_and_is_there_to_be_mended(desk: Desk) -> None:
    desk.send("title", "correct", "“十四五”报告", from_page="1")
    page = desk.page(1, "title")
    assert 'value="accept">无误<' in page and 'name="value"' in page and 'value="“十四五”报告"' in page


def test_a_cell_that_is_nowhere_is_looked_for_on_the_likely_page(desk: Desk) -> None:
    nowhere = Evidence(raw=None, page=None, box=None, confidence=None, origin=None, state="missing")

    def lose(result: Result) -> None:
        assert result.report.tables.requests is not None
        columns = result.report.tables.requests["carried_over"]
        for column in columns:
            columns[column] = None
            result.evidence[f"requests.carried_over.{column}"] = nowhere
        result.validation.review.append(Review(path=GRANTED.replace("granted", "carried_over"), reason="missing"))

    desk.change(lose)
    path = "requests.carried_over.total"
    where = desk.result.evidence["requests.new_received.total"].page
    page = desk.report()
    card = page[page.index(f'id="review-{path}"') :].partition("</li>")[0]
    assert "lost" in page[page.index(f'id="review-{path}"') :][:80] and f"请看第 {where} 页原件" in card
    assert "未找到" not in card and "原件无此格" in card and "填写" in card
    shown = desk.page(2, path)
    assert f"/reports/{desk.id}/pages/3?cell={path}" in shown, "turning the page keeps what is looked for"
    assert (
        desk.send(path, "correct", "4", from_page="1", page="2").headers["Location"].endswith(f"/pages/2?cell={path}")
    )


def test_a_printed_stroke_is_shown_as_it_is_printed(desk: Desk) -> None:
    def stroke(result: Result) -> None:
        assert result.report.tables.requests is not None
        result.report.tables.requests["granted"]["total"] = None
        result.evidence[GRANTED].raw, result.evidence[GRANTED].state = "—", "blank"

    desk.change(stroke)
    assert ">—（空白）</b>" in desk.page(3, GRANTED) and 'value="accept">无误<' in desk.page(3, GRANTED)


def test_an_absent_table_is_filled_in_cell_by_cell(desk: Desk) -> None:
    def lose(result: Result) -> None:
        result.report.tables.review_litigation = None
        result.evidence = {p: e for p, e in result.evidence.items() if not p.startswith("review_litigation")}
        result.document.pages[1].error = "本页损坏。"

    desk.change(lose)
    path = "review_litigation.reconsideration.total"
    page = desk.report()
    assert {"review_litigation", "pages.2"} <= set(re.findall(r'<li id="review-([\w.]+)"', page))
    assert 'href="#blank-review_litigation"' in page and "原件无此表" in page
    assert f'href="/reports/{desk.id}/pages/2?cell={path}#here"' in page, "perhaps on the page that was not read"
    assert 'value="accept"' not in desk.page(2, path)
    assert desk.send(path, "correct", "4", from_page="1", page="2").status_code == 303
    left = set(cards(desk.report()))
    assert path not in left and "review_litigation.litigation_direct.total" in left
    desk.send("pages.2", "accept")
    page = desk.report()
    assert "pages.2" not in cards(page) and "填写为 4" in page
    assert "<span>已看过</span>" in page and "确认无误" not in page


def test_a_page_shows_its_cells_and_the_chosen_one(desk: Desk) -> None:
    page = desk.page(3)
    spots = re.findall(r'<rect class="spot', page)
    found = [e for e in desk.result.evidence.values() if e.page == 3 and e.box]
    assert len(spots) == len(found) > 50
    assert f'href="/reports/{desk.id}/pages/3?cell={GRANTED}#here"' in page and 'id="here"' not in page
    chosen = desk.page(3, TOTAL)
    assert 'id="here"' in chosen and "一、本年新收政府信息公开申请数量 · 总计" in chosen
    assert "可能是识读有误" in chosen and "≠" in chosen
    assert "下一处待复核" in chosen


def test_a_cell_is_corrected_on_its_page_and_tells_its_history(desk: Desk) -> None:
    answer = desk.send(TOTAL, "correct", "1,034", from_page="1")
    assert answer.headers["Location"] == f"/reports/{desk.id}/pages/3?cell={TOTAL}"
    desk.send(TOTAL, "blank", from_page="1")
    page = desk.page(3, TOTAL)
    history = page[page.index('class="history"') :]
    assert history.index("由 1034 更正为 空白") < history.index("由 77 更正为 1034")
    assert "初次读作" not in page or "77" in page


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("agency", "某市财政局", "某市财政局"),
        ("year", "2020", "2020"),
        ("published_on", "2022-02-03", "2022-02-03"),
        ("title", "某报告", "某报告"),
    ],
)
def test_title_agency_year_and_date_are_corrected_too(desk: Desk, path: str, value: str, said: str) -> None:
    assert f"cell={path}#here" in desk.report() or path == "title"
    assert desk.send(path, "correct", value, from_page="1").status_code == 303
    assert str(getattr(desk.result.report, path)) == said
    assert said in desk.page(1, path)


def test_every_figure_of_the_tables_leads_to_its_page(desk: Desk) -> None:
    links = re.findall(r'<a class="cell-link" href="/reports/\w+/pages/(\d+)\?cell=([\w.]+)#here"', desk.report())
    tables = desk.result.report.tables
    assert len(links) == sum(len(row) for _, table in tables for row in (table or {}).values())
    pages = {path: int(page) for page, path in links}
    assert pages[TOTAL] == desk.result.evidence[TOTAL].page


def test_pages_and_cells_that_are_not_there(desk: Desk) -> None:
    for address in ("pages/0", "pages/99", "pages/3?cell=nothing", "pages/x"):
        answer = desk.client.get(f"/reports/{desk.id}/{address}", headers={"Accept": "text/html"})
        assert answer.status_code == 404 and 'lang="zh' in answer.text, address
    assert desk.client.get("/reports/none/pages/1").status_code == 404
    answer = desk.client.post("/reports/none/cells", data={"path": TOTAL, "do": "accept"})
    assert answer.status_code == 404


def test_another_site_decides_nothing(desk: Desk) -> None:
    for address, form in (("cells", {"path": TOTAL, "do": "accept"}), ("reviewer", {"name": "x"})):
        answer = desk.client.post(f"/reports/{desk.id}/{address}", data=form, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    assert desk.bench.reports.decisions(desk.id) == []


@pytest.mark.parametrize(
    ("typed", "value"),
    [("34", 34), (" ３４ ", 34), ("1,234", 1234), ("-3", -3), ("−3", -3), ("12.50", 12.5), ("+4", 4), ("1 234", 1234)],
)
def test_numbers_are_read_as_people_type_them(typed: str, value: float) -> None:
    assert read_number(typed) == value


@pytest.mark.parametrize("typed", ["", "x", "3件", "1,23", "1.2.3", "--1", "9" * 41, "１２三", "1e5", "nan"])
def test_anything_else_stays_text(typed: str) -> None:
    assert read_number(typed) == typed
