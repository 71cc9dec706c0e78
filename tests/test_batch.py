"""Several files at once: their order, and what a bad file or page does to the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors import batch, reading
from extractors.errors import DocumentError
from extractors.limits import Limits

SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"
PAGES = 6


@pytest.mark.parametrize("few", [0, 12])
def test_files_keep_their_order_and_a_bad_one_stops_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(batch, "FEW_FILES", few)  # 0: a whole file is a piece of work for another process
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 cut off")
    told: list[tuple[str, int, int]] = []
    paths = [SAMPLE, bad, SAMPLE]
    done = list(batch.extract_files(paths, on_page=lambda path, n, total: told.append((path.name, n, total))))
    assert [one.path for one in done] == paths
    assert [one.error is None for one in done] == [True, False, True]
    assert done[0].result and done[0].result.report.tables.requests
    assert told == [(SAMPLE.name, n, PAGES) for n in range(1, PAGES + 1)] * 2


def test_a_page_that_cannot_be_read_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    text_of = reading.text_of

    def fail(file: object, number: int, limits: Limits) -> object:
        if number == 1:
            raise DocumentError
        return text_of(file, number, limits)

    monkeypatch.setattr(reading, "text_of", fail)
    (done,) = batch.extract_files([SAMPLE])
    assert done.result is not None
    assert [bool(page.error) for page in done.result.document.pages] == [True] + [False] * (PAGES - 1)
