"""Everything that can be set, from `NIANBAO_…` variables."""

from __future__ import annotations

from dataclasses import fields
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from extractors.cores import cores
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
    files_url: str | None = Field(
        default=None,
        pattern=r"^s3://[a-z0-9][a-z0-9.-]+[a-z0-9](/[\w./-]*)?$",
        description="`s3://bucket/prefix`: the uploaded files are kept in this bucket instead of a folder",
    )
    s3_endpoint: str | None = Field(default=None, description="URL of the S3 server; default: Amazon's")
    s3_region: str | None = Field(default=None, description="region of the bucket; default: as boto3 finds it")
    s3_access_key: str | None = Field(default=None, description="key id for the bucket; default: as boto3 finds it")
    s3_secret_key: SecretStr | None = Field(default=None, description="its secret")
    cache_dir: Path | None = Field(
        default=None, description="folder of this host for copies from the bucket; default: in the data folder"
    )
    cache_mb: int = Field(default=2048, gt=0, description="how much of them is kept beside what is in use")
    key_prefix: str = Field(default="nianbao:", description="prefix of all keys in Redis")
    host: str = Field(default="127.0.0.1", description="address that the web server listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port that the web server listens on")
    workers: int = Field(default_factory=cores, ge=1, description="worker processes of one `serve` or `worker`")
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
    max_instructions: int = Field(
        default=DEFAULT_LIMITS.max_instructions,
        gt=0,
        description="bytes of one PDF page's drawing instructions, unpacked",
    )
    max_characters: int = Field(
        default=DEFAULT_LIMITS.max_characters, gt=0, description="characters of one PDF page's text"
    )
    max_picture_side: int = Field(
        default=DEFAULT_LIMITS.max_picture_side, gt=0, description="pixels of a picture's longer side"
    )
    max_side: int = Field(
        default=DEFAULT_LIMITS.max_side, gt=0, description="points of a PDF page's longer side, 72 to the inch"
    )
    max_markup: int = Field(
        default=DEFAULT_LIMITS.max_markup, gt=0, description="bytes of the text of a web page or Word file, unpacked"
    )
    max_paragraphs: int = Field(
        default=DEFAULT_LIMITS.max_paragraphs, gt=0, description="paragraphs and cells of a web page or Word file"
    )
    max_batch_files: int = Field(default=10_000, gt=0, description="files of one batch")
    max_batch_bytes: int = Field(
        default=4 * 1024**3, gt=0, description="bytes that may come in one request with files of a batch, unpacked"
    )
    max_upload_bytes: int = Field(
        default=1024**3, gt=0, description="bytes of one request with files of a batch, ZIPs as they are"
    )
    max_zip_ratio: int = Field(
        default=200, gt=0, description="unpacked to packed bytes of one file in a ZIP, where it has over a megabyte"
    )
    max_form_parts: int = Field(default=1000, gt=0, description="fields of one form")
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

    @field_validator("files_url")
    @classmethod
    def _needs_boto3(cls, url: str | None) -> str | None:
        if url is not None and find_spec("boto3") is None:
            raise ValueError("the package boto3 is needed for a bucket; please install nianbao[s3]")
        return url

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
    def cache_root(self) -> Path:
        return self.cache_dir or self.data_dir / "cache"

    @property
    def limits(self) -> Limits:
        return Limits(**{limit.name: getattr(self, limit.name) for limit in fields(Limits)})

    def environment(self) -> dict[str, str]:
        """The variables that give another process the same settings."""
        given = self.model_dump(mode="json", exclude_none=True)
        if self.s3_secret_key is not None:
            given["s3_secret_key"] = self.s3_secret_key.get_secret_value()
        return {f"NIANBAO_{name.upper()}": str(value) for name, value in given.items()}

    @property
    def archive_limits(self) -> ArchiveLimits:
        return ArchiveLimits(
            max_entries=self.max_batch_files,
            max_bytes=self.max_batch_bytes,
            max_entry_bytes=self.max_bytes,
            max_ratio=self.max_zip_ratio,
        )

    @property
    def lease_seconds(self) -> float:
        """How long a claim holds: longer than any work under its time limit can take."""
        return float(self.page_seconds + self.lease_margin)
