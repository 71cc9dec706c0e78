"""The numbers of Word's automatic lists."""

from __future__ import annotations

from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from extractors.reading.numbering import Numbering, chinese, written

W = nsdecls("w")


def level(index: int, style: str, text: str, more: str = "") -> str:
    shown = f'<w:numFmt w:val="{style}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/>{shown}</w:lvl>'


@pytest.fixture
def document() -> Any:
    document = docx.Document()
    root = document.part.numbering_part.element
    levels = (
        level(0, "chineseCounting", "%1、")
        + level(1, "chineseCountingThousand", "（%2）")
        + level(2, "decimal", "%1.%3", "<w:isLgl/>")
    )
    root.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="90">{levels}</w:abstractNum>'))
    for name, override in (
        ("91", ""),
        ("92", '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'),
    ):
        root.append(parse_xml(f'<w:num {W} w:numId="{name}"><w:abstractNumId w:val="90"/>{override}</w:num>'))
    return document


def paragraph(name: str, depth: int = 0) -> Any:
    number = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{name}"/></w:numPr>'
    return parse_xml(f"<w:p {W}><w:pPr>{number}</w:pPr></w:p>")


def test_levels_count_by_themselves_and_begin_anew_below_each_other(document: Any) -> None:
    numbering = Numbering(document)
    depths = [0, 1, 1, 2, 0, 1]
    shown = [numbering.number_of(paragraph("91", depth), []) for depth in depths]
    assert shown == ["一、", "（一）", "（二）", "1.1 ", "二、", "（一）"]


def test_a_list_goes_on_under_another_name_or_from_another_number(document: Any) -> None:
    numbering = Numbering(document)
    shown = [numbering.number_of(paragraph(name), []) for name in ("91", "92", "91", "92")]
    assert shown == ["一、", "五、", "六、", "七、"]


def test_a_style_may_name_the_list_and_a_paragraph_may_refuse_it(document: Any) -> None:
    numbering, bare = Numbering(document), parse_xml(f"<w:p {W}/>")
    assert numbering.number_of(bare, [paragraph("91")]) == "一、"
    assert numbering.number_of(paragraph("0"), [paragraph("91")]) == ""
    assert numbering.number_of(bare, []) == ""
    assert numbering.number_of(paragraph("77"), []) == ""


@pytest.mark.parametrize("said", ["²", "9" * 5000, "-1", "x", "9"])
def test_numbers_that_are_none(document: Any, said: str) -> None:
    level_9 = level(0, "decimal", "%1.").replace('w:ilvl="0"', f'w:ilvl="{said}"')
    odd = level(0, "decimal", "%1.").replace('w:start w:val="1"', f'w:start w:val="{said}"')
    root = document.part.numbering_part.element
    root.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="93">{odd}{level_9}</w:abstractNum>'))
    override = f'<w:lvlOverride w:ilvl="{said}"><w:startOverride w:val="{said}"/></w:lvlOverride>'
    root.append(parse_xml(f'<w:num {W} w:numId="94"><w:abstractNumId w:val="93"/>{override}</w:num>'))
    numbering = Numbering(document)
    assert numbering.number_of(paragraph("94"), []) == ("9." if said == "9" else "1.")
    deep = parse_xml(f'<w:p {W}><w:pPr><w:numPr><w:ilvl w:val="{said}"/><w:numId w:val="94"/></w:numPr></w:pPr></w:p>')
    assert numbering.number_of(deep, []) == ("" if said == "9" else "2.")


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (105, "一百零五"), (110, "一百一十"), (2021, "二千零二十一")],
)
def test_chinese_numbers(number: int, text: str) -> None:
    assert chinese(number) == text


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("decimal", "4"),
        ("decimalZero", "04"),
        ("decimalEnclosedCircleChinese", "④"),
        ("ideographDigital", "四"),
        ("chineseLegalSimplified", "肆"),
        ("upperLetter", "D"),
        ("lowerRoman", "iv"),
        ("unheard-of", "4"),
    ],
)
def test_styles_of_numbers(style: str, text: str) -> None:
    assert written(4, style) == text
