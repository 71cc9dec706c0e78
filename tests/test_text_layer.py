"""PDF pages with text: how they are read, and what is not loaded for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from extractors.reading.content import Content
from extractors.reading.page import PageReading
from extractors.reading.text_layer import read_text_layer
from tests import hostile_files

SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"
HEAVY = ("onnxruntime", "paddleocr", "numpy", "cv2", "pymupdf4llm", "celery", "sqlalchemy", "flask", "multiprocessing")


def loaded_by(code: str, names: Sequence[str]) -> str:
    """Which of the modules some code loads in a process of its own."""
    code = f"import sys\n{code}\nprint([name for name in {list(names)} if name in sys.modules], file=sys.stderr)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.strip()


def test_a_pdf_with_text_needs_no_engine_and_no_service() -> None:
    command = f"from web.cli import main\nmain(['extract', {str(SAMPLE)!r}], standalone_mode=False)"
    assert loaded_by(f"try:\n    {command.replace(chr(10), '; ')}\nexcept SystemExit: pass", HEAVY) == "[]"


def test_what_is_kept_out_may_be_loaded_by_others() -> None:
    code = "from extractors.sources.mupdf import UNUSED, pymupdf"
    assert loaded_by(code, ["pymupdf", "pymupdf.layout", "pymupdf4llm"]) == "['pymupdf']"


def printed_page() -> pymupdf.Page:
    page = pymupdf.open().new_page()
    for x, text in ((80, "自然人"), (180, "1234"), (280, "总计")):
        page.insert_text((x, 100), text, fontname="china-s", fontsize=12)
    for x in (70, 170, 270, 370):
        page.draw_line((x, 80), (x, 110), width=0.5)
    for y in (80, 110):
        page.draw_rect((70, y - 0.4, 370, y + 0.4), fill=(0, 0, 0), width=0)
    return page


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_words_and_rules_are_the_same_on_a_turned_page(turn: int) -> None:
    page = printed_page()
    page.set_rotation(turn)
    reading = read_text_layer(Content(page), 1)
    assert [word.text for word in reading.words] == ["自然人", "1234", "总计"]
    assert reading.rotation == (360 - turn) % 360
    assert [round(word.box[0]) for word in reading.words] == [80, 180, 280]
    assert sorted(round(rule.x0) for rule in reading.rules if not rule.horizontal) == [70, 170, 270, 370]
    assert sorted({round(rule.y0) for rule in reading.rules if rule.horizontal}) == [80, 110]


def test_a_rule_between_characters_parts_words() -> None:
    page = pymupdf.open().new_page()
    page.insert_text((80, 100), "12", fontsize=12)
    page.draw_line((86.7, 80), (86.7, 110), width=0.5)
    assert [word.text for word in read_text_layer(Content(page), 1).words] == ["1", "2"]
    page.draw_line((300, 80), (300, 90), width=0.5)
    page.insert_text((280, 100), "1234567", fontsize=12)
    assert [word.text for word in read_text_layer(Content(page), 1).words] == ["1", "2", "1234567"]


def test_half_a_character_is_one_that_cannot_be_read() -> None:
    """A lone surrogate can be in no JSON and no database."""
    with pymupdf.open(stream=hostile_files.half_characters()) as document:
        reading = read_text_layer(Content(document[0]), 1)
    assert "\ufffd" in "".join(word.text for word in reading.words)
    assert PageReading.model_validate_json(reading.model_dump_json()) == reading
