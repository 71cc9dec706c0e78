"""What reading a scanned page costs, in work that does not hang on the machine: the guard of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractors import pipeline
from extractors.reading.engine import Engine, engine
from extractors.reading.recognition import HEIGHT

SCAN = Path(__file__).parents[1] / "samples" / "yanzhou-2021-scan.pdf"
TEXT_PAGE, TABLE_PAGE = 2, 4


class Counter:
    """Runs a model as before and adds up the pixels that go in."""

    def __init__(self, runner: Any) -> None:
        self._runner, self.runs, self.pixels = runner, 0, 0

    def __call__(self, x: list[Any]) -> Any:
        self.runs += 1
        self.pixels += x[0].shape[0] * x[0].shape[2] * x[0].shape[3]
        return self._runner(x=x)

    @property
    def columns(self) -> int:
        return self.pixels // HEIGHT


@pytest.fixture(scope="module")
def counters() -> Iterator[dict[str, Counter]]:
    """The models of this process's engine, counted."""
    ocr: Engine = engine()
    predictors = {
        "detect": ocr._detector.paddlex_predictor,
        "quick": ocr._quick._predictor,
        "thorough": ocr._thorough._predictor,
    }
    with pytest.MonkeyPatch.context() as patch:
        counted = {name: Counter(predictor.runner) for name, predictor in predictors.items()}
        for name, predictor in predictors.items():
            patch.setattr(predictor, "runner", counted[name])
        yield counted


@pytest.mark.ocr
@pytest.mark.parametrize(("page", "quick", "thorough"), [(TEXT_PAGE, 33_000, 4_300), (TABLE_PAGE, 29_000, 1_400)])
def test_a_page_is_detected_once_and_mostly_read_by_the_quick_model(
    counters: dict[str, Counter], page: int, quick: int, thorough: int
) -> None:
    before = {name: (counter.runs, counter.pixels, counter.columns) for name, counter in counters.items()}
    document = pipeline.open_document(SCAN)
    pipeline.read_page(SCAN, document, page)

    def spent(name: str, i: int) -> int:
        counter = counters[name]
        return (counter.runs, counter.pixels, counter.columns)[i] - before[name][i]

    assert spent("detect", 0) == 1
    # 497,664 and 516,096: 960 pixels on the page's longer side, and only where it shows anything
    assert spent("detect", 1) < 560_000
    # measured: 29,627 and 26,243 columns of the quick model, 3,863 and 869 of the thorough one
    assert 0 < spent("quick", 2) < quick
    assert spent("thorough", 2) < thorough
