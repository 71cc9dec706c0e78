"""Children that end with their parent."""

from __future__ import annotations

import os
import signal
import sys

import psutil
import pytest

from tests.workers_support import eventually, python

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's PR_SET_PDEATHSIG")

PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())], stdout=subprocess.PIPE, text=True)
print(child.pid, child.stdout.readline().strip(), flush=True)
time.sleep(600)
"""
CHILD = """
import sys, time
from workers.processes import die_with_parent
die_with_parent(int(sys.argv[1]))
print("tied", flush=True)
time.sleep(600)
"""
ORPHAN = """
import sys, time
from workers.processes import die_with_parent
die_with_parent(int(sys.argv[1]))
print("survived", flush=True)
"""


def test_a_child_ends_when_its_parent_is_killed() -> None:
    parent = python(PARENT, CHILD)
    assert parent.stdout is not None
    pid, tied = parent.stdout.readline().split()
    assert tied == "tied"
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    eventually(lambda: not _runs(int(pid)), 10)


def test_a_child_whose_parent_was_gone_before_ends_at_once() -> None:
    another_parent = str(os.getpid() + 1)
    orphan = python(ORPHAN, another_parent)
    said, _ = orphan.communicate(timeout=30)
    assert (said, orphan.returncode) == ("", -signal.SIGTERM)


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
