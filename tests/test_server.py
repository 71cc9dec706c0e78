"""What the web server refuses before the application sees it, over a real connection."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import answers

LIMIT, BATCH_LIMIT = 200_000, 500_000


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    settings = {
        "NIANBAO_DATA_DIR": str(tmp_path_factory.mktemp("web")),
        "NIANBAO_PORT": str(number),
        "NIANBAO_MAX_BYTES": str(LIMIT),
        "NIANBAO_MAX_UPLOAD_BYTES": str(BATCH_LIMIT),
    }
    process = subprocess.Popen([sys.executable, "-m", "web.cli", "web"], env={**os.environ, **settings})
    try:
        deadline = time.monotonic() + 60
        while not answers(number):
            assert process.poll() is None and time.monotonic() < deadline, "the web server has not come up"
            time.sleep(0.1)
        yield number
    finally:
        process.kill()
        process.wait()


def ask(port: int, request: bytes) -> tuple[int, dict[str, str], Any]:
    """Status, headers and JSON of the answer to raw bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return int(first.split()[1]), headers, json.loads(body)


@pytest.mark.parametrize(
    ("request_head", "status", "code"),
    [
        (f"POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10**9}", 413, "limit-exceeded"),
        ("POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: x", 400, "bad-request"),
        ("GET /api/v1/reports HTTP/1.0\r\nHost: elsewhere.example", 400, "unknown-host"),
    ],
)
def test_refusals_are_problems(port: int, request_head: str, status: int, code: str) -> None:
    found, headers, problem = ask(port, request_head.encode() + b"\r\n\r\n")
    assert (found, problem["status"], problem["type"]) == (status, status, f"urn:nianbao:problem:{code}")
    assert headers["content-type"] == "application/problem+json"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_the_limit_is_named(port: int) -> None:
    _, _, problem = ask(port, b"POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n")
    assert f"{LIMIT / 1048576:g} MB" in problem["detail"] and f"{LIMIT / 1048576:g} MB" in problem["detail_zh"]


def test_what_is_no_upload_is_refused_by_its_head(port: int) -> None:
    head = "PATCH /api/v1/reports/x/cells HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    status, _, problem = ask(port, f"{head}Content-Length: 2300000\r\n\r\n".encode())
    assert status == 413 and " 2 MB " in problem["detail"] and " 2 MB，" in problem["detail_zh"]


def test_a_batch_may_be_larger_and_its_limit_is_named(port: int) -> None:
    head = "POST /api/v1/batches HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
    _, _, problem = ask(port, f"{head}999999999\r\n\r\n".encode())
    assert f"{BATCH_LIMIT / 1048576:g} MB" in problem["detail"] and problem["type"].endswith("limit-exceeded")
    status, _, problem = ask(port, f"{head}{LIMIT * 2}\r\n\r\n".encode() + bytes(LIMIT * 2))
    assert status == 413 and problem["detail"].startswith("The file has 0.4 MB")  # its only file, not the request
