"""The database tables. Times are seconds since the epoch, UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Claimable:
    """Work that one worker at a time may hold, until its lease runs out."""

    claim: Mapped[str | None] = mapped_column(String(32))
    """Token of the worker that holds it; results are written only under the same token."""
    lease_until: Mapped[float | None] = mapped_column(Float)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    """Raised before the work begins, so that a file that kills its worker is counted."""
    sent_at: Mapped[float | None] = mapped_column(Float)
    """When a message for it was last sent; None: never."""
    broke: Mapped[str | None] = mapped_column(String(16))
    """What ended the last try, a Cause; None while nobody has said that it broke off."""


def _of_claims(name: str) -> Index:
    """An index of the few rows that somebody holds."""
    held = text("claim IS NOT NULL")
    return Index(name, "claim", sqlite_where=held, postgresql_where=held)


UNFILED = text("name_id IS NULL AND agency IS NOT NULL AND validation_status IS NOT NULL")
"""Of a report: it has a result, but stands in no archive yet, as an earlier version kept none."""


class ReportRow(Claimable, Base):
    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("owner", "sha256", name="uq_reports_owner_sha256"),
        # a list shows the newest first: each index holds one filter's reports in that order
        Index("ix_reports_owner_created", "owner", "created_at", "id"),
        Index("ix_reports_owner_year", "owner", "year", "created_at", "id"),
        Index("ix_reports_owner_form", "owner", "form", "created_at", "id"),
        Index("ix_reports_owner_status", "owner", "status", "created_at", "id"),
        Index("ix_reports_owner_validation", "owner", "validation_status", "created_at", "id"),
        # the same for an admin, who sees the reports of all owners
        Index("ix_reports_created", "created_at", "id"),
        Index("ix_reports_year_created", "year", "created_at", "id"),
        Index("ix_reports_form_created", "form", "created_at", "id"),
        Index("ix_reports_status_created", "status", "created_at", "id"),
        Index("ix_reports_validation_created", "validation_status", "created_at", "id"),
        Index("ix_reports_agency_year", "agency", "year"),
        Index("ix_reports_name_year", "name_id", "year"),
        Index("ix_reports_stage", "stage"),
        Index("ix_reports_sha256", "sha256"),
        _of_claims("ix_reports_claim"),
        Index("ix_reports_unfiled", "id", sqlite_where=UNFILED, postgresql_where=UNFILED),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str | None] = mapped_column(String(64).with_variant(String(128), "postgresql"))
    """Word's has 71 characters, and only PostgreSQL counts them."""
    stage: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[float] = mapped_column(Float)
    started_at: Mapped[float | None] = mapped_column(Float)
    finished_at: Mapped[float | None] = mapped_column(Float)
    document: Mapped[str | None] = mapped_column(Text)
    """JSON of the DocumentInfo, once the file has been opened."""
    pages_total: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
    """JSON of a Failure: why there is no result, or why another reading gave none and the earlier one stands."""
    title: Mapped[str | None] = mapped_column(String(500))
    agency: Mapped[str | None] = mapped_column(String(200))
    year: Mapped[int | None] = mapped_column(Integer)
    form: Mapped[str | None] = mapped_column(String(16))
    validation_status: Mapped[str | None] = mapped_column(String(16))
    review_count: Mapped[int | None] = mapped_column(Integer)
    name_id: Mapped[int | None] = mapped_column(Integer)
    """The AgencyNameRow that `agency` is kept under; None while it is unknown."""
    bulk: Mapped[bool] = mapped_column(Boolean, default=False)
    """It came with a batch, and nobody has sent it by itself: its messages stand behind those of single uploads."""


class PageRow(Claimable, Base):
    __tablename__ = "pages"
    __table_args__ = (Index("ix_pages_state", "state"), _of_claims("ix_pages_claim"))

    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    error: Mapped[str | None] = mapped_column(Text)
    """JSON of a Failure."""


class ReadingRow(Base):
    """What reading a page gave, kept for every report of the same file and engine."""

    __tablename__ = "readings"
    __table_args__ = (Index("ix_readings_seconds", "seconds"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    engine: Mapped[str] = mapped_column(String(32), primary_key=True)
    reading: Mapped[str] = mapped_column(Text)
    seconds: Mapped[float | None] = mapped_column(Float)
    """Time that reading it took."""


class ResultRow(Base):
    __tablename__ = "results"

    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(16), server_default="succeeded")
    """How the reading ended that gave it: `succeeded` or `partial`."""
    result: Mapped[str] = mapped_column(Text)
    """As the machine made it; it never changes, but another reading of the file may replace it."""
    decided: Mapped[str | None] = mapped_column(Text)
    """The same with all decisions of persons applied; None while there are none."""


class DecisionRow(Base):
    """What a person decided about a value of a report. Rows are only ever added."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_report", "report_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(String(200))
    accepted: Mapped[bool] = mapped_column(Boolean)
    """The value was left as it was."""
    value: Mapped[str] = mapped_column(Text)
    """JSON of the value from then on."""
    previous: Mapped[str] = mapped_column(Text)
    """JSON of the value before."""
    person: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[float] = mapped_column(Float)


class FailedCheckRow(Base):
    __tablename__ = "failed_checks"
    __table_args__ = (Index("ix_failed_checks_check", "check_id", "report_id"),)

    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    check_id: Mapped[str] = mapped_column(String(100), primary_key=True)


class AgencyRow(Base):
    """An office, whose reports of several years lie side by side. There is one as long as it has a name."""

    __tablename__ = "agencies"
    __table_args__ = (Index("ix_agencies_owner_name", "owner", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    """The fullest of its names, as printed."""


class AgencyNameRow(Base):
    """A name that stands on reports, and the agency that it means."""

    __tablename__ = "agency_names"
    __table_args__ = (
        UniqueConstraint("owner", "bare", name="uq_agency_names_owner_bare"),
        Index("ix_agency_names_owner_kin", "owner", "kin"),
        Index("ix_agency_names_owner_under", "owner", "under"),
        Index("ix_agency_names_agency", "agency_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    """As first printed."""
    bare: Mapped[str] = mapped_column(String(200))
    """Without spaces and marks: names that differ in these alone are one."""
    kin: Mapped[str] = mapped_column(String(200))
    """What names must have in common to mean the same office."""
    under: Mapped[str | None] = mapped_column(String(200))
    """What a person says: the bare name that means the same office, or its own where no other does."""
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))


class YearChecksRow(Base):
    """The checks of an agency's report against its report of the year before."""

    __tablename__ = "year_checks"
    __table_args__ = (Index("ix_year_checks_earlier", "earlier_id"),)

    later_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    earlier_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"))
    checks: Mapped[str] = mapped_column(Text)
    """JSON of a list of YearCheck."""


class TextRow(Base):
    """All words that a report is found by, in lines without spaces; `text_pairs`, which only SQL knows, is their
    index."""

    __tablename__ = "texts"
    __table_args__ = (UniqueConstraint("report_id", name="uq_texts_report"), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)


class GramRow(Base):
    """Two neighbouring characters of the name of a report's agency."""

    __tablename__ = "grams"
    __table_args__ = (Index("ix_grams_gram", "gram", "report_id"), {"sqlite_with_rowid": False})

    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    gram: Mapped[str] = mapped_column(String(2), primary_key=True)


class IdempotencyRow(Base):
    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_report", "report_id"),)

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"))


class BatchRow(Base):
    """Files that were sent together. How far it has come is told by their reports."""

    __tablename__ = "batches"
    __table_args__ = (
        Index("ix_batches_owner_created", "owner", "created_at", "id"),
        Index("ix_batches_created", "created_at", "id"),
        Index("ix_batches_owner_key", "owner", "key", unique=True),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    """Of the ZIP or the folder that it was sent as."""
    key: Mapped[str | None] = mapped_column(String(200))
    """By which its sender knows it again when the answer was lost."""
    created_at: Mapped[float] = mapped_column(Float)
    begun_at: Mapped[float] = mapped_column(Float)
    """When there was last something new to be read: it came, more of it came, or it was tried again."""
    canceled_at: Mapped[float | None] = mapped_column(Float)


class BatchFileRow(Base):
    """A file of a batch: its report, or why there is none; neither where the report has been deleted."""

    __tablename__ = "batch_files"
    __table_args__ = (Index("ix_batch_files_report", "report_id"),)

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    """From 1, as they came."""
    name: Mapped[str] = mapped_column(String(500))
    """With its folders."""
    report_id: Mapped[str | None] = mapped_column(ForeignKey("reports.id", ondelete="SET NULL"))
    duplicate_of: Mapped[int | None] = mapped_column(Integer)
    """Number of the first file of this batch that has the same bytes."""
    error: Mapped[str | None] = mapped_column(Text)
    """JSON of a Failure."""


class TokenRow(Base):
    """An access token. Rows are never removed: that there has been one closes the service for good."""

    __tablename__ = "tokens"
    __table_args__ = (UniqueConstraint("digest", name="uq_tokens_digest"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(32))
    """Whose it is: the owner of what is sent with it."""
    role: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the token, which is kept nowhere: 256 random bits need no slower hash."""
    created_at: Mapped[float] = mapped_column(Float)
    revoked_at: Mapped[float | None] = mapped_column(Float)


class SessionRow(Base):
    """A browser that has signed in with a token."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_token", "token_id"), Index("ix_sessions_expires", "expires_at"))

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of what its cookie holds."""
    token_id: Mapped[str] = mapped_column(ForeignKey("tokens.id", ondelete="CASCADE"))
    expires_at: Mapped[float] = mapped_column(Float)


class AuditRow(Base):
    """Who did what to which report, when and from where. Rows are only ever added, and outlive the report."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_report", "report_id", "id"), Index("ix_audit_name", "name", "id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[float] = mapped_column(Float)
    name: Mapped[str] = mapped_column(String(32))
    address: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(16))
    report_id: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text)
    """JSON of what is to be known beside it."""
