"""What the list of reports holds of a result."""

from __future__ import annotations

from typing import Any

from extractors.report import Result


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


def failed_checks(result: Result) -> list[str]:
    """Ids of the checks that failed, each once."""
    return sorted({check.id for check in result.validation.checks if check.status == "fail"})


def cut(text: str | None, length: int) -> str | None:
    """As much as the column holds, without NUL, which PostgreSQL does not take."""
    return text and text.replace("\0", "")[:length]
