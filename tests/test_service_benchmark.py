"""The benchmark of the service: its tables and its picture on figures that are known."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from benchmarks import service
from benchmarks.serving import Latency

GROWTH = {
    100: {"poll": 0.002, "year": 0.004, "counts all": 0.004},
    1_000: {"poll": 0.002, "year": 0.005, "counts all": 0.008},
    50_000: {"poll": 0.003, "year": 0.006, "counts all": 0.4},
}


def test_latencies_are_told_as_times_and_by_page() -> None:
    found = [Latency("scan", 6, served=12.6, direct=12.0), Latency("nothing", 7, served=0.14, direct=0.0)]
    head, scan, nothing = service.latency_rows(found)
    assert dict(zip(head, scan, strict=True)) == {
        "read": "scan",
        "pages": "6",
        "upload to result, ms": "12600.0",
        "directly, ms": "12000.0",
        "times": "1.05",
        "more, ms a page": "100.0",
    }
    assert nothing[-2:] == ["–", "20.0"]


def test_growth_is_told_as_multiples_of_the_smallest() -> None:
    head, *rows = service.growth_rows(GROWTH)
    assert head == ["asked", "100 reports, ms", "1,000, times", "50,000, times"]
    assert rows[0] == ["poll", "2.0", "1.00", "1.50"]
    assert rows[2] == ["counts all", "4.0", "2.00", "100.00"]


def test_the_picture_has_a_line_for_each_question() -> None:
    picture = ElementTree.fromstring(service.plot(GROWTH))
    lines = [element for element in picture.iter() if element.tag.endswith("polyline")]
    assert len(lines) == 3 and lines[2].get("stroke") == service.GROWN
    labels = [element.text for element in picture.iter() if element.tag.endswith("text")]
    assert {"1 ×", "64 ×", "100", "50,000", "poll: 1.5 ×", "counts all: 100.0 ×"} <= set(labels)


def test_the_command_runs_on_a_small_archive(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.service", "--only-growth", "--sizes", "20", "40", "--out"]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [line.split("|") for line in done.stdout.splitlines()]
    assert [row[2].strip() for row in rows[:1]] == ["20 reports, ms"] and any("poll" in row[1] for row in rows)
    assert {"service.md", "service.csv", "service.svg"} == {path.name for path in tmp_path.iterdir()}
