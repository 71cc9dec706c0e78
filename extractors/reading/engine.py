"""PaddleOCR on ONNX Runtime: where text is, and what it says.

One engine a process, made when the first picture comes and after any fork. The predictors of
PaddleOCR do the loading and run the models; crops are sent at their own width (its pipeline pads each
to 320 pixels, most of the time it takes), and the recogniser's probabilities are decoded here,
because a figure needs its second-best readings too.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.errors import EngineMissing
from extractors.reading import decoding
from extractors.reading.decoding import Recognition
from extractors.reading.weights import model_name, packaged

HEIGHT = 48
"""Pixels: the height that the recogniser was trained at."""
NARROWEST, WIDEST = 16, 3200
"""Pixels: bounds of a crop's width at that height."""
WIDTH_STEP = 16
BATCH_COLUMNS = 1600
"""Columns of pixels in one batch of crops of like width: larger batches are slower on a CPU."""
DETECTION_SIDE = 1280
"""Pixels of the longer side at which text is looked for."""


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
    """Detection and recognition with the models of one size."""

    def __init__(self, size: str = "small") -> None:
        self.models = [model_name("det", size), model_name("rec", size)]
        self._detector = _load("TextDetection", "det", size)
        self._recogniser = _load("TextRecognition", "rec", size).paddlex_predictor
        self._alphabet = decoding.Alphabet(self._recogniser.post_op.character)

    def detect(self, picture: MatLike, side: int = DETECTION_SIDE) -> list[TextBox]:
        """Boxes of text on a level picture (rows × columns × 3), in its pixels."""
        with _quiet():
            result = self._detector.predict(picture, limit_side_len=side, limit_type="max")[0]
        height, width = picture.shape[:2]
        boxes = []
        for polygon in result["dt_polys"]:
            xs, ys = [int(p[0]) for p in polygon], [int(p[1]) for p in polygon]
            box = TextBox(max(min(xs), 0), max(min(ys), 0), min(max(xs), width), min(max(ys), height))
            if box.x1 - box.x0 > 2 and box.y1 - box.y0 > 2:
                boxes.append(box)
        return boxes

    def recognise(self, crops: Sequence[MatLike], alternatives: bool = False) -> list[Recognition]:
        """What each crop (rows × columns × 3, one line of text) says; with `alternatives`, what else it may be."""
        scaled = [_scale(crop) for crop in crops]
        results: list[Recognition | None] = [None] * len(crops)
        for batch in _batches([picture.shape[2] for picture in scaled]):
            width = max(scaled[i].shape[2] for i in batch)
            tensor = np.zeros((len(batch), 3, HEIGHT, width), np.float32)
            for row, i in enumerate(batch):
                tensor[row, :, :, : scaled[i].shape[2]] = scaled[i]
            probabilities = self._recogniser.runner(x=[tensor])[0]
            for row, i in enumerate(batch):
                results[i] = decoding.decode(probabilities[row], self._alphabet, alternatives)
        return [result for result in results if result is not None]


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
        # PaddleOCR's own `cpu_threads` does not reach ONNX Runtime, which then takes all cores and spins on them
        session = {"intra_op_num_threads": threads(), "inter_op_num_threads": 1}
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


def _scale(crop: MatLike) -> NDArray[np.float32]:
    """3 × 48 × width, −1…1."""
    height, width = crop.shape[:2]
    target = min(max(round(width * HEIGHT / height), NARROWEST), WIDEST)
    resized = cv2.resize(crop, (target, HEIGHT), interpolation=cv2.INTER_LINEAR if height < HEIGHT else cv2.INTER_AREA)
    return np.asarray((resized.transpose(2, 0, 1) / 255 - 0.5) / 0.5, np.float32)


def _batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of crops that go together: of nearly one width, few enough for the cache."""
    batch: list[int] = []
    for i in sorted(range(len(widths)), key=lambda k: widths[k]):
        too_wide = batch and widths[i] > widths[batch[0]] + WIDTH_STEP
        if batch and (too_wide or (len(batch) + 1) * widths[i] > BATCH_COLUMNS):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
