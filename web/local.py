"""The service of this machine's settings, for the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from workers.reports import Reports
    from workers.settings import Settings


def settings_of(**given: Any) -> Settings:
    """The settings, where what is given comes before the environment."""
    from pydantic import ValidationError

    from workers.settings import Settings

    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(f"NIANBAO_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise click.ClickException(f"A setting is wrong: {wrong}.") from error


def reports_in(data: Path | None) -> Reports:
    """The reports of the service on a data folder, whose tables are brought up to date."""
    from workers.database import migrate
    from workers.reports import Reports

    settings = _settings_in(data)
    migrate(settings.sqlalchemy_url)
    return Reports(settings)


def require_database(data: Path | None) -> None:
    """Raise ClickException where a data folder holds nothing yet: to look into it must not make a new database."""
    from sqlalchemy import make_url

    url = make_url(_settings_in(data).sqlalchemy_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        raise click.ClickException(f"There is no database in {Path(url.database).parent}.")


def _settings_in(data: Path | None) -> Settings:
    return settings_of(**({"data_dir": data} if data else {}))
