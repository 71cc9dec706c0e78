"""What the API takes and gives about batches, as Pydantic models."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from extractors.report import ReportStatus
from web.models import API, PageLinks, ReportError, WaitQuery
from workers.batch_progress import FileState
from workers.batches import BatchPage, BatchView, FilePage, FileView
from workers.selection import ReportPage

BatchState = Literal["queued", "running", "finished", "canceled"]
ENDED: frozenset[str] = frozenset({"finished", "canceled"})


class BatchPath(BaseModel):
    id: str = Field(description="the id that the batch was answered with")


class BatchListQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    page: int = Field(default=1, ge=1, le=1_000_000)
    per_page: int = Field(default=20, ge=1, le=100)


class BatchQuery(WaitQuery):
    model_config = ConfigDict(extra="forbid")

    state: FileState | None = Field(default=None, description="only files of this state")
    page: int = Field(default=1, ge=1, le=1_000_000, description="page of the list of files")
    per_page: int = Field(default=100, ge=1, le=1000)


class KnownFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=500, description="with its folders")
    report_id: str = Field(pattern="^[0-9a-f]{32}$", description="of the report that has the same bytes")


class KnownFiles(BaseModel):
    model_config = ConfigDict(extra="forbid")

    files: list[KnownFile] = Field(min_length=1, max_length=1000)


class BatchFileLinks(BaseModel):
    report: str
    html: str


class BatchFile(BaseModel):
    number: int = Field(description="from 1, as they came")
    name: str = Field(description="with its folders")
    state: FileState = Field(
        description=(
            "that of its report; `no_report`: it was read, and nothing of a report is in it; `refused`: it was not "
            "taken in, and `error` says why; `deleted`: its report has been deleted"
        )
    )
    report_id: str | None
    duplicate_of: int | None = Field(description="number of the first file with the same bytes: it has the same report")
    title: str | None
    validation_status: ReportStatus | None
    error: ReportError | None
    links: BatchFileLinks | None = Field(description="null where there is no report")


class BatchFileList(BaseModel):
    items: list[BatchFile]
    total: int
    page: int
    per_page: int
    links: PageLinks


class BatchLinks(BaseModel):
    self: str
    files: str = Field(description="POST adds more files")
    reports: str
    html: str = Field(description="the batch as a page for people")


class BatchBody(BaseModel):
    """Files that were sent together, and how far they have come."""

    id: str
    owner: str = Field(description="name of the token that it was sent with; `local` where none is needed")
    name: str = Field(description="of the ZIP or folder; empty where there was none")
    status: BatchState
    created_at: dt.datetime
    finished_at: dt.datetime | None
    expected_finish: dt.datetime | None = Field(
        description="at the pace so far; null until two reports have been read, and when nothing is being read"
    )
    percent: int = Field(ge=0, le=100, description="100 only when every file has ended")
    files_total: int
    counts: dict[str, int] = Field(description="files by state")
    links: BatchLinks


class BatchDetail(BatchBody):
    files: BatchFileList


class BatchList(BaseModel):
    items: list[BatchBody]
    total: int
    page: int
    per_page: int
    links: PageLinks


def address_of(batch_id: str) -> str:
    return f"{API}/batches/{batch_id}"


def batch_body(view: BatchView) -> BatchBody:
    at, progress = address_of(view.id), view.progress
    return BatchBody.model_validate(
        {
            "id": view.id,
            "owner": view.owner,
            "name": view.name,
            "status": progress.status.value,
            "created_at": view.created_at,
            "finished_at": progress.finished_at,
            "expected_finish": progress.expected_finish,
            "percent": progress.percent,
            "files_total": view.files,
            "counts": progress.counts,
            "links": BatchLinks(self=at, files=f"{at}/files", reports=f"{at}/reports", html=f"/batches/{view.id}"),
        }
    )


def batch_detail(view: BatchView, files: FilePage, query: BatchQuery) -> BatchDetail:
    listed = BatchFileList(
        items=[_file_body(file) for file in files.items],
        total=files.total,
        page=files.page,
        per_page=files.per_page,
        links=page_links(address_of(view.id), files, query),
    )
    return BatchDetail(**batch_body(view).model_dump(), files=listed)


def batch_list(found: BatchPage, query: BatchListQuery) -> BatchList:
    return BatchList(
        items=[batch_body(view) for view in found.items],
        total=found.total,
        page=found.page,
        per_page=found.per_page,
        links=page_links(f"{API}/batches", found, query),
    )


def page_links(address: str, found: FilePage | BatchPage | ReportPage, query: BaseModel) -> PageLinks:
    """Links to the pages before and after one of a list."""
    wanted = query.model_dump(mode="json", exclude_defaults=True, exclude={"wait"})

    def link(page: int) -> str:
        return f"{address}?{urlencode({**wanted, 'page': page})}"

    last = found.page * found.per_page >= found.total
    return PageLinks(next=None if last else link(found.page + 1), prev=link(found.page - 1) if found.page > 1 else None)


def _file_body(file: FileView) -> BatchFile:
    error, at = file.error, file.report_id
    return BatchFile.model_validate(
        {
            "number": file.number,
            "name": file.name,
            "state": file.state,
            "report_id": at,
            "duplicate_of": file.duplicate_of,
            "title": file.title,
            "validation_status": file.validation_status,
            "error": error and ReportError(code=error.code, message=error.message, message_zh=error.message_zh),
            "links": at and BatchFileLinks(report=f"{API}/reports/{at}", html=f"/reports/{at}"),
        }
    )
