"""HTML files, and web archives (MHTML) that hold one: bytes → text. Nothing that a page refers to is ever fetched."""

from __future__ import annotations

import re
from pathlib import Path

from extractors.errors import DamagedFile, LimitExceeded
from extractors.limits import Limits

ENCODINGS = ("utf-8", "gb18030")
"""What Chinese pages are in; GB18030 holds GBK and GB 2312."""
PAGES = ("text/html", "application/xhtml+xml")
INNER = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
MOST_INNER = 50
"""Archives and messages in an archive, of which browsers make a few: the parser goes over its lines once for each."""
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_html(path: Path, limits: Limits) -> str:
    """The page's markup; raises LimitExceeded."""
    return _decoded(_within(path.read_bytes(), limits))


def read_archive(path: Path, limits: Limits) -> str:
    """The markup of the page that a web archive was made of; raises DamagedFile, LimitExceeded."""
    import email
    import email.policy

    archive = path.read_bytes()
    if len(INNER.findall(archive)) > MOST_INNER:
        raise DamagedFile
    try:
        message = email.message_from_bytes(archive, policy=email.policy.compat32)
        parts = [part for part in message.walk() if part.get_content_type() in PAGES]
    except RecursionError as error:  # archives one in the other
        raise DamagedFile from error
    for part in parts:
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            return _decoded(_within(content, limits))
    raise DamagedFile(
        "The web archive holds no page; please save the page again, as HTML or PDF, and send the new file.",
        "网页归档文件中没有网页内容，请将网页重新另存为 HTML 或 PDF 后再上传。",
    )


def _decoded(content: bytes) -> str:
    """The characters by the encoding that fits the bytes best, whatever the page says of itself: it may lie."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    return min((content.decode(name, "replace") for name in ENCODINGS), key=lambda text: text.count("\ufffd"))


def _within(content: bytes, limits: Limits) -> bytes:
    if len(content) > limits.max_markup:
        size, most = len(content) / 1048576, limits.max_markup // 1048576
        raise LimitExceeded(
            f"The text of the document has {size:.1f} MB, and {most} MB are accepted; please save only the report.",
            f"文档正文有 {size:.1f} MB，超过上限 {most} MB，请只保存报告正文后再上传。",
        )
    return content
