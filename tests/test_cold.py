"""The benchmark of the command line runs the command."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.cold import SAMPLE, extract


def test_it_times_the_command_and_keeps_what_it_wrote(tmp_path: Path) -> None:
    run = extract([SAMPLE], tmp_path / "results")
    (written,) = (tmp_path / "results").iterdir()
    assert json.loads(written.read_text("utf-8"))["document"]["page_count"] == 6
    assert 0 < run.core_seconds <= run.seconds * 1.5
