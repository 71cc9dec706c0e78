"""Bytes in, pages out: which kind of file it is and how many pages it has."""

from __future__ import annotations

from pydantic import BaseModel


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
