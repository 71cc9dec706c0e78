"""Child processes that never outlive their parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int | None = None, by: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel (Linux) to send this process `by` when its parent dies, however that happens.

    `parent` is the process id that the parent is known to have: where it has died before the
    call, this process ends at once.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(by))
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), by)
