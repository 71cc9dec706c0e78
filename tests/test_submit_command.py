"""`nianbao submit` against a real server; once with real workers."""

from __future__ import annotations

import functools
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from werkzeug.serving import make_server

from tests.bench import Bench
from tests.web_support import serving
from tests.workers_support import RealService, report_pdf
from web import remote
from web.cli import main
from workers.access import Role
from workers.audit import COMMAND_LINE
from workers.batches import Batches
from workers.database import migrate
from workers.settings import Settings

ALL = ["年报/copy.pdf", "年报/more.zip/区/2023.pdf", "年报/科技局/2021.pdf", "年报/科技局/2022.pdf"]
SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    settings = Settings(data_dir=tmp_path / "data", max_bytes=300_000)
    migrate(settings.sqlalchemy_url)
    return Bench(settings)


@pytest.fixture
def server(bench: Bench) -> Iterator[str]:
    with serving(bench) as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three reports, one of them twice and one in a ZIP, a note, and what the system leaves."""
    made = tmp_path / "年报"
    (made / "科技局").mkdir(parents=True)
    for year in (2021, 2022):
        report_pdf(made / "科技局" / f"{year}.pdf", agency=f"某市{year}局")
    shutil.copy(made / "科技局" / "2021.pdf", made / "copy.pdf")
    (made / "note.txt").write_text("hello")
    (made / ".DS_Store").write_text("x")
    with zipfile.ZipFile(made / "more.zip", "w") as archive:
        archive.write(report_pdf(tmp_path / "2023.pdf", agency="某市2023局"), "区/2023.pdf")
    return made


def submit(*args: object) -> Result:
    return CliRunner().invoke(main, ["submit", *map(str, args)])


def lines_of(done: Result) -> dict[str, list[str]]:
    """Name → the other fields of its line."""
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return {name: [state, *others] for state, name, *others in lines}


def test_a_folder_is_sent_once_and_named_whole(bench: Bench, server: str, folder: Path) -> None:
    done = submit(folder, "--server", server)
    assert done.exit_code == 0, done.output
    [batch] = Batches(bench.reports.runtime).search().items
    assert done.stderr == f"Batch: {server}/batches/{batch.id}\n" and batch.name == "年报"
    names = [file.name for file in Batches(bench.reports.runtime).files(batch.id).items]
    assert sorted(names) == ALL
    lines = lines_of(done)
    assert {name: line[0] for name, line in lines.items()} == {
        "年报/copy.pdf": "queued",
        "年报/more.zip/区/2023.pdf": "queued",
        "年报/note.txt": "no report",
        "年报/科技局/2021.pdf": "queued",
        "年报/科技局/2022.pdf": "queued",
    }
    assert lines["年报/科技局/2021.pdf"][3] == "the same file as 年报/copy.pdf"
    assert sorted(view.filename for view in bench.reports.search().items) == ["2022.pdf", "2023.pdf", "copy.pdf"]
    uploads = [entry for entry in bench.reports.audit(100) if entry.action == "upload"]
    again = submit(folder, "--server", server)
    assert (again.exit_code, again.stderr) == (0, "")
    assert [entry for entry in bench.reports.audit(100) if entry.action == "upload"] == uploads


def test_it_goes_on_where_it_broke_off(
    bench: Bench, server: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = remote.Remote.send

    def interrupted(self: remote.Remote, files: Any, batch: str | None) -> dict[str, Any]:
        if batch:
            raise remote.RemoteError("The token has been revoked.", 401)
        return send(self, files, batch)

    monkeypatch.setattr("web.sending.PORTION_FILES", 1)
    monkeypatch.setattr(remote.Remote, "send", interrupted)
    done = submit(folder, "--server", server)
    assert done.exit_code == 1
    [batch] = Batches(bench.reports.runtime).search().items
    assert f"Files sent before that: 1; the same command with --batch {batch.id} goes on from there." in done.stderr
    monkeypatch.setattr(remote.Remote, "send", send)
    assert submit(folder, "--server", server, "--batch", batch.id).exit_code == 0
    uploads = [entry for entry in bench.reports.audit(100) if entry.action == "upload"]
    assert len(uploads) == bench.reports.search().total == 3
    [batch] = Batches(bench.reports.runtime).search().items
    files = Batches(bench.reports.runtime).files(batch.id).items
    assert sorted(file.name for file in files) == ALL, "also what had been sent before, and the copy"


def test_ctrl_c_does_not_wait_for_a_service_that_is_slow(folder: Path) -> None:
    """Its uploads wait for a minute, as they were told to."""

    def busy(_: object, start_response: Any) -> list[bytes]:
        start_response("503 Service Unavailable", [("Retry-After", "60"), ("Content-Length", "0")])
        asked.set()
        return []

    asked = threading.Event()
    server = make_server("127.0.0.1", 0, busy, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    command = [sys.executable, "-m", "web.cli", "submit", str(folder), "--server", address]
    # what runs the tests may have been told to ignore Ctrl-C, and would have its children do so
    listening = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=listening)
    try:
        assert asked.wait(60)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 1
        assert b"Traceback" not in process.communicate()[1]
    finally:
        process.kill()
        server.shutdown()
        thread.join()


def test_one_file_that_is_refused_does_not_stop_the_others(bench: Bench, server: str, folder: Path) -> None:
    (folder / "large.pdf").write_bytes(b"%PDF-1.7" + bytes(340_000))
    (folder / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    done = submit(folder, "--server", server)
    assert done.exit_code == 1 and done.stderr.endswith("Error: Not sent or not readable: 2 of 7 files.\n")
    lines = lines_of(done)
    assert lines["年报/large.pdf"][0] == "not sent" and "MB" in lines["年报/large.pdf"][3]
    assert lines["年报/old.doc"][0] == "not sent" and ".docx" in lines["年报/old.doc"][3]
    assert bench.reports.search().total == 3


def test_a_file_far_too_large_is_refused_by_itself(
    bench: Bench, server: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server hangs up in the middle of it."""
    monkeypatch.setattr(remote, "RETRIES", remote.RETRIES.new(backoff_factor=0.01, backoff_jitter=0.0))
    (folder / "huge.pdf").write_bytes(b"%PDF-1.7" + bytes(30_000_000))
    done = submit(folder, "--server", server)
    assert done.exit_code == 1 and lines_of(done)["年报/huge.pdf"][0] == "not sent"
    assert bench.reports.search().total == 3


def test_the_token_is_needed_and_says_whose_they_are(
    bench: Bench, server: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = bench.reports.access.create("member", Role.MEMBER, COMMAND_LINE)
    refused = submit(folder, "--server", server)
    assert refused.exit_code == 1 and "token" in refused.stderr and refused.stdout == ""
    monkeypatch.setenv("NIANBAO_TOKEN", token)
    assert submit(folder, "--server", server).exit_code == 0
    assert {view.owner for view in bench.reports.search(owner=None).items} == {"member"}


def test_an_admin_leaves_out_what_others_have_sent(bench: Bench, server: str, folder: Path) -> None:
    """Their reports do not get into a batch of his."""
    member, admin = (
        bench.reports.access.create(*who, COMMAND_LINE) for who in (("li", Role.MEMBER), ("root", Role.ADMIN))
    )
    assert submit(folder / "copy.pdf", "--server", server, "--token", member).exit_code == 0
    done = submit(folder, "--server", server, "--token", admin)
    assert done.exit_code == 0, done.output
    batches = Batches(bench.reports.runtime)
    [batch] = batches.search(owner="root").items
    assert [file.name for file in batches.files(batch.id, owner="root").items] == [ALL[1], ALL[3]]


@pytest.mark.parametrize(
    ("make", "status", "words"),
    [
        (lambda folder: (folder / "nowhere", "--server", "http://127.0.0.1:1"), 2, "does not exist"),
        (lambda folder: (folder,), 2, "--server"),
        (lambda folder: ("--server", "http://127.0.0.1:1"), 2, "PATH"),
        (lambda folder: (folder, "--server", "localhost"), 2, "begins with http"),
        (lambda folder: (folder, "--server", "http://127.0.0.1:1"), 1, "does not answer"),
    ],
)
def test_wrong_usage_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], tuple[object, ...]], status: int, words: str
) -> None:
    monkeypatch.setattr(remote, "RETRIES", remote.RETRIES.new(total=0, connect=0))
    done = submit(*make(folder))
    assert done.exit_code == status and words in done.stderr


def test_a_folder_without_reports_is_told(server: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    empty = submit(tmp_path / "in", "--server", server)
    assert empty.exit_code == 1 and "no file that could be a report" in empty.stderr
    (tmp_path / "in" / "a.txt").write_text("hello")
    noted = submit(tmp_path / "in", "--server", server)
    assert noted.exit_code == 1 and lines_of(noted)["in/a.txt"][0] == "no report"


@pytest.mark.service
def test_it_waits_for_real_workers(tmp_path: Path, folder: Path) -> None:
    shutil.copy(SAMPLE, folder / "兖州.pdf")
    (folder / "broken.pdf").write_bytes(SAMPLE.read_bytes()[:5000])
    service = RealService(tmp_path / "service")
    try:
        service.start_worker()
        bench = Bench(service.settings)
        bench.reports = service.reports
        with serving(bench) as server:
            done = submit(folder, "--server", server, "--wait")
            again = submit(folder, "--server", server, "--wait")
            batch = done.stderr.split("/batches/")[1].split()[0]
            exported = CliRunner().invoke(main, ["export", "--server", server, "--batch", batch])
            results = {bench.reports.result(view.id) for view in bench.reports.search(status="succeeded").items}
    finally:
        service.close()
    assert len(results) == 4 and set(exported.stdout.splitlines()) == results
    lines = lines_of(done)
    assert lines["年报/兖州.pdf"][:4] == ["passed", "济宁市兖州区科学技术局", "2021", ""]
    assert lines["年报/broken.pdf"][0] == "unreadable" and "cut off" in lines["年报/broken.pdf"][3]
    assert [lines[f"年报/{name}"][0] for name in ("科技局/2021.pdf", "科技局/2022.pdf", "more.zip/区/2023.pdf")] == [
        "to review"
    ] * 3
    assert done.exit_code == again.exit_code == 1 and lines_of(again) == lines
