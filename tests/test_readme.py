from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from workers.settings import Settings

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("name", READMES)
def test_every_setting_is_in_the_table(name: str) -> None:
    listed = re.findall(r"^\| `NIANBAO_(\w+)` \|", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [field.upper() for field in Settings.model_fields]


@pytest.mark.parametrize("name", READMES)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    assert links and all((ROOT / link).exists() for link in links)


def test_compose_has_web_workers_queue_and_database_with_health_checks() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert set(services) == {"web", "worker", "queue", "database"}
    assert all("healthcheck" in service for service in services.values())
    known = {f"NIANBAO_{name.upper()}" for name in Settings.model_fields}
    for name in ("web", "worker"):
        assert set(services[name]["environment"]) <= known


def test_docker_accepts_the_compose_file() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode != 0:
        pytest.skip("the docker compose client is not installed")
    checked = subprocess.run([docker, "compose", "config", "--quiet"], cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
