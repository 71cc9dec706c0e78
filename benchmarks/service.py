"""How fast the service is, and whether it stays so: `python -m benchmarks.service`.

First starts a real `nianbao serve` in a scratch folder, sends it a report with text and a scan, and reads the same
pages directly on all cores; then pages whose reading takes no time, which tells what the queue adds to a page. Then
fills a scratch database with more and more reports and says how long uploads, polls, lists and a round of the
reconciler take at each size, as multiples of the smallest. `--out DIR` keeps service.md, service.csv and a picture
(service.svg). Only the multiples are to be compared: both sides of each are measured in the same run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Mapping, Sequence
from html import escape
from math import log2, log10
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import output
from benchmarks.growth import COUNTED, measure
from benchmarks.serving import Latency, latencies, queue_latency

SIZES = (100, 1_000, 10_000, 50_000)
MOST = 64.0
"""Times as long: the top of the picture."""
COLOURS = ("#c0182b", "#7a4b94", "#454f5b", "#3f7d8c", "#6b8f71", "#7f9db9", "#d77fa1", "#e39a2d")
GROWN = "#bbb"
"""Colour of what counts a share of the archive."""
Growth = Mapping[int, Mapping[str, float]]
"""Size of the archive → question → seconds."""


def main() -> None:
    options = _options()
    with TemporaryDirectory() as scratch:
        found: list[Latency] = []
        if not options.only_growth:
            for latency in latencies(Path(scratch), options.repeats):
                found.append(latency)
                print(latency, file=sys.stderr, flush=True)
            found.append(queue_latency(Path(scratch) / "queue", 5 * options.repeats))
        growth: dict[int, dict[str, float]] = {}
        for size, took in measure(Path(scratch) / "archive", options.sizes, options.database_url):
            growth[size] = took
            print(f"{size} reports", file=sys.stderr, flush=True)
    text = "\n".join(output.markdown(rows) for rows in (latency_rows(found), growth_rows(growth)) if len(rows) > 1)
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "service.md").write_text(text, encoding="utf-8")
        output.write_csv([*latency_rows(found), *growth_rows(growth)], options.out / "service.csv")
        (options.out / "service.svg").write_text(plot(growth), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="how often the scan is sent; text five times as often")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="reports in the archive, rising")
    parser.add_argument("--database-url", help="an empty database to fill; SQLite in a scratch folder where not given")
    parser.add_argument("--only-growth", action="store_true", help="start no service")
    parser.add_argument("--out", type=Path, help="where tables and picture are kept")
    return parser.parse_args()


def latency_rows(found: Sequence[Latency]) -> list[list[str]]:
    """A head, and a row a document: milliseconds served and directly, their ratio, and what is added a page."""
    rows = [["read", "pages", "upload to result, ms", "directly, ms", "times", "more, ms a page"]]
    for one in found:
        times = f"{one.served / one.direct:.2f}" if one.direct else "–"
        more = 1000 * (one.served - one.direct) / one.pages
        rows.append([one.name, str(one.pages), _ms(one.served), _ms(one.direct), times, f"{more:.1f}"])
    return rows


def growth_rows(growth: Growth) -> list[list[str]]:
    """A head, and a row a question: milliseconds at the smallest size, then how many times as long at each other."""
    sizes = sorted(growth)
    if not sizes:
        return [["asked"]]
    least = growth[sizes[0]]
    rows = [["asked", f"{sizes[0]:,} reports, ms", *(f"{size:,}, times" for size in sizes[1:])]]
    for name, took in least.items():
        rows.append([name, _ms(took), *(f"{growth[size][name] / took:.2f}" for size in sizes[1:])])
    return rows


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f}"


def plot(growth: Growth, faint: Collection[str] = ()) -> str:
    """An SVG: a line a question, how many times as long it takes (1 to 64, logarithmic) over the size (logarithmic).

    Those named `faint` are gray, as are those that count.
    """
    sizes = sorted(growth)
    left, top, width, height = 50.0, 20.0, 420.0, 300.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 230} {top + height + 40}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    span = log10(sizes[-1] / sizes[0]) or 1.0

    def place(size: int, times: float) -> tuple[float, float]:
        share = min(max(log2(times) / log2(MOST), 0.0), 1.0)
        return left + width * log10(size / sizes[0]) / span, top + height * (1 - share)

    for power in range(int(log2(MOST)) + 1):
        _, y = place(sizes[0], 2.0**power)
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + width}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{2**power} ×</text>')
    for size in sizes:
        x, y = place(size, 1.0)
        parts.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">{size:,}</text>')
    colours = iter(COLOURS)
    for index, (name, least) in enumerate(growth[sizes[0]].items()):
        colour = GROWN if name in faint or name.startswith(COUNTED) else next(colours, GROWN)
        points = [place(size, growth[size][name] / least) for size in sizes]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = left + width + 20, top + 6 + 20 * index
        times = growth[sizes[-1]][name] / least
        parts.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="{y + 10}">{escape(name)}: {times:.1f} ×</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    main()
