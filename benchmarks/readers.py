"""One reader in a process of its own, for `benchmarks.speed`: `python -m benchmarks.readers NAME`.

Takes paths from standard input, a line each, and answers each with a line of JSON (`Measured`). Before the first it
has loaded its models and read a page of figures, so that the memory it needs has been handed out; with `--text` all
files have text, and Nianbao's engine stays unloaded.
What is counted beside the time does not hang on the machine: what goes into ONNX Runtime, which all readers run on.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

NIANBAO, PADDLE, IMG2TABLE = "Nianbao", "PaddleOCR", "img2table + RapidOCR"
RECOGNISER_HEIGHT = 48
"""Pixels: the height of the crops that the recognisers of PP-OCR take."""


@dataclass
class Counts:
    """What the models were given."""

    megapixels: float = 0.0
    """In which text was looked for, padding included."""
    crops: int = 0
    columns: int = 0
    """Of pixels of these crops, padding included."""

    def add(self, tensor: Any, outcome: Any) -> None:
        """One run of a model: `tensor` is batch × 3 × height × width; a recogniser gives a sequence for each crop, a
        detector a map."""
        batch, _, height, width = tensor.shape
        if outcome.ndim == 4:
            self.megapixels += batch * height * width / 1e6
        elif outcome.ndim == 3 and height == RECOGNISER_HEIGHT:
            self.crops += batch
            self.columns += batch * width

    def watch(self) -> None:
        """Count the runs of ONNX Runtime from now on, in this process."""
        import onnxruntime

        run = onnxruntime.InferenceSession.run

        def counted(session: Any, names: Any, feeds: dict[str, Any], *rest: Any, **options: Any) -> Any:
            outcomes = run(session, names, feeds, *rest, **options)
            self.add(next(iter(feeds.values())), outcomes[0])
            return outcomes

        onnxruntime.InferenceSession.run = counted


@dataclass
class Measured:
    """What one file took: seconds by the clock and of the processor, and the peak of the process so far."""

    pages: int
    seconds: float
    core_seconds: float
    peak_mb: float
    counts: Counts
    stages: dict[str, float] = field(default_factory=dict)
    """Core-seconds of Nianbao's stages."""
    result: str | None = None
    """Nianbao's result, as JSON."""
    error: str | None = None

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Measured:
        data = json.loads(text)
        return cls(**{**data, "counts": Counts(**data["counts"])})


Read = Callable[[Path], tuple[int, str | None]]
"""Reads a file; gives its number of pages, and the result where it is Nianbao's."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readers")
    parser.add_argument("name", choices=(NIANBAO, PADDLE, IMG2TABLE))
    parser.add_argument("--text", action="store_true", help="all files have text: leave Nianbao's engine unloaded")
    parser.add_argument("--core", type=int, help="the core to stay on")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    # libraries print what they like: what they print goes elsewhere
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    stages: dict[str, float] = {}
    counts = Counts()
    try:
        read = {NIANBAO: _nianbao, PADDLE: _paddle, IMG2TABLE: _img2table}[options.name](options.text, stages)
    except ImportError as error:
        print(f"not installed: {error}", file=answers, flush=True)
        return
    if not (options.text and options.name == NIANBAO):
        counts.watch()
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(_measure(read, Path(line.rstrip("\n")), counts, stages).to_json(), file=answers, flush=True)


def _measure(read: Read, path: Path, counts: Counts, stages: dict[str, float]) -> Measured:
    stages.clear()
    before = dataclasses.replace(counts)
    clock, core = time.perf_counter(), time.process_time()
    pages, result, problem = 0, None, None
    try:
        pages, result = read(path)
    except Exception as error:  # what a reader cannot read, it has not read
        problem = repr(error)
    seconds, core_seconds = time.perf_counter() - clock, time.process_time() - core
    own = Counts(counts.megapixels - before.megapixels, counts.crops - before.crops, counts.columns - before.columns)
    return Measured(pages, seconds, core_seconds, peak_mb(), own, dict(stages), result, problem)


def peak_mb() -> float:
    """Most memory that this process has had resident."""
    try:
        # getrusage would count the parent's, from before this process became another program
        status = Path("/proc/self/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _first_page() -> Any:
    """A picture of A4 (RGB, 200 dpi) with figures up to its margins: memory that a machine hands out for the first time
    can take as long as the reading itself, and would count for whoever comes first."""
    import cv2
    import numpy as np

    page = np.full((2339, 1654, 3), 255, np.uint8)
    for y in range(200, 2200, 60):
        for x in range(160, 1500, 200):
            cv2.putText(page, str(x + y), (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    return page


def _nianbao(text: bool, stages: dict[str, float]) -> Read:
    from benchmarks.stages import Clock
    from extractors.pipeline import extract

    if text:
        import_module("extractors.reading.text_layer")
    else:
        from extractors.reading.scan import read_scan

        read_scan(_first_page(), 1, (595.0, 842.0))
    clock = Clock(seconds=stages)
    clock.watch(loaded_only=text)

    def read(path: Path) -> tuple[int, str | None]:
        result = extract(path)
        return result.document.page_count, result.model_dump_json()

    return read


def _paddle(text: bool, stages: dict[str, float]) -> Read:
    import numpy as np

    from benchmarks.bare import paddle, pictures

    list(paddle().predict(_first_page()))

    def read(path: Path) -> tuple[int, str | None]:
        pages = 0
        for picture in pictures(path):
            list(paddle().predict(np.ascontiguousarray(picture[:, :, ::-1])))  # it takes BGR
            pages += 1
        return pages, None

    return read


def _img2table(text: bool, stages: dict[str, float]) -> Read:
    from benchmarks.overlay import FOLDER

    sys.path.insert(0, str(FOLDER.resolve()))  # over the project's own OpenCV
    from img2table.document import Image
    from img2table.ocr import RapidOCR
    from rapidocr import LangRec

    from benchmarks.bare import as_png, pictures
    from extractors.reading.engine import threads

    ocr = RapidOCR(
        params={
            "Global.log_level": "error",
            "Rec.lang_type": LangRec.CH,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads(),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def tables(picture: Any) -> None:
        Image(as_png(picture), detect_rotation=True).extract_tables(ocr=ocr)

    tables(_first_page())

    def read(path: Path) -> tuple[int, str | None]:
        pages = 0
        for picture in pictures(path):
            tables(picture)
            pages += 1
        return pages, None

    return read


if __name__ == "__main__":
    main()
