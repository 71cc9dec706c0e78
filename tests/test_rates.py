"""Too many requests are refused, for programs and for people, and only those of whoever sends them."""

from __future__ import annotations

import socket
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import answers
from tests.test_callers import House
from web.app import create_app
from web.rates import storage_of
from workers.database import migrate
from workers.settings import Settings


def test_requests_beyond_the_limit_are_told_when_to_come_again(tmp_path: Path) -> None:
    house = House(Settings(data_dir=tmp_path, requests_per_minute=3))
    statuses = [house.ask("li", "GET", "/api/v1/reports").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = house.ask("li", "GET", "/api/v1/reports")
    assert refused.mimetype == "application/problem+json"
    assert refused.json["type"] == "urn:nianbao:problem:too-many-requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    page = house.ask("li", "GET", "/", headers={"Accept": "text/html"})
    assert page.status_code == 429 and "请求过于频繁" in page.text and page.mimetype == "text/html"
    assert house.ask("wang", "GET", "/api/v1/reports").status_code == 200
    assert house.client.get("/healthz").status_code == 200


def test_who_has_no_token_is_counted_by_address(tmp_path: Path) -> None:
    house = House(Settings(data_dir=tmp_path, requests_per_minute=2))
    assert [house.client.get("/api/v1/reports").status_code for _ in range(3)] == [401, 401, 429]
    other = house.client.get("/api/v1/reports", environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
    assert other.status_code == 401


def test_uploads_have_a_limit_of_their_own(tmp_path: Path) -> None:
    house = House(Settings(data_dir=tmp_path, uploads_per_minute=2))
    send = [house.ask("li", "POST", "/api/v1/reports", data=b"%PDF-1.7 x").status_code for _ in range(3)]
    assert send == [202, 202, 429]
    assert house.ask("li", "GET", "/api/v1/reports").status_code == 200


def test_tokens_are_not_guessed_by_trying(tmp_path: Path) -> None:
    house = House(Settings(data_dir=tmp_path, sign_ins_per_minute=3))
    tries = [house.client.post("/sign-in", data={"token": f"nianbao_{n}"}).status_code for n in range(4)]
    assert tries == [401, 401, 401, 429]
    assert house.client.get("/sign-in").status_code == 200


@pytest.mark.skipif(not answers(6379), reason="no Redis answers on 127.0.0.1:6379")
def test_web_processes_count_together_in_redis(tmp_path: Path) -> None:
    prefix = f"nianbao-test-{uuid.uuid4().hex[:8]}:"
    settings = Settings(
        data_dir=tmp_path, broker_url="redis://127.0.0.1:6379/9", key_prefix=prefix, requests_per_minute=3
    )
    migrate(settings.sqlalchemy_url)
    clients = [create_app(settings).test_client() for _ in range(2)]
    assert [clients[n % 2].get("/api/v1/reports").status_code for n in range(4)] == [200, 200, 200, 429]


def test_without_redis_each_process_counts_by_itself(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, broker_url="redis://127.0.0.1:1/0", requests_per_minute=2)
    migrate(settings.sqlalchemy_url)
    client = create_app(settings).test_client()
    assert [client.get("/api/v1/reports").status_code for _ in range(3)] == [200, 200, 429]


def test_a_redis_that_has_frozen_holds_up_nobody_for_long(tmp_path: Path) -> None:
    """Several requests at once find that it does not answer."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        settings = Settings(data_dir=tmp_path, broker_url=f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        migrate(settings.sqlalchemy_url)
        app = create_app(settings)
        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(app.test_client().get, "/api/v1/reports") for _ in range(4)]
            assert [answer.result(20).status_code for answer in answers] == [200] * 4


def test_the_queue_of_serve_counts_too() -> None:
    assert storage_of("redis+socket:///run/valkey.sock?virtual_host=3") == "redis+unix:///run/valkey.sock?db=3"
    assert storage_of("rediss://queue/1") == "rediss://queue/1"
    assert storage_of("amqp://queue") == storage_of(None) == "memory://"
