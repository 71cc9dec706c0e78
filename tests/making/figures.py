"""Draws the figures of the three tables: sums agree unless errors are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.making.forms import PROACTIVE_BLOCKS, REQUEST_COLUMNS, REVIEW_COLUMNS, REVIEW_ROWS, Form, handled_rows
from tests.making.record import Record, Tables, Value, cells

COLUMNS = [key for _, key in REQUEST_COLUMNS]


@dataclass(frozen=True)
class FigureOptions:
    """How the figures are to be; shares are 0–1."""

    form: Form = "2021"
    requests_form: Form = "2021"
    scale: int = 50
    """The largest figure of an ordinary cell of table 三; 0 makes all tables zero."""
    zero_share: float = 0.75
    errors: int = 0
    """How many cells of tables 三 and 四 are changed after the sums were made."""
    blank: str | None = None
    """What is printed for a zero: "", "/", "-" or "—"; None prints 0."""
    blank_share: float = 1.0
    notes: int = 0
    """How many cells of table 二 carry a remark, as 22（其中修订16件）."""
    signs: str = "ascii"
    """How 本年增/减 is printed in form 2019: ascii (-3), full (－3), words (减3, 增5) or plus (+5)."""
    fee_unit: bool = False
    """The fee is printed in 元, with the unit in the cell."""


def draw_figures(rng: Random, options: FigureOptions) -> tuple[Tables, dict[str, str]]:
    """The tables and the characters of those cells that do not print simply their value."""
    tables: Tables = {
        "proactive_disclosure": _proactive(rng, options),
        "requests": _requests(rng, options),
        "review_litigation": _review(rng, options),
    }
    printed: dict[str, str] = {}
    _plant_errors(rng, tables, options.errors)
    _sign_changes(tables, printed, options.signs)
    _add_notes(rng, tables, printed, options.notes)
    if options.fee_unit and options.form == "2021":
        fee = rng.randint(1, 900) * 100
        tables["proactive_disclosure"]["administrative_fees"]["amount_10k_yuan"] = fee
        printed["proactive_disclosure.administrative_fees.amount_10k_yuan"] = f"{fee}元"
    if options.blank is not None:
        _blank_zeros(rng, tables, printed, options)
    return tables, printed


def redraw(rng: Random, record: Record, options: FigureOptions) -> None:
    """Put new figures into a record and settle its checks."""
    record.form, record.requests_form = options.form, options.requests_form
    record.tables, record.printed = draw_figures(rng, options)
    record.settle_checks()


def _proactive(rng: Random, options: FigureOptions) -> dict[str, dict[str, Value]]:
    rows: dict[str, dict[str, Value]] = {}
    for block in PROACTIVE_BLOCKS[options.form]:
        for _, row in block.rows:
            rows[row] = {key: _proactive_figure(rng, row, key, options) for _, key in block.columns}
    return rows


def _proactive_figure(rng: Random, row: str, key: str, options: FigureOptions) -> Value:
    if options.scale == 0 or rng.random() < options.zero_share / 3:
        return 0
    if key in ("amount_10k_yuan", "amount"):
        return (
            round(rng.uniform(0, options.scale * 800), rng.choice((1, 2, 4)))
            if rng.random() < 0.7
            else rng.randint(1, 99999)
        )
    if key == "change":
        return rng.randint(-options.scale, options.scale)
    if key == "decisions":
        return rng.randint(0, options.scale * rng.choice((1, 30, 3000)))
    return rng.randint(0, options.scale * (10 if key in ("in_force", "total_disclosed") else 1))


def _requests(rng: Random, options: FigureOptions) -> dict[str, dict[str, Value]]:
    """Rows of parts first; then what came in is made to balance what was handled."""
    handled = handled_rows(options.requests_form)
    rows: dict[str, dict[str, Value]] = {}
    parts: dict[str, dict[str, int]] = {}
    for row in (*handled, "carried_forward"):
        parts[row] = {key: _count(rng, options, 1.0 if key == "natural_person" else 0.15) for key in COLUMNS[:-1]}
    parts["total_handled"] = {key: sum(parts[row][key] for row in handled) for key in COLUMNS[:-1]}
    demand = {key: parts["total_handled"][key] + parts["carried_forward"][key] for key in COLUMNS[:-1]}
    over = {key: rng.randint(0, demand[key] // rng.choice((1, 4, 20))) for key in COLUMNS[:-1]}
    parts["carried_over"] = over
    parts["new_received"] = {key: demand[key] - over[key] for key in COLUMNS[:-1]}
    for row in ("new_received", "carried_over", *handled, "total_handled", "carried_forward"):
        rows[row] = {**parts[row], "total": sum(parts[row].values())}
    return rows


def _count(rng: Random, options: FigureOptions, weight: float) -> int:
    if options.scale == 0 or rng.random() < options.zero_share:
        return 0
    return rng.randint(1, max(1, round(options.scale * weight)))


def _review(rng: Random, options: FigureOptions) -> dict[str, dict[str, Value]]:
    rows: dict[str, dict[str, Value]] = {}
    for row in REVIEW_ROWS:
        parts = {key: _count(rng, options, 0.3) for _, key in REVIEW_COLUMNS[:-1]}
        rows[row] = {**parts, "total": sum(parts.values())}
    return rows


def _plant_errors(rng: Random, tables: Tables, count: int) -> None:
    """Change cells as printers of reports do: one off, a digit lost, a total left at zero."""
    for _ in range(count):
        table = rng.choice(("requests", "requests", "review_litigation"))
        row = rng.choice(list(tables[table]))
        column = rng.choice([*tables[table][row], "total"])
        value = int(tables[table][row][column] or 0)
        wrong = rng.choice([value + 1, value + 10, max(0, value - 1), value // 10, 0])
        tables[table][row][column] = wrong if wrong != value else value + 2


def _sign_changes(tables: Tables, printed: dict[str, str], signs: str) -> None:
    for path, value in cells({"proactive_disclosure": tables["proactive_disclosure"]}):
        if not path.endswith(".change") or not value:
            continue
        size = abs(value)
        minus = {"ascii": "-", "full": "－", "words": "减", "plus": "-"}[signs]
        plus = {"words": "增", "plus": "+"}.get(signs, "")
        printed[path] = f"{minus if value < 0 else plus}{size}"


def _add_notes(rng: Random, tables: Tables, printed: dict[str, str], count: int) -> None:
    candidates = [
        path
        for path, value in cells({"proactive_disclosure": tables["proactive_disclosure"]})
        if value and path.split(".")[1] in ("regulations", "normative_documents")
    ]
    for path in rng.sample(candidates, min(count, len(candidates))):
        table, row, column = path.split(".")
        remark = rng.choice(("其中修订{}件", "含自然失效{}件", "其中联合发文{}件"))
        printed[path] = f"{tables[table][row][column]}（{remark.format(rng.randint(1, 30))}）"


def _blank_zeros(rng: Random, tables: Tables, printed: dict[str, str], options: FigureOptions) -> None:
    for path, value in list(cells(tables)):
        if value == 0 and path not in printed and rng.random() < options.blank_share:
            table, row, column = path.split(".")
            tables[table][row][column] = None
            printed[path] = options.blank or ""
