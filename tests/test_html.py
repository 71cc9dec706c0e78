"""Web pages: their paragraphs and tables, without what stands around a report."""

from __future__ import annotations

import pytest

from extractors.errors import LimitExceeded
from extractors.limits import DEFAULT_LIMITS
from extractors.reading.html import MOST_NESTED, read_html
from extractors.reading.page import TypedTable, TypedText
from extractors.reading.typed import MOST_ROWS

SIX = "<p>一、总体情况</p><p>正文。</p><p>六、其他需要报告的事项</p><p>无。</p>"


def texts(markup: str) -> list[str]:
    return [block.text for block in read_html(markup, 1, DEFAULT_LIMITS).typed or () if isinstance(block, TypedText)]


def tables(markup: str) -> list[list[list[str]]]:
    """The lines of all cells of each table."""
    blocks = read_html(markup, 1, DEFAULT_LIMITS).typed or ()
    return [[cell.lines for cell in block.cells] for block in blocks if isinstance(block, TypedTable)]


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ("<p>政府信息\n   公开</p>", ["政府信息公开"]),
        ("<p>in force\nsince 2008</p>", ["in force since 2008"]),
        ("　　甲<br><br>　　乙&nbsp;<div>丙</div>", ["甲", "乙", "丙"]),
        ("<p><span>政府</span><b>信息</b></p>", ["政府信息"]),
        ("<p>&nbsp;</p><p>\u200b</p>", []),
        ("<script>x</script><style>y</style><!-- z --><p hidden>h</p><p style='DISPLAY : none'>d</p>甲", ["甲"]),
        ("<p>&#x4e00;&lt;b&gt;</p>", ["一<b>"]),
    ],
)
def test_text_is_what_one_sees(markup: str, seen: list[str]) -> None:
    assert texts(markup) == seen


def test_cells_keep_their_lines_and_blanks() -> None:
    markup = "<table><tr><td>自<br>然<br>人<td>&nbsp;</td><td><p>12</p></td></tr><tr><td colspan=3>x</table>"
    assert tables(markup) == [[["自", "然", "人"], [], ["12"], ["x"]]]


def test_tables_that_lay_out_a_page_are_what_is_in_them() -> None:
    data = "<table><tr><td>总计</td><td>5</td></tr></table>"
    frame = (
        f"<table><tr><td><a href=/>首页栏目</a></td><td><table><tr><td>前{data}后</td></tr></table></td></tr></table>"
    )
    assert tables(frame) == [[["总计"], ["5"]]]
    assert texts(frame) == ["前", "后"]


def test_a_frame_around_one_figure_is_no_layout() -> None:
    markup = "<table><tr><td>总计</td><td><table><tr><td>5</td></tr></table></td></tr></table>"
    assert tables(markup) == [[["总计"], ["5"]]]


@pytest.mark.parametrize(
    "around",
    [
        '<div class="share">分享到：微信</div>',
        '<div id="top-nav"><a href="/">首页</a></div>',
        '<ul><li><a href="/1">2020年政府信息公开工作年度报告</a></li></ul>',
        "<p>上一篇：<a href=/2>通知</a></p>",
        "<p>【打印本页】【关闭窗口】</p>",
        "<footer>版权所有</footer>",
        "<nav>一、总体情况</nav>",
        "<select><option>全部</option></select>",
    ],
)
def test_furniture_is_left_out(around: str) -> None:
    wanted = ["一、总体情况", "正文。", "六、其他需要报告的事项", "无。"]
    assert texts(f"<div>{around}{SIX}{around}</div>") == wanted


def test_what_comes_after_the_report_is_left_out() -> None:
    assert texts(f"<div>题</div><div>{SIX}</div><div>网站说明</div>")[-1] == "无。"
    in_table = f"<table><tr><td>左</td><td><div>{SIX}</div></td></tr></table><div>网站说明</div>"
    assert texts(in_table)[-1] == "无。"


def test_a_long_text_is_kept_whatever_its_element_is_called() -> None:
    text = "政" * 700
    assert texts(f'<div class="share">{text}</div>') == [text]


def test_a_link_in_a_sentence_is_part_of_it() -> None:
    sentence = "本报告可在本机关门户网站政府信息公开专栏（www.example.gov.cn）查阅。"
    assert texts(f"<p>{sentence.replace('www', '<a href=/>www</a>')}</p>") == [sentence]


def test_a_table_about_the_document_is_told_name_by_name() -> None:
    about = "<table><tr><td>标 题：<td>某局年度报告<td>发布日期：<td>2023-01-07<tr><td>文号：<td></table>"
    assert texts(f"{about}<div>{SIX}</div>")[:3] == ["某局年度报告", "发布日期： 2023-01-07", "文号："]
    assert tables(about) == []


def test_larger_type_is_known() -> None:
    blocks = read_html("<h1>a</h1><p>b</p><p style='font-size:32px'>c</p>", 1, DEFAULT_LIMITS).typed or ()
    assert [block.size for block in blocks if isinstance(block, TypedText)] == [22.0, 12.0, 24.0]


@pytest.mark.parametrize(("said", "size"), [("1.2.3px", 12.0), (".pt", 12.0), ("..5pt", 12.0), ("20.pt", 20.0)])
def test_a_size_that_is_no_number_says_nothing(said: str, size: float) -> None:
    blocks = read_html(f"<p style='font-size:{said}'>a</p>", 1, DEFAULT_LIMITS).typed or ()
    assert [block.size for block in blocks if isinstance(block, TypedText)] == [size]


def test_markup_nested_without_end_is_turned_away() -> None:
    with pytest.raises(LimitExceeded):
        read_html("<div>" * (MOST_NESTED + 10) + "x", 1, DEFAULT_LIMITS)
    assert texts("<div>" * (MOST_NESTED - 10) + "x") == ["x"]
    deepest = "<table><tr><td>" * (MOST_NESTED // 4 - 2)
    assert texts(f"{deepest}x") == ["x"]


@pytest.mark.parametrize("span", ["-1", "x", "", "0", "99999999999"])
def test_spans_that_are_none(span: str) -> None:
    assert tables(f"<table><tr><td rowspan='{span}' colspan='{span}'>a<td>b<tr><td>c</table>")


def test_a_page_without_end_is_turned_away_and_a_table_without_end_is_text() -> None:
    with pytest.raises(LimitExceeded):
        texts("<p>x</p>" * (DEFAULT_LIMITS.max_paragraphs + 1))
    assert len(texts("<table>" + "<tr><td>a<td>b" * (MOST_ROWS + 1))) == 2 * (MOST_ROWS + 1)
