from __future__ import annotations

from dataclasses import replace

import pytest

from extractors.checks.judgement import judge
from extractors.headline import read_headline
from extractors.layout.flow import Line
from extractors.reading.page import Word
from extractors.report import Origin


def line(text: str, origin: Origin, y: float = 80.0) -> Line:
    box = (100.0, y, 500.0, y + 22.0)
    return Line(1, text, box, 22.0, False, (Word(text=text, box=box, origin=origin),))


@pytest.mark.parametrize(
    "printed", ["东湖县财政局2021.年政府信息公开工作年度报告", "东湖县财政局.2021年政府信息公开·工作年度报告"]
)
def test_dust_in_the_title_of_a_scan_is_no_part_of_it(printed: str) -> None:
    head = read_headline([line(printed, "ocr")], [], [])
    assert head.title == "东湖县财政局2021年政府信息公开工作年度报告"
    assert (head.agency, head.year) == ("东湖县财政局", 2021)


def test_the_title_of_a_text_is_left_as_it_is() -> None:
    head = read_headline([line("甲·乙县2021年政府信息公开工作年度报告", "text")], [], [])
    assert head.title == "甲·乙县2021年政府信息公开工作年度报告"


def test_sizes_that_waver_on_a_scan_do_not_cut_the_agency_off_its_title() -> None:
    lines = [
        replace(line("东湖县人民政府", "ocr", 60.0), size=20.5),
        replace(line("2019年政府信息公开工作年度报告", "ocr", 98.0), size=21.1),
    ]
    assert read_headline(lines, [], []).title == "东湖县人民政府2019年政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("origin", "signed", "ambiguous"),
    [
        ("ocr", "长汀县财政局", ("title", "agency")),
        ("ocr", "龙岩市长汀县财政局", ("title", "agency")),
        ("ocr", "长江县财政局", ()),
        ("ocr", "龙岩市长江县财政局", ()),
        ("ocr", "政务公开领导小组", ()),
        ("text", "长汀县财政局", ()),
    ],
)
def test_a_scanned_title_is_in_doubt_where_the_signature_names_the_agency_otherwise(
    origin: Origin, signed: str, ambiguous: tuple[str, ...]
) -> None:
    title = line("长江县财政局2021年政府信息公开工作年度报告", origin)
    head = read_headline([title], [], [line(signed, origin, 700.0), line("2022年1月20日", origin, 730.0)])
    assert head.ambiguous == ambiguous
    review = judge({}, {}, [], head, [], []).review
    assert [entry.path for entry in review if entry.reason == "ambiguous"] == list(ambiguous)


@pytest.mark.parametrize(
    ("text", "ambiguous"),
    [
        ("2021年，东湖自治县财政局认真贯彻条例。", ("title", "agency")),
        ("2021年，东湖自治具财政局认真贯彻条例。", ()),
        ("2021年，我局认真贯彻条例，东湖自治县财政局网站已改版。", ()),
    ],
)
def test_so_it_is_where_the_text_does(text: str, ambiguous: tuple[str, ...]) -> None:
    title = line("东湖自治具财政局2021年政府信息公开工作年度报告", "ocr")
    head = read_headline([title], [], [], [text])
    assert head.ambiguous == ambiguous
    # a name without a region gives way to one that has it
    agency = "东湖自治县财政局" if ambiguous else "东湖自治具财政局"
    assert (head.agency, head.title) == (agency, f"{agency}2021年政府信息公开工作年度报告")
    assert head.corrected == bool(ambiguous)


def test_a_misread_unit_is_known_beside_another_that_is_none() -> None:
    """The 市 of 市场 tells no region."""
    title = line("东湖具市场监督管理局2021年政府信息公开工作年度报告", "ocr")
    head = read_headline([title], [], [], ["2021年，东湖县市场监督管理局认真贯彻条例。"])
    assert (head.agency, head.corrected) == ("东湖县市场监督管理局", True)


def test_a_character_that_a_title_has_lost_is_taken_from_the_text() -> None:
    title = line("国家税务总局松县税务局2021年政府信息公开工作年度报告", "ocr")
    head = read_headline([title], [], [line("国家税务总局松岭县税务局", "ocr", 700), line("2022年1月9日", "ocr", 730)])
    assert (head.agency, head.corrected) == ("国家税务总局松岭县税务局", True)
    assert head.ambiguous == ("title", "agency")


def test_where_both_names_tell_a_region_the_title_is_left_as_read() -> None:
    title = line("长江新区财政局2021年政府信息公开工作年度报告", "ocr")
    head = read_headline([title], [], [], ["2021年，长汀新区财政局认真贯彻条例。"])
    assert (head.agency, head.ambiguous, head.corrected) == ("长江新区财政局", ("title", "agency"), False)
