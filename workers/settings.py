"""Everything that can be set, from `NIANBAO_…` variables."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from extractors.limits import DEFAULT_LIMITS, Limits
from extractors.sources.archives import ArchiveLimits


class LogFormat(StrEnum):
    JSON = "json"
    TEXT = "text"


class Settings(BaseSettings):
    """Settings of one process; every part of a service must be given the same."""

    model_config = SettingsConfigDict(env_prefix="NIANBAO_", extra="forbid")

    data_dir: Path = Field(default=Path("nianbao-data"), description="folder of the database and the files")
    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL, PostgreSQL in production; default: SQLite in the data folder"
    )
    broker_url: str | None = Field(
        default=None, description="Redis or Valkey URL of the queue; `nianbao serve` starts its own where it is not set"
    )
    files_dir: Path | None = Field(
        default=None, description="folder of the uploaded files, shared by all hosts; default: in the data folder"
    )
    key_prefix: str = Field(default="nianbao:", description="prefix of all keys in Redis")
    host: str = Field(default="127.0.0.1", description="address that the web server listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port that the web server listens on")
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="worker processes of one `serve` or `worker`"
    )
    web_threads: int = Field(default=24, ge=4, description="threads of the web server; a long poll holds one")
    trusted_proxy: str | None = Field(
        default=None,
        description="address of the proxy before the web server, whose X-Forwarded-For, -Proto and -Host are believed",
    )
    session_hours: float = Field(default=12.0, gt=0, description="hours until a browser must sign in again")
    requests_per_minute: int = Field(default=3000, gt=0, description="requests a minute from one token or address")
    uploads_per_minute: int = Field(default=1200, gt=0, description="uploads a minute from one token or address")
    sign_ins_per_minute: int = Field(default=10, gt=0, description="attempts to sign in a minute from one address")
    max_bytes: int = Field(default=DEFAULT_LIMITS.max_bytes, gt=0, description="bytes of one file")
    max_pages: int = Field(default=DEFAULT_LIMITS.max_pages, gt=0, description="pages of one file")
    max_pixels: int = Field(default=DEFAULT_LIMITS.max_pixels, gt=0, description="pixels of one page's picture")
    max_batch_files: int = Field(default=10_000, gt=0, description="files of one batch")
    max_batch_bytes: int = Field(
        default=4 * 1024**3, gt=0, description="bytes that may come in one request with files of a batch, unpacked"
    )
    max_upload_bytes: int = Field(
        default=1024**3, gt=0, description="bytes of one request with files of a batch, ZIPs as they are"
    )
    page_seconds: int = Field(default=120, gt=0, description="time limit for one page; then its worker is stopped")
    lease_margin: int = Field(
        default=30, gt=0, description="seconds after the time limit until a page counts as abandoned"
    )
    attempts: int = Field(default=3, ge=1, description="tries before a page or file is set aside")
    reconcile_seconds: float = Field(default=3.0, gt=0, description="pause between two looks for stranded work")
    resend_seconds: float = Field(
        default=600.0, gt=0, description="a message not answered for so long is sent again while the queue is not empty"
    )
    stall_seconds: float = Field(
        default=60.0, gt=0, description="a worker that takes none of the waiting messages for so long ends itself"
    )
    worker_memory_mb: int = Field(
        default=1200, gt=0, description="resident memory after which a worker process is replaced, between two pages"
    )

    memory_limit_mb: int = Field(
        default=2400, gt=0, description="resident memory at which a worker process is stopped, in the middle of a page"
    )
    log_format: LogFormat | None = Field(
        default=None,
        description="`json`: a line for each piece of work or request; `text`: what is wrong, for terminals",
    )

    @property
    def sqlalchemy_url(self) -> str:
        """The database; a bare postgresql:// is taken to the psycopg driver."""
        if self.database_url is None:
            return f"sqlite:///{(self.data_dir / 'nianbao.db').absolute()}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def files_root(self) -> Path:
        return self.files_dir or self.data_dir / "files"

    @property
    def limits(self) -> Limits:
        return Limits(max_bytes=self.max_bytes, max_pages=self.max_pages, max_pixels=self.max_pixels)

    @property
    def archive_limits(self) -> ArchiveLimits:
        return ArchiveLimits(
            max_entries=self.max_batch_files, max_bytes=self.max_batch_bytes, max_entry_bytes=self.max_bytes
        )

    @property
    def lease_seconds(self) -> float:
        """How long a claim holds: longer than any work under its time limit can take."""
        return float(self.page_seconds + self.lease_margin)
