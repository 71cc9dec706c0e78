"""Arithmetic of the tables: the sums that the form prescribes (勾稽关系)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from extractors.cells import CellReading
from extractors.forms import Balance, Column, Row, TableForm
from extractors.report import Check, Outcome, TableName, Value

Cells = Mapping[str, CellReading]


def check_sums(forms: Mapping[TableName, TableForm], cells: Cells) -> list[Check]:
    """The arithmetic of all tables that are there."""
    return [check for table, run in SUMS.items() if table in forms for check in run(forms[table], cells)]


def vouches(check: Check) -> bool:
    """Whether a check that passes tells that its figures were read rightly: one of them alone can be anything."""
    return check.status == "pass" and ".non_negative." not in check.id


def sides(check: Check) -> dict[str, int]:
    """Each cell of a sum by path: 1 where it is added up, -1 where it is what the others must come to."""
    against = len(check.cells) // 2 if ".balance." in check.id else 1
    last = len(check.cells) - against
    return {path: 1 if i < last else -1 for i, path in enumerate(check.cells)}


def check_requests(form: TableForm, cells: Cells) -> Iterator[Check]:
    """`requests.row_sum.*`, `requests.handled_sum.*` and `requests.balance.*`."""
    for row in form.rows:
        yield row_sum("requests", f"requests.row_sum.{row.key}", form, row, cells)
    handled = [r for r in form.rows if form.sum_of_group in r.groups and r.key != form.sum_row]
    for column in form.columns:
        yield _handled_sum(form, column, handled, cells)
        assert form.balance is not None
        yield _balance(form, form.balance, column, cells)


def check_review_litigation(form: TableForm, cells: Cells) -> Iterator[Check]:
    """`review_litigation.sum.*`: the outcomes of each block add up to its 总计."""
    for row in form.rows:
        yield row_sum("review_litigation", f"review_litigation.sum.{row.key}", form, row, cells)


def check_proactive_disclosure(form: TableForm, cells: Cells) -> Iterator[Check]:
    """`proactive_disclosure.non_negative.*`: counts are whole and not negative."""
    for row in form.rows:
        paths = [f"proactive_disclosure.{row.key}.{column.key}" for column in row.columns]
        wrong = [p for p, c in zip(paths, row.columns, strict=True) if not _allowed(cells[p].value, c)]
        missing = [p for p in paths if cells[p].missing]
        status: Outcome = "fail" if wrong else "unknown" if missing else "pass"
        if wrong:
            message = f"“{row.label}”的数量应为非负整数，实为 {cells[wrong[0]].value}。"
        else:
            message = f"“{row.label}”有数据未读到。" if missing else f"“{row.label}”的数量均有效。"
        actual = cells[wrong[0]].value if wrong else None
        yield _check(
            f"proactive_disclosure.non_negative.{row.key}", status, message, None, actual, wrong or paths, cells
        )


def row_sum(table: TableName, check_id: str, form: TableForm, row: Row, cells: Cells) -> Check:
    """The other columns of a row add up to its 总计."""
    stated = f"{table}.{row.key}.{form.sum_column}"
    parts = [f"{table}.{row.key}.{c.key}" for c in form.columns_of(row) if c.key != form.sum_column]
    return _sum(check_id, f"“{row.label}”各列之和与总计", parts, stated, cells, unknown=False)


def _handled_sum(form: TableForm, column: Column, handled: Sequence[Row], cells: Cells) -> Check:
    stated = f"requests.{form.sum_row}.{column.key}"
    parts = [f"requests.{row.key}.{column.key}" for row in handled]
    unknown = _total_with_gaps(form, column, parts, cells)
    return _sum(
        f"requests.handled_sum.{column.key}",
        f"“{column.label}”列第三项各行之和与（七）总计",
        parts,
        stated,
        cells,
        unknown,
    )


def _balance(form: TableForm, balance: Balance, column: Column, cells: Cells) -> Check:
    left = [f"requests.{key}.{column.key}" for key in balance.left]
    right = [f"requests.{key}.{column.key}" for key in balance.right]
    total = f"requests.{form.sum_row}.{column.key}"
    expected, actual = _add(left, cells), _add(right, cells)
    blank_sum = cells[total].value is None and _has_figures(_column_parts(form, column), cells)
    unknown = blank_sum or _total_with_gaps(form, column, [*left, *right], cells)
    status = _outcome(expected == actual, [*left, *right], cells, unknown)
    message = _sentence(
        status,
        f"“{column.label}”列勾稽关系：一 + 二 = {_terms(left, cells)} = {plain(expected)}，"
        f"三（七）+ 四 = {_terms(right, cells)} = {plain(actual)}",
    )
    return _check(f"requests.balance.{column.key}", status, message, expected, actual, [*left, *right], cells)


def _sum(check_id: str, what: str, parts: Sequence[str], stated: str, cells: Cells, unknown: bool) -> Check:
    expected, actual = _add(parts, cells), cells[stated].value
    blank_sum = actual is None and _has_figures(parts, cells)
    status = _outcome(expected == (actual or 0), [*parts, stated], cells, unknown or blank_sum)
    message = _sentence(status, f"{what}：{_terms(parts, cells)} = {plain(expected)}，报告所列为 {plain(actual)}")
    return _check(check_id, status, message, expected, actual, [*parts, stated], cells)


def _sentence(status: Outcome, formula: str) -> str:
    ending = {"pass": "，相符。", "fail": "，不相符。", "unknown": "，有空白或未读到的数据，无法判断。"}
    return formula + ending[status]


def _outcome(agrees: bool, paths: Iterable[str], cells: Cells, unknown: bool) -> Outcome:
    if unknown or any(cells[path].missing for path in paths):
        return "unknown"
    return "pass" if agrees else "fail"


def _total_with_gaps(form: TableForm, column: Column, paths: Iterable[str], cells: Cells) -> bool:
    """In column 总计: a part is blank though its row has figures."""
    if column.key != form.sum_column:
        return False
    for path in paths:
        table, row, _ = path.split(".")
        others = [f"{table}.{row}.{c.key}" for c in form.columns if c.key != column.key]
        if cells[path].value is None and _has_figures(others, cells):
            return True
    return False


def _column_parts(form: TableForm, column: Column) -> list[str]:
    return [
        f"requests.{r.key}.{column.key}" for r in form.rows if form.sum_of_group in r.groups and r.key != form.sum_row
    ]


def _has_figures(paths: Iterable[str], cells: Cells) -> bool:
    return any(cells[path].value is not None for path in paths)


def _add(paths: Iterable[str], cells: Cells) -> int | float:
    """Blank parts count as 0."""
    return sum(cells[path].value or 0 for path in paths)


def _terms(paths: Sequence[str], cells: Cells) -> str:
    """The figures other than 0, as an addition."""
    figures = [plain(cells[path].value) for path in paths if cells[path].value]
    return " + ".join(figures) or "0"


def plain(value: Value) -> str:
    return "空白" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _allowed(value: Value, column: Column) -> bool:
    if value is None:
        return True
    whole = isinstance(value, int) or column.decimal
    return whole and (value >= 0 or column.signed)


def _check(
    check_id: str, status: Outcome, message: str, expected: Value, actual: Value, paths: list[str], cells: Cells
) -> Check:
    doubtful = any(cells[path].doubtful for path in paths)
    return Check(
        id=check_id,
        status=status,
        severity="error",
        message=message,
        expected=expected,
        actual=actual,
        cells=paths,
        cause=None if status != "fail" else "reading" if doubtful else "source",
    )


SUMS: dict[TableName, Callable[[TableForm, Cells], Iterator[Check]]] = {
    "requests": check_requests,
    "review_litigation": check_review_litigation,
    "proactive_disclosure": check_proactive_disclosure,
}
