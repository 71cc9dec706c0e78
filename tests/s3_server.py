"""An S3 server in a process of its own, spoken to over HTTP."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from workers.settings import Settings

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
needs_s3 = pytest.mark.skipif(
    any(find_spec(package) is None for package in ("boto3", "moto", "flask_cors")),
    reason="no S3 server to test with: install the packages boto3, moto[s3] and flask-cors",
)


@dataclass
class S3Server:
    """Where it listens; it forgets everything when it is stopped."""

    port: int
    _process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                OPENER.open(self.endpoint, timeout=5).close()
                return
            except OSError:
                assert time.monotonic() < deadline, "the S3 server has not come up"
                time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def settings(self, folder: Path, **others: object) -> Settings:
        """Settings with a new bucket."""
        name = f"nianbao-{uuid.uuid4().hex[:12]}"
        self.put(name)
        given = {"data_dir": folder, "files_url": f"s3://{name}/some/reports", **self.access, **others}
        return Settings.model_validate(given)

    @property
    def access(self) -> dict[str, str]:
        keys = {"s3_access_key": "testing", "s3_secret_key": "testing"}
        return {"s3_endpoint": self.endpoint, "s3_region": "us-east-1", **keys}

    def put(self, path: str, body: bytes = b"") -> None:
        """Make a bucket, or an object in it, past the store."""
        headers = {"Content-Type": "application/octet-stream"}
        request = urllib.request.Request(f"{self.endpoint}/{path}", body, headers, method="PUT")
        OPENER.open(request, timeout=10).close()


@contextmanager
def s3_server() -> Iterator[S3Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = S3Server(int(probe.getsockname()[1]))
    server.start()
    try:
        yield server
    finally:
        server.stop()
