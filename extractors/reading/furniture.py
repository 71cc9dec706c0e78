"""What is on a web page beside the report: navigation, links to other pages, buttons to share or print it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from extractors.headings import is_heading
from extractors.reading.spans import RawTable
from extractors.reading.typed import Block, RawText
from extractors.text import squeeze

# fmt: off
NEVER_REPORT = frozenset((
    "area", "aside", "audio", "base", "button", "canvas", "dialog", "embed", "footer", "frame", "frameset",
    "head", "iframe", "input", "link", "map", "meta", "nav", "noscript", "object", "select", "script",
    "source", "style", "svg", "template", "textarea", "title", "video",
))
# fmt: on
"""Elements that hold no part of a report, or nothing that is seen."""
NAMES = re.compile(
    r"(?:^|[-_ ])(?:bdshare|share|nav|navbar|menu|crumbs?|breadcrumbs?|foot|footer|copyright|related|toolbar|tools"
    r"|pagination|sidebar|qrcode|ewm|login|search|comments?|float)(?:$|[-_ \d])",
    re.IGNORECASE,
)
"""Names (class, id) that authors give to what stands around the text."""
LONGEST = 600
"""Characters: an element with such a name that holds more may hold the report all the same."""
LINKED = 0.6
"""Share of a paragraph's characters that are links from which it only leads to other pages."""
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
PHRASES = re.compile(
    r"^[\[【〔(（>›»|·•]*(?:分享到?|(?:我要)?(?:打印|关闭|收藏|纠错)|字[号体]|(?:大|中|小)(?:号)?$|上一[篇条]|下一[篇条]|浏览(?:次数|量)|阅读(?:次数|量)"
    r"|点击(?:数|量|率|次数)|责任编辑|(?:网站)?版权所有|主办(?:单位)?[:：]|承办(?:单位)?[:：]|技术支持|(?:政府)?网站标识码|\S{0,6}ICP备|\S{0,6}公网安备|扫一扫"
    r"|返回顶部|(?:您?(?:当前|现在)?(?:的|所在)?位置)[:：]|相关(?:链接|文档|阅读|附件|文章|新闻|信息)|视力保护|无障碍|首页|微信|微博|登录|注册)"
)
"""How lines begin that sites put before and after any text."""
LONGEST_PHRASE = 80
"""Characters of such a line."""


@dataclass
class Element:
    """One of those that begin on a new line; they are counted in order, the page being 0."""

    parent: int
    last: int
    """The last one in it."""


def is_hidden(node: Any) -> bool:
    """Whether an element is not part of any report, not seen, or named as what stands around the text."""
    if node.tag in NEVER_REPORT:
        return True
    attributes = node.attributes
    if "hidden" in attributes or _HIDDEN.search(attributes.get("style") or ""):
        return True
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return node.tag != "body" and bool(NAMES.search(names)) and len(node.text()) <= LONGEST


def report_of(blocks: Sequence[Block], elements: Sequence[Element]) -> Iterator[Block]:
    """What is left without furniture, up to the end of the element that holds all headings of sections."""
    headings = [block.owner for block in blocks if isinstance(block, RawText) and is_heading(block.text)]
    last = _holder(headings, elements).last if len(headings) > 1 else len(elements)
    for block in blocks:
        if block.owner > last:
            break
        if isinstance(block, RawTable) or (block.linked <= LINKED and not _is_phrase(block.text)):
            yield block


def _holder(inner: Sequence[int], elements: Sequence[Element]) -> Element:
    """The innermost element around all of some, which are in order."""
    element = elements[inner[0]]
    while element.last < inner[-1]:
        element = elements[element.parent]
    return element


def _is_phrase(text: str) -> bool:
    plain = squeeze(text)
    return len(plain) <= LONGEST_PHRASE and plain[-1:] not in "。；" and bool(PHRASES.match(plain))
