"""Reports of one agency, year beside year: which of them counts, and the checks from each year to the next."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from extractors.checks.cross_year import YearCheck, check_years
from extractors.checks.judgement import status_of
from extractors.report import Check, Result
from workers.database import insert_once
from workers.tables import AgencyNameRow, FailedCheckRow, ReportRow, ResultRow, YearChecksRow

CHECKS = TypeAdapter(list[YearCheck])
OF_YEARS = "cross_year."
"""Begins the ids of all checks between years."""


def reports_of(session: Session, agency_id: int, years: Collection[int] | None = None) -> list[tuple[int, str]]:
    """(year, id) of an agency's reports that have a result, of each year the one that counts last: the newest."""
    names = select(AgencyNameRow.id).where(AgencyNameRow.agency_id == agency_id)
    wanted = select(ReportRow.year, ReportRow.id).where(ReportRow.name_id.in_(names), ReportRow.year.is_not(None))
    year = func.coalesce(ReportRow.year, 0)  # or all agencies' reports of these years would be gone through
    if years is not None:
        wanted = wanted.where(year.in_(sorted(years)))
    kept = select(ResultRow.report_id).where(ResultRow.report_id == ReportRow.id).exists()
    rows = session.execute(wanted.where(kept).order_by(year, ReportRow.created_at, ReportRow.id))
    return [(year, report_id) for year, report_id in rows if year is not None]


def check_again(session: Session, agency_id: int, years: Collection[int] | None = None) -> None:
    """Run the checks of each pair of years that these years (None: all) are part of; the agency is held."""
    around = None if years is None else {year + step for year in years for step in (-1, 0, 1)}
    filed = reports_of(session, agency_id, around)
    current = dict(filed)
    results: dict[str, Result] = {}
    for year, report_id in filed:
        if years is not None and year not in years and year - 1 not in years:
            continue
        earlier_id = current.get(year - 1) if current[year] == report_id else None
        if earlier_id is None:
            forget_checks(session, report_id)
            continue
        for id_ in (earlier_id, report_id):
            results.setdefault(id_, result_of(session, id_))
        _keep(session, report_id, earlier_id, check_years(results[earlier_id], results[report_id]), results[report_id])


def forget_checks(session: Session, report_id: str) -> None:
    """A report stands by itself: there is none of the year before, or another counts for its year."""
    gone = delete(YearChecksRow).where(YearChecksRow.later_id == report_id).returning(YearChecksRow.later_id)
    failed = delete(FailedCheckRow).where(
        FailedCheckRow.report_id == report_id, FailedCheckRow.check_id.startswith(OF_YEARS)
    )
    had_failed = session.execute(failed.returning(FailedCheckRow.check_id)).first() is not None
    if session.execute(gone).first() is not None or had_failed:
        own = session.get(ResultRow, report_id)
        if own is not None:
            _tell(session, report_id, Result.model_validate_json(own.decided or own.result), [])


def with_year_checks(session: Session, report_id: str, result: str) -> str:
    """A result as JSON, with the checks against the year before beside its own."""
    checks = checks_against(session, report_id)
    if not checks:
        return result
    whole = Result.model_validate_json(result)
    validation = whole.validation
    validation.checks += [Check.model_validate(check.model_dump(include=set(Check.model_fields))) for check in checks]
    validation.status = status_of(validation.checks, validation.review)
    return whole.model_dump_json()


def checks_against(session: Session, report_id: str) -> list[YearCheck]:
    """The checks of a report against that of the year before."""
    kept = session.scalar(select(YearChecksRow.checks).where(YearChecksRow.later_id == report_id))
    return CHECKS.validate_json(kept) if kept else []


def result_of(session: Session, report_id: str) -> Result:
    """With the decisions of persons, and none of the checks between years."""
    row = session.get_one(ResultRow, report_id, populate_existing=True)
    return Result.model_validate_json(row.decided or row.result)


def _keep(session: Session, later_id: str, earlier_id: str, checks: Sequence[YearCheck], later: Result) -> None:
    row = session.get(YearChecksRow, later_id)
    if row is None:
        row = YearChecksRow(later_id=later_id)
        session.add(row)
    row.earlier_id, row.checks = earlier_id, CHECKS.dump_json(list(checks)).decode()
    session.execute(
        delete(FailedCheckRow).where(FailedCheckRow.report_id == later_id, FailedCheckRow.check_id.startswith(OF_YEARS))
    )
    failed = sorted({check.id for check in checks if check.status == "fail"})
    insert_once(session, *(FailedCheckRow(report_id=later_id, check_id=check) for check in failed))
    _tell(session, later_id, later, checks)


def _tell(session: Session, report_id: str, result: Result, checks: Sequence[YearCheck]) -> None:
    """Have the list of reports say how the report stands with these checks."""
    validation = result.validation
    status = status_of([*validation.checks, *checks], validation.review)
    session.execute(update(ReportRow).where(ReportRow.id == report_id).values(validation_status=status))
