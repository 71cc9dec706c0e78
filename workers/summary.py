"""What the lists of reports hold of a result, and what it is found by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from extractors.report import Result
from workers.grams import note_pairs
from workers.tables import FailedCheckRow
from workers.words import note_words


def columns_of(result: Result) -> dict[str, Any]:
    """The columns of `reports` that come from the result."""
    report = result.report
    return {
        "title": cut(report.title, 500),
        "agency": cut(report.agency, 200),
        "year": report.year,
        "form": report.form,
        "validation_status": result.validation.status,
        "review_count": len(result.validation.review),
    }


def note_findings(session: Session, report_id: str, filename: str, result: Result) -> None:
    """Have a report be found by the checks that failed and by the words of this result, and by no others."""
    session.execute(delete(FailedCheckRow).where(FailedCheckRow.report_id == report_id))
    session.add_all(FailedCheckRow(report_id=report_id, check_id=check) for check in _failed_checks(result))
    note_pairs(session, report_id, result.report.agency)
    note_words(session, report_id, filename, result.report.title, result.report.agency, result=result)


def _failed_checks(result: Result) -> list[str]:
    """Ids of the checks that failed, each once."""
    return sorted({check.id for check in result.validation.checks if check.status == "fail"})


def cut(text: str | None, length: int) -> str | None:
    """As much as the column holds, without NUL, which PostgreSQL does not take."""
    return text and text.replace("\0", "")[:length]
