"""Makes a corpus: NAME.pdf|tiff with NAME.truth.json, for `python -m tests.making OUT_DIR --count N`."""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from tests.making import scan
from tests.making.figures import FigureOptions
from tests.making.layout import draw_layout
from tests.making.pdf import render
from tests.making.record import save
from tests.making.words import draw_record

MODES = ("pdf", *scan.PRESETS, "tiff", "mixed")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.making", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the corpus goes")
    parser.add_argument("--count", type=int, default=10, help="how many documents")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mode", choices=MODES, action="append", help="kinds of documents, taken in turn")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    modes = options.mode or ["pdf", "office"]
    for index in range(options.count):
        mode = modes[index % len(modes)]
        name = make(options.folder, mode, options.seed * 100_000 + index)
        print(name)


def make(folder: Path, mode: str, seed: int) -> str:
    """Write one document and its truth record; gives the name."""
    rng = Random(seed)
    record = draw_record(rng, draw_options(rng))
    record.mode = mode
    pdf = render(record, draw_layout(rng, light=mode in ("pdf", "mixed")))
    name = f"{mode}-{seed}"
    document, suffix = _document(pdf, mode, seed)
    (folder / f"{name}.{suffix}").write_bytes(document)
    save(record, folder / f"{name}.truth.json")
    return name


def draw_options(rng: Random) -> FigureOptions:
    """Figures of every kind, in about the shares that real reports have."""
    form, requests_form = rng.choice((("2021", "2021"),) * 5 + (("2019", "2019"),) * 2 + (("2021", "2019"),))
    return FigureOptions(
        form="2019" if form == "2019" else "2021",
        requests_form="2019" if requests_form == "2019" else "2021",
        scale=rng.choice((0, 3, 50, 50, 400, 3000)),
        zero_share=rng.choice((0.5, 0.75, 0.9)),
        errors=rng.choice((0, 0, 0, 1, 3)),
        blank=rng.choice((None, None, None, "", "/", "-", "—")),
        blank_share=rng.choice((1.0, 1.0, 0.5)),
        notes=rng.choice((0, 0, 0, 1, 2)),
        signs=rng.choice(("ascii", "full", "words", "plus")),
        fee_unit=rng.random() < 0.05,
    )


def _document(pdf: bytes, mode: str, seed: int) -> tuple[bytes, str]:
    if mode == "pdf":
        return pdf, "pdf"
    if mode == "tiff":
        return scan.to_tiff(pdf, scan.PRESETS["fax" if seed % 2 else "office"], seed), "tiff"
    if mode == "mixed":
        return scan.to_mixed_pdf(pdf, scan.PRESETS["office"], {2, 3}, seed), "pdf"
    if mode == "junk":
        return scan.to_junk_pdf(pdf, scan.PRESETS["junk"], seed), "pdf"
    return scan.to_pdf(pdf, scan.PRESETS[mode], seed), "pdf"


if __name__ == "__main__":
    main()
