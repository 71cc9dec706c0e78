"""PaddleOCR on ONNX Runtime: where text is, and what it says.

One engine a process, made when the first picture comes and after any fork. The predictors of
PaddleOCR do the loading and run the models; crops are sent at their own width (its pipeline pads each
to 320 pixels, most of the time it takes), and the recogniser's probabilities are decoded here,
because a figure needs its second-best readings too. Each crop goes to the tiny recogniser first, and to
the small one, five times as slow, where the tiny one is not sure.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.errors import EngineMissing
from extractors.reading.decoding import Recognition
from extractors.reading.memory import keep_memory
from extractors.reading.recognition import Recogniser, read_in_two_steps, read_views, scale
from extractors.reading.weights import model_name, packaged
from extractors.reading.window import framed

DETECTION_SIDE = 960
"""Pixels of a page's longer side at which text is looked for: at 1,280 it finds the same lines in twice the time."""
DETECTION_MARGIN, DETECTION_STEP = 16, 32
"""Pixels of paper around what is on the page, and by how many at a time a picture's sides are taken."""


@dataclass(frozen=True)
class TextBox:
    """An upright box around a line of text, in pixels."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def area(self) -> int:
        return (self.x1 - self.x0) * (self.y1 - self.y0)


class Engine:
    """Detection, and recognition by the tiny and the small model."""

    def __init__(self) -> None:
        keep_memory()
        self._detector = _load("TextDetection", "det", "small")
        self._quick, self._thorough = (
            Recogniser(_load("TextRecognition", "rec", size).paddlex_predictor) for size in ("tiny", "small")
        )
        self.models = [model_name("det", "small"), model_name("rec", "tiny"), model_name("rec", "small")]

    def detect(self, gray: MatLike, window: tuple[int, int, int, int]) -> NDArray[np.float64]:
        """Lines of text on a page (gray, paper 255), which shows something within `window` alone: n × 4 corners ×
        (x, y), in its pixels."""
        scale = min(DETECTION_SIDE / max(gray.shape), 1.0)
        part, x, y = framed(gray, window, scale, round(DETECTION_MARGIN / scale), DETECTION_STEP)
        side = round(scale * max(part.shape))
        with _quiet():
            picture = cv2.cvtColor(part, cv2.COLOR_GRAY2RGB)
            result = self._detector.predict(picture, limit_side_len=side, limit_type="max")[0]
        lines: NDArray[np.float64] = np.array(result["dt_polys"], float).reshape(-1, 4, 2)
        return np.asarray(lines + np.array([x, y]), np.float64)

    def recognise(
        self, crops: Sequence[MatLike], names: Collection[int] = (), strokes: Collection[int] = ()
    ) -> list[Recognition]:
        """What each crop (gray, rows × columns, one line of text) says; those in `names` are read thoroughly, those in
        `strokes` are not."""
        return read_in_two_steps([scale(crop) for crop in crops], self._quick, self._thorough, names, strokes)

    def recognise_views(self, views: Sequence[Sequence[MatLike]]) -> list[list[Recognition]]:
        """What each picture of a figure says, and what else it may be, for several pictures of each of the figures."""
        return read_views([list(map(scale, pictures)) for pictures in views], self._quick, self._thorough)

    def legibility(self, crops: Sequence[MatLike]) -> float:
        """Mean confidence with which the tiny recogniser reads the crops, 0–1."""
        return float(np.mean(self.confidences(crops))) if crops else 0.0

    def confidences(self, crops: Sequence[MatLike]) -> list[float]:
        """Confidence with which the tiny recogniser reads each of the crops, 0–1."""
        return [result.confidence for result in self._quick.read([scale(crop) for crop in crops])]


def through(lines: NDArray[np.float64], matrix: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Lines (n × 4 × 2) taken through a 3×3 matrix."""
    return np.asarray(cv2.perspectiveTransform(lines, matrix), np.float64) if len(lines) else lines


def boxes_through(lines: NDArray[np.float64], matrix: NDArray[np.floating[Any]], shape: Sequence[int]) -> list[TextBox]:
    """Upright boxes around detected lines (n × 4 × 2) taken through a 3×3 matrix, within a picture of `shape`."""
    height, width = shape[:2]
    if not len(lines):
        return []
    moved = through(lines, matrix)
    low, high = moved.min(axis=1), moved.max(axis=1)
    boxes = [
        TextBox(max(int(x0), 0), max(int(y0), 0), min(int(x1), width), min(int(y1), height))
        for (x0, y0), (x1, y1) in zip(low, high, strict=True)
    ]
    return [box for box in boxes if box.x1 - box.x0 > 2 and box.y1 - box.y0 > 2]


@cache
def engine() -> Engine:
    """The engine of this process; raises EngineMissing."""
    return Engine()


def _load(class_name: str, kind: str, size: str) -> Any:
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    with _quiet():
        try:
            import paddleocr
        except ImportError as error:
            raise EngineMissing from error
        # PaddleOCR's own `cpu_threads` does not reach ONNX Runtime, which then takes all cores and spins on them;
        # its arena grows with each new width of crops, by 240 MB within 24 pages, and saves at most 4 % of the time
        # a memory pattern takes the memory of all layers as one block, which for a page is so large that it comes from
        # the system anew each time
        session = {"intra_op_num_threads": threads(), "inter_op_num_threads": 1}
        session |= {"enable_cpu_mem_arena": False, "enable_mem_pattern": False}
        options = {"model_name": model_name(kind, size), "engine": "onnxruntime", "engine_config": session}
        folder = packaged(kind, size)
        try:
            if folder is None:
                return getattr(paddleocr, class_name)(**options)  # PaddleOCR's own download
            with _as_paddle_folder(folder, kind) as model_dir:
                return getattr(paddleocr, class_name)(model_dir=str(model_dir), **options)
        except Exception as error:
            raise EngineMissing from error


def threads() -> int:
    """Threads of one inference: NIANBAO_OCR_THREADS, else one, as there is a process for each core."""
    return max(1, int(os.environ.get("NIANBAO_OCR_THREADS", "1")))


@contextlib.contextmanager
def _as_paddle_folder(folder: Path, kind: str) -> Iterator[Path]:
    """The weights under the file names that PaddleOCR looks for."""
    with tempfile.TemporaryDirectory(prefix="nianbao-") as name:
        link = Path(name)
        (link / "inference.onnx").symlink_to(folder / f"{kind}.onnx")
        (link / "inference.yml").symlink_to(folder / "inference.yml")
        yield link


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep PaddleOCR's messages off the terminal, where they would mix with JSON."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
