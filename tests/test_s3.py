"""The store in a bucket, over HTTP against an S3 server: whole files or nothing, on every host the same."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from extractors.errors import EmptyFile, LimitExceeded, UnsupportedType
from extractors.limits import Limits
from tests.bench import Bench, application
from tests.s3_server import S3Server, needs_s3, s3_server
from workers import cache as cache_module
from workers.database import migrate
from workers.failures import SET_ASIDE
from workers.files import forget_strays
from workers.outages import StoreAway
from workers.pictures import FORGET_SECONDS, Pictures
from workers.reports import NoPicture, PictureNotReady
from workers.s3 import S3Store
from workers.settings import Settings
from workers.store import STALE_SECONDS

pytestmark = needs_s3
PDF = b"%PDF-1.7\n" + b"some content " * 1000
SHA256 = hashlib.sha256(PDF).hexdigest()
LIMITS = Limits()


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as started:
        yield started


@pytest.fixture
def settings(server: S3Server, tmp_path: Path) -> Settings:
    return server.settings(tmp_path / "one")


@pytest.fixture
def store(settings: Settings) -> S3Store:
    return S3Store(settings)


@pytest.fixture
def other(settings: Settings, tmp_path: Path) -> S3Store:
    """The same bucket, as another host sees it."""
    return S3Store(settings.model_copy(update={"data_dir": tmp_path / "other"}))


def keep(store: S3Store, content: bytes = PDF) -> str:
    with store.stage(io.BytesIO(content), LIMITS) as staged:
        staged.keep()
        return staged.sha256


def copies(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != "lock")


def test_what_one_host_keeps_another_reads(store: S3Store, other: S3Store, tmp_path: Path) -> None:
    assert keep(store) == keep(store) == SHA256
    assert copies(tmp_path / "one") == []
    assert other.path(SHA256).read_bytes() == PDF
    assert other.path(SHA256) == other.path(SHA256)
    assert copies(tmp_path / "other") == [SHA256]


def test_a_file_is_sent_before_it_is_kept_and_again_where_it_was_deleted_meanwhile(
    store: S3Store, other: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    put = store._bucket.put

    def noted(key: str, body: IO[bytes]) -> None:
        sent.append(key)
        put(key, body)

    monkeypatch.setattr(store._bucket, "put", noted)
    with store.stage(io.BytesIO(PDF), LIMITS) as staged:
        assert (staged.sha256, staged.size, staged.media_type) == (SHA256, len(PDF), "application/pdf")
        assert len(sent) == 1
        staged.keep()
        assert len(sent) == 1, "nothing large goes over the network while a transaction is open"
        other.delete(SHA256)
        staged.keep()
    assert len(sent) == 2 and other.path(SHA256).read_bytes() == PDF


def test_what_no_report_has_come_to_name_is_removed(
    bench: Bench, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.stage(io.BytesIO(PDF), LIMITS):
        pass
    assert forget_strays(bench.database, store) == 0
    later = time.time() + STALE_SECONDS + 5
    monkeypatch.setattr(time, "time", lambda: later)
    assert forget_strays(bench.database, store) == 1
    with pytest.raises(FileNotFoundError):
        store.path(SHA256)


@pytest.mark.parametrize(
    ("content", "limits", "error"),
    [
        (b"", LIMITS, EmptyFile),
        (b"plain text", LIMITS, UnsupportedType),
        (PDF, replace(LIMITS, max_bytes=len(PDF) - 1), LimitExceeded),
    ],
)
def test_bad_content_is_refused(
    store: S3Store, tmp_path: Path, content: bytes, limits: Limits, error: type[Exception]
) -> None:
    with pytest.raises(error), store.stage(io.BytesIO(content), limits):
        pass
    assert copies(tmp_path) == []


def test_a_file_that_is_deleted_is_gone_with_its_pictures(store: S3Store, other: S3Store, tmp_path: Path) -> None:
    keep(store)
    store.pictures.keep(SHA256, 1, b"png")
    assert other.path(SHA256) and other.pictures.find(SHA256, 1)
    other.delete(SHA256)
    other.delete(SHA256)
    assert copies(tmp_path) == [] and list(store.pictures.files()) == []
    with pytest.raises(FileNotFoundError):
        store.path(SHA256)
    assert store.pictures.find(SHA256, 1) is None


def test_half_a_file_is_never_read(store: S3Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(store)
    whole = store._bucket.get

    def broken(key: str) -> Iterator[bytes]:
        yield next(whole(key))[:100]
        raise StoreAway("cut")

    monkeypatch.setattr(store._bucket, "get", broken)
    with pytest.raises(StoreAway):
        store.path(SHA256)
    monkeypatch.setattr(store._bucket, "get", lambda key: iter([b"something else"]))
    with pytest.raises(OSError, match="other bytes"):
        store.path(SHA256)
    assert copies(tmp_path) == []
    monkeypatch.setattr(store._bucket, "get", whole)
    assert store.path(SHA256).read_bytes() == PDF


def test_several_that_fetch_at_once_read_whole_files(store: S3Store, other: S3Store) -> None:
    content = b"%PDF-1.7" + os.urandom(3_000_000)
    sha256 = keep(store, content)
    read: list[bytes] = []
    threads = [threading.Thread(target=lambda: read.append(other.path(sha256).read_bytes())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [content] * 6


def test_the_cache_is_bounded_but_never_takes_away_what_is_in_use(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3Store(server.settings(tmp_path, cache_mb=1))
    kept = [keep(store, b"%PDF-1.7" + os.urandom(400_000)) for _ in range(5)]
    for sha256 in kept:
        store.path(sha256)
    assert copies(tmp_path) == sorted(kept), "what has just been given out stays"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 300)
    os.utime(store.path(kept[0]), (now + 290, now + 290))
    newest = keep(store, b"%PDF-1.7" + os.urandom(400_000))
    store.path(newest)
    assert len(copies(tmp_path)) == 2 and kept[0] in copies(tmp_path) and newest in copies(tmp_path)
    monkeypatch.setattr(time, "time", lambda: now + 300 + cache_module.UNUSED_SECONDS + 1)
    store.sweep()
    assert copies(tmp_path) == []
    monkeypatch.undo()
    assert store.path(kept[1]).stat().st_size == 400_008


def test_only_files_kept_long_ago_are_old(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(store)
    store.check()
    store.pictures.keep(SHA256, 1, b"png")
    assert list(store.old_files()) == []
    later = time.time() + STALE_SECONDS + 5
    monkeypatch.setattr(time, "time", lambda: later)
    assert list(store.old_files()) == [SHA256]


def test_pictures_and_refusals_are_seen_on_every_host(
    store: S3Store, other: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = store.pictures, other.pictures
    assert theirs.find(SHA256, 2) is None and theirs.failure(SHA256, 2) is None
    mine.fail(SHA256, 2, SET_ASIDE[None])
    assert theirs.failure(SHA256, 2) == SET_ASIDE[None]
    mine.keep(SHA256, 2, b"png")
    found = theirs.find(SHA256, 2)
    assert found is not None and found.read_bytes() == b"png" and theirs.failure(SHA256, 2) is None
    mine.fail(SHA256, 3, SET_ASIDE[None])
    later = time.time() + FORGET_SECONDS + 5
    monkeypatch.setattr(time, "time", lambda: later)
    assert theirs.failure(SHA256, 3) is None
    assert list(theirs.files()) == [SHA256]


def test_a_store_that_does_not_answer_is_away(server: S3Server, tmp_path: Path) -> None:
    store = S3Store(server.settings(tmp_path, s3_endpoint="http://127.0.0.1:9"))
    with pytest.raises(StoreAway), store.stage(io.BytesIO(PDF), LIMITS):
        pass
    for ask in (store.check, lambda: store.path(SHA256), lambda: store.delete(SHA256), lambda: list(store.old_files())):
        with pytest.raises(StoreAway):
            ask()
    unknown = S3Store(server.settings(tmp_path).model_copy(update={"files_url": "s3://no-such-bucket"}))
    with pytest.raises(StoreAway):
        unknown.check()
    with pytest.raises(StoreAway):
        unknown.path(SHA256)


class Away(S3Store):
    """A store that can be cut off."""

    away = False

    def path(self, sha256: str) -> Path:
        if self.away:
            raise StoreAway("gone")
        return super().path(sha256)

    def delete(self, sha256: str) -> None:
        if self.away:
            raise StoreAway("gone")
        super().delete(sha256)


@pytest.fixture
def bench(settings: Settings) -> Bench:
    migrate(settings.sqlalchemy_url)
    made = Bench(settings)
    assert isinstance(made.store, S3Store)
    return made


@pytest.fixture
def away(bench: Bench) -> Away:
    store = Away(bench.settings)
    bench.reports._runtime.__dict__["store"] = store
    bench.work._store = store
    return store


def test_a_store_that_is_away_for_long_costs_no_try(bench: Bench, away: Away) -> None:
    view = bench.submit()
    for piece in range(3):  # opening, pages, assembly
        away.away = True
        for _ in range(5):
            for message in bench.messenger.messages[:]:
                bench.messenger.messages.remove(message)
                bench.deliver(message)
            bench.let_pass(60)
            assert bench.reconciler.reconcile() >= 1, piece
        assert bench.reports.get(view.id).status == "running"
        away.away = False
        for message in bench.messenger.messages[:]:
            bench.messenger.messages.remove(message)
            bench.reader.on_page = lambda number: setattr(away, "away", number == 3)
            bench.deliver(message)
    away.away = False
    bench.let_pass(60)
    bench.reconciler.reconcile()
    bench.deliver_all()
    assert bench.reports.get(view.id).status == "succeeded"


def test_nothing_is_accepted_while_the_store_is_away(server: S3Server, tmp_path: Path) -> None:
    settings = server.settings(tmp_path, s3_endpoint="http://127.0.0.1:9")
    migrate(settings.sqlalchemy_url)
    client = application(Bench(settings))
    answer = client.post("/api/v1/reports", data=PDF, headers={"Content-Type": "application/pdf"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.json and answer.json["type"] == "urn:nianbao:problem:store-away"
    assert client.get("/api/v1/reports").json["total"] == 0  # type: ignore[index]
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.json and ready.json["parts"]["store"].startswith("nothing can be written")


def test_a_report_is_deleted_though_its_file_goes_later(
    bench: Bench, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = bench.submit()
    bench.deliver_all()
    away.away = True
    bench.reports.delete(view.id)
    away.away = False
    assert away.path(view.sha256).is_file()
    later = time.time() + STALE_SECONDS + 5
    monkeypatch.setattr(time, "time", lambda: later)
    assert forget_strays(bench.database, away) == 1
    with pytest.raises(FileNotFoundError):
        away.path(view.sha256)


def test_a_picture_that_breaks_workers_is_refused_on_hosts_without_workers(bench: Bench, other: S3Store) -> None:
    def broken(number: int) -> None:
        raise MemoryError

    bench.reader.on_draw = broken
    view = bench.submit()
    bench.deliver_all()
    for _ in range(4):
        with pytest.raises(PictureNotReady):
            bench.reports.picture(view.id, 1)
        bench.deliver_all()
    with pytest.raises(NoPicture):
        bench.reports.picture(view.id, 1)
    pictures: Pictures = other.pictures
    assert pictures.failure(view.sha256, 1) == SET_ASIDE[None] and bench.reader.drawn == [1, 1, 1]
