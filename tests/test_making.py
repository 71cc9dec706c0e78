"""The maker itself: figures that agree, checks that fail when they should, pages that print the record."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import unicodedata
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pymupdf
import pytest
from PIL import Image

from tests.making import scan
from tests.making.__main__ import draw_options, make
from tests.making.damage import Damage
from tests.making.figures import FigureOptions, draw_figures
from tests.making.forms import Form
from tests.making.kinds import KINDS, WRITERS, make_document, numbered_kinds
from tests.making.layout import Layout, draw_layout
from tests.making.pdf import print_report, render, title_lines
from tests.making.record import Record, cells, load, save
from tests.making.sheet import NOT_FIRST, NOT_LAST, Sheet
from tests.making.sums import failing_checks
from tests.making.words import draw_record


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def text_of(pdf: bytes) -> str:
    with pymupdf.open(stream=pdf) as document:
        return squeezed("".join(page.get_text() for page in document))


@pytest.fixture(scope="module")
def record() -> Record:
    return draw_record(Random(11), FigureOptions(errors=1), short=True)


@pytest.mark.parametrize("form", ["2021", "2019"])
def test_figures_agree_unless_errors_are_planted(form: Form) -> None:
    for seed in range(20):
        options = FigureOptions(form=form, requests_form=form, zero_share=0.3)
        assert failing_checks(draw_figures(Random(seed), options)[0]) == []
        assert failing_checks(draw_figures(Random(seed), replace(options, blank="/"))[0]) == []
        assert failing_checks(draw_figures(Random(seed), replace(options, errors=1))[0])


def test_each_rule_of_the_form_is_checked() -> None:
    tables, _ = draw_figures(Random(1), FigureOptions(zero_share=0.2))
    requests = tables["requests"]
    requests["carried_forward"]["natural_person"] = (requests["carried_forward"]["natural_person"] or 0) + 1
    assert failing_checks(tables) == ["requests.balance.natural_person", "requests.row_sum.carried_forward"]
    tables, _ = draw_figures(Random(1), FigureOptions(zero_share=0.2))
    tables["requests"]["granted"]["other_organization"] = 9999
    assert failing_checks(tables) == ["requests.handled_sum.other_organization", "requests.row_sum.granted"]
    tables, _ = draw_figures(Random(1), FigureOptions(zero_share=0.2))
    tables["review_litigation"]["reconsideration"]["total"] = 9999
    assert failing_checks(tables) == ["review_litigation.sum.reconsideration"]


def test_a_blank_sum_over_figures_accuses_nobody() -> None:
    tables, _ = draw_figures(Random(2), FigureOptions(zero_share=0.2))
    tables["requests"]["granted"]["total"] = None
    tables["requests"]["total_handled"]["natural_person"] = None
    tables["review_litigation"]["reconsideration"]["total"] = None
    failing = failing_checks(tables)
    assert "requests.row_sum.granted" not in failing
    assert "requests.handled_sum.total" not in failing
    assert "requests.handled_sum.natural_person" not in failing and "requests.balance.natural_person" not in failing
    assert "review_litigation.sum.reconsideration" not in failing
    assert failing == ["requests.row_sum.total_handled"], "its blank part counts as 0"


@pytest.fixture(scope="module")
def pdf(record: Record) -> bytes:
    return render(record, Layout())


def test_record_survives_its_file(record: Record, tmp_path: Path) -> None:
    save(record, tmp_path / "a.truth.json")
    assert load(tmp_path / "a.truth.json") == record


@pytest.mark.parametrize("seed", range(8))
def test_pages_print_all_of_the_record(seed: int) -> None:
    rng = Random(seed)
    record = draw_record(rng, draw_options(rng), short=True)
    layout = replace(draw_layout(rng, light=True), half_width=False, cover=False, page_number="", running_header=False)
    text = text_of(render(record, layout))
    assert squeezed(record.title) in text
    for section in record.sections.values():
        for paragraph in section.splitlines():
            assert squeezed(paragraph) in text
    for number in range(1, 7):
        assert squeezed(layout.heading(number)) in text


def test_same_record_and_layout_give_the_same_words(record: Record) -> None:
    assert text_of(render(record, Layout())) == text_of(render(record, Layout()))


def test_lines_keep_the_rules_of_chinese_line_breaking() -> None:
    sheet = Sheet(Layout())
    text = (
        "坚持“以公开为常态、不公开为例外”，（严格）执行“先审查、后公开”和“三审三校”制度（2021年1月1日起），共12345件。"
        * 3
    )
    for width in range(60, 300, 7):
        lines = sheet.break_lines(text, 14.0, Layout().face, float(width))
        assert "".join(lines) == text
        assert all(sheet.width(line, 14.0, Layout().face) <= width + 0.1 for line in lines)
        for before, after in pairwise(lines):
            assert after[0] not in NOT_FIRST and before[-1] not in NOT_LAST


def test_title_lines_join_to_the_title(record: Record) -> None:
    for style in ("none", "agency", "middle"):
        lines = title_lines(record, Layout(title_break=style))
        assert "".join(lines) == record.title
        assert len(lines) == (1 if style == "none" else 2)


def test_a_table_over_two_pages_repeats_its_heads_only_when_asked(record: Record) -> None:
    plain = text_of(render(record, Layout(row_height=26.0)))
    repeated = text_of(render(record, Layout(row_height=26.0, repeat_heads=True)))
    assert plain.count("法人或其他组织") == 1
    assert repeated.count("法人或其他组织") > 1


@pytest.mark.parametrize("as_rectangles", [False, True])
@pytest.mark.parametrize("per_cell", [False, True])
def test_rules_are_drawn_as_asked(record: Record, as_rectangles: bool, per_cell: bool) -> None:
    layout = Layout(rules_as_rectangles=as_rectangles, rules_per_cell=per_cell)
    with pymupdf.open(stream=render(record, layout)) as document:
        items = [item[0] for page in document for drawing in page.get_drawings() for item in drawing["items"]]
    assert set(items) == {"re" if as_rectangles else "l"}
    assert (len(items) > 400) == per_cell


def test_scans_have_pictures_and_no_text(pdf: bytes) -> None:
    with pymupdf.open(stream=scan.to_pdf(pdf, Damage(dpi=60, noise=3, skew=1), 1)) as scanned:
        assert [bool(page.get_text().strip()) for page in scanned] == [False] * len(scanned)
        assert all(len(page.get_images()) == 1 for page in scanned)
        assert scanned[0].rect.width == pytest.approx(595, abs=2)


def test_the_same_seed_makes_the_same_pictures(pdf: bytes) -> None:
    damage = replace(scan.PRESETS["stamped"], dpi=50)
    first, again, other = (scan.page_pictures(pdf, damage, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("name", sorted(scan.PRESETS))
def test_each_preset_changes_the_page_and_leaves_it_legible(pdf: bytes, name: str) -> None:
    damage = scan.PRESETS[name]
    picture = scan.page_pictures(pdf, damage, 3)[0]
    clean = scan.page_pictures(pdf, Damage(dpi=damage.dpi), 3)[0]
    turned = damage.rotations[0] in (90, 270)
    assert picture.shape[:2] == (clean.shape[::-1] if turned else clean.shape)
    gray = picture if picture.ndim == 2 else picture[..., 1]
    assert not np.array_equal(gray, clean)
    assert float(gray.std()) > 12, "ink still stands out from the paper"


def test_turned_pages_come_back_when_turned_the_other_way(pdf: bytes) -> None:
    upright = scan.page_pictures(pdf, Damage(dpi=50), 1)
    for turn in (90, 180, 270):
        turned = scan.page_pictures(pdf, Damage(dpi=50, rotations=(turn,)), 1)
        assert np.array_equal(np.rot90(turned[0], turn // 90), upright[0])


def test_junk_layer_holds_no_chinese_where_the_words_are(pdf: bytes) -> None:
    with pymupdf.open(stream=scan.to_junk_pdf(pdf, Damage(dpi=50), 1)) as junk:
        text = junk[0].get_text()
    assert len(text) > 100
    assert not any("一" <= character <= "龥" for character in text)


def test_mixed_pages_keep_their_text_unless_scanned(pdf: bytes) -> None:
    with pymupdf.open(stream=scan.to_mixed_pdf(pdf, Damage(dpi=50), {1}, 1)) as mixed:
        assert [bool(page.get_text().strip()) for page in mixed] == [index != 1 for index in range(len(mixed))]


@pytest.mark.parametrize(("bilevel", "compression"), [(True, "group4"), (False, "tiff_lzw")])
def test_tiff_has_all_pages(pdf: bytes, bilevel: bool, compression: str) -> None:
    with Image.open(io.BytesIO(scan.to_tiff(pdf, Damage(dpi=60, bilevel=bilevel), 1))) as tiff:
        assert tiff.info["compression"] == compression
        assert getattr(tiff, "n_frames", 1) == len(pymupdf.open(stream=pdf))
        assert tiff.info["dpi"] == (60, 60)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_single_pictures_are_of_the_kind_asked_for(pdf: bytes, kind: str) -> None:
    files = scan.to_pictures(pdf, Damage(dpi=50), kind)
    assert Image.open(io.BytesIO(files[0])).format == kind


def test_command_makes_a_corpus_to_score(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.making", str(tmp_path), "--count", "2", "--mode", "pdf", "--mode", "low"]
    root = Path(__file__).parents[1]
    subprocess.run(command, check=True, cwd=root, capture_output=True, timeout=120)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["low-100001.pdf", "low-100001.truth.json", "pdf-100000.pdf", "pdf-100000.truth.json"]
    truth = json.loads((tmp_path / "pdf-100000.truth.json").read_text(encoding="utf-8"))
    keys = ("agency", "year", "form", "requests_form", "title", "tables", "sections", "published_on", "mode")
    assert set(keys) <= set(truth) and truth["mode"] == "pdf"
    assert truth["failing_checks"] == failing_checks(truth["tables"])
    again = tmp_path / "again"
    again.mkdir()
    assert make(again, "pdf", 100_000) == "pdf-100000"
    assert load(again / "pdf-100000.truth.json") == load(tmp_path / "pdf-100000.truth.json")


def test_every_kind_names_fields_of_the_layout() -> None:
    for name, strength in numbered_kinds():
        replace(Layout(), **KINDS[name][strength].layout)  # type: ignore[arg-type]


ONE_OF_EACH_FORM = {
    kind.form: (name, i) for name, kinds in KINDS.items() for i, kind in enumerate(kinds) if kind.form not in WRITERS
}
SHOWN = sorted({*ONE_OF_EACH_FORM.values(), ("turned", 1), ("photo", 1), ("seal", 0), ("text-split", 0)})


@pytest.mark.parametrize(("name", "strength"), SHOWN)
def test_every_kind_of_document_prints_its_figures_where_it_says(name: str, strength: int) -> None:
    made = make_document(name, strength, 40 + strength, short=True)
    assert {path for path, _ in cells(made.record.tables)} == set(made.cells)
    with pymupdf.open(stream=made.data, filetype=made.suffix) as document:
        for place in made.cells.values():
            page = document[place.page].rect
            assert page.contains(pymupdf.Rect(place.box)) and not pymupdf.Rect(place.box).is_empty
        if KINDS[name][strength].form == "text":
            for path, place in made.cells.items():
                text = squeezed(document[place.page].get_textbox(pymupdf.Rect(place.box)))
                assert squeezed(made.record.cell_text(path)) in text


@pytest.mark.parametrize("damage", [Damage(skew=5), Damage(perspective=0.05), Damage(rotations=(90,), skew=2)])
def test_one_knows_where_a_damaged_page_has_each_point(damage: Damage) -> None:
    black = (100.0, 200.0, 160.0, 260.0)
    with pymupdf.open() as document:
        document.new_page(width=595, height=842).draw_rect(pymupdf.Rect(black), fill=(0, 0, 0))
        page = scan.scan_pages(document.tobytes(), replace(damage, dpi=72), 3)[0]
    x0, y0, x1, y1 = page.box(black)
    inside = page.picture[round(y0 + y1) // 2 - 10 : round(y0 + y1) // 2 + 10, round(x0 + x1) // 2 - 10 :][:, :20]
    assert inside.max() < 40
    dark = np.argwhere(page.picture < 40)
    assert (dark.min(axis=0), dark.max(axis=0) + 1) == (pytest.approx((y0, x0), abs=2), pytest.approx((y1, x1), abs=2))


@pytest.mark.parametrize("figures_in", ["first", "second"])
def test_a_page_break_cuts_a_row_in_two(record: Record, figures_in: str) -> None:
    printed = print_report(record, Layout(split_rows=figures_in))
    assert [place.page for place in printed.tables[3]] == [1, 2]
    with pymupdf.open(stream=printed.pdf) as document:
        upper, lower = (squeezed(document[number].get_text()) for number in (1, 2))
    label = squeezed("申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请")
    assert label not in upper and label not in lower
    assert label[:10] in upper and label[-10:] in lower
    assert printed.cells["requests.other_overdue_payment.total"].page == (1 if figures_in == "first" else 2)


def test_samples_print_what_their_record_says() -> None:
    folder = Path(__file__).parents[1] / "samples"
    record = load(folder / "yanzhou-2021.truth.json")
    text = text_of((folder / "yanzhou-2021.pdf").read_bytes())
    assert squeezed(record.title) in text
    assert all(squeezed(line) in text for line in record.sections["6"].splitlines()[:2])
    assert sum(value == 0 for _, value in cells(record.tables)) == 200
    with pymupdf.open(folder / "yanzhou-2021-scan.pdf") as scanned:
        assert not any(page.get_text().strip() for page in scanned)
