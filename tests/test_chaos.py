"""A short run of the chaos: a real `nianbao serve` whose parts are killed while reports come in."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.chaos import Fault, Plan, recovery_rows, told, unrest

pytestmark = [pytest.mark.service, pytest.mark.ocr]


def test_a_short_run_loses_nothing(tmp_path: Path) -> None:
    kinds = ("process of a worker killed", "queue killed, empty afterwards", "worker killed", "all of `serve` killed")
    plan = Plan(reports=20, scans=0.25, seed=5, pause=3, faults=4, patience=240, originals=1, kinds=kinds)
    counts, times = unrest(plan, tmp_path)
    found = {name: int(number) for name, number in counts[1:]}
    for name in ("answered 202", "finished", "succeeded in the end, those set aside retried"):
        assert found[name] == found["files sent"] == 20, (name, found)
    assert found["of these equal to a quiet reading"] == 20
    assert [found[name] for name in ("lost", "one file, two reports", "another result later")] == [0, 0, 0]
    assert found["faults"] >= 3 and {row[0] for row in times[1:]} <= set(kinds)
    assert "requests that failed: 500" not in found


def test_times_to_recover_are_told_by_kind() -> None:
    faults = [Fault("queue", 0.0, set(), 0, 1.0, seconds) for seconds in (4.0, 2.0, None)]
    rows = recovery_rows([*faults, Fault("web", 0.0, set(), 0)])
    assert rows[1:] == [["queue", "3", "1.0", "1.0", "3.0", "4.0"], ["web", "1", "–", "–", "–", "–"]]


def test_results_are_compared_without_what_differs_anyway() -> None:
    one, other = (
        {"document": {"sha256": name, "filename": name, "pages": []}, "engine": {"seconds": len(name)}, "report": 1}
        for name in ("a", "bb")
    )
    assert told(one) == told(other) != told({**other, "report": 2})
