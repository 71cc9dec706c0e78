"""Files without pages, from their reading to a result."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from extractors.pipeline import extract
from extractors.reading.page import PageReading, TypedCell, TypedTable, TypedText
from extractors.reading.typed import clean
from tests.bench import Bench, application
from tests.conftest import SAMPLE
from tests.making.figures import FigureOptions
from tests.making.html import write_html
from tests.making.layout import Layout
from tests.making.markup import Markup
from tests.making.record import Record
from tests.making.words import draw_record
from workers.database import migrate
from workers.settings import Settings

CELL = "requests.granted.natural_person"


@pytest.fixture(scope="module")
def record() -> Record:
    return draw_record(Random(3), FigureOptions(zero_share=0.3), short=True)


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("政府\n 信息", "政府信息"),
        ("in\nforce", "in force"),
        ("\u3000\u3000甲\u00a0 乙", "甲 乙"),
        ("a\u200bb\0", "ab"),
    ],
)
def test_text_is_cleaned(raw: str, seen: str) -> None:
    assert clean(raw) == seen


def test_a_reading_comes_back_from_json() -> None:
    table = TypedTable(1, 2, [TypedCell(0, 0, 1, 2, ["a"], sure=False)])
    reading = PageReading(number=1, width=0, height=0, typed=[TypedText("题", 22.0, bold=True), table])
    assert PageReading.model_validate_json(reading.model_dump_json()) == reading


def test_evidence_names_table_row_and_column(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "made.html"
    path.write_bytes(write_html(record, Layout(), Markup()))
    result = extract(path)
    evidence = result.evidence[CELL]
    assert (evidence.page, evidence.box, evidence.origin) == (1, None, "text")
    assert evidence.place is not None and evidence.place.model_dump() == {"table": 2, "row": 6, "column": 4}
    assert result.evidence["title"].box is None
    assert result.validation.review == []


def test_a_row_that_fits_no_key_has_its_place(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "made.html"
    page = write_html(record, Layout(), Markup()).decode()
    more = "<tr><td colspan=3>五、从未有过的项目" + "<td>8" * 7
    tables = page.split("</tbody>")
    path.write_text("</tbody>".join([tables[0], tables[1] + more, *tables[2:]]), encoding="utf-8")
    (row,) = extract(path).report.unmatched
    assert (row.label, row.values, row.box) == ("五、从未有过的项目", ["8"] * 7, None)
    assert row.place is not None and (row.place.table, row.place.column) == (2, 1)


def test_figures_that_may_stand_in_another_column_are_listed(record: Record, tmp_path: Path) -> None:
    """A row of which a cell is lost, under cells that may or may not reach into it."""
    path = tmp_path / "made.html"
    page = write_html(record, Layout(), Markup()).decode()
    at = page.index("1.属于国家秘密")
    lost = page.index("<td>", at)
    path.write_text(page[:lost] + page[page.index("<td>", lost + 1) :], encoding="utf-8")
    listed = {entry.path for entry in extract(path).validation.review}
    row = record.tables["requests"]["denied_state_secret"]
    assert {f"requests.denied_state_secret.{column}" for column in row} <= listed


def test_a_table_that_is_only_a_picture_is_missing(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "made.html"
    page = write_html(record, Layout(), Markup()).decode()
    start = page.index("<table", page.index("收到和处理政府信息公开申请"))
    end = page.index("</table>", start)
    path.write_text(page[:start] + '<img src="http://127.0.0.1:9/3.png">' + page[end:], encoding="utf-8")
    result = extract(path)
    assert result.report.tables.requests is None and result.report.tables.review_litigation is not None
    assert [entry.path for entry in result.validation.review] == ["requests"]


def test_the_service_takes_a_page_and_shows_where_a_cell_is(record: Record, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.sqlalchemy_url)
    bench = Bench(settings)
    client = application(bench)
    file = io.BytesIO(write_html(record, Layout(), Markup(furniture=True)))
    sent = client.post("/api/v1/reports", data={"file": (file, "年报.pdf")}).json
    assert sent is not None
    bench.deliver_all()
    report = f"/reports/{sent['id']}"
    assert client.get(report).status_code == 200
    shown = client.get(f"{report}/pages/1?cell={CELL}")
    assert shown.status_code == 200 and "第 2 个表格，第 6 行，第 4 列" in shown.text and "没有版面图片" in shown.text
    kept = client.get(sent["links"]["file"])
    assert kept.headers["Content-Disposition"].startswith("attachment"), (
        "a page must never run on the service's own site"
    )
    bench.work.draw_page(sent["id"], 1)
    answer = client.get(f"{sent['links']['self']}/pages/1.png")
    assert (answer.status_code, (answer.json or {})["type"]) == (422, "urn:nianbao:problem:no-picture")


def test_a_pdf_loads_neither_of_the_parsers() -> None:
    code = "import sys\nfrom pathlib import Path\nfrom extractors.pipeline import extract\n"
    code += f"extract(Path({str(SAMPLE)!r}))\n"
    code += "print([name for name in ('selectolax', 'docx', 'lxml') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
