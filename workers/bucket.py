"""Objects in an S3 bucket, through boto3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from urllib.parse import urlsplit

from workers.outages import StoreAway
from workers.settings import Settings
from workers.store import BLOCK

MISSING = {"404", "NoSuchKey", "NotFound"}
CONNECT_SECONDS, READ_SECONDS, TRIES = 3, 15, 2
"""All tries of a short request together take less than the minute after which PostgreSQL ends a waiting transaction."""


class Bucket:
    """The objects under the prefix of `files_url`. Whatever fails, but a missing object, raises StoreAway."""

    def __init__(self, settings: Settings) -> None:
        url = urlsplit(settings.files_url or "")
        self._settings, self._name = settings, url.netloc
        self._prefix = f"{url.path.strip('/')}/".lstrip("/")
        self._made: Any = None
        self._pid = 0

    def put(self, key: str, body: IO[bytes] | bytes) -> None:
        """Keep an object, whole or not at all: that is what a PUT to S3 promises."""
        with _faults():
            self._client.put_object(Bucket=self._name, Key=self._prefix + key, Body=body)

    def get(self, key: str) -> Iterator[bytes]:
        """The bytes of an object, a block at a time; raises FileNotFoundError."""
        with _faults():
            body = self._client.get_object(Bucket=self._name, Key=self._prefix + key)["Body"]
            yield from body.iter_chunks(BLOCK)

    def changed_at(self, key: str) -> float:
        """When an object was kept, in seconds since the epoch; raises FileNotFoundError."""
        with _faults():
            head = self._client.head_object(Bucket=self._name, Key=self._prefix + key)
        return float(head["LastModified"].timestamp())

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        with _faults():
            self._client.delete_object(Bucket=self._name, Key=self._prefix + key)

    def listed(self, begin: str = "") -> Iterator[tuple[str, float]]:
        """Each key that begins so, and when its object was kept."""
        with _faults():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._name, Prefix=self._prefix + begin):
                for entry in page.get("Contents", ()):
                    yield entry["Key"].removeprefix(self._prefix), entry["LastModified"].timestamp()

    @property
    def _client(self) -> Any:
        """A client of this process: connections are not carried across a fork."""
        if self._pid != os.getpid():
            self._made, self._pid = _connect(self._settings), os.getpid()
        return self._made


def _connect(settings: Settings) -> Any:
    import boto3
    from botocore.config import Config

    secret = settings.s3_secret_key
    return boto3.session.Session().client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key,
        aws_secret_access_key=secret and secret.get_secret_value(),
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            # an endpoint of one's own has seldom a host name for each bucket
            s3={"addressing_style": "path" if settings.s3_endpoint else "auto"},
            # checksums beyond the signature's are not understood by all that speak S3
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def _faults() -> Iterator[None]:
    """Raise FileNotFoundError for what is missing, and StoreAway for all else, without the server's words."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in MISSING:
            raise FileNotFoundError(code) from error
        raise StoreAway(f"S3 answers {code}") from error
    except BotoCoreError as error:
        raise StoreAway(type(error).__name__) from error
