"""The store in an S3 bucket: what a folder holds, under the same names, and copies on each host of what it works on."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from extractors.limits import Limits
from workers.bucket import Bucket
from workers.cache import FileCache
from workers.failures import Failure
from workers.pictures import FORGET_SECONDS, Tries
from workers.settings import Settings
from workers.store import STALE_SECONDS, Received, receive

MEGABYTE = 1 << 20
SHA256_DIGITS = 64


class S3Store:
    """Files and pictures in a bucket. A file is visible once it is kept whole, and read only from a whole copy."""

    def __init__(self, settings: Settings) -> None:
        root = settings.cache_root
        self._bucket = Bucket(settings)
        self._cache = FileCache(root, settings.cache_mb * MEGABYTE, settings.lease_seconds)
        self._tries = Tries(root / "tries")
        self.pictures = S3Pictures(self._bucket, self._cache, self._tries)

    @contextmanager
    def stage(self, stream: IO[bytes], limits: Limits) -> Iterator[StagedObject]:
        with self._cache.incoming() as file:
            upload = receive(stream, file, limits)
            file.close()  # thousands may be staged at once
            staged = StagedObject(self._bucket, Path(file.name), upload)
            staged.keep()  # a large file takes longer to send than a transaction should last, in which it is kept again
            yield staged

    def path(self, sha256: str) -> Path:
        return self._cache.get(sha256, lambda file: self._fetch(sha256, file))

    def delete(self, sha256: str) -> None:
        self._bucket.delete(_key(sha256))
        self._cache.delete(sha256)
        self.pictures.delete(sha256)

    def old_files(self) -> Iterator[str]:
        for key, kept in self._bucket.listed():
            name = key.rpartition("/")[2]
            if key == _key(name) and len(name) == SHA256_DIGITS and time.time() - kept > STALE_SECONDS:
                yield name

    def sweep(self) -> None:
        self._cache.sweep(STALE_SECONDS)
        self._tries.sweep()

    def check(self) -> None:
        self._bucket.put("check", b"ok")
        with self._cache.incoming() as file:
            file.write(b"ok")

    def _fetch(self, sha256: str, file: IO[bytes]) -> None:
        digest = hashlib.sha256()
        for block in self._bucket.get(_key(sha256)):
            digest.update(block)
            file.write(block)
        if digest.hexdigest() != sha256:
            raise OSError("the store has given other bytes than were kept")


class StagedObject:
    """An upload that the bucket has got; where no report comes to name it, it is removed like any stray file."""

    def __init__(self, bucket: Bucket, temporary: Path, upload: Received) -> None:
        self._bucket, self._temporary = bucket, temporary
        self.sha256, self.size, self.media_type = upload.sha256, upload.size, upload.media_type

    def keep(self) -> None:
        """Send it, unless the bucket has it."""
        key = _key(self.sha256)
        with contextlib.suppress(FileNotFoundError):
            self._bucket.changed_at(key)
            return
        with self._temporary.open("rb") as file:
            self._bucket.put(key, file)


class S3Pictures:
    """`pictures/<two digits>/<sha256>/<number>.png`, or a refusal as `.json`. Tries are counted by each host."""

    def __init__(self, bucket: Bucket, cache: FileCache, tries: Tries) -> None:
        self._bucket, self._cache, self._tries = bucket, cache, tries

    def find(self, sha256: str, number: int) -> Path | None:
        def fetch(file: IO[bytes]) -> None:
            file.writelines(self._bucket.get(_picture_key(sha256, number, "png")))

        try:
            return self._cache.get(f"{sha256}-{number}.png", fetch)
        except FileNotFoundError:
            return None

    def keep(self, sha256: str, number: int, png: bytes) -> None:
        self._bucket.put(_picture_key(sha256, number, "png"), png)
        self._bucket.delete(_picture_key(sha256, number, "json"))
        self._tries.forget(sha256, number)

    def attempt(self, sha256: str, number: int) -> contextlib.AbstractContextManager[int]:
        return self._tries.attempt(sha256, number)

    def fail(self, sha256: str, number: int, failure: Failure) -> None:
        self._bucket.put(_picture_key(sha256, number, "json"), failure.model_dump_json().encode())

    def failure(self, sha256: str, number: int) -> Failure | None:
        key = _picture_key(sha256, number, "json")
        try:
            if time.time() - self._bucket.changed_at(key) > FORGET_SECONDS:
                return None
            return Failure.model_validate_json(b"".join(self._bucket.get(key)))
        except FileNotFoundError:
            return None

    def delete(self, sha256: str) -> None:
        for key, _ in self._bucket.listed(f"pictures/{_key(sha256)}/"):
            self._bucket.delete(key)
        self._cache.delete(f"{sha256}-")
        self._tries.delete(sha256)

    def files(self) -> Iterator[str]:
        before = ""
        for key, _ in self._bucket.listed("pictures/"):
            sha256 = key.split("/")[2]
            if sha256 != before:
                yield sha256
            before = sha256


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _picture_key(sha256: str, number: int, extension: str) -> str:
    return f"pictures/{_key(sha256)}/{number}.{extension}"
