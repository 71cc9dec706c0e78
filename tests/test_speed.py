"""The benchmark of speed: its tables on figures that are known, its stages against the library, and one real run."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import speed, stages
from benchmarks.readers import NIANBAO, PADDLE, Counts, Measured
from benchmarks.stages import REST, STAGES, Clock, Stage

FAKE = Measured(
    pages=2,
    seconds=3.0,
    core_seconds=2.0,
    peak_mb=800.4,
    counts=Counts(megapixels=2.5, crops=90, columns=9000),
    stages={"detect": 0.5, "recognise": 1.0, "checks": 0.1},
)
BARE = replace(FAKE, seconds=12.0, core_seconds=10.0, stages={})


@pytest.mark.parametrize("name", [name for stage in STAGES for name in stage.functions])
def test_the_functions_of_the_stages_are_there(name: str) -> None:
    assert callable(stages.find(name)[2])


def test_a_function_that_is_gone_is_told_of() -> None:
    with pytest.raises(LookupError, match=r"reading\.engine:Engine\.gone"):
        stages.find("reading.engine:Engine.gone")
    with pytest.raises(LookupError):
        stages.find("reading.gone:detect")


def test_what_another_stage_takes_within_is_taken_out() -> None:
    times = iter([0.0, 1.0, 4.0, 10.0])
    clock = Clock(now=lambda: next(times))
    with clock.during(Stage("outer", ())), clock.during(Stage("inner", ())):
        pass
    assert clock.seconds == {"outer": 7.0, "inner": 3.0}


def test_a_whole_stage_keeps_what_is_within() -> None:
    times = iter([0.0, 10.0])
    clock = Clock(now=lambda: next(times))
    with clock.during(Stage("outer", (), whole=True)), clock.during(Stage("inner", ())):
        pass
    assert clock.seconds == {"outer": 10.0}


def test_models_are_known_by_what_they_give() -> None:
    counts = Counts()
    counts.add(SimpleNamespace(shape=(1, 3, 1280, 960)), SimpleNamespace(ndim=4))
    counts.add(SimpleNamespace(shape=(6, 3, 48, 320)), SimpleNamespace(ndim=3))
    counts.add(SimpleNamespace(shape=(6, 3, 48, 192)), SimpleNamespace(ndim=2))  # which way a line runs
    assert counts == Counts(megapixels=1.2288, crops=6, columns=1920)


def test_measures_travel_as_json() -> None:
    assert Measured.from_json(FAKE.to_json()) == FAKE


def test_the_table_gives_figures_a_page_and_the_share_of_the_rival() -> None:
    outcomes = [speed.Outcome(kind, *one) for kind in ("office", "fax") for one in ((PADDLE, BARE), (NIANBAO, FAKE))]
    head, *rows = speed.rows_of(outcomes)
    own = dict(zip(head, rows[1], strict=True))
    assert (own["kind"], own["reader"], own["pages"]) == ("office", NIANBAO, "2")
    assert (own["seconds a page"], own["core-seconds a page"], own[f"of {PADDLE}"]) == ("1.500", "1.000", "0.200")
    assert (own["peak MB"], own["megapixels a page"], own["crops a page"]) == ("800", "1.25", "45.0")
    assert own["columns a page"] == "4500"
    assert [row[:3] for row in rows[-2:]] == [["all scans", PADDLE, "4"], ["all scans", NIANBAO, "4"]]
    stage_head, *stage_rows = speed.stage_rows(outcomes)
    took = dict(zip(stage_head, stage_rows[0], strict=True))
    assert (took["detect"], took["recognise"], took["checks"]) == ("250.0", "500.0", "50.0")
    assert (took["crops"], took[REST], took["all"]) == ("0.0", "200.0", "1000.0")
    assert speed.plot(outcomes).count("PaddleOCR 5.00 s") == 3


def test_the_command_runs_on_a_document_with_text(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.speed", "--kinds", "text", "--readers", NIANBAO, "--out"]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    rows = [line.split("|") for line in done.stdout.splitlines() if line.startswith("| text ")]
    assert rows[0][11].strip() == "100.00" and float(rows[1][-2]) > 0
    assert {"speed.md", "speed.csv", "stages.csv", "stages.svg"} <= {path.name for path in tmp_path.iterdir()}
