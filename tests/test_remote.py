"""Asking a service over real connections that refuse, break off and redirect."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from urllib3 import Retry
from werkzeug import Request

from web import remote
from web.remote import Remote, RemoteError

BATCH = b'{"id": "a", "status": "queued"}'
BREAK_OFF = 0
"""Instead of a status: hang up without an answer."""


class Service(ThreadingHTTPServer):
    """Gives the prepared answers one after the other, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, dict[str, str], bytes]] = []

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, body))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Service)
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((f"{self.command} {self.path}", dict(self.headers), content))
        status, headers, body = self.server.answers.pop(0)
        if status == BREAK_OFF:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the name that http.server asks for

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little time between two tries."""
    monkeypatch.setattr(remote, "RETRIES", remote.RETRIES.new(total=3, backoff_factor=0.01, backoff_jitter=0.0))


def test_files_go_whole_with_their_chinese_names_and_the_token(service: Service) -> None:
    for _ in range(2):
        service.answer(202, BATCH)
    contents = {"区/年报 1.pdf": bytes(range(256)) * 50_000, 'a"b\r\n.pdf': b"%PDF-1.7\r\n--\r\n", "空.pdf": b""}
    for batch in (None, "b1"):
        files = [(name, io.BytesIO(content)) for name, content in contents.items()]
        assert Remote(service.address, "t0k").send(files, batch)["id"] == "a"
    assert [line for line, _, _ in service.asked] == ["POST /api/v1/batches", "POST /api/v1/batches/b1/files"]
    for _, headers, body in service.asked:
        assert headers["Authorization"] == "Bearer t0k" and int(headers["Content-Length"]) == len(body)
        environment = {"CONTENT_TYPE": headers["Content-Type"], "CONTENT_LENGTH": str(len(body))}
        request = Request({**environment, "REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(body)})
        parts = request.files.getlist("file")
        assert [part.read() for part in parts] == list(contents.values())
        assert [part.filename for part in parts] == ["区/年报 1.pdf", 'a"b%0D%0A.pdf', "空.pdf"]


def test_the_refused_files_of_a_batch_are_told_page_by_page(service: Service) -> None:
    for number, more in ((1, '"/next"'), (2, "null")):
        error = f'{{"message": "No {number}."}}'
        files = f'{{"items": [{{"name": "{number}.pdf", "error": {error}}}], "links": {{"next": {more}}}}}'
        service.answer(200, f'{{"files": {files}}}'.encode())
    assert list(Remote(service.address, None).refused("b1")) == [("1.pdf", "No 1."), ("2.pdf", "No 2.")]
    assert [line.split("&")[:2] for line, _, _ in service.asked] == [
        ["GET /api/v1/batches/b1?state=refused", f"page={page}"] for page in (1, 2)
    ]


@pytest.mark.parametrize("status", [429, 503, 502, BREAK_OFF])
def test_what_passes_is_tried_again_with_the_whole_file(service: Service, status: int) -> None:
    service.answer(status)
    service.answer(202, BATCH)
    assert Remote(service.address, None).send([("a.pdf", io.BytesIO(b"%PDF-1.7 whole"))], None)["id"] == "a"
    first, again = (body for _, _, body in service.asked)
    assert first == again and b"%PDF-1.7 whole" in first
    keys = {headers.get("Idempotency-Key") for _, headers, _ in service.asked}
    assert len(keys) == 1 and None not in keys, "a batch whose answer was lost is not made twice"


def test_each_batch_has_a_key_of_its_own_and_portions_have_none(service: Service) -> None:
    for batch in (None, None, "a"):
        service.answer(202, BATCH)
        Remote(service.address, None).send([("a.pdf", io.BytesIO(b"%PDF"))], batch)
    first, second, portion = (headers.get("Idempotency-Key") for _, headers, _ in service.asked)
    assert first and second and first != second and portion is None


def test_it_waits_as_long_as_the_service_says(service: Service) -> None:
    service.answer(429, Retry_After="1")
    service.answer(202, BATCH)
    start = time.monotonic()
    Remote(service.address, None).send([("a.pdf", io.BytesIO(b"%PDF-1.7"))], None)
    assert time.monotonic() - start >= 1


def test_it_gives_up_and_says_what_the_service_said(service: Service) -> None:
    for _ in range(4):
        service.answer(503, b'{"detail": "Busy just now."}')
    with pytest.raises(RemoteError, match="Busy just now") as caught:
        Remote(service.address, None).reports()
    assert caught.value.status == 503 and len(service.asked) == 4


@pytest.mark.parametrize("status", [400, 401, 409, 413, 415, 500])
def test_a_refusal_is_not_tried_again(service: Service, status: int) -> None:
    service.answer(status, b'{"detail": "No."}')
    with pytest.raises(RemoteError, match=r"^No\.$") as caught:
        Remote(service.address, None).send([("a.pdf", io.BytesIO(b"x"))], None)
    assert (caught.value.status, len(service.asked)) == (status, 1)


def test_what_is_no_such_service_is_told(service: Service) -> None:
    service.answer(404, b"<html>nginx</html>")
    with pytest.raises(RemoteError, match="404 Not Found"):
        Remote(service.address, None).reports()
    service.answer(200, b"<html>a router</html>")
    with pytest.raises(RemoteError, match="no Nianbao service"):
        Remote(service.address, None).reports()


def test_a_redirection_is_told_and_not_followed(service: Service) -> None:
    """A POST that is redirected becomes a GET, and the token would go where nobody has sent it."""
    service.answer(301, Location="https://elsewhere.example/")
    with pytest.raises(RemoteError, match="https://elsewhere"):
        Remote(service.address, "t0k").send([("a.pdf", io.BytesIO(b"x"))], None)
    assert len(service.asked) == 1


def test_a_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "RETRIES", Retry(total=0))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(RemoteError, match=r"does not answer \(Connection refused\)") as caught:
        Remote(address, None).reports()
    assert caught.value.status is None


def test_only_the_token_vouches(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", service.address)
    for token in ("t0k", None):
        service.answer(200, b'{"items": []}')
        Remote("http://nianbao.example", token).reports()
    assert [headers.get("Authorization") for _, headers, _ in service.asked] == ["Bearer t0k", None]


def test_no_proxy_leads_to_this_machine(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    service.answer(200, b'{"items": []}')
    assert Remote(service.address, None).reports() == []


def test_a_proxy_leads_to_others(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", service.address)
    service.answer(200, b'{"items": []}')
    assert Remote("http://nianbao.example", None).reports() == []
    assert service.asked[0][0].startswith("GET http://nianbao.example/api/v1/reports")


def test_a_download_that_breaks_off_is_an_error(service: Service) -> None:
    service.answer(200, b"half", Content_Length="8")
    with (
        pytest.raises(RemoteError, match="broke off"),
        Remote(service.address, None).download("/export.jsonl", {"id": ["a", "b"]}) as (_, blocks),
    ):
        list(blocks)
    assert service.asked[0][0] == "GET /api/v1/export.jsonl?id=a&id=b"
