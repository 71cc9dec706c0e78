from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from extractors.reading.decoding import Alphabet, decode
from extractors.reading.engine import TextBox, engine
from extractors.reading.orientation import find_rotation, turn
from extractors.reading.ruling import find_rules
from extractors.reading.scan import _type_size, read_scan
from extractors.reading.straighten import Evened, even_light, ink_of, level, measure_skew, square
from extractors.sources.mupdf import pymupdf


def ruled_page(height: int = 800, width: int = 600) -> NDArray[np.uint8]:
    """Level lines on white paper, as a page of text looks from afar."""
    page = np.full((height, width), 255, np.uint8)
    page[100:-100:24, 60:-60] = 0
    page[101:-99:24, 60:-60] = 0
    return page


@pytest.mark.parametrize("angle", [-8.0, -2.3, -0.4, 0.0, 0.7, 5.5])
def test_skew_is_measured_and_taken_out(angle: float) -> None:
    page = ruled_page()
    matrix = cv2.getRotationMatrix2D((300, 400), -angle, 1.0)
    leaning = cv2.warpAffine(page, matrix, (600, 800), borderValue=(255,))
    assert measure_skew(leaning) == pytest.approx(angle, abs=0.1)
    straight = level(Evened(leaning, margin=50))
    assert abs(measure_skew(straight.gray)) <= 0.1
    # a point of the level page goes back to where it is printed
    back = straight.from_page @ np.array([300.0, 400.0, 1.0])
    assert back[:2] / back[2] == pytest.approx([300.0, 400.0], abs=1.0)


def test_uneven_light_is_evened_out() -> None:
    shade = np.linspace(90, 250, 600, dtype=np.float32)[None, :].repeat(800, axis=0)
    page = (ruled_page() / 255 * shade).astype(np.uint8)
    even = even_light(page)
    assert even[50].min() > 235 and even[100, 80:520].max() < 60


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_long_lines_close_together_tell_which_way_up_a_leaning_page_is(turned: int) -> None:
    page = pymupdf.open().new_page()
    for line in range(20):
        page.insert_text(
            (60, 100 + 17 * line),
            "全年主动公开政府信息五百一十五条，其中政务微信公众号",
            fontname="china-s",
            fontsize=15,
        )
    pixmap = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
    gray = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)
    middle = (gray.shape[1] / 2, gray.shape[0] / 2)
    leaning = cv2.warpAffine(gray, cv2.getRotationMatrix2D(middle, -9.0, 1.0), gray.shape[::-1], borderValue=(255,))
    picture = turn(leaning, turned)[0]
    assert (find_rotation(picture, engine().detect(picture, Evened(picture).window), engine()) + turned) % 360 == 0


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_picture_knows_the_way_back(rotation: int) -> None:
    picture = np.zeros((40, 30, 3), np.uint8)
    picture[5, 7] = 255
    turned, back = turn(picture, rotation)
    y, x = (int(v[0]) for v in np.nonzero(turned[:, :, 0]))
    # pixel centres: half a pixel in on both sides
    point = back @ np.array([x + 0.5, y + 0.5, 1.0])
    assert (point[0] - 0.5, point[1] - 0.5) == pytest.approx((7, 5))


def probabilities(rows: list[dict[str, float]], characters: list[str]) -> NDArray[np.float32]:
    steps = np.zeros((len(rows), len(characters)), np.float32)
    for step, row in zip(steps, rows, strict=True):
        for character, share in row.items():
            step[characters.index(character)] = share
    return steps


CHARACTERS = ["blank", "0", "1", "O", "/", "口", " "]


def test_a_letter_o_is_a_zero_where_only_figures_stand() -> None:
    steps = probabilities([{"blank": 1.0}, {"O": 0.6, "0": 0.38, "口": 0.02}], CHARACTERS)
    read = decode(steps, Alphabet(CHARACTERS))
    assert (read.text, read.figure) == ("O", "0")
    assert read.confidence == pytest.approx(0.6) and read.figure_confidence == pytest.approx(0.98)


def test_what_is_no_figure_has_no_sure_figure() -> None:
    steps = probabilities([{"口": 0.9, "0": 0.1}], CHARACTERS)
    assert decode(steps, Alphabet(CHARACTERS)).figure_confidence <= 0.1 + 1e-6


def test_repetitions_collapse_and_gaps_part() -> None:
    steps = probabilities([{"1": 1.0}, {"1": 1.0}, {"blank": 1.0}, {"1": 1.0}, {" ": 1.0}, {"0": 1.0}], CHARACTERS)
    read = decode(steps, Alphabet(CHARACTERS))
    assert (read.text, read.figure, read.figure_confidence) == ("11 0", "110", 1.0)


def test_a_red_seal_is_no_ink_but_type_under_it_is() -> None:
    page = np.full((200, 200, 3), 250, np.uint8)
    page[50:150, 95:105] = (215, 40, 45)
    page[98:102, 40:160] = 30
    gray = ink_of(page)
    assert gray[60:90, 90:110].min() > 200
    assert gray[99:101, 45:155].max() < 80


def test_the_edges_of_a_red_seal_that_a_jpeg_has_darkened_leave_no_hairs() -> None:
    page = np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(page, (150, 150), 110, (215, 40, 45), 8)
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), 0.7), np.uint8)
    kept = cv2.imencode(".jpg", page[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    gray = ink_of(cv2.imdecode(kept, cv2.IMREAD_COLOR)[..., ::-1].copy())
    assert (gray < 240).mean() < 0.001


def test_a_red_desk_does_not_tell_how_red_a_seal_is() -> None:
    desk = np.full((300, 200, 3), (120, 20, 20), np.uint8)
    desk[50:250, 50:150] = 250
    desk[100:120, 60:140] = (215, 40, 45)
    corners = np.array([(50, 50), (150, 50), (150, 250), (50, 250)], np.float32)
    gray = ink_of(desk, corners)
    assert (gray[100:120, 60:140] == 255).all()
    assert gray[:40].max() < 80


def test_rules_that_lean_are_squared_up() -> None:
    rules = np.full((1000, 700), 252, np.uint8)
    for y in range(100, 901, 100):
        cv2.line(rules, (100, y), (600, y + (y - 500) // 60), (0,), 2)
    for x in (100, 350, 600):
        cv2.line(rules, (x, 94), (x, 906), (0,), 2)
    page = Evened(rules, margin=50).seen_through(np.eye(3), 0.0)
    squared = square(page, find_rules(page.gray, [], 100))
    assert squared is not None
    assert square(squared, find_rules(squared.gray, [], 100)) is None


def test_the_stairs_that_a_coarse_fax_makes_of_level_rules_do_not_lean() -> None:
    stairs = np.full((1000, 700), 252, np.uint8)
    for y in range(100, 901, 100):
        for x in range(50, 650, 150):  # each piece level in the fax, which has lain askew
            cv2.line(stairs, (x, y + 1), (x + 120, y - 1), (0,), 2)
    page = Evened(stairs, margin=50).seen_through(np.eye(3), 0.0)
    assert square(page, find_rules(page.gray, [], 100)) is None


@pytest.mark.parametrize("angle", [0.0, 2.0])
def test_of_a_level_page_only_what_it_shows_is_looked_at_with_the_way_back(angle: float) -> None:
    gray = np.full((1000, 704), 255, np.uint8)
    gray[304:400, 200:296] = 30
    from_page = np.vstack([cv2.getRotationMatrix2D((352, 500), angle, 1.0), [0, 0, 1]])
    page = Evened(gray, margin=20).seen_through(from_page, angle)
    assert max(page.gray.shape) <= 96 + 2 * 20 + (8 if angle else 0)
    assert (page.gray < 128).sum() == pytest.approx(96 * 96, rel=0.01)
    rows, columns = np.nonzero(page.gray < 128)
    assert page.to_picture @ [columns.mean(), rows.mean(), 1] == pytest.approx([247.5, 351.5, 1], abs=0.3)
    x, y = page.corner
    assert page.from_page @ [x, y, 1] == pytest.approx(page.to_picture @ [0, 0, 1])


def test_an_empty_page_is_looked_at_whole() -> None:
    assert Evened(np.full((1000, 704), 255, np.uint8)).window == (0, 0, 704, 1000)


@pytest.mark.parametrize("shape", [(1, 1), (5, 2000), (2000, 5), (20, 4000)])
def test_a_page_that_is_nothing_but_a_line_shows_nothing(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)
    reading = read_scan(picture, 1, (shape[1] * 0.36, shape[0] * 0.36))
    assert (reading.words, reading.rules, reading.origin) == ([], [], "ocr")


@pytest.mark.ocr
@pytest.mark.parametrize("lean", [0.0, 3.0])
def test_a_figure_is_shown_where_it_stands_on_the_page(lean: float) -> None:
    page = np.full((2339, 1654, 3), 255, np.uint8)
    for x in range(800, 1401, 200):
        cv2.line(page, (x, 1500), (x, 1740), (0, 0, 0), 3)
    for y in range(1500, 1741, 80):
        cv2.line(page, (800, y), (1400, y), (0, 0, 0), 3)
    cv2.putText(page, "4821", (1060, 1632), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 2)
    turned = cv2.getRotationMatrix2D((827, 1170), -lean, 1.0)
    picture = cv2.warpAffine(page, turned, (1654, 2339), borderValue=(255, 255, 255))
    reading = read_scan(picture, 1, (1654 * 0.36, 2339 * 0.36))
    assert reading.skew == pytest.approx(lean, abs=0.1)
    [word] = [word for word in reading.words if word.figure == "4821"]
    middle = np.array([(word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2, 1.0])
    x, y, w = np.array(reading.to_page).reshape(3, 3) @ middle
    assert np.array([x, y]) / w / 0.36 == pytest.approx(turned @ [1095, 1621, 1], abs=4)


@pytest.mark.ocr
def test_a_page_is_read_without_the_back_that_shines_through() -> None:
    document = pymupdf.open()
    own, behind = "本机关主动公开政府信息三百二十一条，其中规范性文件九件", "全年收到申请七十八件，均已按时答复"
    for text, top in ((own, 100), (behind, 112)):
        page = document.new_page(width=595.44, height=842.04)
        for line in range(12):
            page.insert_text((60, top + 40 * line), text, fontname="china-s", fontsize=14)
    front, back = (
        np.frombuffer(page.get_pixmap(dpi=200).samples, np.uint8).reshape(2339, 1654, 3).astype(np.float32)
        for page in document
    )
    shone = cv2.GaussianBlur(255 - back[:, ::-1], (0, 0), 1.5) / 4
    reading = read_scan(np.clip(front - shone, 0, 255).astype(np.uint8), 1, (595.44, 842.04))
    assert 30 < reading.behind < 100
    assert [word.text for word in reading.words] == [own] * 12


def test_a_lone_character_of_a_title_is_as_large_as_the_line_above() -> None:
    above = _type_size("白石区生态环境局2020年政府信息公开年度报", TextBox(0, 0, 900, 42))
    alone = _type_size("告", TextBox(430, 60, 494, 122))
    assert alone / above == pytest.approx(1.1, abs=0.15)
