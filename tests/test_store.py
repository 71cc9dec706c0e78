"""The folder of files: whole files under their SHA-256, or nothing."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from extractors.errors import EmptyFile, LimitExceeded, UnsupportedType
from extractors.limits import Limits
from tests.workers_support import eventually, python
from workers import store as store_module
from workers.store import FolderStore

PDF = b"%PDF-1.7\n" + b"some content " * 1000
LIMITS = Limits()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "files")


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def keep(store: FolderStore, content: bytes = PDF) -> str:
    with store.stage(io.BytesIO(content), LIMITS) as staged:
        staged.keep()
        return staged.sha256


def test_a_kept_file_is_found_by_its_sha256(store: FolderStore) -> None:
    with store.stage(io.BytesIO(PDF), LIMITS) as staged:
        staged.keep()
        assert (staged.sha256, staged.size) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
        assert staged.media_type == "application/pdf"
    assert store.path(staged.sha256).read_bytes() == PDF


def test_the_same_content_is_kept_once(store: FolderStore, tmp_path: Path) -> None:
    assert keep(store) == keep(store)
    assert files_in(tmp_path) == [hashlib.sha256(PDF).hexdigest()]


def test_what_was_not_kept_leaves_nothing(store: FolderStore, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), store.stage(io.BytesIO(PDF), LIMITS):
        raise RuntimeError("the request broke off")
    assert files_in(tmp_path) == []


def test_an_upload_that_breaks_off_leaves_nothing(store: FolderStore, tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(100)

    with pytest.raises(ConnectionResetError), store.stage(Broken(PDF), LIMITS):
        pass
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "limits", "error"),
    [
        (b"", LIMITS, EmptyFile),
        (b"plain text", LIMITS, UnsupportedType),
        (PDF, Limits(max_bytes=len(PDF) - 1), LimitExceeded),
    ],
)
def test_bad_content_is_refused_and_not_kept(
    store: FolderStore, tmp_path: Path, content: bytes, limits: Limits, error: type[Exception]
) -> None:
    with pytest.raises(error), store.stage(io.BytesIO(content), limits):
        pass
    assert files_in(tmp_path) == []


def test_a_file_at_the_limit_is_taken(store: FolderStore) -> None:
    with store.stage(io.BytesIO(PDF), Limits(max_bytes=len(PDF))) as staged:
        assert staged.size == len(PDF)


def test_no_more_than_the_limit_is_written(store: FolderStore) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += size
            return b"%PDF-" + b"x" * (size - 5)

    stream = Endless()
    with pytest.raises(LimitExceeded), store.stage(stream, Limits(max_bytes=5_000_000)):  # type: ignore[arg-type]
        pass
    assert stream.given <= 5_000_000 + 2 * store_module.BLOCK


def test_deleting_removes_the_file_and_may_be_repeated(store: FolderStore) -> None:
    sha256 = keep(store)
    store.delete(sha256)
    store.delete(sha256)
    with pytest.raises(FileNotFoundError):
        store.path(sha256)


def test_synced_before_it_bears_its_name(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    fsync, link = os.fsync, os.link

    def noted_sync(handle: int) -> None:
        order.append("sync")
        fsync(handle)

    def noted_link(source: Path, target: Path) -> None:
        order.append("name")
        link(source, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "link", noted_link)
    keep(store)
    assert order == ["sync", "sync", "name", "sync"]  # the file; the new folder's name; the name; the folder


def test_two_uploads_of_one_file_at_once(store: FolderStore, tmp_path: Path) -> None:
    threads = [threading.Thread(target=keep, args=(store,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files_in(tmp_path) == [hashlib.sha256(PDF).hexdigest()]


def test_a_killed_upload_is_swept_away_and_a_running_one_is_not(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from extractors.limits import Limits
from workers.store import FolderStore
class Slow:
    given = 0
    def read(self, size):
        self.given += 1
        if self.given > 3:
            time.sleep(600)
        return b"%PDF-" + b"x" * 2_000_000
with FolderStore(Path(sys.argv[1])).stage(Slow(), Limits()):
    pass
"""
    store = FolderStore(tmp_path)
    process = python(code, str(tmp_path))
    try:
        eventually(lambda: len(files_in(tmp_path)) == 1)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    (left,) = files_in(tmp_path)
    store.sweep()
    assert files_in(tmp_path) == [left], "a young upload may still be running"
    sweep_after(store_module.STALE_SECONDS + 1, store)
    assert files_in(tmp_path) == []


def sweep_after(seconds: float, store: FolderStore) -> None:
    """Sweep as it will be some time from now."""
    with pytest.MonkeyPatch.context() as patch:
        now = time.time()
        patch.setattr(time, "time", lambda: now + seconds)
        store.sweep()


def test_only_files_kept_long_ago_are_old(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = keep(store)
    assert list(store.old_files()) == []
    later = time.time() + store_module.STALE_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert list(store.old_files()) == [sha256]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    with pytest.raises(OSError):
        FolderStore(tmp_path / "files").check()
