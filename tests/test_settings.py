from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from workers.settings import Settings


def test_defaults_need_nothing_installed(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert settings.sqlalchemy_url == f"sqlite:///{tmp_path}/nianbao.db"
    assert settings.files_root == tmp_path / "files"
    assert settings.broker_url is None


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DATABASE_URL", "postgresql://u@h/d")
    monkeypatch.setenv("NIANBAO_MAX_PAGES", "7")
    settings = Settings()
    assert settings.sqlalchemy_url == "postgresql+psycopg://u@h/d"
    assert settings.limits.max_pages == 7


def test_a_lease_outlasts_the_time_limit() -> None:
    settings = Settings(page_seconds=10, lease_margin=5)
    assert settings.lease_seconds == 15


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(port=99999)
