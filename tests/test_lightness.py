"""What heavy libraries come in where: the web server never needs them, a worker only for a scan."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import SAMPLE

HEAVY = ("numpy", "cv2", "onnxruntime", "paddle", "paddleocr", "paddlex", "PIL", "openpyxl")
MOST_MB = 300
"""Resident memory of a process that has read text."""

PARTS = """
import json, sys
from pathlib import Path

import psutil

from tests.bench import Bench, application
from workers.database import migrate
from workers.settings import Settings

def told():
    heavy = [name for name in sys.argv[3:] if name in sys.modules]
    print(json.dumps([heavy, "pymupdf" in sys.modules, psutil.Process().memory_info().rss >> 20]))

import web.server, workers.reconciler, workers.tasks, workers.worker
settings = Settings(data_dir=Path(sys.argv[1]))
migrate(settings.sqlalchemy_url)
bench = Bench(settings)
client = application(bench)
bench.reports._runtime.celery.loader.import_default_modules()
sent = client.post("/api/v1/reports", data=Path(sys.argv[2]).read_bytes(), content_type="application/pdf").json
told()
bench.deliver_all()
for address in ("/", f"/reports/{sent['id']}", sent["links"]["result"], sent["links"]["result_csv"], "/api/v1/reports"):
    assert client.get(address).status_code == 200, address
assert client.get(sent["links"]["self"]).json["validation_status"] == "passed"
told()
"""


def test_nothing_heavy_comes_in_before_a_scan(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARTS, str(tmp_path), str(SAMPLE), *HEAVY], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    (accepting, opens_files, _), (reading, _, megabytes) = map(json.loads, done.stdout.splitlines())
    assert accepting == [] and not opens_files, "the web server"
    assert reading == [] and megabytes < MOST_MB, "a worker with text"
