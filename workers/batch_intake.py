"""Taking in what is sent together: all of it, or nothing.

It may be thousands of files, so they are first written and judged one by one, in the store's folder for uploads and
without a transaction: nobody waits for it, and no more than a block of one file is in memory. Then they get their
places in the store, and one transaction adds all rows. Where anything goes wrong before its end, nothing is in the
database and the files are removed. If the process dies, what lies among the uploads goes with the store's `sweep`, and
what has its place already with `workers.files.forget_strays`. After the end all is accepted; what has not been sent for
by then, the reconciler sends for.
"""

from __future__ import annotations

import time
import unicodedata
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import IO, TypeVar, cast

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from extractors.errors import DamagedFile, DocumentError, LimitExceeded
from extractors.sources import archives
from workers.audit import Action, Origin, note
from workers.database import hold_all
from workers.failures import failure_of
from workers.files import forget_file
from workers.reports import IdempotencyConflict, UnknownReport, new_row
from workers.runtime import Runtime
from workers.settings import Settings
from workers.store import Staged, Store
from workers.tables import BatchFileRow, BatchRow, ReportRow
from workers.words import note_names

UNNAMED = "report"
"""Stands for the name of a file that was sent without one."""
LONGEST_NAME = 500
"""Characters of a name with its folders."""
PORTION = 500
"""Values that are looked up in one statement."""
KEEPERS = 16
"""Threads that bring files to their places."""
ZIP_HEADS = (b"PK\x03\x04", b"PK\x05\x06")
"""Of a ZIP, and of one without files."""
OFFICE_FILE = "[Content_Types].xml"
"""A ZIP with this in it is a document of Word, Excel or PowerPoint (ECMA-376, Part 2)."""

T = TypeVar("T")
Sent = tuple[str, IO[bytes]]
"""A file as it is sent: its name, perhaps with folders, and its bytes, which can be read from any place."""


class NoReports(DocumentError):
    code = "no-reports"
    message = "There is no file that could be a report."
    message_zh = "没有可以识别的报告文件。"


class UnknownBatch(Exception):
    """There is no such batch, or it is another owner's."""


class BatchCanceled(Exception):
    """Nothing can be added to a batch that has been canceled."""


@dataclass(frozen=True)
class Received:
    """A file of a batch: safe for its report, or why it is none."""

    name: str
    staged: Staged | None
    error: DocumentError | None


@dataclass(frozen=True)
class Filed:
    """A file as its batch has it: with a report, or with an error."""

    name: str
    report_id: str | None
    error: DocumentError | None


class Blocks:
    """Bytes that come in blocks, for who wants to read them."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks

    def read(self, _: int = -1) -> bytes:
        return next(self._blocks, b"")


def accept(
    runtime: Runtime,
    sent: Sequence[Sent],
    owner: str,
    origin: Origin,
    batch_id: str | None = None,
    key: str | None = None,
) -> tuple[str, list[str]]:
    """Add what is sent to a batch, or to a new one; (its id, the ids of the reports to be sent for).

    A new one that was made under this key before is found again. Raises DocumentError where nothing of it can be read
    or a limit is exceeded, UnknownBatch, BatchCanceled and IdempotencyConflict.
    """
    with ExitStack() as uploads:
        received = _receive(uploads, runtime.store, sent, runtime.settings)
        if batch_id is None:
            _require_a_report(received)
        kept = {file.staged.sha256: file.staged for file in received if file.staged}
        _keep(kept.values())
        try:
            return _register(runtime, sent, received, kept, owner, origin, batch_id, key)
        except BaseException:
            with suppress(Exception):  # what is left then goes with `forget_strays`
                for sha256 in kept:
                    forget_file(runtime.database, runtime.store, sha256)
            raise


def add_known(runtime: Runtime, batch_id: str, files: Sequence[tuple[str, str]], owner: str) -> None:
    """Add files to a batch whose reports are there already: (name, id of the report) of each, all of them or none.

    Raises UnknownBatch, BatchCanceled, UnknownReport, and LimitExceeded.
    """
    with runtime.database.write() as session:
        batch = _open_batch(session, batch_id, owner)
        wanted = {report_id for _, report_id in files}
        for some in portions(sorted(wanted), PORTION):
            held = select(ReportRow.id).where(ReportRow.owner == owner, ReportRow.id.in_(some))
            wanted -= set(session.scalars(held.with_for_update(read=True, key_share=True)))
        if wanted:
            raise UnknownReport(min(wanted))
        _add_files(session, batch, [Filed(shown_path(name), id_, None) for name, id_ in files], runtime.settings)


def _keep(files: Iterable[Staged]) -> None:
    """Have all in their places, several at a time: for each the disk, or a bucket, is waited for."""
    with ThreadPoolExecutor(KEEPERS) as pool:
        for done in [pool.submit(file.keep) for file in files]:
            done.result()


def _receive(uploads: ExitStack, store: Store, sent: Sequence[Sent], settings: Settings) -> list[Received]:
    """Each file, written and judged; the same bytes are written once."""
    received: list[Received] = []
    safe: dict[str, Staged] = {}
    size = 0
    for name, content in _files(sent, settings.archive_limits):
        if len(received) == settings.max_batch_files:
            raise _too_many(settings)
        with ExitStack() as upload:
            try:
                if isinstance(content, DocumentError):
                    raise content
                staged = upload.enter_context(store.stage(content, settings.limits))
            except DocumentError as error:
                received.append(Received(name, None, error))
                continue
            size += staged.size
            if size > settings.max_batch_bytes:
                raise LimitExceeded(
                    f"The files have more than the {settings.max_batch_bytes / 2**20:.0f} MB that are accepted at "
                    "once; please send them in portions.",
                    f"文件合计超过一次可接收的 {settings.max_batch_bytes / 2**20:.0f} MB，请分批上传。",
                )
            if staged.sha256 not in safe:
                safe[staged.sha256] = staged
                uploads.push(upload.pop_all())
            received.append(Received(name, safe[staged.sha256], None))
    return received


def _files(sent: Sequence[Sent], limits: archives.ArchiveLimits) -> Iterator[tuple[str, IO[bytes] | DocumentError]]:
    """Names and bytes of the files, those in ZIPs one by one; errors for those that are refused unread."""
    for name, stream in sent:
        shown = shown_path(name)
        if archives.is_furniture(shown):
            continue
        head = stream.read(4)
        stream.seek(0)
        if head not in ZIP_HEADS:
            yield shown, stream
            continue
        try:
            with archives.opened(stream, limits) as archive:
                if OFFICE_FILE in archive.namelist():
                    stream.seek(0)
                    yield shown, stream
                    continue
                folder = f"{shown}/" if len(sent) > 1 else ""
                for entry in archives.entries(archive, limits):
                    blocks = archives.blocks(archive, entry, limits)
                    yield shown_path(folder + entry.name), entry.problem or cast(IO[bytes], Blocks(blocks))
        except DamagedFile as error:
            yield shown, error


def _require_a_report(received: Sequence[Received]) -> None:
    """Raise what is wrong with the only file, or NoReports, which tells it of the first."""
    if any(file.staged for file in received):
        return
    errors = [(file.name, file.error) for file in received if file.error]
    if not errors:
        raise NoReports
    name, error = errors[0]
    if len(errors) == 1:
        raise error
    raise NoReports(
        f"None of the {len(errors)} files can be read as a report. The first is {name}: {error.message}",
        f"{len(errors)} 个文件中没有可以识别的报告。第一个是“{name}”：{error.message_zh}",
    )


def _register(
    runtime: Runtime,
    sent: Sequence[Sent],
    received: Sequence[Received],
    kept: Mapping[str, Staged],
    owner: str,
    origin: Origin,
    batch_id: str | None,
    key: str | None,
) -> tuple[str, list[str]]:
    """All rows, in one transaction."""
    with runtime.database.write() as session:
        hold_all(session)
        if batch_id is None:
            if made := _made_before(session, owner, key, received):
                return made, []
            batch = _new_batch(session, owner, _name_of(sent), key)
        else:
            batch = _open_batch(session, batch_id, owner)
            batch.begun_at = time.time()
        _keep(kept.values())  # once more: one may have been removed with another report before everything was held
        reports = _reports_of(session, owner, kept)
        names = {file.staged.sha256: file.name for file in reversed(received) if file.staged}
        new = [
            new_row(staged, filename_of(names[sha256]), owner, bulk=True)
            for sha256, staged in kept.items()
            if sha256 not in reports
        ]
        session.add_all(new)
        session.flush()
        note_names(session, {row.id: row.filename for row in new})
        reports |= {row.sha256: row.id for row in new}
        filed = [Filed(f.name, reports[f.staged.sha256] if f.staged else None, f.error) for f in received]
        _add_files(session, batch, filed, runtime.settings)
        new_ids = [row.id for row in new]
        _note_uploads(session, batch.id, names, reports, set(new_ids), origin)
    return batch.id, new_ids


def _made_before(session: Session, owner: str, key: str | None, received: Sequence[Received]) -> str | None:
    """Id of the batch that these files became under the same key; raises IdempotencyConflict if others did."""
    batch_id = key and session.scalar(select(BatchRow.id).where(BatchRow.owner == owner, BatchRow.key == key))
    if not batch_id:
        return None
    has = select(BatchFileRow.name, ReportRow.sha256).outerjoin(ReportRow, ReportRow.id == BatchFileRow.report_id)
    there = {tuple(row) for row in session.execute(has.where(BatchFileRow.batch_id == batch_id))}
    if any((file.name, file.staged and file.staged.sha256) not in there for file in received):
        raise IdempotencyConflict(key)
    return batch_id


def _new_batch(session: Session, owner: str, name: str, key: str | None) -> BatchRow:
    now = time.time()
    batch = BatchRow(id=uuid.uuid4().hex, owner=owner, name=name, key=key, created_at=now, begun_at=now)
    session.add(batch)
    session.flush()
    return batch


def _open_batch(session: Session, batch_id: str, owner: str) -> BatchRow:
    """The batch, held; raises UnknownBatch and BatchCanceled."""
    batch = session.scalar(select(BatchRow).where(BatchRow.id == batch_id, BatchRow.owner == owner).with_for_update())
    if batch is None:
        raise UnknownBatch(batch_id)
    if batch.canceled_at is not None:
        raise BatchCanceled(batch_id)
    return batch


def _reports_of(session: Session, owner: str, hashes: Collection[str]) -> dict[str, str]:
    """The reports that the owner has of these files already: their ids by SHA-256; none is deleted from now on."""
    found: dict[str, str] = {}
    for some in portions(list(hashes), PORTION):
        rows = select(ReportRow.sha256, ReportRow.id).where(ReportRow.owner == owner, ReportRow.sha256.in_(some))
        found |= dict(session.execute(rows.with_for_update(read=True, key_share=True)).all())
    return found


def _add_files(session: Session, batch: BatchRow, files: Sequence[Filed], settings: Settings) -> None:
    """Rows for the files, without those that the batch has already by the same name: a portion may be sent again."""
    has = select(BatchFileRow.number, BatchFileRow.name, BatchFileRow.report_id).where(
        BatchFileRow.batch_id == batch.id
    )
    known = session.execute(has.order_by(BatchFileRow.number)).all()
    there = {(name, report_id) for _, name, report_id in known}
    first = {report_id: number for number, _, report_id in reversed(known) if report_id}
    number = known[-1][0] if known else 0
    rows = []
    for file in files:
        if (file.name, file.report_id) in there:
            continue
        number += 1
        duplicate_of = first.setdefault(file.report_id, number) if file.report_id else number
        rows.append(
            {
                "batch_id": batch.id,
                "number": number,
                "name": file.name,
                "report_id": file.report_id,
                "duplicate_of": None if duplicate_of == number else duplicate_of,
                "error": file.error and failure_of(file.error).model_dump_json(),
            }
        )
        there.add((file.name, file.report_id))
    if len(known) + len(rows) > settings.max_batch_files:
        raise _too_many(settings)
    if rows:
        session.execute(insert(BatchFileRow), rows)


def _note_uploads(
    session: Session,
    batch_id: str,
    names: Mapping[str, str],
    reports: Mapping[str, str],
    new: Collection[str],
    origin: Origin,
) -> None:
    for sha256, name in names.items():
        report_id = reports[sha256]
        about = {"filename": filename_of(name), "new": report_id in new, "batch": batch_id}
        note(session, origin, Action.UPLOAD, report_id, about)


def _too_many(settings: Settings) -> LimitExceeded:
    return LimitExceeded(
        f"A batch may have {settings.max_batch_files} files, and these would be more; please make several of it.",
        f"一个批次最多 {settings.max_batch_files} 个文件，现已超出，请分成几个批次上传。",
    )


def shown_path(name: str) -> str:
    """The name with its folders as it is shown, without control characters; it never becomes a path."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/")
    return "".join(c for c in plain if unicodedata.category(c)[0] != "C").strip()[-LONGEST_NAME:] or UNNAMED


def filename_of(name: str) -> str:
    """The last part of a name with folders."""
    return name.rstrip("/").rsplit("/", 1)[-1][-255:] or UNNAMED


def _name_of(sent: Sequence[Sent]) -> str:
    """What a batch is called: its only file, or the folder of the first; nothing where that has no name."""
    name = shown_path(sent[0][0])
    if name == UNNAMED:
        return ""
    return filename_of(name) if len(sent) == 1 else name.partition("/")[0][:255] if "/" in name else ""


def portions(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The values in order, so many at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))
