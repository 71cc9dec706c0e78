"""All checks of one report, the review list and the status that follow from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from extractors.cells import BY_WORDS, CellReading
from extractors.checks.structure import check_structure
from extractors.checks.sums import check_sums
from extractors.checks.timeliness import check_timeliness
from extractors.forms import Form, TableForm, form_names, load_form
from extractors.headline import Headline
from extractors.report import (
    TABLES,
    Check,
    Page,
    Reason,
    ReportStatus,
    Review,
    Section,
    TableName,
    Unmatched,
    Validation,
)


def judge(
    cells: Mapping[str, CellReading],
    forms: Mapping[TableName, str],
    sections: Sequence[Section],
    headline: Headline,
    unmatched: Sequence[Unmatched],
    pages: Sequence[Page],
    seen: Collection[str] = (),
) -> Validation:
    """Run every check; `cells` by full path, `forms` the edition of each present table.

    `seen` are paths about which a person has decided: that a table is not there, for one.
    """
    unread = [page.number for page in pages if page.error]
    checks = check_sums({table: _form(table, forms) for table in forms}, cells)
    structure = check_structure(sections, forms, headline.year, headline.period)
    all_text = all(page.origin == "text" for page in pages)
    checks += [_blamed(check, all_text, seen) for check in structure]
    checks.append(check_timeliness(headline.agency, headline.year, headline.published_on))
    lost = [f"pages.{number}" for number in unread]
    lost += _not_found(headline, bool(unread))
    lost += [table for table in TABLES if table not in forms]
    lost += [table for table, name in forms.items() if table not in seen and _edition_is_open(table, name, cells)]
    review = review_list(cells, checks, unmatched, lost)
    review += [Review(path=path, reason="ambiguous") for path in headline.ambiguous]
    return Validation(status=status_of(checks, review), checks=checks, review=review)


def review_list(
    cells: Mapping[str, CellReading],
    checks: Iterable[Check],
    unmatched: Sequence[Unmatched],
    lost: Sequence[str],
) -> list[Review]:
    """One entry a cell: its own doubt, or else the failed check that goes through it while it is doubtful.

    What is `lost` (`pages.2`, `title`, a whole table) is one entry under its own name, an unmatched row one under
    its place in the list.
    """
    reasons: dict[str, Reason] = {path: cell.reason for path, cell in cells.items() if cell.reason}
    for check in checks:
        if check.status == "fail" and check.cause == "reading":
            for path in check.cells:
                if cells[path].doubtful:
                    reasons.setdefault(path, "check_failed")
    entries = [Review(path=path, reason=reason) for path, reason in reasons.items()]
    entries += [Review(path=path, reason="missing") for path in lost]
    entries += [Review(path=f"unmatched.{i}", reason="ambiguous") for i in range(len(unmatched))]
    return entries


def status_of(checks: Iterable[Check], review: Sequence[Review]) -> ReportStatus:
    """What a person must look at comes first, then what the report got wrong."""
    failed = [check for check in checks if check.status == "fail"]
    if review or any(check.id.startswith(("structure.section.", "structure.table.")) for check in failed):
        return "needs_review"
    return "failed" if any(check.severity == "error" for check in failed) else "passed"


def _not_found(headline: Headline, unread: bool) -> list[str]:
    """What every report has at its head; a date need not be printed, but may be on a page that was not read."""
    lost = [name for name in ("title", "agency", "year") if getattr(headline, name) is None]
    return [*lost, "published_on"] if unread and headline.published_on is None else lost


def _edition_is_open(table: TableName, name: str, cells: Mapping[str, CellReading]) -> bool:
    """Whether nothing found beyond doubt tells the edition of a table from another one: rows that only the other has
    may then be printed, and have no cell of their own to be listed."""
    own = _paths(load_form(name), table)
    for other in form_names():
        theirs = _paths(load_form(other), table)
        telling = own - theirs
        if telling and theirs - own and not any(_is_known(cells[path]) for path in telling):
            return True
    return False


def _is_known(cell: CellReading) -> bool:
    """Whether a cell is the one that its labels say, whatever stands in it; labels of tables without rules count."""
    return not cell.missing and (cell.reason is None or cell.evidence.note == BY_WORDS)


def _paths(form: Form, table: TableName) -> set[str]:
    rows = form.table(table)
    return {f"{table}.{row.key}.{column.key}" for row in rows.rows for column in rows.columns_of(row)}


def _blamed(check: Check, all_text: bool, seen: Collection[str]) -> Check:
    """What was not found is the report's own fault only where nothing can have been overlooked.

    A heading may be lost on a scan or an unread page, a table anywhere: it can be a picture.
    """
    if check.id.startswith("structure.section."):
        certain = all_text
    else:
        certain = not check.id.startswith("structure.table.") or check.id.removeprefix("structure.table.") in seen
    return check if certain or check.status != "fail" else check.model_copy(update={"cause": "reading"})


def _form(table: TableName, forms: Mapping[TableName, str]) -> TableForm:
    return load_form(forms[table]).table(table)
