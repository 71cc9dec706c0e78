from __future__ import annotations

import hashlib
import io
import os
import time
from pathlib import Path

import pytest

from extractors.errors import EmptyFile, LimitExceeded
from extractors.limits import Limits
from workers.store import STALE_SECONDS, FolderStore

CONTENT = b"%PDF-1.7 content"


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_its_hash(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with store.stage(io.BytesIO(CONTENT), Limits()) as staged:
        staged.keep()
        staged.keep()
    assert staged.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert (staged.size, staged.media_type) == (len(CONTENT), "application/pdf")
    assert store.path(staged.sha256).read_bytes() == CONTENT
    assert len(files(tmp_path)) == 1


def test_what_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with store.stage(io.BytesIO(CONTENT), Limits()) as staged:
        pass
    with pytest.raises(FileNotFoundError):
        store.path(staged.sha256)
    assert files(tmp_path) == []


@pytest.mark.parametrize(("content", "error"), [(b"", EmptyFile), (CONTENT, LimitExceeded)])
def test_a_refused_upload_leaves_nothing(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error), FolderStore(tmp_path).stage(io.BytesIO(content), Limits(max_bytes=5)):
        pass
    assert files(tmp_path) == []


def test_an_endless_upload_is_cut_at_the_limit(tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"%PDF-" + b"x" * (size - 5)

    stream = Endless()
    with pytest.raises(LimitExceeded), FolderStore(tmp_path).stage(stream, Limits(max_bytes=3 << 20)):  # type: ignore[arg-type]
        pass
    assert stream.given <= 5 << 20


def test_interrupted_uploads_are_swept_when_old(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.check()
    old, new = tmp_path / "incoming" / "old", tmp_path / "incoming" / "new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - STALE_SECONDS - 10,) * 2)
    store.sweep()
    assert files(tmp_path) == [new]


def test_deleting_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    FolderStore(tmp_path).delete("0" * 64)
