"""The kinds of documents that people have, each in several strengths: what the benchmarks are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Final, Literal

from tests.making import packing, scan
from tests.making.__main__ import draw_options
from tests.making.damage import Damage
from tests.making.docx import write_docx
from tests.making.html import write_html, write_mhtml
from tests.making.layout import Layout, draw_layout
from tests.making.markup import Markup, draw_markup
from tests.making.pdf import Printed, print_report
from tests.making.record import Record
from tests.making.sheet import Place
from tests.making.words import draw_record

Form = Literal["html", "mhtml", "docx", "text", "outlines", "table-picture", "scan", "tiff", "junk", "mixed"]


@dataclass(frozen=True)
class Kind:
    """One strength of one kind of damage, and what sort of file it comes in."""

    damage: Damage = field(default_factory=Damage)
    form: Form = "scan"
    layout: Mapping[str, object] = field(default_factory=dict)
    """Fields of the layout that are so, whatever is drawn."""


WRITERS: Final[dict[str, Callable[[Record, Layout, Markup, int], bytes]]] = {
    "html": write_html,
    "mhtml": write_mhtml,
    "docx": write_docx,
}
"""Files without pages."""
_OFFICE = Damage(noise=3.0, blur=0.5, skew=0.4)
_FAX = Damage(bilevel=True, noise=14.0, blur=0.6, skew=0.8, specks=2e-5)
_COARSE = replace(_FAX, coarse=True, noise=8.0, specks=0.0)
_PHOTO = Damage(colour=True, noise=4.0, blur=0.6, jpeg=78)
_SPLIT = {"split_rows": "second", "repeat_heads": False, "table_size": 10.5, "row_height": 20.0}
_UNRULED = {"rule_style": "none"}

KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    "text": (Kind(form="text"), Kind(form="text")),
    "html": (Kind(form="html"), Kind(form="mhtml")),
    "docx": (Kind(form="docx"),),
    "text-level": (Kind(form="text", layout={"rule_style": "level"}),),
    "text-split": (
        Kind(form="text", layout=_SPLIT),
        Kind(form="text", layout={**_SPLIT, "split_rows": "first"}),
    ),
    "outlines": (Kind(form="outlines"),),
    "table-picture": (
        Kind(Damage(noise=1.0, blur=0.4), form="table-picture"),
        Kind(Damage(dpi=150, noise=3.0, blur=0.5, jpeg=60), form="table-picture"),
    ),
    "junk": (Kind(_OFFICE, form="junk"),),
    "mixed": (Kind(_OFFICE, form="mixed"),),
    "office": (
        Kind(_OFFICE),
        Kind(replace(_OFFICE, noise=5.0, blur=0.7, skew=1.0, jpeg=70)),
        Kind(_OFFICE, form="tiff"),
        Kind(replace(_OFFICE, dpi=300)),
    ),
    "worn": (
        Kind(scan.PRESETS["worn"]),
        Kind(replace(_OFFICE, worn=0.6, faint=0.1)),
        Kind(replace(_OFFICE, worn=0.85, faint=0.2, specks=2e-5)),
        Kind(scan.PRESETS["thin"]),
    ),
    "low": (
        Kind(Damage(dpi=150, noise=3.0, blur=0.4, skew=0.5, jpeg=75)),
        Kind(Damage(dpi=120, noise=3.0, blur=0.4, skew=0.5, jpeg=75)),
    ),
    "jpeg": (Kind(replace(_OFFICE, jpeg=40)), Kind(replace(_OFFICE, jpeg=25))),
    "light": (
        Kind(replace(_OFFICE, lamp=0.6, shading=0.2)),
        Kind(replace(_OFFICE, lamp=0.85, shading=0.4, noise=5.0)),
    ),
    "skew": (
        Kind(replace(_OFFICE, skew=3.0, least_skew=1.5)),
        Kind(replace(_OFFICE, skew=6.0, least_skew=4.0)),
        Kind(replace(_OFFICE, skew=10.0, least_skew=8.0)),
    ),
    "turned": (
        Kind(replace(_OFFICE, rotations=(90, 270, 180))),
        Kind(replace(_OFFICE, skew=4.0, rotations=(180, 90))),
    ),
    "fax": (
        Kind(_FAX),
        Kind(replace(_FAX, threshold=125)),
        Kind(replace(_FAX, threshold=200, noise=8.0)),
        Kind(replace(_FAX, specks=1e-4, noise=20.0), form="tiff"),
    ),
    "fax-coarse": (Kind(_COARSE),),
    "photo": (
        Kind(replace(_PHOTO, perspective=0.02, desk="wood")),
        Kind(replace(_PHOTO, perspective=0.04, shading=0.35, desk="cloth")),
        Kind(replace(_PHOTO, perspective=0.03, shading=0.2, desk="light")),
        Kind(replace(_PHOTO, perspective=0.03, hand_shadow=0.45, desk="wood")),
        Kind(replace(_PHOTO, perspective=0.06, shading=0.3, bend=3.0, desk="wood")),
    ),
    "edges": (
        Kind(replace(_OFFICE, black_edges=True, holes=True)),
        Kind(replace(_OFFICE, black_edges=True, deep_holes=4)),
    ),
    "seal": (
        Kind(replace(_OFFICE, colour=True, seal_tables=True)),
        Kind(replace(_OFFICE, seal_tables=True, jpeg=60)),
        Kind(replace(_OFFICE, seal_tables=True, lettered=True)),
        Kind(replace(_OFFICE, colour=True, seal_tables=True, lettered=True)),
    ),
    "bleed": (Kind(replace(_OFFICE, bleed=0.12)), Kind(replace(_OFFICE, bleed=0.25))),
    "rules": (
        Kind(_OFFICE, layout={"rule_width": 0.2, "rule_gray": 0.2}),
        Kind(_OFFICE, layout={"rule_width": 0.4, "rule_gray": 0.6}),
        Kind(_OFFICE, layout={"rule_width": 0.5, "rule_style": "broken"}),
        Kind(_OFFICE, layout={"rule_width": 0.4, "rule_style": "double"}),
    ),
    "bent": (Kind(replace(_OFFICE, bend=3.0)), Kind(replace(_OFFICE, bend=6.0))),
    "level": (Kind(_OFFICE, layout={"rule_style": "level"}),),
    "split": (
        Kind(_OFFICE, layout=_SPLIT),
        Kind(_OFFICE, layout={**_SPLIT, "split_rows": "first"}),
    ),
    "text-unruled": (Kind(form="text", layout=_UNRULED),),
    "unruled": (
        Kind(_OFFICE, layout=_UNRULED),
        Kind(_COARSE, layout=_UNRULED),
        Kind(replace(_OFFICE, dpi=150, faint=0.3), layout=_UNRULED),
    ),
}


@dataclass(frozen=True)
class Made:
    """A made document, what it prints and where."""

    name: str
    data: bytes
    suffix: str
    record: Record
    cells: dict[str, Place]
    """Where the cell of each figure is on the pages as the file shows them, if it has any."""
    tables: dict[int, list[Place]]
    """The same for the pieces of the tables, by section."""

    @property
    def filename(self) -> str:
        return f"{self.name}.{self.suffix}"

    def write(self, folder: Path) -> Path:
        """Put the document into a folder under its name."""
        path = folder / self.filename
        path.write_bytes(self.data)
        return path


def numbered_kinds(names: list[str] | None = None) -> list[tuple[str, int]]:
    """All (kind, strength) pairs: each kind's first strength, then each kind's second, and so on."""
    chosen = {name: KINDS[name] for name in names or KINDS}
    most = max(len(strengths) for strengths in chosen.values())
    return [(name, i) for i in range(most) for name, strengths in chosen.items() if i < len(strengths)]


def make_document(name: str, strength: int, seed: int, short: bool | None = None) -> Made:
    """One document of a kind; the same arguments give the same document."""
    kind = KINDS[name][strength]
    rng = Random(seed)
    record = draw_record(rng, draw_options(rng), short=rng.random() < 0.6 if short is None else short)
    record.mode = name
    light = kind.form in ("text", "mixed", "table-picture")
    # replace() takes any fields; that they are fields of Layout shows at once, as all kinds are made in the tests
    layout = replace(draw_layout(rng, light=light), **kind.layout)  # type: ignore[arg-type]
    if kind.form in WRITERS:
        data = WRITERS[kind.form](record, layout, draw_markup(rng), seed)
        return Made(f"{name}-{strength + 1}-{seed}", data, kind.form, record, {}, {})
    printed = print_report(record, layout)
    data, suffix, pages = _packed(printed, kind, seed)
    return Made(
        name=f"{name}-{strength + 1}-{seed}",
        data=data,
        suffix=suffix,
        record=record,
        cells={path: _on_scan(place, pages) for path, place in printed.cells.items()},
        tables={section: [_on_scan(p, pages) for p in places] for section, places in printed.tables.items()},
    )


def _on_scan(place: Place, pages: list[scan.ScannedPage]) -> Place:
    return Place(place.page, pages[place.page].box(place.box)) if pages else place


def _packed(printed: Printed, kind: Kind, seed: int) -> tuple[bytes, str, list[scan.ScannedPage]]:
    """The file, its suffix, and its pages where they have moved."""
    pdf = printed.pdf
    if kind.form == "text":
        return pdf, "pdf", []
    if kind.form == "outlines":
        return packing.to_outlines(pdf), "pdf", []
    if kind.form == "table-picture":
        sections = [2, 3, 4][seed % 3 :][:1]
        places = [place for section in sections for place in printed.tables[section]]
        return packing.with_picture(pdf, places, kind.damage, seed), "pdf", []
    if kind.form == "mixed":
        return scan.to_mixed_pdf(pdf, kind.damage, {1, 2}, seed), "pdf", []
    pages = scan.scan_pages(pdf, kind.damage, seed, [p for places in printed.tables.values() for p in places])
    pictures = [page.picture for page in pages]
    if kind.form == "tiff":
        return scan.bind_tiff(pictures, kind.damage), "tiff", pages
    bound = scan.bind(pictures, kind.damage)
    return (scan.with_junk(bound, pdf, seed) if kind.form == "junk" else bound), "pdf", pages
