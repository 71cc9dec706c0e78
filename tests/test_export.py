"""Results as CSV and as a workbook."""

from __future__ import annotations

import csv
import io
from random import Random

import openpyxl
import pytest

from extractors.export import CSV_HEADER, to_csv, to_xlsx
from extractors.pipeline import extract
from extractors.report import Result, Review
from tests.making.figures import FigureOptions
from tests.making.pdf import render
from tests.making.record import Record, cells
from tests.making.words import draw_record

HOSTILE = '=HYPERLINK("http://example.org","click")'


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Record, Result]]:
    """A report of each form, the first with blanks, remarks and wrong sums."""
    made = []
    for seed, options in enumerate(
        (
            FigureOptions(blank="/", notes=2, errors=2, zero_share=0.5),
            FigureOptions(form="2019", requests_form="2019", signs="words"),
        )
    ):
        record = draw_record(Random(seed), options, short=True)
        path = tmp_path_factory.mktemp("export") / f"{seed}.pdf"
        path.write_bytes(render(record))
        made.append((record, extract(path)))
    return made


@pytest.fixture
def hostile(reports: list[tuple[Record, Result]]) -> Result:
    """A result whose texts would run as formulas, with something to review."""
    result = reports[1][1].model_copy(deep=True)
    result.document.filename = HOSTILE
    result.report.agency = "@SUM(A1)\x07"
    result.validation.review.append(Review(path="requests.new_received.total", reason="low_confidence"))
    return result


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def sheets_of(book: bytes) -> dict[str, list[tuple[object, ...]]]:
    workbook = openpyxl.load_workbook(io.BytesIO(book))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in workbook.worksheets}


def test_csv_has_every_cell_as_printed(reports: list[tuple[Record, Result]]) -> None:
    rows = rows_of(to_csv([result for _, result in reports]))
    got = {(r["agency"], r["year"], f"{r['table']}.{r['row']}.{r['column']}"): r["value"] for r in rows}
    want = {
        (record.agency, str(record.year), path): "" if value is None else str(value)
        for record, _ in reports
        for path, value in cells(record.tables)
    }
    assert got == want


def test_csv_names_cells_in_chinese_and_tells_their_state(reports: list[tuple[Record, Result]]) -> None:
    record, result = reports[0]
    rows = {f"{r['table']}.{r['row']}.{r['column']}": r for r in rows_of(to_csv([result]))}
    row = rows["requests.denied_state_secret.commercial_enterprise"]
    assert "属于国家秘密" in row["row_label"] and "（三）不予公开" in row["row_label"]
    assert "法人或其他组织" in row["column_label"] and "商业企业" in row["column_label"]
    blank = next(path for path, value in cells(record.tables) if value is None)
    assert (rows[blank]["state"], rows[blank]["value"]) == ("blank", "")
    noted = next(path for path, printed in record.printed.items() if "（" in printed)
    assert rows[noted]["note"].strip("（）()") in record.printed[noted]


def test_csv_of_nothing_is_a_header() -> None:
    assert to_csv([]) == ",".join(CSV_HEADER) + "\r\n"


def test_csv_disarms_formulas_and_leaves_negative_numbers(
    hostile: Result, reports: list[tuple[Record, Result]]
) -> None:
    rows = rows_of(to_csv([hostile]))
    assert {row["file"] for row in rows} == {f"'{HOSTILE}"}
    assert all(row["agency"].startswith("'@") for row in rows)
    changes = {r["row"]: r["value"] for r in rows if r["column"] == "change"}
    printed = reports[1][0].tables["proactive_disclosure"]
    assert changes == {row: str(columns["change"]) for row, columns in printed.items() if "change" in columns}
    assert any(value.startswith("-") for value in changes.values())


def test_workbook_has_a_sheet_for_each_table_and_for_what_is_wrong(reports: list[tuple[Record, Result]]) -> None:
    sheets = sheets_of(to_xlsx([result for _, result in reports]))
    assert list(sheets) == ["表二 主动公开", "表三 申请办理", "表四 复议诉讼", "未通过的核验", "需要复核"]
    header, *lines = sheets["表三 申请办理"]
    assert len(lines) == sum(len(record.tables["requests"]) for record, _ in reports)
    assert header[:4] == ("文件", "机关名称", "年度", "项目") and header[-1] == "申请人情况 总计"
    record = reports[0][0]
    total = next(line for line in lines if line[1] == record.agency and "（七）总计" in str(line[3]))
    assert list(total[4:]) == list(record.tables["requests"]["total_handled"].values())
    assert {line[3] for line in sheets["未通过的核验"][1:]} >= set(record.failing_checks)


def test_workbook_keeps_columns_of_two_forms_apart(reports: list[tuple[Record, Result]]) -> None:
    header, *lines = sheets_of(to_xlsx([result for _, result in reports]))["表二 主动公开"]
    assert {"本年制发件数", "本年新制作数量", "本年增/减"} <= set(header)
    old = next(line for line in lines if line[1] == reports[1][0].agency and "行政许可" in str(line[3]))
    printed = reports[1][0].tables["proactive_disclosure"]["administrative_licensing"]
    assert old[header.index("本年增/减")] == printed["change"]
    assert old[header.index("本年制发件数")] is None


def test_workbook_holds_texts_never_formulas(hostile: Result) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(to_xlsx([hostile])))
    found = [cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row]
    assert {HOSTILE, "@SUM(A1)"} <= {cell.value for cell in found}
    assert not [cell.coordinate for cell in found if cell.data_type == "f"]


def test_workbook_names_what_is_no_cell(hostile: Result) -> None:
    result = hostile.model_copy(deep=True)
    paths = ["requests", "pages.2", "title"]
    result.validation.review = [Review(path=path, reason="missing") for path in paths]
    lines = sheets_of(to_xlsx([result]))["需要复核"][1:]
    assert [line[3] for line in lines] == ["三、收到和处理政府信息公开申请情况", "第 2 页", "标题"]


def test_workbook_lists_what_to_review(hostile: Result) -> None:
    lines = sheets_of(to_xlsx([hostile]))["需要复核"]
    assert lines[1][3:5] == ("一、本年新收政府信息公开申请数量 / 申请人情况 总计", "识别把握不足")
    assert hostile.report.tables.requests is not None
    assert lines[1][5] == hostile.report.tables.requests["new_received"]["total"]
