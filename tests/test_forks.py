"""Forks of a process whose threads hold locks."""

from __future__ import annotations

import pytest

from tests.workers_support import python

FORKING = """
import os, sys, threading, time
from contextlib import nullcontext
from workers import forks
own = threading.Lock()
forks.PATIENCE = float(sys.argv[2])

def work():
    while True:
        with forks.no_fork() if sys.argv[1] == "held" else nullcontext():
            with own:
                time.sleep(0.01)
        time.sleep(0.001)

threading.Thread(target=work, daemon=True).start()
locked = 0
for _ in range(30):
    time.sleep(0.004)
    child = os.fork()
    if not child:
        with forks.no_fork():
            os._exit(own.locked())
    locked += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(locked)
os._exit(0)
"""


@pytest.mark.parametrize(("way", "patience", "least", "most"), [("held", 10, 0, 0), ("loose", 10, 1, 30)])
def test_no_lock_of_a_thread_is_held_in_a_forked_process(way: str, patience: float, least: int, most: int) -> None:
    process = python(FORKING, way, str(patience))
    printed, _ = process.communicate(timeout=60)
    assert least <= int(printed) <= most


def test_a_thread_that_hangs_delays_a_fork_no_longer_than_it_may() -> None:
    code = FORKING.replace("time.sleep(0.01)", "time.sleep(60)").replace("range(30)", "range(1)")
    process = python(code, "held", "0.3")
    printed, _ = process.communicate(timeout=30)
    assert printed == "1\n", "it forks all the same, and the child can work"
