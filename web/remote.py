"""A running service, over HTTP: its API as the command line needs it. What passes by itself is tried again."""

from __future__ import annotations

import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import Retry
from urllib3.fields import RequestField
from urllib3.filepost import choose_boundary

API = "/api/v1"
RETRIES = Retry(
    total=10,
    read=3,  # an answer or upload that breaks off: some servers do that instead of refusing what is too large
    status_forcelist=(429, 502, 503, 504),
    allowed_methods=None,  # whatever is sent twice is the same report
    backoff_factor=0.5,
    backoff_max=60,
    backoff_jitter=0.5,
    retry_after_max=120,
    raise_on_status=False,
)
"""Waits as long as Retry-After says, else 0.5, 1, 2, 4 … seconds: five minutes in all."""
CONNECT_SECONDS, ANSWER_SECONDS = 10, 600
"""A workbook of a hundred thousand reports takes five minutes before its first byte."""
HERE = ("127.0.0.1", "localhost", "::1")
BLOCK = 1 << 16
FORM_IN_MEMORY = 4 << 20
"""Bytes of a form that are held without a file on disk."""


class RemoteError(Exception):
    """The service refuses, or does not answer; the message is a sentence for a person."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status; None when nothing answered."""


class _Bearer(AuthBase):
    """The token, and nothing that a .netrc holds."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Remote:
    """The service at an address; several threads may use one."""

    def __init__(self, server: str, token: str | None) -> None:
        self._server, self._token = server, token
        self._local = threading.local()

    def send(self, files: Sequence[tuple[str, IO[bytes]]], batch: str | None) -> dict[str, Any]:
        """Send files by their names with folders, to a batch or to a new one; gives the batch."""
        path = f"/batches/{batch}/files" if batch else "/batches"
        with tempfile.SpooledTemporaryFile(FORM_IN_MEMORY) as form:
            headers = {"Content-Type": _write_form(files, form)}
            if batch is None:  # a try whose answer is lost must not leave a batch of its own
                headers["Idempotency-Key"] = uuid.uuid4().hex
            form.seek(0)
            return self._json("POST", path, data=form, headers=headers)

    def add(self, files: Sequence[tuple[str, str]], batch: str) -> None:
        """Add files to a batch by their names and the ids of their reports."""
        listed = [{"name": name, "report_id": report_id} for name, report_id in files]
        self._json("POST", f"/batches/{batch}/reports", json={"files": listed})

    def owner_of(self, batch: str) -> str:
        """Whose a batch is."""
        return str(self._json("GET", f"/batches/{batch}", params={"per_page": "1"})["owner"])

    def refused(self, batch: str) -> Iterator[tuple[str, str]]:
        """Names of the files of a batch that were not taken in, and why."""
        page, more = 1, True
        while more:
            query = {"state": "refused", "page": str(page), "per_page": "1000"}
            files = self._json("GET", f"/batches/{batch}", params=query)["files"]
            yield from ((file["name"], file["error"]["message"]) for file in files["items"])
            page, more = page + 1, files["links"]["next"] is not None

    def answers(self) -> bool:
        """Whether the service is there: then a connection that breaks has to do with what was sent."""
        try:
            self.reports(per_page="1")
        except RemoteError:
            return False
        return True

    def page_of(self, batch: str) -> str:
        """Where people see a batch."""
        return f"{self._server}/batches/{batch}"

    def reports(self, **wanted: str | Sequence[str]) -> list[dict[str, Any]]:
        """The first hundred reports that fit."""
        found = self._json("GET", "/reports", params={"per_page": "100", **wanted})["items"]
        assert isinstance(found, list)
        return found

    def report(self, report_id: str, wait: int = 0) -> dict[str, Any]:
        """A report, as soon as it has changed or after so many seconds."""
        return self._json("GET", f"/reports/{report_id}", params={"wait": str(wait)})

    @contextmanager
    def download(
        self, path: str, params: dict[str, str | Sequence[str]]
    ) -> Iterator[tuple[requests.structures.CaseInsensitiveDict[str], Iterator[bytes]]]:
        """Headers and content of an answer, as it comes in."""
        with self._ask("GET", path, params=params, stream=True) as response:
            yield response.headers, self._blocks(response)

    def _blocks(self, response: requests.Response) -> Iterator[bytes]:
        try:
            yield from response.iter_content(BLOCK)
        except requests.RequestException as error:
            raise RemoteError(f"The connection to {self._server} broke off before the end.") from error

    def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            body = self._ask(method, path, **request).json()
        except requests.JSONDecodeError as error:
            raise RemoteError(f"What answers at {self._server} is no Nianbao service.") from error
        assert isinstance(body, dict)
        return body

    def _ask(self, method: str, path: str, **request: Any) -> requests.Response:
        """The answer to a request; raises RemoteError for all but success."""
        try:
            response = self._session().request(
                method,
                f"{self._server}{API}{path}",
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
                **request,
            )
        except requests.RequestException as error:
            raise RemoteError(f"{self._server} does not answer ({_reason(error)}).") from error
        if response.is_redirect:
            raise RemoteError(f"{self._server} points to {response.headers['Location']}; please give that address.")
        if not response.ok:
            raise RemoteError(_detail(response), response.status_code)
        return response

    def _session(self) -> requests.Session:
        """The connections of this thread."""
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = urlsplit(self._server).hostname not in HERE  # no proxy leads to this machine
            session.auth = _Bearer(self._token)
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(max_retries=RETRIES))
            self._local.session = session
        found: requests.Session = self._local.session
        return found


def _write_form(files: Sequence[tuple[str, IO[bytes]]], form: IO[bytes]) -> str:
    """Write a form with these files (RFC 7578), whatever their size; gives its type."""
    boundary = choose_boundary()
    for name, content in files:
        field = RequestField("file", "", name)
        field.make_multipart(content_type="application/octet-stream")
        form.write(f"--{boundary}\r\n{field.render_headers()}".encode())
        shutil.copyfileobj(content, form)
        form.write(b"\r\n")
    form.write(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}"


def _detail(response: requests.Response) -> str:
    """What the service says is wrong."""
    try:
        return str(response.json()["detail"])
    except (requests.JSONDecodeError, KeyError, TypeError):
        return f"The server answers {response.status_code} {response.reason}."


def _reason(error: requests.RequestException) -> str:
    """The innermost reason why nothing answered."""
    cause: BaseException = error
    while inner := getattr(cause, "reason", None) or cause.__cause__ or cause.__context__:
        if not isinstance(inner, BaseException):
            break
        cause = inner
    return getattr(cause, "strerror", None) or type(cause).__name__
