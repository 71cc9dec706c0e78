"""Several web servers and workers, each with a folder of its own, that share Redis, PostgreSQL and a bucket alone."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.bench import postgres_database
from tests.conftest import SAMPLE, answers
from tests.s3_server import S3Server, needs_s3, s3_server
from tests.test_service import OPENER, TRUTH, Client, free_port, running, wait_until_ready
from tests.workers_support import eventually, report_pdf

pytestmark = [
    pytest.mark.service,
    needs_s3,
    pytest.mark.skipif(not (answers(6379) and answers(5432)), reason="no Redis on 6379 or no PostgreSQL on 5432"),
]


@dataclass
class Hosts:
    folder: Path
    settings: dict[str, str]
    webs: list[Client]
    s3: S3Server
    stack: ExitStack

    def start_worker(self, name: str) -> int:
        """A host with one worker process; its process id."""
        own = {"NIANBAO_DATA_DIR": str(self.folder / name), "NIANBAO_WORKERS": "1"}
        return self.stack.enter_context(running(["worker"], **self.settings, **own)).pid

    def files(self, name: str) -> list[str]:
        """What lies on a host."""
        found = (self.folder / name).rglob("*")
        return sorted(path.name for path in found if path.is_file() and path.name != "lock")


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    """Two web servers, and no workers yet."""
    with s3_server() as s3, postgres_database() as url, ExitStack() as stack:
        bucket = s3.settings(tmp_path).files_url
        assert bucket is not None
        settings = {
            "NIANBAO_DATABASE_URL": url,
            "NIANBAO_BROKER_URL": "redis://127.0.0.1:6379/9",
            "NIANBAO_KEY_PREFIX": f"nianbao-fortress-{uuid.uuid4().hex[:8]}:",
            "NIANBAO_FILES_URL": bucket,
            **{f"NIANBAO_{name.upper()}": value for name, value in s3.access.items()},
        }
        webs = []
        for name in ("web-a", "web-b"):
            webs.append(Client(free_port()))
            own = {"NIANBAO_DATA_DIR": str(tmp_path / name), "NIANBAO_PORT": webs[-1].url.rsplit(":", 1)[1]}
            stack.enter_context(running(["web"], **settings, **own))
        for web in webs:
            wait_until_ready(web)
        yield Hosts(tmp_path, settings, webs, s3, stack)


def test_any_host_serves_what_another_has_taken_in(hosts: Hosts) -> None:
    a, b = hosts.webs
    _, sent = a.upload(SAMPLE)
    at = f"/api/v1/reports/{sent['id']}"
    assert hosts.files("web-a") == []
    assert b.call(f"{at}/cancel", method="POST")[1]["status"] == "canceled"
    assert a.call(at)[1]["status"] == "canceled" and a.call(f"{at}/result")[0] == 422
    assert b.call(f"{at}/retry", method="POST")[0] == 202
    first = hosts.start_worker("worker-a")
    assert b.finish(sent["id"])["status"] == "succeeded"
    for web in (a, b):
        status, result = web.call(f"{at}/result")
        assert status == 200 and result["report"]["tables"] == TRUTH["tables"]
    with OPENER.open(f"{b.url}{at}/pages/2.png", timeout=60) as response:
        picture = response.read()
    with OPENER.open(f"{a.url}{at}/pages/2.png", timeout=60) as response:
        assert response.read() == picture and picture.startswith(b"\x89PNG")
    with OPENER.open(f"{b.url}{at}/file", timeout=60) as response:
        assert response.read() == SAMPLE.read_bytes()

    os.kill(first, signal.SIGSTOP)  # that host is out of reach; another goes on with what it has never seen
    hosts.stack.callback(os.kill, first, signal.SIGCONT)
    hosts.start_worker("worker-b")
    _, second = b.upload(report_pdf(hosts.folder / "second.pdf", 3))
    assert a.finish(second["id"])["status"] == "succeeded"
    assert a.call(f"{at}/reread", method="POST")[0] == 202
    assert b.finish(sent["id"])["status"] == "succeeded"
    assert set(hosts.files("worker-b")) == {second["sha256"], sent["sha256"]}

    assert a.call(at, method="DELETE")[0] == 204
    assert b.call(at)[0] == 404
    assert b.call("/readyz")[0] == a.call("/readyz")[0] == 200


def test_while_the_bucket_is_away_nothing_is_taken_in_and_nothing_lost(hosts: Hosts) -> None:
    a, b = hosts.webs
    _, sent = a.upload(SAMPLE)
    hosts.s3.stop()
    hosts.start_worker("worker-a")
    eventually(lambda: b.call(f"/api/v1/reports/{sent['id']}")[1]["status"] == "running")
    status, problem = b.upload(report_pdf(hosts.folder / "second.pdf"))
    assert (status, problem["type"]) == (503, "urn:nianbao:problem:store-away")
    status, problem = b.call("/readyz")
    assert status == 503 and [part for part, state in problem["parts"].items() if state != "ok"] == ["store"]
    hosts.s3.start()
    bucket = urlsplit(hosts.settings["NIANBAO_FILES_URL"])
    hosts.s3.put(bucket.netloc)
    hosts.s3.put(f"{bucket.netloc}{bucket.path}/{sent['sha256'][:2]}/{sent['sha256']}", SAMPLE.read_bytes())
    assert a.finish(sent["id"])["status"] == "succeeded"
    assert b.upload(report_pdf(hosts.folder / "second.pdf"))[0] == 202
