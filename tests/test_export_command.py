"""`nianbao export`, from a served application and from a data folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from extractors import report
from tests.bench import Bench
from tests.web_support import serving
from web import remote
from web.cli import main
from workers.access import Role
from workers.audit import COMMAND_LINE
from workers.database import migrate
from workers.selection import Taken
from workers.settings import Settings


@pytest.fixture
def bench(tmp_path: Path, sample: report.Result) -> Bench:
    """A report of each of two owners, and one that is queued."""
    settings = Settings(data_dir=tmp_path / "data")
    migrate(settings.sqlalchemy_url)
    made = Bench(settings)
    made.reader.assemble = lambda *_: sample  # type: ignore[method-assign]
    made.submit(owner="local")
    made.submit(owner="other")
    made.deliver_all()
    made.submit(b"%PDF-1.7 queued")
    return made


@pytest.fixture
def server(bench: Bench) -> Iterator[str]:
    with serving(bench) as address:
        yield address


def export(*args: object) -> Result:
    return CliRunner().invoke(main, ["export", *map(str, args)])


def test_lines_of_a_service_go_to_standard_output(server: str, sample: report.Result) -> None:
    done = export("--server", server)
    assert done.exit_code == 0, done.output
    assert [report.Result.model_validate_json(line) for line in done.stdout.splitlines()] == [sample]
    assert done.stderr == "Reports left out, as they have no result: 1.\n"


def test_the_same_comes_out_of_the_folder_for_all_owners(bench: Bench, tmp_path: Path, sample: report.Result) -> None:
    done = export("--data", bench.settings.data_dir)
    assert [report.Result.model_validate_json(line) for line in done.stdout.splitlines()] == [sample, sample]
    assert export("--data", bench.settings.data_dir, "--year", 1999).output == ""


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.jsonl", "a", "neu/A.CSV"])
def test_the_name_of_the_file_says_the_format(server: str, bench: Bench, tmp_path: Path, name: str) -> None:
    for place in (("--server", server), ("--data", bench.settings.data_dir)):
        done = export(tmp_path / name, *place)
        assert (done.exit_code, done.stdout) == (0, ""), done.output
        content = (tmp_path / name).read_bytes()
        start = {".csv": b"\xef\xbb\xbffile,agency", ".xlsx": b"PK"}.get(
            Path(name).suffix.lower(), b'{"schema_version"'
        )
        assert content.startswith(start)
        assert list((tmp_path / name).parent.glob("*.part")) == []


def test_both_places_give_the_same_csv(server: str, bench: Bench, tmp_path: Path) -> None:
    chosen = ("--id", bench.reports.search(status="succeeded").items[0].id, "--current", "--format", "csv")
    for form in ("long", "wide"):
        there = export(*chosen, "--form", form, "--server", server)
        here = export(*chosen, "--form", form, "--data", bench.settings.data_dir)
        assert there.stdout_bytes == here.stdout_bytes
        rows = list(csv.DictReader(io.StringIO(there.stdout_bytes.decode("utf-8-sig"))))
        assert len(rows) == {"long": 10 + 25 * 7 + 15, "wide": 1}[form]


def test_the_workbook_opens(server: str, tmp_path: Path, sample: report.Result) -> None:
    assert export(tmp_path / "a.xlsx", "--server", server).exit_code == 0
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["报告"]["A2"].value == sample.report.agency


def test_the_token_says_whose_reports(server: str, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    token = bench.reports.access.create("other", Role.MEMBER, COMMAND_LINE)
    refused = export("--server", server)
    assert refused.exit_code == 1 and "token" in refused.stderr
    assert len(export("--server", server, "--token", token).stdout.splitlines()) == 1
    monkeypatch.setenv("NIANBAO_TOKEN", token)
    assert export("--server", server).exit_code == 0


def test_a_file_is_replaced_only_by_a_whole_one(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "kept.jsonl"
    target.write_text("kept")

    def broken(*_: object) -> Iterator[bytes]:
        yield b"half"
        raise remote.RemoteError("The connection broke off.")

    monkeypatch.setattr(remote.Remote, "_blocks", broken)
    done = export(target, "--server", server)
    assert (done.exit_code, done.stderr) == (1, "Error: The connection broke off.\n")
    assert target.read_text() == "kept" and [path.name for path in tmp_path.glob("*.part")] == []


def test_what_breaks_off_in_the_service_is_noticed(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> Iterator[Taken]:
        yield Taken("x" * 100_000, None)
        raise RuntimeError("the database is gone")

    monkeypatch.setattr("workers.selection._taken", failing)
    done = export(tmp_path / "a.jsonl", "--server", server)
    assert done.exit_code == 1 and "broke off" in done.stderr
    assert not (tmp_path / "a.jsonl").exists()


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (("--form", "wide"), 2, "--form is for CSV only"),
        (("--format", "doc"), 2, "doc"),
        (("--year", "12"), 2, "1900"),
        (("--status", "best"), 2, "--status"),
        (("--server", "http://127.0.0.1:1", "--data", "."), 2, "two places"),
        (("--server", "localhost"), 2, "begins with http"),
        (("--data", "/no/such/folder"), 2, "does not exist"),
    ],
)
def test_wrong_usage_is_told(bench: Bench, args: tuple[str, ...], status: int, words: str) -> None:
    place = () if {"--server", "--data"} & set(args) else ("--data", str(bench.settings.data_dir))
    done = export(*args, *place)
    assert done.exit_code == status and words in done.stderr


def test_an_empty_folder_stays_empty(tmp_path: Path) -> None:
    done = export("--data", tmp_path)
    assert done.exit_code == 1 and "no database" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_told(server: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = export(tmp_path / "file" / "a.csv", "--server", server)
    assert done.exit_code == 1 and done.stderr.startswith("Error: The export cannot be written")
