"""The three tables as they are printed, with the state of each figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from extractors.forms import Form, Row, TableForm
from extractors.labels import REASONS
from extractors.report import Check, Evidence, Result, Table, TableName, Value
from web.labels import ORIGINS, name_of, plain
from web.places import page_to_see
from web.spans import Header, header_rows, side_headers

NOTE_HEADER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
STROKES = {"/", "-", "—", "－", "一", "／", "\\"}


@dataclass(frozen=True)
class Figure:
    """A figure's cell: what is shown, how sure it is, and what a person sees when asking for more."""

    path: str
    text: str
    kind: str
    """`read`, `blank`, `missing` or `corrected`."""
    doubt: str | None
    """Why it is on the review list."""
    fault: str | None
    """`sum` or `part`: its place in a check that fails because the report itself is wrong."""
    tip: str
    page: int = 1
    """Where it is printed, or should be."""
    colspan: int = 1
    decided: bool = False
    """A person has accepted or corrected it."""


Cell = Header | Figure


@dataclass(frozen=True)
class Sheet:
    name: str
    head: list[list[Header]] = field(default_factory=list)
    body: list[list[Cell]] = field(default_factory=list)

    @property
    def width(self) -> int:
        rows: list[Sequence[Header | Cell]] = [*self.head, *self.body]
        return max(sum(cell.colspan for cell in row) for row in rows)


class Figures:
    """The figures of a result by path, ready to be shown."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.evidence: Mapping[str, Evidence] = result.evidence
        self.doubts = {review.path: REASONS[review.reason] for review in result.validation.review}
        failed = [check for check in result.validation.checks if check.status == "fail"]
        self.faults: dict[str, list[Check]] = {}
        for check in failed:
            own = check.cells[-1:] if check.id.startswith("cross_year.") else check.cells  # others are last year's
            for path in own:
                self.faults.setdefault(path, []).append(check)

    def figure(self, path: str, value: Value, colspan: int = 1) -> Figure:
        evidence = self.evidence.get(path)
        kind = evidence.state if evidence else "missing" if value is None else "read"
        checks = self.faults.get(path, [])
        return Figure(
            path=path,
            text=shown(value, kind, evidence.raw if evidence else None),
            kind=kind,
            doubt=self.doubts.get(path),
            fault=fault_of(path, checks),
            tip="\n".join(self._tip(evidence, kind, path, checks)),
            page=page_to_see(self.result, path),
            colspan=colspan,
            decided=bool(evidence and evidence.decision),
        )

    def _tip(self, evidence: Evidence | None, kind: str, path: str, checks: list[Check]) -> Iterator[str]:
        if kind == "missing":
            yield "文件中没有找到这一格"
        if kind == "blank":
            yield "原件此格为空白"
        if evidence and evidence.page:
            yield f"第 {evidence.page} 页" + (f" · 原文“{evidence.raw}”" if evidence.raw else "")
        if evidence and evidence.note:
            yield f"附注：{evidence.note}"
        if evidence and evidence.first_reading is not None:
            yield f"初次读作“{evidence.first_reading}”"
        if evidence and evidence.confidence is not None and evidence.origin:
            yield f"{ORIGINS[evidence.origin]} · 可信度 {100 * evidence.confidence:.1f}%"
        if evidence and evidence.decision:
            decision = evidence.decision
            done = "确认无误" if decision.accepted else "更正"
            yield f"{name_of(decision.by)}于 {decision.at.astimezone():%Y-%m-%d %H:%M} {done}"
        if path in self.doubts:
            yield f"请复核：{self.doubts[path]}"
        yield from (f"核验未通过：{check.message}" for check in checks)


def fault_of(path: str, checks: list[Check]) -> str | None:
    """`sum` for the figure that a check holds its parts against, and for the four of a balance."""
    own = [check for check in checks if check.cause == "source"]
    if any(path == check.cells[-1] or ".balance." in check.id for check in own):
        return "sum"
    return "part" if own else None


def shown(value: Value, kind: str, raw: str | None) -> str:
    """The figure as text; a printed stroke stays a stroke, and what makes no number stays what it is."""
    if value is not None:
        return plain(value)
    if kind == "missing":
        return "缺"
    printed = raw.strip() if raw else ""
    return printed if printed in STROKES or kind == "read" else ""


def lay_out(name: TableName, table: Table, form: Form | None, figures: Figures) -> Sheet:
    """The table as the form prints it; what fits no place of the form follows as plain rows."""
    if form is None:
        return Sheet(name, body=list(_plain_rows(name, table, figures)))
    rows = form.table(name)
    if name == "proactive_disclosure":
        sheet = _stacked(name, rows, table, figures)
    elif name == "requests":
        sheet = _matrix(name, rows, table, figures)
    else:
        sheet = _blocks(name, rows, table, figures)
    known = {(row.key, column.key) for row in rows.rows for column in rows.columns_of(row)}
    rest = {r: {c: v for c, v in columns.items() if (r, c) not in known} for r, columns in table.items()}
    sheet.body.extend(_plain_rows(name, rest, figures))
    return sheet


def _stacked(name: str, form: TableForm, table: Table, figures: Figures) -> Sheet:
    """Table 二: under each 条例 item a line of column heads, then its rows."""
    width = max(len(row.columns) for row in form.rows)
    body: list[list[Cell]] = []
    for group, members in groupby(form.rows, key=lambda row: row.groups):
        body.append([Header("".join(group), colspan=width + 1)])
        heads: tuple[str, ...] = ()
        for row in members:
            labels = tuple(column.label for column in row.columns)
            spans = [1] * (len(labels) - 1) + [width - len(labels) + 1]
            if labels != heads:
                heads = labels
                body.append([Header("信息内容"), *(Header(t, colspan=s) for t, s in zip(labels, spans, strict=True))])
            body.append([Header(row.label), *_figures(name, row, form, table, figures, spans)])
    return Sheet(name, body=body)


def _matrix(name: str, form: TableForm, table: Table, figures: Figures) -> Sheet:
    """Table 三: rows with groups at the left, columns with groups above."""
    head = header_rows([(*column.groups, column.label) for column in form.columns])
    sides = side_headers([(*row.groups, row.label) for row in form.rows])
    depth = max(len(row.groups) + 1 for row in form.rows)
    head[0].insert(0, Header(NOTE_HEADER, rowspan=len(head), colspan=depth))
    body: list[list[Cell]] = [
        [*side, *_figures(name, row, form, table, figures)] for side, row in zip(sides, form.rows, strict=True)
    ]
    return Sheet(name, head, body)


def _blocks(name: str, form: TableForm, table: Table, figures: Figures) -> Sheet:
    """Table 四: the rows side by side as blocks of columns over one line of figures."""
    paths = [(*row.groups, row.label, column.label) for row in form.rows for column in form.columns_of(row)]
    head = header_rows(paths, stretch=0)
    line: list[Cell] = [figure for row in form.rows for figure in _figures(name, row, form, table, figures)]
    return Sheet(name, head, [line])


def _figures(
    name: str, row: Row, form: TableForm, table: Table, figures: Figures, spans: list[int] | None = None
) -> list[Figure]:
    columns = form.columns_of(row)
    values = table.get(row.key, {})
    return [
        figures.figure(f"{name}.{row.key}.{column.key}", values.get(column.key), span)
        for column, span in zip(columns, spans or [1] * len(columns), strict=True)
    ]


def _plain_rows(name: str, table: Table, figures: Figures) -> Iterator[list[Cell]]:
    for row, columns in table.items():
        if columns:
            yield [Header(row), *(figures.figure(f"{name}.{row}.{key}", value) for key, value in columns.items())]
