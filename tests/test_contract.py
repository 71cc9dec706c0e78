"""The API against its own description: a small, fixed run of what `benchmarks.contract` does at length."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("schemathesis", reason="to test the API against its description, install schemathesis")

from benchmarks.contract import Site, exercise


def test_the_api_keeps_what_it_publishes(tmp_path: Path) -> None:
    site = Site.on(tmp_path)
    good: dict[str, int] = {}
    wrong: list[str] = []
    for name, statuses, told in exercise(site, examples=5, seed_of_all=1):
        good[name] = sum(count for status, count in statuses.items() if status < 300)
        wrong += [f"{name}: {one}" for one in told]
    assert not wrong, "\n".join(wrong)
    assert len(good) >= 19 and all(good.values()), f"of some operations no request has gone well: {good}"


def test_what_breaks_the_contract_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site.on(tmp_path)
    monkeypatch.setattr(site.bench.reports, "audit", lambda *_, **__: 1 / 0)
    wrong = {name: told for name, _, told in exercise(site, examples=1, seed_of_all=1) if told}
    assert list(wrong) == ["GET /api/v1/audit"] and "500" in wrong["GET /api/v1/audit"][0]
