"""The command line. Each command imports what it needs when it runs: `extract` loads no web server."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.aside import written
from web.export_command import export
from web.local import reports_in, settings_of
from web.submit_command import submit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.batch import Extracted
    from extractors.report import Result

FORMATS = ("json", "csv", "xlsx")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nianbao", prog_name="nianbao")
def main() -> None:
    """Read Chinese government-information-disclosure annual reports into checked JSON."""


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File to write, or a folder for several files.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="json", show_default=True)
def extract(files: tuple[Path, ...], output: Path | None, form: str) -> None:
    """Read reports (PDF, Word .docx, HTML, MHTML, JPEG, PNG, TIFF, WebP, BMP) on all cores; no service is needed.

    Without --output the result goes to standard output. Status 0 whenever a result was written,
    whatever its checks say; 1 when a file could not be read.
    """
    from extractors.batch import extract_files

    if form == "xlsx" and output is None and sys.stdout.isatty():
        raise click.UsageError("A workbook cannot be shown on a terminal; please give --output.")
    readable, failed = _readable(files)
    folder = output is not None and (len(files) > 1 or output.is_dir())
    if folder and output is not None and output.exists() and not output.is_dir():
        raise click.UsageError(f"{output} is a file; several reports need a folder to be written to.")
    names: set[str] = set()
    for extracted in extract_files(readable, on_page=_progress if sys.stderr.isatty() else None):
        if extracted.result is None:
            failed = True
            _complain(extracted.path, extracted.error.message if extracted.error else "The file cannot be read.")
            continue
        try:
            _write(extracted.result, _target(extracted, output, folder, form, names), form)
        except OSError as error:
            failed = True
            _complain(extracted.path, f"The result cannot be written: {error.strerror or error}.")
    sys.exit(1 if failed else 0)


@main.command()
@click.option("--host", help="Address to listen on; this machine only, unless there are access tokens.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.  [default: 8000]")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder for the database and files.")
@click.option("--workers", type=click.IntRange(1), help="Worker processes.  [default: one per core]")
def serve(host: str | None, port: int | None, data: Path | None, workers: int | None) -> None:
    """Start everything on this machine: queue, workers and web server."""
    from web.addresses import Unguarded
    from web.serve import ServeError, serve_all

    given = {"host": host, "port": port, "data_dir": data, "workers": workers}
    try:
        serve_all(settings_of(**{name: value for name, value in given.items() if value is not None}))
    except (ServeError, Unguarded) as error:
        raise click.ClickException(str(error)) from error


@main.command()
def web() -> None:
    """Run the web server alone, on the database, queue and files of the NIANBAO_… settings."""
    from web.addresses import Unguarded
    from web.server import run_web

    try:
        run_web(settings_of())
    except Unguarded as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--queues", help="Queues to serve, separated by commas.  [default: pictures,reports,bulk]")
def worker(queues: str | None) -> None:
    """Run workers alone, on the database, queue and files of the NIANBAO_… settings."""
    from workers.database import migrate
    from workers.worker import run_worker

    settings = settings_of()
    if settings.broker_url is None:
        raise click.ClickException("A worker needs a queue: please set NIANBAO_BROKER_URL (or use `nianbao serve`).")
    migrate(settings.sqlalchemy_url)
    run_worker(settings, [name.strip() for name in queues.split(",") if name.strip()] if queues else None)


@main.command()
def ready() -> None:
    """Tell whether database, queue and files of the NIANBAO_… settings answer: a health check."""
    from workers.reports import Reports

    parts = Reports(settings_of()).readiness()
    for part, state in parts.items():
        click.echo(f"{part}: {state}")
    sys.exit(0 if all(state == "ok" for state in parts.values()) else 1)


@main.group()
def token() -> None:
    """Make, list and revoke access tokens. From the first one on nobody gets in without."""


DATA = click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder of the database.")


@token.command("create")
@click.argument("name")
@click.option("--admin", is_flag=True, help="Sees the reports of all, and the audit log.")
@DATA
def create_token(name: str, admin: bool, data: Path | None) -> None:
    """Make a token for NAME and print it; it cannot be shown again.

    Several tokens may have one name: they see the same reports.
    """
    from workers.access import AccessError, Role
    from workers.audit import COMMAND_LINE

    try:
        click.echo(reports_in(data).access.create(name, Role.ADMIN if admin else Role.MEMBER, COMMAND_LINE))
    except AccessError as error:
        raise click.ClickException(str(error)) from error


@token.command("list")
@DATA
def list_tokens(data: Path | None) -> None:
    """Print all tokens as id, name, role, when made, when revoked; separated by tabs."""
    for kept in reports_in(data).access.tokens():
        revoked = f"{kept.revoked_at:%Y-%m-%dT%H:%M:%SZ}" if kept.revoked_at else "-"
        click.echo("\t".join((kept.id, kept.name, kept.role, f"{kept.created_at:%Y-%m-%dT%H:%M:%SZ}", revoked)))


@token.command("revoke")
@click.argument("token_id", metavar="ID")
@DATA
def revoke_token(token_id: str, data: Path | None) -> None:
    """Have the token ID (see `list`) and the browsers signed in with it get in no more."""
    from workers.access import AccessError
    from workers.audit import COMMAND_LINE

    try:
        reports_in(data).access.revoke(token_id, COMMAND_LINE)
    except AccessError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--count", type=click.IntRange(1), default=100, show_default=True, help="How many entries.")
@click.option("--report", help="Only about the report with this id.")
@DATA
def audit(count: int, report: str | None, data: Path | None) -> None:
    """Print the audit log as JSON lines, the newest first: who did what, when and from where."""
    import json
    from dataclasses import asdict

    for entry in reports_in(data).audit(count, report_id=report):
        click.echo(json.dumps({**asdict(entry), "at": entry.at.isoformat()}, ensure_ascii=False))


@main.command()
def schema() -> None:
    """Print the JSON Schema of a result."""
    import json

    from extractors.report import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


main.add_command(export)
main.add_command(submit)


def _readable(files: Sequence[Path]) -> tuple[list[Path], bool]:
    """The files that can be opened, and whether any cannot: each of those is said on standard error."""
    readable, failed = [], False
    for path in files:
        try:
            if path.is_dir():
                raise IsADirectoryError(21, "it is a folder; please name the files in it")
            with path.open("rb"):
                readable.append(path)
        except OSError as error:
            failed = True
            _complain(path, f"The file cannot be opened: {(error.strerror or str(error)).lower()}.")
    return readable, failed


def _complain(path: Path, sentence: str) -> None:
    click.echo(f"{path}: {sentence}", err=True)


def _target(extracted: Extracted, output: Path | None, folder: bool, form: str, names: set[str]) -> Path | None:
    """Where the result goes: None is standard output; in a folder no result overwrites another's."""
    if output is None or not folder:
        return output
    name, count = extracted.path.stem, 1
    while name in names:
        count += 1
        name = f"{extracted.path.stem}-{count}"
    names.add(name)
    return output / f"{name}.{form}"


def _write(result: Result, target: Path | None, form: str) -> None:
    content = _render(result, form)
    with written(target) as file:
        file.write(content)


def _render(result: Result, form: str) -> bytes:
    if form == "json":
        return (result.model_dump_json(indent=2) + "\n").encode()
    from extractors.export import Filed, long_csv

    if form == "csv":
        return "".join(long_csv([Filed.alone(result)])).encode("utf-8-sig")
    from extractors.export.workbook import write_workbook

    book = io.BytesIO()
    write_workbook([Filed.alone(result)], book)
    return book.getvalue()


def _progress(path: Path, done: int, total: int) -> None:
    click.echo(f"\r{path.name}: {done}/{total}" + ("\n" if done == total else ""), nl=False, err=True)


if __name__ == "__main__":
    main()
