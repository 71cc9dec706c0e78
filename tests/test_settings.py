"""Settings from the environment."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from extractors.limits import DEFAULT_LIMITS, Limits
from workers.settings import Settings


def test_environment_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DATA_DIR", "/srv/nianbao")
    monkeypatch.setenv("NIANBAO_MAX_PAGES", "12")
    settings = Settings()
    assert settings.files_root == Path("/srv/nianbao/files")
    assert settings.sqlalchemy_url == "sqlite:////srv/nianbao/nianbao.db"
    assert settings.limits.max_pages == 12


def test_postgresql_url_goes_to_the_installed_driver() -> None:
    settings = Settings(database_url="postgresql://reader:pw@db/nianbao")
    assert settings.sqlalchemy_url == "postgresql+psycopg://reader:pw@db/nianbao"


def test_files_may_lie_elsewhere_than_the_data() -> None:
    assert Settings(data_dir=Path("/a"), files_dir=Path("/shared")).files_root == Path("/shared")


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "https://bucket", "s3://bucket/a?b", "bucket"])
def test_files_are_kept_in_a_bucket_that_has_a_name(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(files_url=url)


def test_a_bucket_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.settings.find_spec", lambda _: None)
    with pytest.raises(ValidationError, match=r"install nianbao\[s3\]"):
        Settings(files_url="s3://bucket/prefix")
    assert Settings().cache_root == Path("nianbao-data/cache")


def test_another_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=Path("/srv"), workers=3, port=8123, s3_secret_key="abc", s3_endpoint="http://s3")
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings and Settings().s3_secret_key == SecretStr("abc")


def test_secrets_are_not_shown() -> None:
    assert "abc" not in repr(Settings(s3_secret_key="abc"))


def test_a_claim_outlives_the_time_limit_of_its_work() -> None:
    settings = Settings(page_seconds=60, lease_margin=5)
    assert settings.lease_seconds == 65


@pytest.mark.parametrize("name", ["NIANBAO_ATTEMPTS", "NIANBAO_MAX_BYTES", "NIANBAO_PAGE_SECONDS"])
def test_nonsense_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "0")
    with pytest.raises(ValidationError):
        Settings()


def test_every_limit_of_a_file_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().limits == DEFAULT_LIMITS
    for field in fields(Limits):
        monkeypatch.setenv(f"NIANBAO_{field.name.upper()}", "7")
        assert getattr(Settings().limits, field.name) == 7


def test_every_setting_is_described() -> None:
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]
    assert undescribed == []
