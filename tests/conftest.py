"""What tests of several modules share."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from extractors.pipeline import extract
from extractors.report import Result
from tests.bench import Bench, postgres_database
from tests.workers_support import RealService, Start
from workers.database import migrate
from workers.settings import Settings

SAMPLE = Path(__file__).parent.parent / "samples" / "yanzhou-2021.pdf"


@pytest.fixture(scope="session")
def sample() -> Result:
    """What the machine reads in the sample report; to be left as it is."""
    return extract(SAMPLE)


@pytest.fixture
def result(sample: Result) -> Result:
    """The same, to be changed."""
    return sample.model_copy(deep=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Database, store, fake queue and fake engine of a service; on PostgreSQL too, where it answers."""
    with bench_on(request.param, tmp_path) as made:
        yield made


@contextmanager
def bench_on(database: str, folder: Path) -> Iterator[Bench]:
    """The same on one of both databases, with its files in a folder; skips the test where that does not answer."""
    if database == "sqlite":
        yield _bench(Settings(data_dir=folder))
        return
    if not answers(5432):
        pytest.skip("no PostgreSQL answers on 127.0.0.1:5432")
    with postgres_database() as url:
        yield _bench(Settings(data_dir=folder, database_url=url))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Makes real services; all of them are stopped at the end."""
    made: list[RealService] = []

    def make(**settings: object) -> RealService:
        made.append(RealService(tmp_path, **settings))
        return made[-1]

    yield make
    for service in made:
        service.close()


def _bench(settings: Settings) -> Bench:
    migrate(settings.sqlalchemy_url)
    return Bench(settings)


def answers(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
