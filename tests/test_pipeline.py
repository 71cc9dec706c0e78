from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from extractors import pipeline, reading
from extractors.errors import DocumentError, LimitExceeded
from extractors.limits import Limits
from tests.bad_files import NO_REPORTS, REFUSED, make_bad_files, one_page

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_a_bad_file_is_refused_with_a_sentence(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(DocumentError) as caught:
        pipeline.extract(make_bad_files(tmp_path)[name])
    assert caught.value.code == code
    assert caught.value.message.endswith(".") and caught.value.message_zh.endswith("。")


@pytest.mark.parametrize("name", NO_REPORTS)
def test_what_is_no_report_needs_review_and_has_no_figures(tmp_path: Path, name: str) -> None:
    result = pipeline.extract(make_bad_files(tmp_path)[name])
    assert result.validation.status == "needs_review"
    assert result.report.tables.requests is None and result.report.form is None
    failed = {check.id for check in result.validation.checks if check.status == "fail"}
    assert {f"structure.section.{n}" for n in range(1, 7)} <= failed
    assert "structure.table.requests" in failed
    assert {entry.path for entry in result.validation.review} >= {"requests", "review_litigation"}


def test_limits_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(one_page("年报"))
    with pytest.raises(LimitExceeded, match="0 are accepted"):
        pipeline.open_document(path, limits=Limits(max_pages=0))
    with pytest.raises(LimitExceeded, match="0 MB are accepted"):
        pipeline.open_document(path, limits=Limits(max_bytes=10))


def fail_on(monkeypatch: pytest.MonkeyPatch, numbers: Collection[int | None]) -> None:
    """Pages of PDFs that cannot be read from now on."""
    text_of = reading.text_of

    def fail(file: object, number: int, limits: Limits) -> object:
        if number in numbers:
            raise DocumentError
        return text_of(file, number, limits)

    monkeypatch.setattr(reading, "text_of", fail)


def test_a_page_that_cannot_be_read_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pipeline.extract(SAMPLES / "yanzhou-2021.pdf")
    fail_on(monkeypatch, {1})
    result = pipeline.extract(SAMPLES / "yanzhou-2021.pdf")
    assert result.document.pages[0].error and result.document.pages[0].origin is None
    assert result.report.tables == whole.report.tables
    assert result.report.title is None


def test_what_an_unread_page_held_is_on_the_review_list_and_no_fault_of_the_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = pipeline.extract(SAMPLES / "yanzhou-2021.pdf")
    table = {e.page for path, e in whole.evidence.items() if path.startswith("proactive_disclosure.")}
    lost = {1, *table}
    fail_on(monkeypatch, lost)
    validation = pipeline.extract(SAMPLES / "yanzhou-2021.pdf").validation
    listed = {entry.path for entry in validation.review if entry.reason == "missing"}
    assert {f"pages.{number}" for number in lost} | {"title", "proactive_disclosure"} <= listed
    failed = [check for check in validation.checks if check.status == "fail" and check.severity == "error"]
    assert failed and {check.cause for check in failed} == {"reading"}
    assert validation.status == "needs_review"


def test_progress_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    result = pipeline.extract(SAMPLES / "yanzhou-2021.pdf", on_page=lambda n, total: told.append((n, total)))
    pages = result.document.page_count
    assert told == [(n, pages) for n in range(1, pages + 1)]
