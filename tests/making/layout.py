"""The choices of one made document: how a record is laid out on paper."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.making.faces import BUILT_IN, HEAVY, faces

PAGE_NUMBERS = ("— {} —", "- {} -", "－{}－", "第{}页 共{}页", "{}", "{}/{}", "")
DATE_STYLES = ("发布时间：{iso}    来源：{agency}", "发布日期：{chinese}", "signature", "signature-numerals")
HEADINGS = {
    1: ("一、总体情况",),
    2: ("二、主动公开政府信息情况",),
    3: ("三、收到和处理政府信息公开申请情况", "三、收到和处理政府信息公开申请的情况"),
    4: ("四、政府信息公开行政复议、行政诉讼情况", "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况"),
    5: ("五、存在的主要问题及改进情况", "五、存在问题及改进情况", "五、政府信息公开工作存在的主要问题及改进情况"),
    6: ("六、其他需要报告的事项", "六、其他需要报告的情况"),
}
BARE_HEADINGS = {number: variants[0].partition("、")[2] for number, variants in HEADINGS.items()}
NUMBERINGS = ("official", "pause", "parenthesis", "circled", "none")


@dataclass(frozen=True)
class Layout:
    """Lengths are PDF points. The defaults are the official layout of a plain report."""

    face: str = BUILT_IN
    heading_face: str = BUILT_IN
    latin_face: str | None = None
    """tiro, helv or cour for letters and digits; None sets them in the Chinese face."""
    size: float = 14.0
    table_size: float = 9.0
    figure_size: float | None = None
    margin: tuple[float, float, float, float] = (74.0, 72.0, 74.0, 72.0)
    """Left, top, right, bottom of an A4 page."""
    leading: float = 1.75
    """Distance of base lines, in type sizes."""
    title_break: str = "none"
    """none: one line, broken only where it is full; agency: a new line after agency or year; middle."""
    date_style: str = DATE_STYLES[0]
    """Used where the record has a date: a line under the title, or a date under a signature at the end."""
    page_number: str = PAGE_NUMBERS[0]
    running_header: bool = False
    cover: bool = False
    """A cover page with the title, then a table of contents that repeats the headings."""
    row_height: float = 16.0
    cut_labels: bool = False
    """A group label cut by the end of a page goes on in the next one, instead of standing in the larger part."""
    repeat_heads: bool = False
    new_page_tables: bool = False
    """Table 三 starts on a page of its own."""
    vertical_groups: bool = False
    vertical_heads: bool = True
    numbering: str = "official"
    half_width: bool = False
    """Brackets, commas and colons are half width."""
    label_spaces: bool = False
    """Characters of short labels are set apart (总  计)."""
    label_typos: bool = False
    """Labels as a careless typist leaves them."""
    bare_groups: bool = False
    """不予公开 without its （三）."""
    spaced_digits: bool = False
    """A space on each side of letters and digits in the text, as some word processors set them."""
    full_width_digits: bool = False
    """Figures of the tables are ０–９."""
    short_rule_document: bool = False
    """规范性文件 for 行政规范性文件."""
    rule_width: float = 0.5
    rule_gray: float = 0.0
    rules_as_rectangles: bool = False
    rules_per_cell: bool = True
    """Each cell has its own edges, as word processors draw them; else each rule runs through."""
    rule_style: str = "solid"
    """solid, broken (gaps as a worn drum leaves them), double (two thin lines), level (no upright ones) or
    none."""
    split_rows: str = "never"
    """Whether a page break may cut a row in two, and where its figures then stand: never, first or second part."""
    shaded_heads: bool = False
    left_labels: bool = True
    headings: tuple[int, ...] = (0, 0, 0, 0, 0, 0)
    """Which of the variants in `HEADINGS` each section has; -1 leaves the number out."""
    justify: bool = False
    """Long lines are spread to the right margin, character by character."""

    def heading(self, section: int) -> str:
        variant = self.headings[section - 1]
        return BARE_HEADINGS[section] if variant < 0 else HEADINGS[section][variant % len(HEADINGS[section])]


def draw_layout(rng: Random, light: bool = False) -> Layout:
    """Any layout that a real report could have, in the faces installed; `light`: only those that embed small."""
    names = [name for name in faces() if "bold" not in name and not (light and name in HEAVY)]
    face = rng.choice(names)
    side, top = rng.choice(((74.0, 72.0), (90.0, 100.0), (60.0, 60.0)))
    return Layout(
        face=face,
        heading_face=rng.choice((face, rng.choice(names))),
        latin_face=rng.choice((None, None, "tiro", "helv")),
        size=rng.choice((12.0, 14.0, 15.75, 16.0)),
        table_size=rng.choice((8.0, 9.0, 10.5)),
        figure_size=rng.choice((None, None, 12.0)),
        margin=(side, top, side, top),
        leading=rng.choice((1.5, 1.75, 1.9)),
        title_break=rng.choice(("none", "none", "agency", "middle")),
        date_style=rng.choice(DATE_STYLES),
        page_number=rng.choice(PAGE_NUMBERS),
        running_header=rng.random() < 0.1,
        cover=rng.random() < 0.1,
        row_height=rng.choice((14.0, 16.0, 20.0, 26.0)),
        cut_labels=rng.random() < 0.4,
        repeat_heads=rng.random() < 0.25,
        new_page_tables=rng.random() < 0.2,
        vertical_groups=rng.random() < 0.4,
        vertical_heads=rng.random() < 0.5,
        numbering=rng.choice(("official",) * 5 + NUMBERINGS[1:]),
        half_width=rng.random() < 0.15,
        label_spaces=rng.random() < 0.15,
        label_typos=rng.random() < 0.1,
        bare_groups=rng.random() < 0.1,
        spaced_digits=rng.random() < 0.15,
        full_width_digits=rng.random() < 0.05,
        short_rule_document=rng.random() < 0.2,
        rule_width=rng.choice((0.3, 0.5, 0.75, 1.0)),
        rule_gray=rng.choice((0.0, 0.0, 0.0, 0.35)),
        rules_as_rectangles=rng.random() < 0.4,
        rules_per_cell=rng.random() < 0.7,
        shaded_heads=rng.random() < 0.25,
        left_labels=rng.random() < 0.7,
        headings=tuple(rng.choice((0, 0, 0, 0, rng.randint(-1, 2))) for _ in range(6)),
        justify=rng.random() < 0.3,
    )
