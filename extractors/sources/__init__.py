"""Bytes in, pages out: which kind of file it is and how many pages it has."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel

from extractors.errors import EmptyFile, LimitExceeded, OldOfficeFile, UnsupportedType
from extractors.limits import Limits
from extractors.sources import kinds

NO_PAGE = (0.0, 0.0)
"""Size of what stands for the page of a file that has none."""


class DocumentInfo(BaseModel):
    """A file that was judged readable."""

    sha256: str
    filename: str
    media_type: str
    page_sizes: list[tuple[float, float]]
    """Width and height of each page in points, as the file shows it."""

    @property
    def page_count(self) -> int:
        return len(self.page_sizes)


def judge(head: bytes, size: int, limits: Limits) -> str:
    """The media type of a file from its first bytes and size; raises EmptyFile, LimitExceeded, UnsupportedType."""
    if size == 0:
        raise EmptyFile
    if size > limits.max_bytes:
        megabytes = limits.max_bytes // (1024 * 1024)
        raise LimitExceeded(
            f"The file has {size / 1048576:.1f} MB, and {megabytes} MB are accepted; please split or compress it.",
            f"文件大小为 {size / 1048576:.1f} MB，超过上限 {megabytes} MB，请拆分或压缩后再上传。",
        )
    media_type = kinds.sniff(head)
    if media_type is None:
        raise UnsupportedType
    if media_type == kinds.OLD_OFFICE:
        raise OldOfficeFile
    return media_type


def inspect(path: Path, filename: str, limits: Limits) -> DocumentInfo:
    """Judge the file by its bytes and measure its pages; raises DocumentError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        head = file.read(1024)
        media_type = judge(head, path.stat().st_size, limits)
        digest.update(head)
        while block := file.read(1 << 20):
            digest.update(block)
    if media_type in kinds.TYPED:
        return DocumentInfo(sha256=digest.hexdigest(), filename=filename, media_type=media_type, page_sizes=[NO_PAGE])
    if media_type == kinds.PDF:
        from extractors.sources.pdf import page_sizes
    else:
        from extractors.sources.pictures import page_sizes
    sizes = page_sizes(path, limits)
    return DocumentInfo(sha256=digest.hexdigest(), filename=filename, media_type=media_type, page_sizes=sizes)
