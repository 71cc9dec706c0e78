"""The real service end to end: real queue, real worker processes, real OCR, over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.bad_files import AT_THE_DOOR, NO_REPORTS, REFUSED, make_bad_files
from tests.bench import postgres_database
from tests.conftest import answers

pytestmark = [pytest.mark.service, pytest.mark.ocr]

SAMPLES = Path(__file__).parent.parent / "samples"
TRUTH = json.loads((SAMPLES / "yanzhou-2021.truth.json").read_text(encoding="utf-8"))
FINISHED = {"succeeded", "partial", "failed", "canceled"}
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Client:
    """What a person's script does."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def call(self, path: str, data: bytes | None = None, method: str | None = None, **headers: str) -> tuple[int, Any]:
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        try:
            with OPENER.open(request, timeout=60) as response:
                status, body = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        return status, json.loads(body) if body else None

    def upload(self, path: Path) -> tuple[int, Any]:
        disposition = f'attachment; filename="{path.name}"'
        headers = {"Content-Type": "application/octet-stream", "Content-Disposition": disposition}
        return self.call("/api/v1/reports", path.read_bytes(), "POST", **headers)

    def finish(self, report_id: str, seconds: float = 240) -> Any:
        deadline = time.monotonic() + seconds
        seen = 0
        while time.monotonic() < deadline:
            _, body = self.call(f"/api/v1/reports/{report_id}?wait=10")
            assert body["progress"]["pages_done"] >= seen, "progress went backwards"
            seen = body["progress"]["pages_done"]
            if body["status"] in FINISHED:
                return body
        raise AssertionError(f"not finished after {seconds} s: {body}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "web.cli", *command], env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def wait_until_ready(client: Client, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if client.call("/readyz")[0] == 200:
                return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.3)
    raise AssertionError("the service has not come up")


def read_scan(client: Client) -> None:
    """Send the scanned sample, follow it to the end and compare every figure."""
    status, accepted = client.upload(SAMPLES / "yanzhou-2021-scan.pdf")
    assert status == 202
    done = client.finish(accepted["id"])
    assert done["status"] == "succeeded" and done["progress"]["percent"] == 100
    status, result = client.call(f"/api/v1/reports/{accepted['id']}/result")
    assert status == 200
    jsonschema.validate(result, client.call("/api/v1/schema")[1])
    assert result["report"]["tables"] == TRUTH["tables"]
    assert {key: result["report"][key] for key in ("agency", "year", "title", "published_on")} == {
        key: TRUTH[key] for key in ("agency", "year", "title", "published_on")
    }
    assert {page["origin"] for page in result["document"]["pages"]} == {"ocr"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = Client(free_port())
    data = tmp_path_factory.mktemp("service")
    with running(["serve", "--port", client.url.rsplit(":", 1)[1], "--data", str(data)]):
        wait_until_ready(client)
        yield client


def test_a_scan_goes_through_the_embedded_service(service: Client) -> None:
    read_scan(service)


def test_bad_files_are_refused_and_the_service_goes_on(service: Client, tmp_path: Path) -> None:
    for name, path in make_bad_files(tmp_path).items():
        status, body = service.upload(path)
        if name in AT_THE_DOOR:
            assert status in (400, 415, 422) and body["detail_zh"], name
            continue
        assert status == 202, name
        done = service.finish(body["id"])
        if name in REFUSED:
            assert (done["status"], done["error"]["code"]) == ("failed", REFUSED[name])
            status, problem = service.call(f"/api/v1/reports/{body['id']}/result")
            assert status == 422 and problem["detail_zh"] == done["error"]["message_zh"]
        else:
            assert name in NO_REPORTS
            assert (done["status"], done["validation_status"]) == ("succeeded", "needs_review")
    status, body = service.upload(SAMPLES / "yanzhou-2021.pdf")
    assert service.finish(body["id"])["validation_status"] == "passed"


def test_pages_are_in_chinese(service: Client) -> None:
    with OPENER.open(service.url + "/", timeout=30) as response:
        page = response.read().decode()
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert 'lang="zh' in page and "年度报告" in page
    assert "http://" not in page.replace(service.url, "") and "https://" not in page


def test_unfinished_work_goes_on_after_a_kill(tmp_path: Path) -> None:
    client = Client(free_port())
    command = ["serve", "--port", client.url.rsplit(":", 1)[1], "--data", str(tmp_path)]
    with running(command) as process:
        wait_until_ready(client)
        _, accepted = client.upload(SAMPLES / "yanzhou-2021-scan.pdf")
        process.send_signal(signal.SIGKILL)
        process.wait()
    deadline = time.monotonic() + 60
    while answers(int(command[2])):
        assert time.monotonic() < deadline, "the web server has outlived `serve`"
        time.sleep(0.2)
    with running(command):
        wait_until_ready(client)
        assert client.finish(accepted["id"])["status"] == "succeeded"


def test_a_second_service_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    client = Client(free_port())
    with running(["serve", "--port", client.url.rsplit(":", 1)[1], "--data", str(tmp_path)]):
        wait_until_ready(client)
        second = subprocess.run(
            [sys.executable, "-m", "web.cli", "serve", "--port", "0", "--data", str(tmp_path)],
            capture_output=True,
            timeout=60,
        )
    assert second.returncode == 1 and b"Another `nianbao serve`" in second.stderr


@pytest.mark.skipif(not (answers(6379) and answers(5432)), reason="no Redis on 6379 or no PostgreSQL on 5432 answers")
def test_a_scan_goes_through_redis_and_postgresql(tmp_path: Path) -> None:
    port = free_port()
    with postgres_database() as url:
        settings = {
            "NIANBAO_DATABASE_URL": url,
            "NIANBAO_BROKER_URL": "redis://127.0.0.1:6379/9",
            "NIANBAO_KEY_PREFIX": f"nianbao-test-{uuid.uuid4().hex[:8]}:",
            "NIANBAO_DATA_DIR": str(tmp_path),
            "NIANBAO_PORT": str(port),
        }
        client = Client(port)
        with running(["worker"], **settings), running(["web"], **settings):
            wait_until_ready(client)
            read_scan(client)


def test_with_a_token_the_service_listens_to_others(tmp_path: Path) -> None:
    client = Client(free_port())
    command = ["serve", "--host", "0.0.0.0", "--port", client.url.rsplit(":", 1)[1], "--data", str(tmp_path)]
    refused = subprocess.run([sys.executable, "-m", "web.cli", *command], capture_output=True, timeout=60)
    assert refused.returncode == 1 and b"nianbao token create" in refused.stderr
    made = [sys.executable, "-m", "web.cli", "token", "create", "li", "--data", str(tmp_path)]
    token = subprocess.run(made, capture_output=True, timeout=60, check=True).stdout.decode().strip()
    with running(command, NIANBAO_REQUESTS_PER_MINUTE="20"):
        wait_until_ready(client)
        assert client.call("/api/v1/reports")[0] == 401
        bearer = {"Authorization": f"Bearer {token}"}
        status, accepted = client.call("/api/v1/reports", (SAMPLES / "yanzhou-2021.pdf").read_bytes(), "POST", **bearer)
        assert status == 202 and accepted["owner"] == "li"
        states = (
            client.call(f"/api/v1/reports/{accepted['id']}?wait=20", None, "GET", **bearer)[1]["status"]
            for _ in range(12)
        )
        assert "succeeded" in states
        assert 429 in [client.call("/api/v1/reports", None, "GET", **bearer)[0] for _ in range(20)]
