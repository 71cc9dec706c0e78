"""Results as CSV and as a workbook."""

from __future__ import annotations

import csv
import io
from random import Random

import openpyxl
import pytest

from extractors.export import LONG_HEADER, WIDE_HEADER, Filed, json_lines, long_csv, wide_csv, workbook
from extractors.export.workbook import write_workbook
from extractors.labels import cell_labels
from extractors.pipeline import extract
from extractors.report import Result, Review, TableName
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


def csv_of(results: list[Result]) -> str:
    return "".join(long_csv(map(Filed.alone, results)))


def book_of(results: list[Result]) -> bytes:
    data = io.BytesIO()
    write_workbook(map(Filed.alone, results), data)
    return data.getvalue()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def sheets_of(book: bytes) -> dict[str, list[tuple[object, ...]]]:
    workbook = openpyxl.load_workbook(io.BytesIO(book))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in workbook.worksheets}


def test_csv_has_every_cell_as_printed(reports: list[tuple[Record, Result]]) -> None:
    rows = rows_of(csv_of([result for _, result in reports]))
    got = {(r["agency"], r["year"], f"{r['table']}.{r['row']}.{r['column']}"): r["value"] for r in rows}
    want = {
        (record.agency, str(record.year), path): "" if value is None else str(value)
        for record, _ in reports
        for path, value in cells(record.tables)
    }
    assert got == want


def test_csv_names_cells_in_chinese_and_tells_their_state(reports: list[tuple[Record, Result]]) -> None:
    record, result = reports[0]
    rows = {f"{r['table']}.{r['row']}.{r['column']}": r for r in rows_of(csv_of([result]))}
    row = rows["requests.denied_state_secret.commercial_enterprise"]
    assert "属于国家秘密" in row["row_label"] and "（三）不予公开" in row["row_label"]
    assert "法人或其他组织" in row["column_label"] and "商业企业" in row["column_label"]
    blank = next(path for path, value in cells(record.tables) if value is None)
    assert (rows[blank]["state"], rows[blank]["value"]) == ("blank", "")
    noted = next(path for path, printed in record.printed.items() if "（" in printed)
    assert rows[noted]["note"].strip("（）()") in record.printed[noted]


def test_csv_of_nothing_is_a_header() -> None:
    assert csv_of([]) == ",".join(LONG_HEADER) + "\r\n"


def test_csv_disarms_formulas_and_leaves_negative_numbers(
    hostile: Result, reports: list[tuple[Record, Result]]
) -> None:
    rows = rows_of(csv_of([hostile]))
    assert {row["file"] for row in rows} == {f"'{HOSTILE}"}
    assert all(row["agency"].startswith("'@") for row in rows)
    changes = {r["row"]: r["value"] for r in rows if r["column"] == "change"}
    printed = reports[1][0].tables["proactive_disclosure"]
    assert changes == {row: str(columns["change"]) for row, columns in printed.items() if "change" in columns}
    assert any(value.startswith("-") for value in changes.values())


def test_wide_csv_has_a_line_for_each_report(reports: list[tuple[Record, Result]]) -> None:
    rows = rows_of("".join(wide_csv([Filed(result, "某局") for _, result in reports])))
    assert tuple(rows[0]) == WIDE_HEADER
    for row, (record, result) in zip(rows, reports, strict=True):
        assert (row["agency"], row["year"], row["title"]) == (record.agency, str(record.year), record.title)
        assert row["filed_under"] == "某局"
        assert row["status"] == result.validation.status
        assert set(record.failing_checks) <= set(row["failed_checks"].split())
        printed = {path: "" if value is None else str(value) for path, value in cells(record.tables)}
        assert {path: row[path] for path in printed} == printed
        assert not any(row[path] for path in WIDE_HEADER if path.count(".") == 2 and path not in printed)


def test_json_lines_read_back_equal(reports: list[tuple[Record, Result]]) -> None:
    results = [result for _, result in reports]
    lines = "".join(json_lines(results)).splitlines()
    assert [Result.model_validate_json(line) for line in lines] == results


def test_workbook_has_a_sheet_for_each_table_and_for_what_is_wrong(reports: list[tuple[Record, Result]]) -> None:
    sheets = sheets_of(book_of([result for _, result in reports]))
    assert list(sheets) == ["报告", "表二 主动公开", "表三 申请办理", "表四 复议诉讼", "未通过的核验", "需要复核"]
    assert [line[:5] for line in sheets["报告"][1:]] == [
        (record.agency, record.year, result.document.filename, record.agency, record.title)
        for record, result in reports
    ]
    assert {line[4] for line in sheets["未通过的核验"][1:]} >= set(reports[0][0].failing_checks)


@pytest.mark.parametrize(
    ("title", "table"),
    [("表二 主动公开", "proactive_disclosure"), ("表三 申请办理", "requests"), ("表四 复议诉讼", "review_litigation")],
)
def test_workbook_has_a_line_for_each_report_under_chinese_headers(
    reports: list[tuple[Record, Result]], title: str, table: TableName
) -> None:
    header, *lines = sheets_of(book_of([result for _, result in reports]))[title]
    assert header[:4] == ("机关名称", "年度", "文件", "归入机关")
    assert len(set(header)) == len(header)
    for line, (record, _) in zip(lines, reports, strict=True):
        got = dict(zip(header, line, strict=True))
        for row, columns in record.tables[table].items():
            for column, value in columns.items():
                assert got[" / ".join(cell_labels(table, row, column))] == value


def test_workbook_holds_texts_never_formulas(hostile: Result) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(book_of([hostile])))
    found = [cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row]
    assert {HOSTILE, "@SUM(A1)"} <= {cell.value for cell in found}
    assert not [cell.coordinate for cell in found if cell.data_type == "f"]


def test_lines_go_on_where_a_sheet_is_full(
    reports: list[tuple[Record, Result]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "SHEET_ROWS", 3)
    sheets = sheets_of(book_of([result for _, result in reports] * 3))
    parts = [sheets[title] for title in ("报告", "报告 2", "报告 3")]
    assert [len(part) for part in parts] == [3, 3, 3] and len({part[0] for part in parts}) == 1
    assert [line[0] for part in parts for line in part[1:]] == [record.agency for record, _ in reports] * 3


def test_workbook_names_what_is_no_cell(hostile: Result) -> None:
    result = hostile.model_copy(deep=True)
    paths = ["requests", "pages.2", "title"]
    result.validation.review = [Review(path=path, reason="missing") for path in paths]
    lines = sheets_of(book_of([result]))["需要复核"][1:]
    assert [line[4] for line in lines] == ["三、收到和处理政府信息公开申请情况", "第 2 页", "标题"]


def test_workbook_lists_what_to_review(hostile: Result) -> None:
    lines = sheets_of(book_of([hostile]))["需要复核"]
    assert lines[1][4:6] == ("一、本年新收政府信息公开申请数量 / 申请人情况 总计", "识别把握不足")
    assert hostile.report.tables.requests is not None
    assert lines[1][6] == hostile.report.tables.requests["new_received"]["total"]
