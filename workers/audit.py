"""The audit log: who did what to which report, when and from where; written in the transaction that does it."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workers.database import Database
from workers.tables import AuditRow
from workers.views import moment


class Action(StrEnum):
    UPLOAD = "upload"
    CORRECTION = "correction"
    DELETION = "deletion"
    CANCELLATION = "cancellation"
    RETRY = "retry"
    REREAD = "reread"
    JOINING = "joining"
    SEPARATION = "separation"
    SIGN_IN = "sign-in"
    TOKEN = "token"
    REVOCATION = "revocation"


@dataclass(frozen=True)
class Origin:
    """Who does something, and from which network address."""

    name: str = "local"
    address: str | None = None


LOCAL = Origin()
COMMAND_LINE = Origin("command-line")


@dataclass(frozen=True)
class AuditEntry:
    id: int
    at: dt.datetime
    name: str
    address: str | None
    action: Action
    report_id: str | None
    detail: dict[str, Any]


def note(
    session: Session,
    origin: Origin,
    action: Action,
    report_id: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add an entry; it counts if the transaction does."""
    session.add(
        AuditRow(
            at=time.time(),
            name=origin.name,
            address=origin.address,
            action=action,
            report_id=report_id,
            detail=json.dumps(detail or {}, ensure_ascii=False),
        )
    )


def entries(
    database: Database,
    count: int,
    before: int | None = None,
    name: str | None = None,
    action: Action | None = None,
    report_id: str | None = None,
) -> list[AuditEntry]:
    """The newest `count` entries that fit all that is given, older than the entry `before`."""
    wanted = [
        column == value
        for column, value in ((AuditRow.name, name), (AuditRow.action, action), (AuditRow.report_id, report_id))
        if value is not None
    ]
    if before is not None:
        wanted.append(AuditRow.id < before)
    with database.read() as session:
        rows = session.scalars(select(AuditRow).where(*wanted).order_by(AuditRow.id.desc()).limit(count)).all()
    return [
        AuditEntry(r.id, moment(r.at), r.name, r.address, Action(r.action), r.report_id, json.loads(r.detail))
        for r in rows
    ]
