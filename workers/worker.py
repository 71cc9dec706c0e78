"""A Celery worker with its reconciler and its watches: what `nianbao worker` runs."""

from __future__ import annotations

import logging
import os
import signal
import threading
import warnings
from collections.abc import Sequence
from typing import Any

from workers.failures import Cause
from workers.logs import about, set_up
from workers.memory import MemoryWatch
from workers.messages import BULK_QUEUE, PICTURE_QUEUE, QUEUE
from workers.processes import die_with_parent
from workers.room import Room
from workers.runtime import Runtime
from workers.settings import Settings
from workers.watchdog import Watchdog

log = logging.getLogger(__name__)

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NIANBAO_OCR_THREADS")
"""There is one worker process a core: more threads in each would only get in each other's way."""


def run_worker(settings: Settings, queues: Sequence[str] | None = None, concurrency: int | None = None) -> None:
    """Consume until SIGTERM; then work at hand is finished and the process ends."""
    from billiard.exceptions import TimeLimitExceeded
    from billiard.util import get_logger as logger_of_processes
    from celery import signals
    from celery.apps.worker import install_worker_term_handler

    for variable in ONE_THREAD:
        os.environ.setdefault(variable, "1")
    runtime = Runtime(settings)
    runtime.celery.room = Room()
    worker = os.getpid()
    stop = threading.Event()
    queues = queues or (PICTURE_QUEUE, QUEUE, BULK_QUEUE)
    watch = MemoryWatch(settings.memory_limit_mb << 20)
    lost: set[str] = set()

    @signals.setup_logging.connect(weak=False)
    def set_up_log(**_: Any) -> None:
        set_up(settings.log_format)  # in place of Celery's own way to log
        # `workers.tasks` and `release_work` say the same, with the report and without the error's words
        for name in ("celery.app.trace", "celery.worker.request"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        logger_of_processes().propagate = True  # left to itself it writes that a process was lost as bare text

    @signals.worker_ready.connect(weak=False)
    def start_threads(sender: Any, **_: Any) -> None:
        from workers.reconciler import Reconciler

        install_worker_term_handler(sender.controller, verbose=False)  # else Celery prints that it is told to end
        reconciler = Reconciler(settings, runtime.database, runtime.store, runtime.messenger, runtime.work)
        threading.Thread(target=reconciler.run, args=(stop,), name="reconciler", daemon=True).start()
        watchdog = Watchdog(lambda: runtime.messenger.waiting(queues), settings.stall_seconds)
        threading.Thread(target=watchdog.run, args=(stop,), name="watchdog", daemon=True).start()
        threading.Thread(target=watch.run, name="memory watch", daemon=True).start()

    @signals.worker_shutting_down.connect(weak=False)
    def stop_threads(**_: Any) -> None:
        stop.set()

    @signals.worker_shutdown.connect(weak=False)
    def say_so(**_: Any) -> None:
        log.info("the worker ends")

    @signals.worker_process_init.connect(weak=False)
    def tie_to_parent(**_: Any) -> None:
        die_with_parent(worker, signal.SIGKILL)

    @signals.task_failure.connect(weak=False)
    def release_work(sender: Any, task_id: str, exception: Exception, args: Sequence[Any] = (), **_: Any) -> None:
        # here in the worker when its child was lost or ran out of time: the claims need not run out too
        if os.getpid() == worker and args and task_id not in lost:
            lost.add(task_id)  # one that runs out of time is told of twice
            ended = Cause.TIME if isinstance(exception, TimeLimitExceeded) else Cause.CRASH
            cause = Cause.MEMORY if watch.stopped(task_id) else ended
            with about(*args):
                log.warning("a worker process was lost; its work is given back", extra={"fields": {"cause": cause}})
                runtime.work.release(args[0], task_id, cause)

    # messages are JSON only, so that what Celery warns root about (pickle) cannot happen
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    runtime.celery.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=prefork",
            f"--concurrency={concurrency or settings.workers}",
            f"--queues={','.join(queues)}",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            f"--hostname=nianbao-{os.getpid()}@%h",
        ]
    )
