"""Makes the sample reports again from their truth record: `python -m tests.making.samples [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.making.damage import Damage
from tests.making.layout import Layout
from tests.making.pdf import render
from tests.making.record import load
from tests.making.scan import to_pdf

SCAN = Damage(dpi=200, noise=1.2, blur=0.5, skew=0.4, jpeg=65)


def make_samples(folder: Path) -> None:
    """Write the text PDF and its office scan beside `yanzhou-2021.truth.json`."""
    record = load(folder / "yanzhou-2021.truth.json")
    pdf = render(record, Layout(latin_face="tiro", title_break="none", row_height=17.0))
    (folder / "yanzhou-2021.pdf").write_bytes(pdf)
    (folder / "yanzhou-2021-scan.pdf").write_bytes(to_pdf(pdf, SCAN, seed=2021))


if __name__ == "__main__":
    make_samples(Path(sys.argv[1] if len(sys.argv) > 1 else "samples"))
