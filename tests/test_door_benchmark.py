"""Some hostile files through the door of a real service: each is answered in words, and no part of it ends."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from benchmarks.door import BAD, visit
from benchmarks.hostile import TEXTS, TYPED, damaged, damaged_zips
from tests.hostile_files import CRAFTED

pytestmark = [pytest.mark.service, pytest.mark.ocr, pytest.mark.timeout(400)]

SLOW = {"many-pages.pdf", "instruction-bomb.pdf", "text-bomb.pdf", "forms-in-forms.pdf"}


def test_nothing_is_answered_with_an_error_of_ours(tmp_path: Path) -> None:
    files = itertools.chain(
        ((name, make()) for name, make in CRAFTED.items() if name not in SLOW),
        damaged(TEXTS[:1], 12, seed=21),
        damaged(TYPED, 16, seed=21),
        damaged_zips(8, seed=21),
    )
    (heads, row), parts = visit({"some": files}, tmp_path, workers=1, patience=240)
    found = dict(zip(heads[1:], map(int, row[1:]), strict=True))
    assert {head: found[head] for head in (*BAD, "set aside")} == dict.fromkeys((*BAD, "set aside"), 0)
    assert found["refused at the door"] and found["refused"] and found["read"]
    assert sum(found.values()) - found["files"] == found["files"], "each has come to one end"
    figures = {name: int(number) for name, number in parts[1:]}
    assert figures["parts of the service that ended"] == 0 and figures["MB at most: web"] < 300
