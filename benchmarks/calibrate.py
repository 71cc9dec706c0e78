"""From which confidence a figure may be believed, by kind of cell: `python -m benchmarks.calibrate FOLDER…`.

FOLDER was filled by `python -m benchmarks.accuracy --out FOLDER`. Every cell of a scan whose reading carries a
confidence is sorted by what was read there (that is all that one knows in earnest): a lone 0, another lone digit,
several digits, a figure with a note, a stroke or blank. For each kind and a range of thresholds it prints how
many right cells would fall below (alarms) and how many wrong ones would not (silent), and proposes the lowest
thresholds that leave none of the wrong ones, with a margin:

- *listed*: for cells that go into no sum, which nothing but their confidence can give away;
- *certain*: for cells of sums, which a failing sum gives away if they do not pass for certain.

Wrong cells that are listed for another reason (missing, ambiguous, corrected) need no threshold and are only
counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.output import markdown
from benchmarks.scores import same
from extractors.report import Evidence, Result
from tests.making.compare import cell_value
from tests.making.record import cells, load

THRESHOLDS = (0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995)
MARGIN = 0.25
"""Share of what is left to 1 above the surest wrong reading, put on top of it."""
KINDS = ("blank", "lone 0", "lone other digit", "several digits", "with note")
OTHERWISE = ("missing", "ambiguous", "corrected")


@dataclass(frozen=True)
class Reading:
    """One cell of a scan."""

    document: str
    path: str
    kind: str
    confidence: float | None
    reason: str | None
    right: bool
    printed: str
    raw: str

    @property
    def summed(self) -> bool:
        return not self.path.startswith("proactive_disclosure.")

    @property
    def otherwise_listed(self) -> bool:
        return self.reason in OTHERWISE


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibrate", description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", help="filled by `python -m benchmarks.accuracy --out`")
    parser.add_argument("--wrong", action="store_true", help="list every wrong cell")
    options = parser.parse_args()
    found = [reading for folder in options.folders for reading in readings(folder)]
    if not found:
        sys.exit("No results of scans there; run `python -m benchmarks.accuracy --out FOLDER` first.")
    print(_overview(found))
    for kind in KINDS:
        mine = [reading for reading in found if reading.kind == kind and reading.confidence is not None]
        if mine:
            print(f"{kind}\n\n{_by_threshold(mine)}")
    print(_proposals(found))
    if options.wrong:
        for one in sorted((r for r in found if not r.right), key=lambda r: (r.kind, -(r.confidence or 0))):
            sure = "–" if one.confidence is None else f"{one.confidence:.4f}"
            print(f"{one.kind}  {sure}  {one.document}  {one.path}  {one.printed!r} read {one.raw!r}  {one.reason}")


def readings(folder: Path) -> Iterator[Reading]:
    """The cells of all scanned pages whose results lie in a folder."""
    for file in sorted(folder.glob("*.truth.json")):
        name = file.name.removesuffix(".truth.json")
        path = folder / f"{name}.json"
        if not path.exists():
            continue
        record, result = load(file), Result.model_validate(json.loads(path.read_text(encoding="utf-8")))
        reasons = {item.path: item.reason for item in result.validation.review}
        for cell, value in cells(record.tables):
            evidence = result.evidence.get(cell)
            if evidence is None or evidence.origin != "ocr" or evidence.state == "missing":
                continue
            read = cell_value(result, cell)
            yield Reading(
                document=name,
                path=cell,
                kind=_kind(evidence, read),
                confidence=evidence.confidence,
                reason=reasons.get(cell),
                right=same(value, read),
                printed=record.cell_text(cell),
                raw=evidence.raw or "",
            )


def _kind(evidence: Evidence, value: int | float | None) -> str:
    """What sort of thing was read in a cell."""
    if value is None:
        return "blank"
    digits = "".join(character for character in f"{value}" if character.isdigit())
    if len(evidence.raw or "") > len(digits) + 2:
        return "with note"
    if len(digits) > 1:
        return "several digits"
    return "lone 0" if digits == "0" else "lone other digit"


def _overview(found: Sequence[Reading]) -> str:
    rows = [["kind", "cells", "wrong", "of these listed", "for another reason", "silent", "right and listed"]]
    for kind in KINDS:
        mine = [reading for reading in found if reading.kind == kind]
        wrong = [reading for reading in mine if not reading.right]
        counts = (
            len(mine),
            len(wrong),
            sum(r.reason is not None for r in wrong),
            sum(r.otherwise_listed for r in wrong),
            sum(r.reason is None for r in wrong),
            sum(r.right and r.reason is not None for r in mine),
        )
        rows.append([kind, *map(str, counts)])
    return markdown(rows)


def _by_threshold(found: Sequence[Reading]) -> str:
    right = [r.confidence or 0.0 for r in found if r.right]
    wrong = [r.confidence or 0.0 for r in found if not r.right and not r.otherwise_listed]
    rows = [["threshold", "right, below", "%", "wrong, below", "wrong, not below"]]
    for threshold in THRESHOLDS:
        alarms = sum(c < threshold for c in right)
        caught = sum(c < threshold for c in wrong)
        share = f"{100 * alarms / max(1, len(right)):.2f}"
        rows.append([f"{threshold}", str(alarms), share, str(caught), str(len(wrong) - caught)])
    return markdown(rows)


def _proposals(found: Sequence[Reading]) -> str:
    rows = [["kind", "threshold", "surest wrong reading", "proposed", "right cells below it", "%"]]
    for kind in KINDS[1:]:
        for name, summed in (("listed", False), ("certain", True)):
            mine = [r for r in found if r.kind == kind and r.confidence is not None]
            wrong = [r.confidence or 0 for r in mine if not r.right and not r.otherwise_listed and r.summed == summed]
            right = [r.confidence or 0 for r in mine if r.right]
            if not wrong:
                rows.append([kind, name, "none", "–", "–", "–"])
                continue
            proposed = with_margin(wrong)
            below = sum(c < proposed for c in right)
            share = f"{100 * below / max(1, len(right)):.2f}"
            rows.append([kind, name, f"{max(wrong):.4f}", f"{proposed:.4f}", str(below), share])
    return markdown(rows)


def with_margin(wrong: Iterable[float]) -> float:
    """A threshold above the surest of the wrong readings."""
    surest = max(wrong)
    return surest + MARGIN * (1 - surest)


if __name__ == "__main__":
    main()
