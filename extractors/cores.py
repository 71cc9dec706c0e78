"""How many cores there are to work with."""

from __future__ import annotations

import os


def cores() -> int:
    """Those that this process may run on: a container or `taskset` may leave it fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
