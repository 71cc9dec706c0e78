"""`nianbao submit`: files, folders and ZIPs to a running service, with a table of what has become of each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.options import TOKEN, server_option

if TYPE_CHECKING:
    from rich.progress import Progress

    from web.remote import Remote
    from web.sending import Sender
    from web.submitting import Item


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True), metavar="PATH…")
@server_option(required=True, help="Address of the service, such as http://127.0.0.1:8000.")
@TOKEN
@click.option("--wait", is_flag=True, help="Wait until all of them have been read.")
@click.option("--parallel", type=click.IntRange(1, 32), default=4, show_default=True, help="Requests at once.")
@click.option("--batch", help="Id of a batch to add them to.  [default: a new one]")
def submit(
    paths: tuple[Path, ...], server: str, token: str | None, wait: bool, parallel: int, batch: str | None
) -> None:
    """Send reports to a running service as a batch: files, all files in folders, and all files in ZIPs.

    What the service has already is not sent again, and is listed in the batch all the same: the same command goes on
    where it was broken off. If it has all of them there is no new batch. Hidden files are left out, and files of other
    kinds are named. Status 0 when all others were sent, and with --wait read; 1 when one was not.
    """
    from web.outcomes import show, went_wrong
    from web.remote import Remote, RemoteError
    from web.sending import Sender

    items: list[Item] = []
    remote = Remote(server, token)
    sender = Sender(remote, batch)
    try:
        with ExitStack() as stack:
            _submit(paths, remote, sender, wait, parallel, items, stack)
    except RemoteError as error:
        raise click.ClickException(f"{error}{_goes_on(items, sender)}") from error
    except KeyboardInterrupt:
        if done := _goes_on(items, sender):
            click.echo(done, err=True)
        raise
    show(items, as_table=sys.stdout.isatty())
    if sender.batch:
        click.echo(f"Batch: {remote.page_of(sender.batch)}", err=True)
    if not any(item.sha256 for item in items):
        raise click.ClickException("There is no file that could be a report.")
    if wrong := went_wrong(items):
        raise click.ClickException(f"Not sent or not readable: {wrong} of {len(items)} files.")


def _submit(
    paths: Sequence[Path],
    service: Remote,
    sender: Sender,
    wait: bool,
    parallel: int,
    items: list[Item],
    stack: ExitStack,
) -> None:
    """Take every file as far as it goes; `items` tells how far that is at any time."""
    from multiprocessing.pool import ThreadPool

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from web.gathering import gather
    from web.submitting import ask_for_known, judge_all, share_reports, to_item, wait_for_all

    items += map(to_item, gather(paths, stack))
    pool = stack.enter_context(ThreadPool(parallel))  # whose threads hold up nobody who leaves
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    progress = stack.enter_context(Progress(*columns, console=console, disable=not console.is_terminal))
    _follow(progress, "Looking", judge_all(items, pool), len(items))
    good = [item for item in items if item.sha256]
    _follow(progress, "Asking", ask_for_known(service, good), len(good))
    new = [item for item in good if item.report is None and item.same_as is None]
    _follow(progress, "Sending", sender.send(new, pool), len(new))
    sent = [item for item in new if item.sent]
    _follow(progress, "Asking", ask_for_known(service, sent), len(sent))
    sender.note_refused(sent)
    share_reports(good)
    sender.add_known(good)
    if wait:
        read = [item for item in good if not item.ended]
        _follow(progress, "Reading", wait_for_all(service, read), len(read))
        # once more: the checks between years change a report when that of another year arrives
        there = [item for item in good if item.report]
        _follow(progress, "Asking", ask_for_known(service, there), len(there))


def _follow(progress: Progress, words: str, items: Iterable[Item], total: int) -> None:
    """Do it, with a bar that tells how far it is."""
    if total:
        for _ in progress.track(items, total=total, description=words):
            pass


def _goes_on(items: Iterable[Item], sender: Sender) -> str:
    """What to do when it was broken off after something had been sent."""
    sent = sum(item.sent for item in items)
    again = f"the same command with --batch {sender.batch} goes on from there"
    return f" Files sent before that: {sent}; {again}." if sent else ""
