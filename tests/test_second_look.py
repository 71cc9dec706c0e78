from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from cv2.typing import MatLike

from extractors.cells import CellReading
from extractors.checks.sums import check_sums
from extractors.figures import SHORT_STROKE, WHOLE_STROKE
from extractors.forms import load_form
from extractors.forms.found import FoundTable
from extractors.reading.decoding import Alphabet, decode
from extractors.reading.page import PageReading
from extractors.reading.strokes import stroke_of
from extractors.report import Check, Evidence, Value
from extractors.second_look import _suspects, _with_thin_dashes
from extractors.second_look.bars import _as_sums_allow
from extractors.second_look.choosing import choose, corrected
from extractors.second_look.cutouts import DPI, cut_out, ink_in, sign_unclear, soiled, variants, without_blots
from extractors.second_look.rereading import BLANK, SOILED, STROKE, Rereading

FORM = load_form("2021").table("review_litigation")
ROW = "review_litigation.reconsideration"


def cell(path: str, value: Value, confidence: float | None = 0.99) -> CellReading:
    evidence = Evidence(
        raw="" if value is None else str(value),
        page=1,
        box=(0, 0, 9, 9),
        confidence=None if value is None else confidence,
        origin="ocr",
        state="blank" if value is None else "read",
    )
    doubtful = confidence is not None and confidence < 0.6
    return CellReading(path, value, evidence, "low_confidence" if doubtful else None)


def row(upheld: CellReading, total: Value = 7) -> dict[str, CellReading]:
    cells = {
        f"review_litigation.{r.key}.{c.key}": cell(f"review_litigation.{r.key}.{c.key}", 0)
        for r in FORM.rows
        for c in FORM.columns_of(r)
    }
    cells[f"{ROW}.upheld"] = upheld
    cells[f"{ROW}.total"] = cell(f"{ROW}.total", total)
    return cells


def checks(cells: object) -> list[Check]:
    return check_sums({"review_litigation": FORM}, cells)  # type: ignore[arg-type]


def test_a_second_look_that_agrees_settles_a_doubt() -> None:
    first = cell(f"{ROW}.upheld", 7, 0.5)
    after = choose(row(first), {first.path: Rereading({7: 0.97}, unanimous=True)}, checks)[first.path]
    assert (after.value, after.reason, after.evidence.state) == (7, None, "read")
    assert not after.doubtful


def test_the_sums_choose_between_figures_that_the_pixels_support() -> None:
    first = cell(f"{ROW}.upheld", 1, 0.5)
    after = choose(row(first), {first.path: Rereading({1: 0.5, 7: 0.4}, unanimous=False)}, checks)[first.path]
    assert (after.value, after.reason, after.evidence.state) == (7, "corrected", "corrected")
    assert after.evidence.first_reading == "1"


def test_the_sums_choose_what_a_sure_second_reading_says_though_the_first_was_sure_too() -> None:
    """113 whose first digit is pale was read as 13, and the second time as 113."""
    first = cell(f"{ROW}.upheld", 13, 0.98)
    after = choose(row(first, 113), {first.path: Rereading({113: 0.99}, unanimous=True)}, checks)[first.path]
    assert (after.value, after.evidence.state, after.reason) == (113, "corrected", "corrected")
    unhelpful = choose(row(first, 114), {first.path: Rereading({113: 0.99}, unanimous=True)}, checks)[first.path]
    assert (unhelpful.value, unhelpful.reason) == (13, "ambiguous")


def test_the_sums_never_invent_a_figure() -> None:
    first = cell(f"{ROW}.upheld", 1, 0.5)
    after = choose(row(first), {first.path: Rereading({1: 0.5, 4: 0.4}, unanimous=False)}, checks)[first.path]
    assert (after.value, after.reason) == (1, "low_confidence")


@pytest.mark.parametrize(("faded", "listed"), [(set(), "ambiguous"), ({1}, None)])
def test_on_a_page_without_thin_strokes_a_1_for_a_4_is_no_other_reading(faded: set[int], listed: str | None) -> None:
    first = cell(f"{ROW}.upheld", 48, 0.97)
    after = choose(row(first, 48), {first.path: Rereading({18: 0.99}, unanimous=True)}, checks, faded)[first.path]
    assert (after.value, after.reason) == (48, listed)


def test_no_sum_makes_a_1_of_a_4_there() -> None:
    first = cell(f"{ROW}.upheld", 4, 0.6)
    again = {first.path: Rereading({4: 0.67, 1: 0.12}, unanimous=True)}
    assert choose(row(first, 1), again, checks)[first.path].value == 1
    assert choose(row(first, 1), again, checks, {1})[first.path].value == 4


@pytest.mark.parametrize(
    ("told", "total", "values"), [({"upheld"}, 4, (4, 4)), ({"upheld"}, 1, (1, 1)), ({"upheld", "total"}, 1, (4, 4))]
)
def test_a_1_told_to_be_a_4_stays_one_in_doubt_where_fewer_sums_would_agree(
    told: set[str], total: int, values: tuple[int, int]
) -> None:
    cells = row(cell(f"{ROW}.upheld", 1), total)
    fours = {f"{ROW}.{column}": corrected(cells[f"{ROW}.{column}"], 4, 0.9) for column in told}
    after = _as_sums_allow(cells, fours, {"review_litigation": FoundTable("review_litigation", "2021")})
    assert (after[f"{ROW}.upheld"].value, after[f"{ROW}.total"].value) == values
    assert all(after[path].reason for path in fours)


def test_what_was_chosen_once_is_not_looked_at_again() -> None:
    first = cell(f"{ROW}.upheld", 4, 0.5)
    assert _suspects(row(first), checks(row(first)))[0] == first.path
    chosen = corrected(first, 1, 0.9)
    assert first.path not in _suspects(row(chosen), checks(row(chosen)))


def test_two_choices_that_agree_as_well_are_left_to_a_person() -> None:
    upheld, other = cell(f"{ROW}.upheld", 1, 0.5), cell(f"{ROW}.other", 1, 0.5)
    cells = row(upheld) | {other.path: other}
    doubt = Rereading({1: 0.5, 6: 0.4}, unanimous=False)
    after = choose(cells, {upheld.path: doubt, other.path: doubt}, checks)
    assert [after[path].value for path in (upheld.path, other.path)] == [1, 1]


def test_an_error_of_the_report_stays_as_printed() -> None:
    first = cell(f"{ROW}.upheld", 1, 0.85)  # a sum through it fails, so it was looked at again
    after = choose(row(first), {first.path: Rereading({1: 0.98, 7: 0.01}, unanimous=True)}, checks)
    assert after[first.path].value == 1
    failed = [check for check in checks(after) if check.status == "fail"]
    assert [check.cause for check in failed] == ["source"]


def test_what_was_read_beyond_doubt_is_not_overruled() -> None:
    first = cell(f"{ROW}.upheld", 1, 0.99)
    after = choose(row(first), {first.path: Rereading({7: 0.99}, unanimous=True)}, checks)[first.path]
    assert (after.value, after.evidence.state) != (1, "corrected")


def test_a_blank_that_is_seen_twice_is_beyond_doubt() -> None:
    first = cell(f"{ROW}.upheld", None)
    cells = row(first)
    assert [check.cause for check in checks(cells) if check.status == "fail"] == ["reading"]
    after = choose(cells, {first.path: Rereading({None: 1.0}, unanimous=True)}, checks)
    assert [check.cause for check in checks(after) if check.status == "fail"] == ["source"]


def test_what_is_only_part_of_the_first_reading_corrects_nothing() -> None:
    first = cell(f"{ROW}.upheld", 71, 0.5)  # the cut-out has lost a digit at the cell's edge
    after = choose(row(first), {first.path: Rereading({7: 0.99}, unanimous=True)}, checks)[first.path]
    assert (after.value, after.reason) == (71, "low_confidence")


def test_finding_no_ink_overrules_no_figure() -> None:
    first = cell(f"{ROW}.upheld", 7, 0.5)
    after = choose(row(first), {first.path: BLANK}, checks)[first.path]
    assert (after.value, after.reason) == (7, "low_confidence")
    sure = cell(f"{ROW}.upheld", 7, 0.99)
    assert choose(row(sure), {sure.path: BLANK}, checks)[sure.path].reason == "ambiguous"


def test_ink_that_makes_no_figure_is_not_settled_as_blank() -> None:
    first = cell(f"{ROW}.upheld", None)
    read = first.evidence.model_copy(update={"raw": "F", "state": "read", "confidence": 0.4})
    first = replace(first, evidence=read, reason="ambiguous", doubt="no number")
    assert choose(row(first), {first.path: BLANK}, checks)[first.path].reason == "ambiguous"


def test_a_dot_is_no_mark_for_nothing_though_a_stroke_is_seen_the_second_time() -> None:
    """It may be what a seal has left of a 0."""
    first = cell(f"{ROW}.upheld", None)
    dot = first.evidence.model_copy(update={"raw": "·", "confidence": 0.1})
    first = replace(first, evidence=dot, reason="ambiguous", doubt="stroke or figure")
    after = choose(row(first, 0), {first.path: STROKE}, checks)[first.path]
    assert after.reason == "ambiguous"


def test_ink_that_makes_no_figure_stays_listed_where_the_sums_agree_without_it() -> None:
    """It may be a 0: a sum of zeros cannot tell one from nothing."""
    evidence = cell(f"{ROW}.upheld", None).evidence.model_copy(update={"raw": "S曝", "state": "read"})
    first = CellReading(f"{ROW}.upheld", None, evidence, "ambiguous", "no number")
    again = {first.path: Rereading({None: 0.5}, unanimous=False)}
    after = choose(row(first, total=0), again, lambda now: checks(now) * 2)[first.path]  # a row's sum and a column's
    assert after.reason == "ambiguous"


def test_a_figure_whose_sign_is_unclear_is_put_on_the_list() -> None:
    first = cell(f"{ROW}.upheld", 7)
    seen = Rereading({7: 0.99}, unanimous=True, unclear=True)
    assert choose(row(first), {first.path: seen}, checks)[first.path].reason == "ambiguous"


def test_a_blot_before_a_figure_may_be_its_sign() -> None:
    box = (100, 80, 160, 100)
    picture, page = page_with("7")
    cut = cut_out(picture, page, box)
    assert not sign_unclear(cut, ink_in(cut))
    x0, y1 = round(100 * 200 / 72), round(100 * 200 / 72)
    picture[y1 - 28 : y1 - 26, x0 + 44 : x0 + 46] = 20
    cut = cut_out(picture, page, box)
    assert sign_unclear(cut, ink_in(cut))


def page_with(text: str, skew: float = 0.0) -> tuple[MatLike, PageReading]:
    """A page of 300 × 200 points at 200 dpi with a framed cell at (100, 80, 160, 100), and how it was read."""
    scale = 200 / 72
    picture = np.full((round(200 * scale), round(300 * scale), 3), 248, np.uint8)
    x0, y0, x1, y1 = (round(v * scale) for v in (100, 80, 160, 100))
    cv2.rectangle(picture, (x0, y0), (x1, y1), (20, 20, 20), 2)
    cv2.putText(picture, text, (x0 + 50, y1 - 16), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2)
    height, width = picture.shape[:2]
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0), [0, 0, 1]])
    leaning = cv2.warpAffine(picture, turn[:2], (width, height), borderValue=(248, 248, 248))
    points = np.diag([1 / scale, 1 / scale, 1])
    to_page = points @ turn @ np.linalg.inv(points)
    return leaning, PageReading(number=1, width=300, height=200, to_page=tuple(float(v) for v in to_page.ravel()))


@pytest.mark.parametrize("skew", [0.0, 4.0])
def test_a_cell_is_cut_out_level_and_without_its_borders(skew: float) -> None:
    picture, page = page_with("7", skew)
    ink = ink_in(cut_out(picture, page, (100, 80, 160, 100)))
    assert ink.any() and not ink[:12].any() and not ink[:, :12].any() and not ink[:, -12:].any()
    assert len(list(variants(cut_out(picture, page, (100, 80, 160, 100)), ink))) == 3


def test_an_empty_cell_has_no_ink_and_a_dash_is_a_stroke() -> None:
    box = (100.0, 80.0, 160.0, 100.0)
    picture, page = page_with("")
    assert not ink_in(cut_out(picture, page, box)).any()
    picture, page = page_with("-")
    assert stroke_of(ink_in(cut_out(picture, page, box)), DPI) == "level"
    picture, page = page_with("1")
    assert stroke_of(ink_in(cut_out(picture, page, box)), DPI) is None


def test_what_shines_through_is_taken_out_of_a_cell_too() -> None:
    box = (100.0, 80.0, 160.0, 100.0)
    picture, page = page_with("")
    back, _ = page_with("8")
    both = np.minimum(picture, 200 + back // 5)
    assert ink_in(cut_out(both, page, box)).any()
    page.behind = 70.0
    assert not ink_in(cut_out(both, page, box)).any()


def test_alternatives_add_up_all_ways_to_spell_a_figure() -> None:
    characters = ["blank", "0", "1", "7", "O"]
    steps = np.array([[0.0, 0, 0.6, 0.4, 0], [0.0, 0, 0.6, 0.4, 0], [1, 0, 0, 0, 0], [0, 0.5, 0, 0, 0.5]], np.float32)
    found = dict(decode(steps, Alphabet(characters), alternatives=True).alternatives)
    assert found["10"] == pytest.approx(0.36, abs=0.01)
    assert found["70"] == pytest.approx(0.16, abs=0.01)
    assert decode(steps, Alphabet(characters)).alternatives == ()


def test_dust_beside_the_digits_of_a_count_is_no_ink_and_a_comma_is() -> None:
    ink = np.zeros((60, 120), np.uint8)
    ink[10:50, 60:80] = ink[10:50, 90:110] = 1  # two digits
    ink[28:32, 20:24] = 1  # a speck at half height
    ink[46:54, 83:86] = 1  # a comma
    clean = without_blots(ink)
    assert not clean[:, :50].any() and clean[46:54, 83:86].all() and clean[10:50, 60:80].all()
    assert not without_blots(np.zeros((9, 9), np.uint8)).any()


def test_ink_that_is_not_found_again_settles_nothing() -> None:
    evidence = cell(f"{ROW}.upheld", None).evidence.model_copy(update={"raw": "。"})
    first = CellReading(f"{ROW}.upheld", None, evidence, "ambiguous", "stroke or figure")
    after = choose(row(first, 0), {first.path: BLANK}, checks)[first.path]
    assert after.reason is not None


def test_digits_beside_a_speck_are_no_part_of_them() -> None:
    evidence = cell(f"{ROW}.upheld", None).evidence.model_copy(update={"raw": ".7", "state": "read", "confidence": 0.6})
    first = CellReading(f"{ROW}.upheld", None, evidence, "ambiguous", "no number")
    after = choose(row(first), {first.path: Rereading({7: 0.97}, unanimous=True)}, checks)[first.path]
    assert (after.value, after.evidence.state, after.reason) == (7, "corrected", "corrected")


def test_a_figure_worn_nearly_off_is_found_and_strengthened() -> None:
    rng = np.random.default_rng(5)
    paper = rng.normal(250, 3, (70, 130))
    four = np.zeros((70, 130), np.uint8)
    cv2.putText(four, "4", (50, 48), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (1,), 2)
    worn = np.clip(paper - 25 * four, 0, 255).astype(np.uint8)
    ink = ink_in(worn)
    assert ink.any() and not ink_in(np.clip(paper, 0, 255).astype(np.uint8)).any()
    assert all(variant.min() < 90 for variant in variants(worn, ink))


def test_a_slash_more_upright_than_most_is_one_all_the_same() -> None:
    whole = cell(f"{ROW}.upheld", None).evidence.model_copy(update={"raw": "/", "confidence": WHOLE_STROKE})
    again = {f"{ROW}.upheld": Rereading({1: 0.99}, unanimous=False, leaning=True)}
    first = CellReading(f"{ROW}.upheld", None, whole)
    assert choose(row(first), again, checks)[first.path] == first
    short = whole.model_copy(update={"confidence": SHORT_STROKE})
    doubtful = CellReading(f"{ROW}.upheld", None, short)
    assert choose(row(doubtful), again, checks)[first.path].reason is not None


def test_a_seal_across_a_blank_cell_may_hide_a_figure_and_a_rule_does_not() -> None:
    cut = np.full((70, 130), 250, np.uint8)
    cut[:3], cut[:, -3:], cut[20:24] = 20, 20, 20
    assert not soiled(cut)
    cv2.line(cut, (0, 10), (129, 60), (90,), 12)
    assert soiled(cut)
    blank = cell(f"{ROW}.upheld", None)
    assert choose(row(blank, 0), {blank.path: SOILED}, checks)[blank.path].reason == "ambiguous"


def test_figures_that_are_in_no_sum_are_looked_at_again() -> None:
    form = load_form("2021").table("proactive_disclosure")
    paths = [f"proactive_disclosure.{r.key}.{c.key}" for r in form.rows for c in form.columns_of(r)]
    cells = {path: cell(path, 1) for path in paths}
    assert set(_suspects(cells, check_sums({"proactive_disclosure": form}, cells))) == set(paths)
    worded = cells[paths[0]]
    cells[paths[0]] = replace(worded, evidence=worded.evidence.model_copy(update={"raw": "增1"}))
    assert paths[0] not in _suspects(cells, [])
    summed = row(cell(f"{ROW}.upheld", 7))
    assert _suspects(summed, checks(summed)) == []


def test_ink_without_a_figure_in_a_cell_that_seemed_empty_is_listed() -> None:
    """All that was left of a 0 among others, which adds nothing to a sum."""
    first = replace(cell(f"{ROW}.upheld", None), reason=None)
    remains, paper = Rereading({None: 0.0}, unanimous=False), BLANK
    assert choose(row(first, 0), {first.path: remains}, checks)[first.path].reason == "ambiguous"
    assert choose(row(first, 0), {first.path: paper}, checks)[first.path].reason is None


def test_a_stroke_seen_at_the_second_look_is_the_mark_that_its_table_has_for_nothing() -> None:
    cells = row(cell(f"{ROW}.upheld", None), 0)
    first = replace(
        cells[f"{ROW}.upheld"], evidence=cells[f"{ROW}.upheld"].evidence.model_copy(update={"confidence": SHORT_STROKE})
    )
    dash = first.evidence.model_copy(update={"raw": "—", "confidence": WHOLE_STROKE})
    others = {
        path: replace(other, value=None, evidence=dash) for path, other in cells.items() if "litigation_direct" in path
    }

    def confidence(table: dict[str, CellReading]) -> float | None:
        return _with_thin_dashes(table | {first.path: first}, {first.path})[first.path].evidence.confidence

    assert confidence(cells | others) == WHOLE_STROKE
    assert confidence(cells) == SHORT_STROKE


def test_the_few_cells_of_a_table_that_seem_empty_are_looked_at_though_sums_agree_without_them() -> None:
    cells = row(cell(f"{ROW}.upheld", 7))
    empty = f"{ROW}.corrected"
    cells[empty] = cell(empty, None)
    assert _suspects(cells, checks(cells)) == [empty]
    blank = {path: cell(path, None) for path, other in cells.items() if other.value == 0}
    assert _suspects(cells | blank, checks(cells | blank)) == []


def test_a_pale_digit_beside_darker_ones_is_ink_though_gray_borders_make_the_paper_look_noisy() -> None:
    cut: MatLike = np.full((88, 108), 253, np.uint8)
    cut[:, :4] = cut[:, -4:] = cut[:3] = cut[-3:] = 120
    cut[26:62, 24:29] = 196  # nearly off
    cut[26:62, 52:57] = 150
    cut[26:62, 74:92] = 90
    cut = cv2.GaussianBlur(cut, (0, 0), 2)
    columns = np.flatnonzero(ink_in(cut).any(axis=0))
    assert columns[0] < 30 and columns[-1] > 86
