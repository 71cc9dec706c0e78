"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import click


def _address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """The address without the slash at its end; raises BadParameter for what is none."""
    if value is not None and urlsplit(value).scheme not in ("http", "https"):
        raise click.BadParameter(f"{value} is no address of a service: it begins with http:// or https://.")
    return value and value.rstrip("/")


def server_option(**attributes: Any) -> Callable[[Any], Any]:
    return click.option("--server", callback=_address, **attributes)


TOKEN = click.option("--token", envvar="NIANBAO_TOKEN", show_envvar=True, help="Access token for the service.")
