"""A page picture → words and ruled lines: the grid first, then what stands in its cells and around it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.layout.borders import bridges, trace
from extractors.layout.columns import free_rules, missing_columns
from extractors.layout.grids import Grid, find_frames, find_grids
from extractors.layout.strays import without_strays
from extractors.layout.worn import with_worn_sides
from extractors.reading.crops import RIM, Crop, find_crops, ink_of_page, seen_ink, type_box
from extractors.reading.engine import Engine, TextBox, boxes_through, engine, through
from extractors.reading.ghosts import without_ghosts
from extractors.reading.holes import without_holes
from extractors.reading.loops import CLOSED, KEPT, share_of_loops
from extractors.reading.lost import cell_of, find_lost, seem_lost
from extractors.reading.orientation import UPSIDE_DOWN, find_rotation, likely_rotation, turn
from extractors.reading.page import PageReading, Rule, Word
from extractors.reading.recognition import SURE_FIGURE, legibility
from extractors.reading.rings import Ring
from extractors.reading.ruling import Ruling, find_rules
from extractors.reading.runs import find_headings, find_runs, without_strokes
from extractors.reading.seals import without_seals
from extractors.reading.sheet import find_sheet, flatten
from extractors.reading.straighten import (
    Evened,
    Level,
    even_light,
    ink_of,
    is_shaded,
    leans,
    level,
    paper_of,
    square,
    without_lean,
)
from extractors.reading.strokes import shape_of, with_stroke
from extractors.reading.window import inked

WORKING_DPI = 200
MOST_PIXELS = 24_000_000
"""Of one page at work: A3 at 300 dpi and a little; memory stays within bounds for any sheet."""
NARROWEST, LONGEST = 16, 100
"""Pixels (2 mm), and parts of the longer side, that the shorter side of a page has at least: less is a line, and shows
nothing."""
SMALL_TYPE = 0.1
"""Inches: the height of 7-point type."""
MARGIN = 0.25
"""Inches of paper around what a page shows that are looked at with it."""
PADDING = 0.018
"""Inches around the ink of a crop."""
SHADED = 25
"""Per cent of a page that are darker in uneven light: shaded heads of tables are less."""
TITLE_PAGES = 1
"""Pages at whose head the title stands, or that are its cover."""
LARGER = 1.1
"""Times the height of most lines that a title's lines have at least."""
COVER_LINES = 5
"""Lines of a cover at most: they are all that it has."""
HEAD_LINES = 8
"""Lines of ordinary type that may stand above a title: a number, a date, whom it is by."""
BARE = 2
"""Pixels of paper around the ink whose shape counts."""


@dataclass(frozen=True)
class Seen:
    """What a level page shows: its picture without what shines through and without seals."""

    gray: MatLike
    lines: NDArray[np.float64]
    """Its lines of text (n × 4 × 2) on the page before it was levelled."""
    text: list[TextBox]
    """The same on the level page."""
    ruling: Ruling
    seals: list[Ring]
    """The rings of the gray seals that were on it."""
    behind: float
    """By how many levels of 255 at most that was darker than paper which shone through; 0 where nothing did."""


def read_scan(picture: MatLike, number: int, size: tuple[float, float]) -> PageReading:
    """Read an RGB picture of page `number`, whose size in points is (width, height)."""
    to_points = size[0] / picture.shape[1]
    picture, scale = _at_working_size(picture, to_points)
    to_points /= scale
    dpi = 72 / to_points
    shorter, longer = sorted(picture.shape[:2])
    if shorter < max(NARROWEST, longer / LONGEST):
        return PageReading(number=number, width=size[0], height=size[1], origin="ocr")
    ocr = engine()
    sheet = find_sheet(picture)
    plain, sheet_to_picture = ink_of(picture, sheet), np.eye(3)
    if sheet is not None:
        plain, sheet_to_picture = flatten(plain, sheet)
    paper = paper_of(plain)
    even = Evened(even_light(plain, paper), margin=round(MARGIN * dpi))
    upright, lines, rotation, to_sheet = _upright(ocr, even)
    # a sheet on a desk, or one in uneven light, has been photographed
    seen_aside = sheet is not None or is_shaded(paper)
    shaded = is_shaded(paper, SHADED)
    page = level(upright, seen_aside)
    seen = _look(ocr, page, lines, dpi, shaded)
    squared = square(page, seen.ruling)
    if squared is None and not seen_aside and leans(seen.ruling):
        squared = without_lean(upright, page.from_page, page.skew)
    if squared is not None:
        page = squared
        seen = _look(ocr, page, seen.lines, dpi, shaded, seen.behind)
    gray, text, ruling = seen.gray, seen.text, seen.ruling
    ruled = np.asarray(cv2.dilate(ruling.mask(dpi), np.ones((3, 3), np.uint8)) > 0, bool)
    ink = ink_of_page(gray, ruled)
    rules = _rules(ruling, to_points, dpi)
    if free := free_rules(rules, find_frames(rules)):
        clear = without_strokes(free, text, to_points)
        runs = find_runs(ocr, gray, seen_ink(ink, text), text, clear, to_points)
        columns = missing_columns(clear, runs, headings=find_headings(ocr, gray, text, clear, to_points))
        rules = [rule for rule in rules if rule not in free] + clear + columns
    rules = with_worn_sides(without_strays(rules), partial(type_box, ink, to_points))
    grids = find_grids(rules)
    crops = find_crops(text, grids, ink, to_points, dpi)
    names = _titles(crops) if number <= TITLE_PAGES else set()
    words, legible, kept = _words(ocr, gray, crops, names, to_points, dpi)
    if seem_lost(crops, words, grids) and (found := find_lost(words, text, rules, gray, ink, to_points)):
        rules = found.rules
        crops = [crop for crop in find_crops(text, found.tables, found.ink, to_points, dpi) if crop.cell is not None]
        inside, as_legible, kept = _words(ocr, gray, crops, set(), to_points, dpi)
        words = [word for word in words if not _stands_in(word, found.tables)] + inside
        legible = min(legible, as_legible)
    x, y = (v * to_points for v in page.corner)
    return PageReading(
        number=number,
        width=size[0],
        height=size[1],
        sheet_height=upright.gray.shape[0] * to_points,
        origin="ocr",
        rotation=rotation,
        skew=page.skew,
        words=[replace(w, box=(w.box[0] + x, w.box[1] + y, w.box[2] + x, w.box[3] + y)) for w in words],
        rules=[replace(r, x0=r.x0 + x, y0=r.y0 + y, x1=r.x1 + x, y1=r.y1 + y) for r in rules],
        to_page=_in_points(sheet_to_picture @ to_sheet @ page.from_page, to_points),
        legibility=legible,
        strokes_kept=kept,
        seals=[tuple(v * to_points + w for v, w in zip(ring.box, (x, y, x, y), strict=True)) for ring in seen.seals],
        behind=seen.behind,
        ocr_models=ocr.models,
    )


def _upright(ocr: Engine, page: Evened) -> tuple[Evened, NDArray[np.float64], int, NDArray[np.float64]]:
    """A page turned upright, the lines of text on it (n × 4 × 2), the degrees that it was turned, and the matrix
    back."""
    rotation = likely_rotation(page.gray)
    upright, to_sheet = _turned(page, rotation)
    lines = ocr.detect(upright.gray, upright.window)
    if further := find_rotation(upright.gray, lines, ocr):
        upright, back = _turned(upright, further)
        to_sheet, rotation = to_sheet @ back, (rotation + further) % 360
        # the detector sees lines that lie better than lines that stand
        known = further == UPSIDE_DOWN
        lines = through(lines, np.linalg.inv(back)) if known else ocr.detect(upright.gray, upright.window)
    return upright, lines, rotation, to_sheet


def _turned(page: Evened, rotation: int) -> tuple[Evened, NDArray[np.float64]]:
    gray, back = turn(page.gray, rotation)
    return replace(page, gray=gray) if rotation else page, back


def _look(ocr: Engine, page: Level, lines: NDArray[np.float64], dpi: float, shaded: bool, known: float = 0.0) -> Seen:
    """What a level page shows; `lines` are those of the page before it was levelled, `shaded` is whether its light is
    uneven, `known` is how dark it is that shines through, if it was seen before."""

    def detected(picture: MatLike) -> NDArray[np.float64]:
        return ocr.detect(picture, inked(picture) or (0, 0, picture.shape[1], picture.shape[0]))

    def boxes(picture: MatLike) -> list[TextBox]:
        return boxes_through(detected(picture), np.eye(3), picture.shape)

    text = boxes_through(lines, np.linalg.inv(page.to_picture), page.gray.shape)
    whole, seals = without_seals(without_holes(page.gray, dpi), dpi)
    gray, behind = without_ghosts(whole, text, dpi, boxes, ocr.confidences, shaded, known)
    if behind and not known:
        # lines of the back hid those of the page, and were joined with them
        found = detected(gray)
        lines, text = through(found, page.to_picture), boxes_through(found, np.eye(3), gray.shape)
    # the page's own rules may be as faint as what shines through
    return Seen(gray, lines, text, find_rules(whole, text, dpi, gray if behind else None), seals, behind)


def _rules(ruling: Ruling, to_points: float, dpi: float) -> list[Rule]:
    """The rules of a page in points, each side of a table's cells as it shows."""

    def shown(start: float, end: float, at: float, upright: bool) -> float | None:
        return ruling.shown(start / to_points, end / to_points, at / to_points, upright, dpi)

    found = [
        Rule(x0=a * to_points, y0=b * to_points, x1=c * to_points, y1=d * to_points)
        for a, b, c, d in ruling.segments(dpi)
    ]
    return trace(found, find_grids([*found, *bridges(found)]), shown)


def _at_working_size(picture: MatLike, to_points: float) -> tuple[MatLike, float]:
    """Bring the picture near 200 dpi: finer ones cost time, coarser ones hide thin strokes."""
    pixels = picture.shape[0] * picture.shape[1]
    scale = min(WORKING_DPI * to_points / 72, (MOST_PIXELS / pixels) ** 0.5)
    if 0.9 <= scale <= 1.1:
        return picture, 1.0
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method)
    return resized.astype(np.uint8, copy=False), scale


def _in_points(to_picture: NDArray[np.float64], to_points: float) -> tuple[float, ...]:
    """The same mapping for points instead of pixels on both sides."""
    scale = np.diag([to_points, to_points, 1.0])
    return tuple(float(v) for v in (scale @ to_picture @ np.linalg.inv(scale)).ravel())


def _type_high(box: TextBox, dpi: float) -> TextBox:
    """At least as high as small type: a dash scaled up to the height of a figure would look like one."""
    lack = round(SMALL_TYPE * dpi) - (box.y1 - box.y0)
    if lack <= 0:
        return box
    return TextBox(box.x0, box.y0 - lack // 2, box.x1, box.y1 + lack - lack // 2)


def _type_size(text: str, box: TextBox) -> float:
    """Pixels: from the width of a line, which is steadier than the height of its box; Chinese type is square."""
    squares = sum(0.5 if char.isascii() else 1.0 for char in text)
    width, height = box.x1 - box.x0, box.y1 - box.y0
    if squares >= 3:
        return width / squares
    # the paper around so short a line counts
    return (width - RIM * height) / squares if squares >= 2 else (1 - RIM) * height


def _stands_in(word: Word, grids: Sequence[Grid]) -> bool:
    return cell_of(word.box, grids) is not None


def _cut(picture: MatLike, box: TextBox, margin: int) -> MatLike:
    height, width = picture.shape[:2]
    return picture[
        max(box.y0 - margin, 0) : min(box.y1 + margin, height), max(box.x0 - margin, 0) : min(box.x1 + margin, width)
    ]


def _titles(crops: Sequence[Crop]) -> set[int]:
    """Indices of the lines at the head of a page, outside of tables, whose type is larger than most: one of them may be
    the title."""
    lines = sorted((crop.box.y0, i) for i, crop in enumerate(crops) if crop.cell is None)
    heights = {i: crops[i].box.y1 - crops[i].box.y0 for _, i in lines}
    usual = median(heights.values()) if len(heights) > COVER_LINES else 0
    found, ordinary = set[int](), 0
    for _, i in lines:
        if heights[i] >= LARGER * usual:
            found.add(i)
        else:
            ordinary += 1
        if ordinary > HEAD_LINES:
            break
    return found


def _words(
    ocr: Engine, gray: MatLike, crops: Sequence[Crop], names: Collection[int], to_points: float, dpi: float
) -> tuple[list[Word], float, bool]:
    """What the crops say, those in `names` read thoroughly, how legible the page is, 0–1, and whether the figures show
    that it has kept thin strokes."""
    pad = round(PADDING * dpi)
    pictures = [_cut(gray, _type_high(crop.box, dpi), pad if crop.cell is not None else 0) for crop in crops]
    shapes = [None if crop.cell is None else shape_of(_cut(gray, crop.box, BARE), dpi) for crop in crops]
    strokes = {i for i, shape in enumerate(shapes) if shape is not None and shape.plain}
    readings = ocr.recognise(pictures, names, strokes)
    words = []
    for crop, reading, shape in zip(crops, readings, shapes, strict=True):
        box, result = crop.box, reading
        if shape is not None:
            result = with_stroke(result, shape)
        elif not result.text:
            continue
        words.append(
            Word(
                text=result.text,
                box=(box.x0 * to_points, box.y0 * to_points, box.x1 * to_points, box.y1 * to_points),
                confidence=result.confidence,
                origin="ocr",
                size=_type_size(result.text, box) * to_points,
                figure=result.figure if crop.cell is not None else None,
                figure_confidence=result.figure_confidence,
            )
        )
    figures = (
        (reading.figure, _cut(gray, crop.box, BARE))
        for crop, reading in zip(crops, readings, strict=True)
        if crop.cell is not None and reading.figure_confidence >= SURE_FIGURE
    )
    loops = share_of_loops(figures)
    legible = legibility(readings)
    if loops is not None and loops < CLOSED:
        legible = min(legible, loops)
    return words, legible, loops is not None and loops >= KEPT
