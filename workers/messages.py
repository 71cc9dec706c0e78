"""Messages to workers. They only say where to look; losing or doubling one does no harm."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from workers.logs import about

log = logging.getLogger(__name__)

PICTURE_QUEUE = "pictures"
"""Queue of what somebody looks for at this moment; it is served before all others."""
PICTURE_SECONDS = 30
"""A picture that no worker was free to make for so long is no longer waited for; who still wants it asks again."""
QUEUE = "reports"
"""Queue of reports sent one by one; it is served before bulk work."""
BULK_QUEUE = "bulk"
AWAY = (OperationalError, RedisError, OSError)
"""What is raised where the broker does not answer."""
FIRST_SEEN = "first-seen"
"""Key of the moment at which the broker was first looked at since it last was empty."""
OPEN = "nianbao.open_report"
READ = "nianbao.read_page"
ASSEMBLE = "nianbao.assemble_report"
DRAW = "nianbao.draw_page"


class Messenger(Protocol):
    """Each call is False when the message could not be handed over; then the reconciler sends it later."""

    def open_report(self, report_id: str) -> bool: ...

    def read_page(self, report_id: str, number: int) -> bool: ...

    def assemble_report(self, report_id: str) -> bool: ...

    def draw_page(self, report_id: str, number: int) -> bool: ...

    def waiting(self, queues: Sequence[str] = (QUEUE, BULK_QUEUE)) -> int | None:
        """How many messages wait in these queues; None when the broker does not answer."""

    def kept_since(self) -> float:
        """Since when the broker has kept what it was given: what was sent before is lost; 0 where that is unknown."""


class CeleryMessenger:
    """Sends through a Celery application, giving up at once when the broker does not answer."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def open_report(self, report_id: str) -> bool:
        return self._send(OPEN, report_id)

    def read_page(self, report_id: str, number: int) -> bool:
        return self._send(READ, report_id, number)

    def assemble_report(self, report_id: str) -> bool:
        return self._send(ASSEMBLE, report_id)

    def draw_page(self, report_id: str, number: int) -> bool:
        """Send for the picture of a page; nobody sends a second time for it by himself."""
        return self._send(DRAW, report_id, number, queue=PICTURE_QUEUE, expires=PICTURE_SECONDS)

    def waiting(self, queues: Sequence[str] = (QUEUE, BULK_QUEUE)) -> int | None:
        try:
            with self._channel() as channel:
                declared = [channel.queue_declare(queue=name, durable=True) for name in queues]
                return sum(int(queue.message_count) for queue in declared)
        except AWAY:
            return None

    def kept_since(self) -> float:
        try:
            with self._channel() as channel:
                # a sorted set, since kombu puts its prefix before the keys of these commands
                channel.client.zadd(FIRST_SEEN, {FIRST_SEEN: time.time()}, nx=True)
                ((_, moment),) = channel.client.zrange(FIRST_SEEN, 0, 0, withscores=True)
                return float(moment)
        except AWAY:
            return 0.0

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        with self._app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
            yield connection.default_channel

    def _send(self, task: str, *args: Any, queue: str = QUEUE, expires: float | None = None) -> bool:
        try:
            self._app.send_task(task, args=args, queue=queue, expires=expires, retry=False, ignore_result=True)
        except AWAY as error:
            with about(*args):
                log.warning("the queue does not answer (%s): %s is sent later", type(error).__name__, task)
            return False
        return True
