"""What the page of a report shows, taken from its result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.editions import blank_table, edition_for, editions_of
from extractors.labels import HEADLINE, TABLE_TITLES
from extractors.report import TABLES, Check, Result, Section, TableName, Unmatched
from web.between import YearFailure, failures
from web.formulas import FailedCheck, failed_checks
from web.labels import FORM_NAMES, TABLE_OF_SECTION, chinese_date
from web.places import page_to_see
from web.review import Done, Doubt, done_of, doubts_of
from web.sheets import Figures, Sheet, lay_out
from workers.archive import Neighbours
from workers.decisions import DecisionView

CHECK_GROUPS = {
    "requests": "表三勾稽关系",
    "review_litigation": "表四合计",
    "proactive_disclosure": "表二数据",
    "structure": "结构与格式",
    "timeliness": "公开时限",
    "narrative": "文字与表格",
    "cross_year": "年度衔接",
}


@dataclass(frozen=True)
class Fact:
    """Something that is said of the report; `path` where a person can decide about it."""

    name: str
    value: str
    path: str | None = None
    page: int = 1


@dataclass(frozen=True)
class CheckGroup:
    name: str
    checks: list[Check]
    counts: Counter[str]


@dataclass(frozen=True)
class Block:
    """One line of a section's text."""

    text: str
    heading: bool


@dataclass(frozen=True)
class Loose:
    """A printed row that fits no key of the form."""

    path: str
    row: Unmatched

    @property
    def anchor(self) -> str:
        return anchor_of(self.path)


@dataclass(frozen=True)
class Part:
    """A section of the report with its table."""

    anchor: str
    heading: str
    blocks: list[Block]
    sheet: Sheet | None
    """All cells missing where the table was not found: they can be typed."""
    table_missing: bool
    unmatched: list[Loose]


@dataclass(frozen=True)
class Shown:
    result: Result
    facts: list[Fact]
    doubts: list[Doubt]
    done: list[Done]
    between: list[YearFailure]
    """What does not agree with the year before."""
    errors: list[FailedCheck]
    warnings: list[FailedCheck]
    groups: list[CheckGroup]
    preamble: list[str]
    parts: list[Part]
    bad_pages: list[tuple[int, str]]

    @property
    def own_faults(self) -> bool:
        """Whether sums fail that the report itself has wrong."""
        return any(entry.check.cause == "source" and entry.check.cells for entry in self.errors)

    @property
    def blank_sheets(self) -> dict[str, str]:
        """Anchor of the blank sheet for each table that was not found."""
        return {part.sheet.name: f"blank-{part.sheet.name}" for part in self.parts if part.sheet and part.table_missing}

    @property
    def passed_count(self) -> int:
        return sum(group.counts["pass"] for group in self.groups)


def show(result: Result, decisions: Sequence[DecisionView] = (), around: Neighbours | None = None) -> Shown:
    forms = editions_of(result.report.tables)
    failed = failed_checks(result, forms)
    return Shown(
        result=result,
        facts=_facts(result),
        doubts=doubts_of(result, forms),
        done=done_of(result, decisions, forms),
        between=failures(around.checks, around.report_ids) if around else [],
        errors=[entry for entry in failed if entry.check.severity == "error"],
        warnings=[entry for entry in failed if entry.check.severity == "warning"],
        groups=_groups(result.validation.checks),
        preamble=_lines(result.report.preamble),
        parts=_parts(result),
        bad_pages=[(page.number, page.error) for page in result.document.pages if page.error],
    )


def anchor_of(path: str) -> str:
    return "at-" + path


def _facts(result: Result) -> list[Fact]:
    report = result.report
    facts = [
        ("agency", report.agency),
        ("year", f"{report.year} 年" if report.year else None),
        ("published_on", chinese_date(report.published_on)),
    ]
    if report.title is None:
        facts.insert(0, ("title", None))
    found = [Fact(HEADLINE[path], value or "未找到", path, page_to_see(result, path)) for path, value in facts]
    form = FORM_NAMES[report.form] if report.form else "未找到"
    file = f"{result.document.filename}（{result.document.page_count} 页）"
    return [*found, Fact("格式", form), Fact("文件", file)]


def _groups(checks: list[Check]) -> list[CheckGroup]:
    groups: dict[str, list[Check]] = {}
    for check in checks:
        groups.setdefault(check.id.split(".")[0], []).append(check)
    return [
        CheckGroup(CHECK_GROUPS.get(key, key), members, Counter(check.status for check in members))
        for key, members in groups.items()
    ]


def _parts(result: Result) -> list[Part]:
    """The sections in the order of the report; tables and rows without a section come after them."""
    figures = Figures(result)
    sheets = {name: _sheet(result, name, figures) for name in TABLES}
    absent = {name for name in TABLES if getattr(result.report.tables, name) is None}
    loose = [Loose(f"unmatched.{i}", row) for i, row in enumerate(result.report.unmatched)]
    parts = []
    for section in result.report.sections:
        name = TABLE_OF_SECTION.get(section.number)
        parts.append(_part(section, name, sheets.pop(name, None) if name else None, name in absent, loose))
        loose = [entry for entry in loose if entry not in parts[-1].unmatched]
    for name, sheet in sheets.items():
        rows = [entry for entry in loose if entry.row.table == name]
        parts.append(Part(f"table-{name}", TABLE_TITLES[name], [], sheet, name in absent, rows))
        loose = [entry for entry in loose if entry not in rows]
    if loose:
        parts.append(Part("unmatched", "未归类的表格内容", [], None, False, loose))
    return parts


def _sheet(result: Result, name: TableName, figures: Figures) -> Sheet:
    table, form = getattr(result.report.tables, name), editions_of(result.report.tables).get(name)
    if table is None:
        form = edition_for(result.report)
        table = blank_table(form, name)
    return lay_out(name, table, form, figures)


def _part(section: Section, table: TableName | None, sheet: Sheet | None, absent: bool, loose: list[Loose]) -> Part:
    headings = {subsection.heading.strip() for subsection in section.subsections}
    return Part(
        anchor=f"section-{section.number}",
        heading=section.heading or section.title,
        blocks=[Block(line, line in headings) for line in _lines(section.text)],
        sheet=sheet,
        table_missing=absent and sheet is not None,
        unmatched=[entry for entry in loose if table and entry.row.table == table],
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
