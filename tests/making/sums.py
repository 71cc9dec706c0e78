"""The sums that the form prescribes, worked out on plain figures and apart from the extractor."""

from __future__ import annotations

from collections.abc import Iterable

from tests.making.forms import REQUEST_COLUMNS, REVIEW_COLUMNS, handled_rows

Value = int | float | None
Tables = dict[str, dict[str, dict[str, Value]]]


def failing_checks(tables: Tables) -> list[str]:
    """Ids of the arithmetic checks that the figures break, sorted; an undecidable check does not fail.

    A blank part counts as 0. A check is undecidable when its stated sum is blank over figures or, in
    column 总计, when a part is blank though its row has figures.
    """
    return sorted([*_requests(tables.get("requests", {})), *_review(tables.get("review_litigation", {}))])


def requests_form(requests: dict[str, dict[str, Value]]) -> str:
    return "2019" if "other_handling" in requests else "2021"


def _requests(rows: dict[str, dict[str, Value]]) -> Iterable[str]:
    if not rows:
        return
    handled = handled_rows(requests_form(rows))
    keys = [key for _, key in REQUEST_COLUMNS]
    for name, row in rows.items():
        if _breaks([row[key] for key in keys[:-1]], row["total"]):
            yield f"requests.row_sum.{name}"
    for key in keys:
        gaps = key == "total" and any(_has_gap(rows[name]) for name in handled)
        if not gaps and _breaks([rows[name][key] for name in handled], rows["total_handled"][key]):
            yield f"requests.handled_sum.{key}"
        ends = [rows[name] for name in ("new_received", "carried_over", "total_handled", "carried_forward")]
        blank_sum = rows["total_handled"][key] is None and any(rows[name][key] is not None for name in handled)
        if blank_sum or (key == "total" and any(_has_gap(row) for row in ends)):
            continue
        new, over, done, forward = (row[key] or 0 for row in ends)
        if new + over != done + forward:
            yield f"requests.balance.{key}"


def _review(rows: dict[str, dict[str, Value]]) -> Iterable[str]:
    for name, row in rows.items():
        if _breaks([row[key] for _, key in REVIEW_COLUMNS[:-1]], row["total"]):
            yield f"review_litigation.sum.{name}"


def _breaks(parts: list[Value], stated: Value) -> bool:
    if stated is None:
        return False  # blank over nothing is 0 = 0, blank over figures cannot be decided
    return sum(part or 0 for part in parts) != stated


def _has_gap(row: dict[str, Value]) -> bool:
    return row["total"] is None and any(value is not None for value in row.values())
