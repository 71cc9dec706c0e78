"""`nianbao export`: the results of many reports in one file, from a running service or a database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from web.aside import written
from web.options import TOKEN, server_option

if TYPE_CHECKING:
    from web.exports import CsvForm, ExportFormat

FORMATS = ("jsonl", "csv", "xlsx")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "kind", type=click.Choice(FORMATS), help="[default: by the name of FILE, else jsonl]")
@click.option(
    "--form", type=click.Choice(("long", "wide")), help="CSV: a line for each cell, or report.  [default: long]"
)
@click.option("--agency", help="Part of the agency's name.")
@click.option("--year", type=click.IntRange(1900, 2999), help="Year of the report.")
@click.option("--status", help="A state, or an outcome of the checks: passed, needs_review …")
@click.option("--failed-check", help="Id of a check that failed.")
@click.option("--words", "q", help="Words of text, title, agency or file name.")
@click.option("--batch", help="Id of a batch: its reports.")
@click.option("--current", is_flag=True, help="Of several reports for an agency and year only the newest.")
@click.option("--id", multiple=True, help="One report; may be repeated.")
@server_option(help="Address of a running service.  [default: the database of this machine]")
@TOKEN
@click.option("--data", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Folder of the database.")
def export(
    file: Path | None,
    kind: ExportFormat | None,
    form: CsvForm | None,
    server: str | None,
    token: str | None,
    data: Path | None,
    **wanted: Any,
) -> None:
    """Write the results of all reports that fit to FILE, or to standard output.

    A service gives what the token may see; a database gives the reports of everybody. FILE is replaced only by
    one that is whole.
    """
    kind = kind or _kind_of(file)
    if form and kind != "csv":
        raise click.UsageError("--form is for CSV only.")
    if server and data:
        raise click.UsageError("--server and --data name two places to export from; please give one.")
    if kind == "xlsx" and file is None and sys.stdout.isatty():
        raise click.UsageError("A workbook cannot be shown on a terminal; please name a FILE.")
    given = {name: value for name, value in wanted.items() if value}
    try:
        with written(file) as target:
            if server:
                left_out = _from_server(server, token, kind, form or "long", given, target)
            else:
                left_out = _from_database(data, kind, form or "long", given, target)
    except OSError as error:
        raise click.ClickException(f"The export cannot be written: {error.strerror or error}.") from error
    if left_out:
        click.echo(f"Reports left out, as they have no result: {left_out}.", err=True)


def _kind_of(file: Path | None) -> ExportFormat:
    suffix = file.suffix.lower().removeprefix(".") if file else ""
    return "csv" if suffix == "csv" else "xlsx" if suffix == "xlsx" else "jsonl"


def _from_server(
    server: str, token: str | None, kind: ExportFormat, form: CsvForm, wanted: dict[str, Any], target: BinaryIO
) -> int:
    """Write what the service sends, as it comes; gives how many reports have no result."""
    from web.exports import WITHOUT
    from web.remote import Remote, RemoteError

    try:
        query = wanted | ({"form": form} if kind == "csv" else {})
        with Remote(server, token).download(f"/export.{kind}", query) as (headers, blocks):
            target.writelines(blocks)
            return int(headers.get(WITHOUT, 0))
    except RemoteError as error:
        raise click.ClickException(str(error)) from error


def _from_database(
    data: Path | None, kind: ExportFormat, form: CsvForm, wanted: dict[str, Any], target: BinaryIO
) -> int:
    """Write the results of the database; gives how many reports have no result."""
    from pydantic import ValidationError

    from web.exports import write_export
    from web.local import reports_in, require_database
    from web.models import SelectionQuery

    try:
        query = SelectionQuery.model_validate(wanted)
    except ValidationError as error:
        wrong = "; ".join(f"--{str(e['loc'][0]).replace('_', '-')}: {e['msg']}" for e in error.errors())
        raise click.UsageError(f"{wrong}.") from error
    require_database(data)
    harvest = reports_in(data).harvest(None, **query.model_dump())
    write_export(harvest.taken, kind, target, form)
    return harvest.without
