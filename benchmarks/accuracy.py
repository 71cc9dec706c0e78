"""How many figures come out right, and whether one is told of the others: `python -m benchmarks.accuracy`.

Makes reports of every kind that `tests.making.kinds` knows, in each strength in turn, reads them as the
command line does (a process a core, one OCR thread each), and prints a row a kind. `--out DIR` keeps the
documents with their truth and results, the table (accuracy.md, accuracy.csv; strengths.md by strength), a plot
(accuracy.svg) and every wrong cell and alarm (findings.txt). A document is known by its name,
KIND-STRENGTH-SEED: `--only photo-2-100007` makes and reads just that one.

`--against` reads the same files with bare PaddleOCR and img2table, and with PyMuPDF's `find_tables`, and
compares rows of table 三; `--grids` compares the finding of ruled cells alone. What only these need is installed
into results/overlay at first use (see `benchmarks.overlay`).
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import output, overlay
from benchmarks.scores import Score, score, unread
from extractors.errors import DocumentError
from extractors.pipeline import extract
from extractors.reading.engine import engine
from tests.making.kinds import KINDS, Made, make_document, numbered_kinds
from tests.making.record import save


@dataclass(frozen=True)
class Task:
    """One document to be made and read."""

    kind: str
    strength: int
    seed: int
    folder: Path
    against: bool = False
    grids: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of it, here and with the others: figures by the name of the measure."""

    score: Score
    rivals: dict[str, float]


def main() -> None:
    options = _options()
    if options.against or options.grids:
        overlay.require("benchmarks.accuracy")
    with TemporaryDirectory() as scratch:
        folder: Path = options.out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        outcomes = []
        for outcome in run(_tasks(options, folder), options.jobs):
            outcomes.append(outcome)
            _tell(outcome, len(outcomes))
        _report(outcomes, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="how many documents")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), help="only these kinds of damage")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these documents: KIND-STRENGTH-SEED")
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side")
    parser.add_argument("--out", type=Path, help="where everything is kept")
    parser.add_argument("--against", action="store_true", help="beside it bare PaddleOCR + img2table, and PyMuPDF")
    parser.add_argument("--grids", action="store_true", help="compare the finding of ruled cells alone")
    return parser.parse_args()


def _tasks(options: argparse.Namespace, folder: Path) -> list[Task]:
    if options.only:
        parts = [name.rsplit("-", 2) for name in options.only]
        chosen = [(kind, int(strength) - 1, int(seed)) for kind, strength, seed in parts]
    else:
        kinds = numbered_kinds(options.kinds)
        chosen = [(*kinds[i % len(kinds)], options.seed * 100_000 + i) for i in range(options.count)]
    return [Task(kind, strength, seed, folder, options.against, options.grids) for kind, strength, seed in chosen]


def run(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """Outcomes in the order of the tasks."""
    if jobs <= 1:
        yield from map(perform, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=engine) as pool:
        yield from pool.map(perform, tasks)


def perform(task: Task) -> Outcome:
    """Make one document, read it, keep both, and hold the result against the truth."""
    made = make_document(task.kind, task.strength, task.seed)
    found = read(made, task.kind, task.strength, task.folder)
    return Outcome(found, _rivals(made, task, task.folder / made.filename))


def read(made: Made, kind: str, strength: int, folder: Path) -> Score:
    """Put a document, its truth and its result into a folder, and hold the one against the other."""
    path = made.write(folder)
    save(made.record, folder / f"{made.name}.truth.json")
    engine()  # loading the models is not part of the time a page takes
    started = time.process_time()
    try:
        result = extract(path)
    except DocumentError as error:
        return unread(made, kind, strength, error.message, time.process_time() - started)
    seconds = time.process_time() - started
    path.with_name(f"{made.name}.json").write_text(result.model_dump_json(indent=1), encoding="utf-8")
    return score(made, kind, strength, result, seconds)


def _rivals(made: Made, task: Task, path: Path) -> dict[str, float]:
    measures: dict[str, float] = {}
    if task.against:
        from benchmarks import rivals

        measures |= rivals.compare(made, path)
    if task.grids:
        from benchmarks import finders

        measures |= finders.compare(made, path)
    return measures


def _tell(outcome: Outcome, number: int) -> None:
    one = outcome.score
    text = (
        f"{number:4}  {one.document:26} {len(one.wrong):4} wrong {len(one.silent):3} silent {len(one.alarms):3} alarms"
    )
    print(text, f" {one.seconds:6.1f} s", *one.errors, file=sys.stderr, flush=True)


def _report(outcomes: Sequence[Outcome], folder: Path) -> None:
    scores = [outcome.score for outcome in outcomes]
    rows = output.rows_of(scores)
    text = output.markdown(rows)
    measures = list(dict.fromkeys(name for outcome in outcomes for name in outcome.rivals))
    if measures:
        beside = _beside(outcomes, measures)
        text += "\n" + output.markdown(beside)
        output.write_csv(beside, folder / "rivals.csv")
    print(text)
    (folder / "accuracy.md").write_text(text, encoding="utf-8")
    (folder / "accuracy.svg").write_text(output.plot(scores), encoding="utf-8")
    (folder / "findings.txt").write_text(output.findings(scores), encoding="utf-8")
    output.write_csv(rows, folder / "accuracy.csv")
    (folder / "strengths.md").write_text(output.markdown(output.rows_of(scores, strengths=True)), encoding="utf-8")
    silent = [line for line in output.findings(scores).splitlines() if line.endswith("SILENT")]
    print("\n".join(silent) or "No figure is wrong in silence.")


def _beside(outcomes: Sequence[Outcome], measures: Sequence[str]) -> list[list[str]]:
    """Sums of the measures, a row a kind."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.score.kind, []).append(outcome)
    rows = [["kind", "rows of 三", "Nianbao: rows right", *measures]]
    for name, group in [*groups.items(), ("all", list(outcomes))]:
        sums = [sum(outcome.rivals.get(measure, 0.0) for outcome in group) for measure in measures]
        own = sum(o.score.rows for o in group), sum(o.score.rows_right for o in group)
        rows.append([name, *map(str, own), *(f"{value:.10g}" if value % 1 == 0 else f"{value:.1f}" for value in sums)])
    return rows


if __name__ == "__main__":
    main()
