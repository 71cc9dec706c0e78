"""The benchmark of hostile files: its damage is drawn from the seed, and it sees what becomes of a reader."""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from benchmarks.hostile import BAD, TYPED, Reader, damaged, damaged_zips, read_whole, run
from extractors.errors import DocumentError
from tests.test_hostile_files import read_and_draw, written


def test_the_same_seed_gives_the_same_damage() -> None:
    once, again, other = (list(damaged((("text", 0),), 10, seed)) for seed in (1, 1, 2))
    assert once == again
    assert once != other and len({data for _, data in once}) == 10


def test_damaged_reports_are_read_or_refused_in_words(tmp_path: Path) -> None:
    refused = 0
    for name, data in damaged((("text", 0),), 60, seed=11):
        path = written(tmp_path, data, name)
        try:
            read_and_draw(path)
        except DocumentError as error:
            assert error.message and error.message_zh
            refused += 1
    assert 10 < refused < 50, "damage that is all refused, or all harmless, tries little"


def test_damaged_web_pages_word_files_and_zips_are_read_or_refused_in_words(tmp_path: Path) -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, data in itertools.chain(damaged(TYPED, 90, seed=11), damaged_zips(60, seed=11)):
        path = written(tmp_path, data, name)
        how, why = read_whole(path)
        assert how not in BAD, (name, why)
        found[path.suffix][how] += 1
    assert set(found) == {".html", ".mhtml", ".docx", ".zip"}
    assert found[".docx"]["read"] and found[".docx"]["refused"] and found[".zip"]["read in part"]


def behave(path: Path) -> tuple[str, str]:
    """A reader that does what the file's name says."""
    if path.name == "crash":
        os.abort()
    if path.name == "hang":
        time.sleep(60)
    if path.name == "spin":
        while True:
            pass
    if path.name == "swallow":
        held = b"\1" * (400 << 20)
        time.sleep(60)
        return "read", str(len(held))
    return "read", ""


def test_it_sees_crashes_hangs_and_memory_and_goes_on() -> None:
    reader = Reader(behave, seconds=3, megabytes=300)
    try:
        found = [reader.read(Path(name))[0] for name in ("fine", "crash", "hang", "spin", "swallow", "fine")]
    finally:
        reader.close()
    assert found == ["read", "crashed", "hung", "hung", "too much memory", "read"]


def test_a_file_that_is_refused_is_told_from_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, b"no PDF")
    assert read_whole(path) == ("refused", "unsupported-type")
    path.unlink()
    assert read_whole(path)[0] == "error without a sentence"


def test_it_stops_when_its_time_is_up(tmp_path: Path) -> None:
    reader = Reader(behave, seconds=30, megabytes=300)
    files = ((f"fine-{number}", b"") for number in itertools.count())
    try:
        reader.read(tmp_path)  # it takes its time to start
        counts = run(files, reader, tmp_path, None, end=time.monotonic() + 2)
    finally:
        reader.close()
    assert set(counts) == {"read"} and counts.total() > 1
