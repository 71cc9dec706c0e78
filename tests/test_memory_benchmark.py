"""The benchmark of memory counts the pages that it reads."""

from __future__ import annotations

from pathlib import Path

from benchmarks.memory import read_pages
from tests.making.kinds import make_document


def test_it_tells_the_memory_after_each_page(tmp_path: Path) -> None:
    made = make_document("text", 0, 1, short=True)
    path = tmp_path / f"report{made.suffix}"
    path.write_bytes(made.data)
    sizes = list(read_pages([path], 5, seed=1))
    assert len(sizes) >= 5
    assert all(size > 10 for size in sizes)
