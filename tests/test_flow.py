from __future__ import annotations

from extractors.layout.flow import Line, read_flow
from extractors.reading.page import PageReading, Word


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
