"""Files and processes for tests of the real service."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf


def make_pdf(path: Path, texts: Sequence[str]) -> Path:
    """A PDF with a text layer, one page for each of `texts`."""
    document = pymupdf.open()
    for words in texts:
        page = document.new_page()
        page.insert_text((72, 90), words, fontname="china-s", fontsize=16)
    document.save(path)
    document.close()
    return path


def report_pdf(path: Path, pages: int = 2, agency: str = "某市财政局") -> Path:
    """The title of a report, and plain pages after it."""
    others = [f"第{n}页的文字，共{pages}页。" for n in range(2, pages + 1)]
    return make_pdf(path, [f"{agency}2023年政府信息公开工作年度报告", *others])


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until `holds()`; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.1)


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process with the given program, for faults that need a process of their own."""
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)
