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


def test_tables_are_known_by_the_headings_of_sections_above_them() -> None:
    headings = ["一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况"]
    headings += ["四、政府信息公开行政复议、行政诉讼情况", "五、存在的主要问题及改进情况"]
    grid = Grid([0, 100], [0, 20], [])
    flow: list[Element] = []
    for y, heading in enumerate(headings):
        words = (Word(text=heading, box=(100, 100.0 * y, 300, 100.0 * y + 14)),)
        flow += [Line(1, heading, words[0].box, 14, False, words), Table(1, grid)]
    under = [table.under for table in read_sections(flow).tables]
    assert under == [None, "proactive_disclosure", "requests", "review_litigation", None]
