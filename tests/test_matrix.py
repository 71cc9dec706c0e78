"""Table 三 as pages break it and worn borders merge it."""

from __future__ import annotations

from dataclasses import replace

from extractors.forms import load_form
from extractors.forms.found import too_wide
from extractors.forms.matrix import read_matrix
from extractors.layout.flow import Table
from extractors.layout.grids import Cell, Grid
from extractors.reading.page import Word
from extractors.report import Origin

FORM = load_form("2021")
HEADS = [column.label for column in FORM.requests.columns]
XS = [60.0, 240.0, *(240.0 + 40 * i for i in range(1, 8))]


def cell(row: int, column: int, text: str, last: int | None = None) -> Cell:
    box = (XS[column], 20.0 * row, XS[(last or column) + 1], 20.0 * row + 20)
    words = [Word(text=text, box=box)] if text else []
    return Cell(row, column, row + 1, (last or column) + 1, box, page=1, words=words)


def table(*rows: list[str], head: bool = True) -> Table:
    printed = [["", *HEADS], *rows] if head else list(rows)
    cells = [cell(r, c, text) for r, texts in enumerate(printed) for c, text in enumerate(texts)]
    return Table(1, Grid(list(XS), [20.0 * i for i in range(len(printed) + 1)], cells))


def row(label: str, *figures: int) -> list[str]:
    return [label, *(str(figure) for figure in figures)] + [""] * (7 - len(figures))


FIRST = row("一、本年新收政府信息公开申请数量", 1, 2, 3, 4, 5, 6, 21)
CUT = "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"


def test_a_row_cut_by_a_page_break_has_one_label_and_its_figures() -> None:
    for figures_first in (False, True):
        figures = (7, 0, 0, 0, 0, 0, 7)
        above = row(CUT[:14], *(figures if figures_first else ()))
        below = row(CUT[14:], *(() if figures_first else figures))
        last = row("四、结转下年度继续办理", 1, 1, 1, 1, 1, 1, 6)
        found = read_matrix("requests", FORM, [table(FIRST, above), table(below, last, head=False)])
        assert found.cells["other_overdue_payment.natural_person"].text == "7"
        assert found.cells["carried_forward.total"].text == "6"
        assert found.unmatched == []


def test_what_stands_alone_in_a_row_that_may_be_two_is_doubtful() -> None:
    """A rule is gone, and so is what stands above one of the figures."""

    def anchored(doubled: int, origin: Origin = "ocr") -> set[bool]:
        part = table(FIRST, row("③其他", 0, 0, 0, 0, 0, 0, 0))
        for one in [c for c in part.grid.cells if c.top == 2 and c.left][:doubled]:
            x0, y0, x1, y1 = one.box
            one.words = [Word("0", (x0, y, x1, y + 8), origin=origin) for y in (y0, y1 - 8)]
        found = read_matrix("requests", FORM, [part])
        assert not found.cells["new_received.total"].by_position
        return {not cell.by_position for path, cell in found.cells.items() if path.startswith("other_other")}

    assert anchored(0) == anchored(1) == anchored(5, "text") == {True}
    assert anchored(2) == {False}


def test_a_header_that_is_repeated_and_cannot_be_read_is_no_row() -> None:
    """Hardly a label can be read; as many rows are printed as the form has."""
    rows = [row("某某", *range(i, i + 7)) for i in range(len(FORM.requests.rows))]
    below = table(*rows[9:], head=False)
    heads = [cell(0, 0, "（本列数据的"), cell(0, 1, "中请", last=7)]
    lower = [replace(c, top=c.top + 1, bottom=c.bottom + 1) for c in below.grid.cells]
    grid = Grid(below.grid.xs, [-20.0, *below.grid.ys], [*heads, *lower])
    found = read_matrix("requests", FORM, [table(*rows[:9]), Table(2, grid)])
    assert found.cells["carried_forward.natural_person"].text == str(len(rows) - 1)
    assert len(found.cells) == 7 * len(rows) and not any(c.anchored for c in found.cells.values())


def test_blank_rows_are_not_joined_to_the_next() -> None:
    above, below = row("1.属于国家秘密"), row("2.其他法律行政法规禁止公开", 4)
    found = read_matrix("requests", FORM, [table(FIRST, above), table(below, head=False)])
    assert found.cells["denied_state_secret.natural_person"].text == ""
    assert found.cells["denied_prohibited_by_law.natural_person"].text == "4"


def test_columns_of_a_part_of_another_width_are_guesses() -> None:
    narrow = table(row("1.属于国家秘密", 5), head=False)
    narrow.grid.xs[0] = 90.0
    found = read_matrix("requests", FORM, [table(FIRST), narrow])
    assert not found.cells["new_received.natural_person"].by_position
    figures = [cell for path, cell in found.cells.items() if path.startswith("denied_state_secret.")]
    assert figures
    assert all(figure.by_position and not figure.anchored for figure in figures)


def test_a_column_that_may_be_two_is_doubtful() -> None:
    assert too_wide([40, 40, 80, 40], 5) == [False, False, True, False]
    assert too_wide([40, 40, 80, 40], 4) == [False] * 4
    merged = table(FIRST)
    cells = [c for c in merged.grid.cells if c.left not in (5, 6)]
    cells += [cell(0, 5, HEADS[4], last=6), cell(1, 5, "56", last=6)]
    found = read_matrix("requests", FORM, [Table(1, Grid(merged.grid.xs, merged.grid.ys, cells))])
    figure = found.cells.get("new_received.legal_service_institution")
    assert figure is None or (figure.by_position and not figure.anchored)
    assert not found.cells["new_received.natural_person"].by_position


def test_columns_are_those_of_the_figures_where_the_header_has_lost_a_border() -> None:
    worn = table(FIRST, row("二、上年结转政府信息公开申请数量", 1, 0, 0, 0, 0, 2, 3))
    heads = [c for c in worn.grid.cells if c.top == 0 and c.left not in (5, 6)]
    heads.append(cell(0, 5, HEADS[4] + HEADS[5], last=6))
    cells = heads + [c for c in worn.grid.cells if c.top]
    found = read_matrix("requests", FORM, [Table(1, Grid(worn.grid.xs, worn.grid.ys, cells))])
    read = [found.cells[f"carried_over.{column.key}"] for column in FORM.requests.columns]
    assert [c.text for c in read] == ["1", "0", "0", "0", "0", "2", "3"]
    assert [c.by_position and not c.anchored for c in read] == [i in (4, 5) for i in range(7)]


def test_columns_are_those_of_the_figures_where_a_stroke_cuts_the_header() -> None:
    stroke = 300.0
    xs = sorted([*XS, stroke])
    whole = table(FIRST, row("二、上年结转政府信息公开申请数量", 1, 0, 0, 0, 0, 2, 3), row("1.属于国家秘密", 0, 5))

    def moved(c: Cell) -> Cell:
        return replace(c, left=xs.index(c.box[0]), right=xs.index(c.box[2]))

    def halves(c: Cell, texts: tuple[str, str]) -> list[Cell]:
        x0, y0, x1, y1 = c.box
        boxes = (x0, y0, stroke, y1), (stroke, y0, x1, y1)
        return [
            replace(
                c,
                left=xs.index(b[0]),
                right=xs.index(b[2]),
                box=b,
                words=[Word(text=text, box=b)] if text else [],
            )
            for b, text in zip(boxes, texts, strict=True)
        ]

    cells = []
    for c in whole.grid.cells:
        if c.left == 2 and c.top in (0, 3):
            cells += halves(c, ("商业", "企业") if c.top == 0 else ("", "5"))
        else:
            cells.append(moved(c))
    found = read_matrix("requests", FORM, [Table(1, Grid(xs, whole.grid.ys, cells))])
    column = [found.cells[f"{key}.commercial_enterprise"] for key in ("new_received", "denied_state_secret")]
    assert [c.text for c in column] == ["2", "5"]
    assert all(c.by_position and not c.anchored for c in column)
    assert not found.cells["new_received.total"].by_position


def test_without_rules_the_next_page_has_the_columns_of_the_header() -> None:
    first, rest = table(FIRST), table(row("1.属于国家秘密", 5), head=False)
    for part in (first, rest):
        part.grid.inferred = True
    wide = next(c for c in rest.grid.cells if c.left == 1)  # the second column is blank there: one cell for two
    rest.grid.cells[:] = [c for c in rest.grid.cells if c.left not in (1, 2)]
    rest.grid.cells.append(cell(0, 1, "", last=2))
    rest.grid.cells[-1].words.extend(wide.words)
    found = read_matrix("requests", FORM, [first, rest])
    figures = {p: c for p, c in found.cells.items() if p.startswith("denied_state_secret.")}
    assert len(figures) == 7 and figures["denied_state_secret.natural_person"].text == "5"
    assert not any(figure.by_position for figure in figures.values())


def test_without_rules_columns_are_known_only_if_all_are_found() -> None:
    short = table(FIRST)
    short.grid.inferred = True
    short.grid.cells[:] = [c for c in short.grid.cells if c.left != 4]
    found = read_matrix("requests", FORM, [short])
    assert found.cells and all(c.by_position and not c.anchored for c in found.cells.values())


def test_without_rules_more_columns_than_the_form_has_are_doubtful() -> None:
    more = table(FIRST)
    at, ys = 4, more.grid.ys  # a border through this column's figures: what is left of it has no head
    middle = (more.grid.xs[at] + more.grid.xs[at + 1]) / 2
    cells = [replace(c, left=c.left + (c.left > at), right=c.right + (c.left >= at)) for c in more.grid.cells]
    cells = [replace(c, right=at + 1, box=(*c.box[:2], middle, c.box[3])) if c.left == at else c for c in cells]
    cells += [
        Cell(r, at + 1, r + 1, at + 2, (middle, ys[r], more.grid.xs[at + 1], ys[r + 1])) for r in range(len(ys) - 1)
    ]
    xs = sorted([*more.grid.xs, middle])
    found = read_matrix("requests", FORM, [Table(1, Grid(xs, ys, cells, inferred=True))])
    assert found.cells and all(c.by_position and not c.anchored for c in found.cells.values())


def test_rows_begin_below_a_header_that_cannot_be_read() -> None:
    """Where some label below is known, the rows above it are those of the form, though no head is."""
    heads = [cell(0, 0, "?"), cell(0, 1, "?"), cell(0, 2, "?", 6), cell(0, 7, "?")]
    heads = [head if head.left == 2 else replace(head, bottom=2) for head in heads]
    leaves = [cell(1, column, "?") for column in range(2, 7)]
    texts = [["?", *"1234565"], ["?", *"7000007"], ["（一）予以公开", *"0000000"]]
    figures = [cell(r + 2, c, text) for r, own in enumerate(texts) for c, text in enumerate(own)]
    grid = Grid(list(XS), [20.0 * i for i in range(6)], heads + leaves + figures)
    found = read_matrix("requests", FORM, [Table(1, grid)])
    assert found.cells["new_received.natural_person"].text == "1"
    assert found.cells["carried_over.natural_person"].text == "7"
    assert found.unmatched == []
