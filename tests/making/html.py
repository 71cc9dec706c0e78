"""Writes a truth record as a web page, as a site's editor makes it and a browser saves it."""

from __future__ import annotations

import quopri
from html import escape
from random import Random

from tests.making import tables
from tests.making.grids import Cell, Grid
from tests.making.layout import Layout
from tests.making.markup import Markup, with_wrong_span
from tests.making.pdf import dated, signed, title_lines, worded
from tests.making.record import Record

_STYLE = "body{font-size:14px} td{border:1px solid} .share{float:right}"
_ABOVE = """<script>document.write('三、收到和处理政府信息公开申请情况')</script><noscript>请启用脚本</noscript>
<div class="top-nav"><ul><li><a href="/">首页</a></li><li><a href="/zwgk">政府信息公开</a></li>
<li><a href="/nb">政府信息公开年报</a></li></ul></div><form action="/search"><input name="q" value="报告">
<select><option>全部</option><option>标题</option></select><button>搜索</button></form>
<div class="crumb">您当前的位置：<a href="/">首页</a> &gt; <a href="/nb">政府信息公开工作年度报告</a></div>"""
_ABOUT = """<table><tr><td>索 引 号：</td><td>11370882/2023-00012</td><td>主题分类：</td><td>综合政务</td></tr>
<tr><td>有效性：</td><td>有效</td><td>文　　号：</td><td></td></tr></table>"""
_TOOLS = """<div class="bdshare"><span>分享到：</span><a href="#">微信</a> <a href="#">微博</a></div>
<p>【字体：<a href="#">大</a> <a href="#">中</a> <a href="#">小</a>】 <a href="#">打印</a></p>
<div style="display: none">二、主动公开政府信息情况</div>"""
_BELOW = """<p>上一篇：<a href="/1.html">关于会议的通知</a></p><p>下一篇：没有了</p>
<p>【<a href="javascript:print()">打印本页</a>】【<a href="javascript:close()">关闭窗口</a>】</p>"""
_AFTER = """<div class="about"><ul><li><a href="/2020.html">2020年政府信息公开工作年度报告</a></li>
<li><a href="/2019.html">2019年政府信息公开工作年度报告</a></li></ul><p>这里是网站的说明文字，与报告无关。</p></div>
<footer>版权所有：某某人民政府 京ICP备00000000号</footer><img src="http://127.0.0.1:9/count.gif">"""


def write_html(record: Record, layout: Layout, markup: Markup, seed: int = 0) -> bytes:
    """The page's bytes: the same arguments give the same page."""
    body = _report(record, layout, markup, Random(seed))
    if markup.layout_tables:
        side = '<td width="180"><a href="/a">机构职能</a><br><a href="/b">政策文件</a></td>' if markup.furniture else ""
        body = f"<table width=100%><tr>{side}<td><table><tr><td>{body}</td></tr></table></td></tr></table>"
    else:
        body = f'<div class="content"><div id="zoom">{body}</div></div>'
    if markup.furniture:
        body = _ABOVE + body + _AFTER
    said = f'<meta http-equiv="Content-Type" content="text/html; charset={markup.declared}">' if markup.declared else ""
    head = f"<head>{said}<title>{escape(record.title)}_门户网站</title><style>{_STYLE}</style></head>"
    page = f"<!DOCTYPE html>\n<html>{head}\n<body>{body}</body></html>"
    return page.encode(markup.encoding, "xmlcharrefreplace")


def write_mhtml(record: Record, layout: Layout, markup: Markup, seed: int = 0) -> bytes:
    """The same page as browsers save it in one file, with a picture beside it."""
    content = quopri.encodestring(write_html(record, layout, markup, seed))
    parts = [
        b'From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";'
        b'\r\n\tboundary="----edge"\r\n\r\n',
        b"------edge\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + content,
        b"\r\n------edge\r\nContent-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\n\r\nR0lGODlhAQABAAAAADs=",
        b"\r\n------edge--\r\n",
    ]
    return b"".join(parts)


def _report(record: Record, layout: Layout, markup: Markup, rng: Random) -> str:
    parts = [_ABOUT] if markup.furniture else []
    parts += ["<h1>" + "<br>".join(map(escape, title_lines(record, layout))) + "</h1>"]
    if date := dated(record, layout):
        parts.append(f'<p class="date">{_text(date, markup)}</p>')
    if markup.furniture:
        parts.append(_TOOLS)
    parts.append(_paragraphs(record.sections.get("0", ""), layout, markup))
    grids = {
        2: tables.proactive_grid(record, layout),
        3: with_wrong_span(tables.requests_grid(record, layout), markup.wrong_span, rng),
        4: tables.review_grid(record, layout),
    }
    for number in range(1, 7):
        parts.append(_paragraphs(layout.heading(number), layout, markup))
        parts.append(_paragraphs(record.sections.get(str(number), ""), layout, markup))
        if number in grids:
            parts.append(_table(grids[number], markup))
    parts += [f'<p align="right">{_text(line, markup)}</p>' for line in signed(record, layout)]
    if markup.furniture:
        parts.append(_BELOW)
    return "\n".join(filter(None, parts))


def _paragraphs(text: str, layout: Layout, markup: Markup) -> str:
    lines = [_text(worded(line, layout), markup) for line in text.splitlines()]
    if markup.breaks:
        return "".join(f"　　{line}<br><br>\n" for line in lines)
    return "".join(f"<p>{line}</p>\n" for line in lines)


def _text(text: str, markup: Markup) -> str:
    """Escaped; a source line may end anywhere between two Chinese characters."""
    if not markup.spans_of_style:
        return escape(text)
    middle = next((i for i in range(len(text) // 2, len(text)) if text[i - 1 : i + 1].isalpha()), len(text))
    first, rest = escape(text[:middle]), escape(text[middle:])
    second = f"\n<b>{rest}</b>" if rest and not (first + rest).isascii() and _is_chinese(text, middle) else rest
    return f'<span style="font-size:12.0pt;font-family:宋体">{first}{second}</span><o:p></o:p>'


def _is_chinese(text: str, at: int) -> bool:
    return all("\u4e00" <= char <= "\u9fff" for char in text[at - 1 : at + 1])


def _table(grid: Grid, markup: Markup) -> str:
    rows: list[list[Cell]] = [[] for _ in range(grid.row_count)]
    for cell in sorted(grid.cells, key=lambda c: (c.row, c.column)):
        if cell.row < len(rows):
            rows[cell.row].append(cell)
    lines = ["<tr>" + "".join(_cell(cell, markup) for cell in row) + "</tr>" for row in rows]
    return '<table border="1" cellspacing="0"><tbody>\n' + "\n".join(lines) + "\n</tbody></table>"


def _cell(cell: Cell, markup: Markup) -> str:
    spans = (f' rowspan="{cell.rows}"' if cell.rows > 1 else "") + (
        f" colspan={cell.columns}" if cell.columns > 1 else ""
    )
    text = "<br>".join(cell.text) if cell.vertical else _text(cell.text, markup) if cell.text else "&nbsp;"
    return f"<td{spans}><p>{text}</p></td>" if markup.spans_of_style else f"<td{spans}>{text}</td>"
