"""How long a page takes, and where the time goes: `python -m benchmarks.speed`.

Makes reports of some kinds and gives each to three readers in turn, each in a process of its own, all on the same
core with one thread: bare PaddleOCR with its defaults and the same small models (`predict` alone, on pages drawn at
200 dpi), img2table with RapidOCR (the same models again), and Nianbao, all in: from the file to the checked report.
Prints for each kind and reader seconds and core-seconds a page, the share of PaddleOCR's, the most memory, what went
into the models (which does not hang on the machine), and how much of it Nianbao got right; then what each of its
stages took. `--out DIR` keeps speed.md, speed.csv, stages.csv and a picture (stages.svg).

Core-seconds are the ones to compare: the clock also counts what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import output, overlay
from benchmarks.readers import IMG2TABLE, NIANBAO, PADDLE, Measured
from benchmarks.scores import Score, score, unread
from benchmarks.stages import REST, STAGES
from extractors.report import Result
from tests.making.kinds import KINDS, Made, make_document

READERS = (PADDLE, IMG2TABLE, NIANBAO)
SCANS = ("office", "worn", "fax", "photo", "turned")
TEXTS = ("text", "text-split")
ACCURACY = ("right %", "wrong, listed", "wrong, silent", "right, listed %")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NIANBAO_OCR_THREADS"), "1")
COLOURS = (
    "#9aa5b1", "#bcd2c8", "#6b8f71", "#3f7d8c", "#c0182b", "#d9b44a",
    "#e39a2d", "#7a4b94", "#7f9db9", "#454f5b", "#d77fa1", "#dddddd",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One document as one reader read it; the score is Nianbao's."""

    kind: str
    reader: str
    measured: Measured
    score: Score | None = None


def main() -> None:
    options = _options()
    with TemporaryDirectory() as scratch:
        folder: Path = options.out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        readers = [name for name in options.readers if name != IMG2TABLE or _has_overlay()]
        outcomes = []
        for kind in options.kinds:
            for outcome in measure(kind, readers, options.count, options.seed, folder):
                outcomes.append(outcome)
                _tell(outcome)
        _report(outcomes, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1, help="how many documents of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=[*TEXTS, *SCANS])
    parser.add_argument("--readers", nargs="+", choices=READERS, default=list(READERS))
    parser.add_argument("--out", type=Path, help="where tables and picture are kept")
    return parser.parse_args()


def _has_overlay() -> bool:
    try:
        overlay.install()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{IMG2TABLE} is left out: it cannot be installed ({error}).", file=sys.stderr)
        return False
    return True


def measure(kind: str, readers: Sequence[str], count: int, seed: int, folder: Path) -> Iterator[Outcome]:
    """Each document with each reader, the readers taking turns at being first."""
    processes = {name: _Reader(name, text=KINDS[kind][0].form == "text") for name in readers}
    try:
        for name, process in list(processes.items()):
            if process.missing:
                print(f"{name} is left out: {process.missing}.", file=sys.stderr)
                del processes[name]
        for index in range(count):
            strength = index % len(KINDS[kind])
            made = make_document(kind, strength, seed * 100_000 + index)
            path = made.write(folder)
            names = list(processes)
            for name in names[index % len(names) :] + names[: index % len(names)]:
                measured = processes[name].read(path)
                yield Outcome(kind, name, measured, _score(made, kind, strength, measured) if name == NIANBAO else None)
    finally:
        for process in processes.values():
            process.end()


def _score(made: Made, kind: str, strength: int, measured: Measured) -> Score:
    if measured.result is None:
        return unread(made, kind, strength, measured.error or "", measured.core_seconds)
    return score(made, kind, strength, Result.model_validate_json(measured.result), measured.core_seconds)


class _Reader:
    """`benchmarks.readers` in a process of its own, which waits for paths."""

    def __init__(self, name: str, text: bool) -> None:
        command = [sys.executable, "-m", "benchmarks.readers", name, *(["--text"] if text else [])]
        if hasattr(os, "sched_getaffinity"):
            command += ["--core", str(max(os.sched_getaffinity(0)))]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, **ONE_THREAD},
        )
        answer = self._answer()
        self.missing = None if answer == "ready" else answer or "its process has died"

    def read(self, path: Path) -> Measured:
        assert self._process.stdin is not None
        print(path.resolve(), file=self._process.stdin, flush=True)
        answer = self._answer()
        if not answer:
            raise RuntimeError(f"the reader died on {path.name}: {self._process.args!r}")
        return Measured.from_json(answer)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _tell(outcome: Outcome) -> None:
    one = outcome.measured
    text = f"{outcome.kind:14} {outcome.reader:22} {one.pages:3} pages {one.core_seconds:7.2f} core-seconds"
    print(text, one.error or "", file=sys.stderr, flush=True)


def rows_of(outcomes: Sequence[Outcome]) -> list[list[str]]:
    """A head, and a row a kind and reader; the last rows are those of all scans together."""
    head = ["kind", "reader", "pages", "seconds a page", "core-seconds a page", f"of {PADDLE}", "peak MB"]
    head += ["megapixels a page", "crops a page", "columns a page", *ACCURACY]
    rows = [head]
    for name, group in _groups(outcomes):
        own = {o.reader: [x for x in group if x.reader == o.reader] for o in group}
        bare = _a_page(own[PADDLE], "core_seconds") if PADDLE in own else 0.0
        for reader, mine in own.items():
            core = _a_page(mine, "core_seconds")
            rows.append(
                [
                    name,
                    reader,
                    str(_pages(mine)),
                    f"{_a_page(mine, 'seconds'):.3f}",
                    f"{core:.3f}",
                    f"{core / bare:.3f}" if bare else "–",
                    f"{max(o.measured.peak_mb for o in mine):.0f}",
                    *_counts(mine),
                    *_accuracy(mine),
                ]
            )
    return rows


def stage_rows(outcomes: Sequence[Outcome]) -> list[list[str]]:
    """A head, and a row a kind: milliseconds of the core that each of Nianbao's stages took, a page."""
    names = [stage.name for stage in STAGES]
    rows = [["kind", *names, REST, "all"]]
    for kind, group in _groups(outcomes):
        mine = [outcome for outcome in group if outcome.reader == NIANBAO]
        if mine:
            took = stages_of(mine)
            figures = [took[name] for name in [*names, REST]]
            rows.append([kind, *(f"{1000 * figure:.1f}" for figure in [*figures, sum(figures)])])
    return rows


def stages_of(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Core-seconds a page by stage; what none of them took is the rest."""
    pages = max(1, _pages(outcomes))
    took = {s.name: sum(o.measured.stages.get(s.name, 0.0) for o in outcomes) / pages for s in STAGES}
    return {**took, REST: _a_page(outcomes, "core_seconds") - sum(took.values())}


def _groups(outcomes: Sequence[Outcome]) -> list[tuple[str, list[Outcome]]]:
    kinds = dict.fromkeys(outcome.kind for outcome in outcomes)
    groups = [(kind, [outcome for outcome in outcomes if outcome.kind == kind]) for kind in kinds]
    scans = [outcome for outcome in outcomes if KINDS[outcome.kind][0].form != "text"]
    return [*groups, ("all scans", scans)] if len({outcome.kind for outcome in scans}) > 1 else groups


def _pages(outcomes: Sequence[Outcome]) -> int:
    return sum(outcome.measured.pages for outcome in outcomes)


def _a_page(outcomes: Sequence[Outcome], figure: str) -> float:
    return float(sum(getattr(outcome.measured, figure) for outcome in outcomes)) / max(1, _pages(outcomes))


def _counts(outcomes: Sequence[Outcome]) -> list[str]:
    pages = max(1, _pages(outcomes))
    counts = [outcome.measured.counts for outcome in outcomes]
    return [
        f"{sum(c.megapixels for c in counts) / pages:.2f}",
        f"{sum(c.crops for c in counts) / pages:.1f}",
        f"{sum(c.columns for c in counts) / pages:.0f}",
    ]


def _accuracy(outcomes: Sequence[Outcome]) -> list[str]:
    scores = [outcome.score for outcome in outcomes if outcome.score]
    return [str(count(scores)) if scores else "–" for name, count in output.COLUMNS if name in ACCURACY]


def plot(outcomes: Sequence[Outcome]) -> str:
    """An SVG: for each kind a bar of Nianbao's stages, core-seconds a page, and under it a thin one of PaddleOCR's."""
    bars = []
    for kind, group in _groups(outcomes):
        own, rival = ([o for o in group if o.reader == name] for name in (NIANBAO, PADDLE))
        if own:
            bars.append((kind, stages_of(own), _a_page(rival, "core_seconds")))
    left, width, step, top = 110.0, 700.0, 40, 70.0
    longest = max((max(sum(took.values()), bare) for _, took, bare in bars), default=0.0) or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 90} {top + step * len(bars) + 10}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    names = [*(stage.name for stage in STAGES), REST]
    for index, (name, colour) in enumerate(zip(names, COLOURS, strict=True)):
        x, y = 12.0 + 145 * (index % 6), 10.0 + 22 * (index // 6)
        parts.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="{y + 10}">{escape(name)}</text>')
    for row, (kind, took, bare) in enumerate(bars):
        y, x = top + step * row, left
        parts.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{escape(kind)}</text>')
        for name, colour in zip(names, COLOURS, strict=True):
            length = width * max(0.0, took[name]) / longest
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{length:.1f}" height="18" fill="{colour}"/>')
            x += length
        parts.append(f'<text x="{x + 5:.1f}" y="{y + 14}">{sum(took.values()):.2f} s</text>')
        if bare:
            length = width * bare / longest
            parts.append(f'<rect x="{left}" y="{y + 21}" width="{length:.1f}" height="4" fill="#888"/>')
            parts.append(f'<text x="{left + length + 5:.1f}" y="{y + 28}" font-size="9">{PADDLE} {bare:.2f} s</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _report(outcomes: Sequence[Outcome], folder: Path) -> None:
    rows, stages = rows_of(outcomes), stage_rows(outcomes)
    text = f"{output.markdown(rows)}\nNianbao's stages, milliseconds of the core a page:\n\n{output.markdown(stages)}"
    print(text)
    (folder / "speed.md").write_text(text, encoding="utf-8")
    output.write_csv(rows, folder / "speed.csv")
    output.write_csv(stages, folder / "stages.csv")
    (folder / "stages.svg").write_text(plot(outcomes), encoding="utf-8")


if __name__ == "__main__":
    main()
