"""Pages with text on which a table is a picture, or type drawn as outlines."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from extractors import pipeline
from extractors.reading.content import Content
from extractors.reading.soundness import has_sound_text, regions_without_text
from tests.making.kinds import make_document
from tests.making.record import cells


def page_with_picture(width: float, high: float = 120) -> pymupdf.Page:
    page = pymupdf.open().new_page()
    for i in range(20):
        page.insert_text((60, 80 + 20 * i), "本报告由兖州区科学技术局编制" * 2, fontname="china-s")
    pixmap = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 40, 20))
    pixmap.clear_with(180)
    page.insert_image((60, 520, 60 + width, 520 + high), pixmap=pixmap, keep_proportion=False)
    return page


def test_a_picture_as_wide_as_a_table_is_looked_at_and_a_seal_is_not() -> None:
    wide = Content(page_with_picture(400))
    assert has_sound_text(wide)
    ((x0, y0, x1, y1),) = regions_without_text(wide)
    assert (round(x0), round(y0), round(x1), round(y1)) == (60, 520, 460, 640)
    assert regions_without_text(Content(page_with_picture(120))) == []


def test_so_is_a_lone_row_of_one_and_a_line_is_not() -> None:
    assert len(regions_without_text(Content(page_with_picture(400, high=16)))) == 1
    assert regions_without_text(Content(page_with_picture(400, high=3))) == []


def test_a_picture_behind_text_is_not_looked_at() -> None:
    page = page_with_picture(400)
    page.insert_text((70, 560), "图片之上另有文字，不必再读", fontname="china-s")
    assert regions_without_text(Content(page)) == []


@pytest.mark.ocr
def test_a_table_that_is_a_picture_is_read_beside_the_text(tmp_path: Path) -> None:
    made = make_document("table-picture", 0, 41, short=True)
    path = tmp_path / "made.pdf"
    path.write_bytes(made.data)
    result = pipeline.extract(path)
    tables = result.report.tables.model_dump()
    for cell, value in cells(made.record.tables):
        table, row, column = cell.split(".")
        assert tables[table][row][column] == value, cell
    assert {page.origin for page in result.document.pages} == {"text"}
    origins = {evidence.origin for cell, evidence in result.evidence.items() if cell.count(".") == 2}
    assert origins == {"text", "ocr"}
