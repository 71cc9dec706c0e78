from __future__ import annotations

from extractors.layout.flow import Element, Line, Table, read_flow
from extractors.layout.grids import Grid
from extractors.reading.page import PageReading, Word
from extractors.sections import read_sections


def lines_of(page: PageReading) -> list[str]:
    return [element.text for element in read_flow([page]) if isinstance(element, Line)]


def page(foot: float, sheet_height: float | None) -> PageReading:
    words = [
        Word(text="本年度无其他需要报告的事项。", box=(90, 500, 300, 512)),
        Word(text="—4—", box=(280, foot, 310, foot + 12)),
    ]
    return PageReading(number=4, width=595, height=842, sheet_height=sheet_height, words=words)


def test_a_page_number_at_the_foot_is_furniture() -> None:
    assert lines_of(page(790, None)) == ["本年度无其他需要报告的事项。"]
    assert lines_of(page(660, None)) == ["本年度无其他需要报告的事项。", "—4—"]


def test_the_foot_of_a_photographed_sheet_is_where_the_sheet_ends() -> None:
    assert lines_of(page(660, 700)) == ["本年度无其他需要报告的事项。"]


def line(text: str, y: float) -> Line:
    words = (Word(text=text, box=(100, y, 300, y + 14)),)
    return Line(1, text, words[0].box, 14, False, words)


def test_specks_beside_a_date_make_it_no_running_text() -> None:
    above = [line("·发布日期：2021年4月1日", 50), line("本报告由某局编制。", 80), line("一、总体情况", 100)]
    outline = read_sections([*above, line("一切都好。", 120), line("某某局", 140), line("2021年1月20日.", 160)])
    assert [one.text for one in outline.front] == ["·发布日期：2021年4月1日"]
    assert [one.text for one in outline.signature] == ["某某局", "2021年1月20日."]


def test_tables_are_known_by_the_headings_of_sections_above_them() -> None:
    headings = ["一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况"]
    headings += ["四、政府信息公开行政复议、行政诉讼情况", "五、存在的主要问题及改进情况"]
    grid = Grid([0, 100], [0, 20], [])
    flow: list[Element] = []
    for y, heading in enumerate(headings):
        flow += [line(heading, 100.0 * y), Table(1, grid)]
    under = [table.under for table in read_sections(flow).tables]
    assert under == [None, "proactive_disclosure", "requests", "review_litigation", None]
