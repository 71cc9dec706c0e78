from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.bad_files import REFUSED, make_bad_files

SAMPLES = Path(__file__).parent.parent / "samples"
SAMPLE = SAMPLES / "yanzhou-2021.pdf"


def nianbao(*args: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "web.cli", *map(str, args)]
    return subprocess.run(command, capture_output=True, timeout=300, env={**os.environ, **environment})


def test_json_on_standard_output_fits_the_schema() -> None:
    done = nianbao("extract", SAMPLE)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    result = json.loads(done.stdout)
    jsonschema.validate(result, json.loads(nianbao("schema").stdout))
    truth = json.loads((SAMPLES / "yanzhou-2021.truth.json").read_text(encoding="utf-8"))
    assert result["report"]["tables"] == truth["tables"]


def test_several_files_go_to_a_folder_and_none_overwrites_another(tmp_path: Path) -> None:
    other = tmp_path / "other" / SAMPLE.name
    other.parent.mkdir()
    other.write_bytes(SAMPLE.read_bytes())
    done = nianbao("extract", SAMPLE, other, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["yanzhou-2021-2.json", "yanzhou-2021.json"]


def test_csv_and_workbook(tmp_path: Path) -> None:
    done = nianbao("extract", SAMPLE, "--format", "csv")
    rows = list(csv.reader(io.StringIO(done.stdout.decode("utf-8-sig"))))
    assert len(rows) == 1 + 10 + 25 * 7 + 15
    assert nianbao("extract", SAMPLE, "--format", "xlsx", "--output", tmp_path / "a.xlsx").returncode == 0
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")


def test_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    bad = make_bad_files(tmp_path)
    files = [*(bad[name] for name in REFUSED), tmp_path / "none.pdf", SAMPLE]
    done = nianbao("extract", *files, "--output", tmp_path / "out")
    assert done.returncode == 1
    lines = done.stderr.decode().splitlines()
    assert len(lines) == len(REFUSED) + 1
    assert all(line.endswith(".") and "Traceback" not in line for line in lines)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["yanzhou-2021.json"]


@pytest.mark.parametrize("args", [("extract",), ("extract", SAMPLE, "--format", "doc"), ("unknown",)])
def test_wrong_usage_is_status_2(args: tuple[object, ...]) -> None:
    assert nianbao(*args).returncode == 2


def test_serve_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    done = nianbao("serve", "--host", "0.0.0.0", "--data", tmp_path / "data")
    assert done.returncode == 1 and b"nianbao token create" in done.stderr
    assert b"Traceback" not in done.stderr


def test_web_refuses_a_public_address_without_tokens(tmp_path: Path) -> None:
    done = nianbao("web", NIANBAO_HOST="0.0.0.0", NIANBAO_PORT="0", NIANBAO_DATA_DIR=str(tmp_path))
    assert done.returncode == 1 and b"nianbao token create" in done.stderr
    assert b"Traceback" not in done.stderr


def test_tokens_are_made_listed_and_revoked(tmp_path: Path) -> None:
    made = nianbao("token", "create", "科技局", "--data", tmp_path)
    assert made.returncode == 0 and made.stdout.startswith(b"nianbao_")
    assert nianbao("token", "create", "root", "--admin", "--data", tmp_path).returncode == 0
    rows = [line.split("\t") for line in nianbao("token", "list", "--data", tmp_path).stdout.decode().splitlines()]
    assert [(name, role, revoked) for _, name, role, _, revoked in rows] == [
        ("科技局", "member", "-"),
        ("root", "admin", "-"),
    ]
    assert nianbao("token", "revoke", rows[0][0], "--data", tmp_path).returncode == 0
    again = nianbao("token", "revoke", rows[0][0], "--data", tmp_path)
    assert again.returncode == 1 and b"no token" in again.stderr
    wrong = nianbao("token", "create", "a b", "--data", tmp_path)
    assert wrong.returncode == 1 and b"cannot be a name" in wrong.stderr
    log = [json.loads(line) for line in nianbao("audit", "--data", tmp_path).stdout.splitlines()]
    assert [entry["action"] for entry in log] == ["revocation", "token", "token"]
    assert {entry["name"] for entry in log} == {"command-line"}


def test_a_worker_without_a_queue_says_so() -> None:
    done = nianbao("worker")
    assert done.returncode == 1 and b"NIANBAO_BROKER_URL" in done.stderr


def test_extract_loads_neither_server_nor_queue_nor_ocr() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from web.cli import main; "
        "heavy = ('flask', 'celery', 'sqlalchemy', 'paddleocr', 'cv2'); "
        f"result = CliRunner().invoke(main, ['extract', {str(SAMPLE)!r}]); assert result.exit_code == 0; "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
