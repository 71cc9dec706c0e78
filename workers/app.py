"""The Celery application."""

from __future__ import annotations

from celery import Celery
from kombu import Exchange, Queue

from workers.messages import BULK_QUEUE, PICTURE_QUEUE, QUEUE
from workers.settings import Settings

DEFAULT_BROKER = "redis://127.0.0.1:6379/0"


def create_celery(settings: Settings) -> Celery:
    """The application for a broker; tasks are in `workers.tasks`.

    Messages are acknowledged as soon as they arrive: a message that comes back by itself could
    meet the work still running. What gets lost is sent again by the reconciler alone.
    """
    app = Celery("nianbao", broker=settings.broker_url or DEFAULT_BROKER, include=["workers.tasks"])
    app.settings = settings
    app.room = None
    app.conf.update(
        task_queues=[Queue(name, Exchange(name), routing_key=name) for name in (PICTURE_QUEUE, QUEUE, BULK_QUEUE)],
        task_default_queue=QUEUE,
        task_acks_late=False,
        task_ignore_result=True,
        task_time_limit=settings.page_seconds,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,  # what a worker has taken and not begun is lost when it is killed
        worker_max_memory_per_child=settings.worker_memory_mb * 1024,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "global_keyprefix": settings.key_prefix,
            "queue_order_strategy": "priority",
            "socket_connect_timeout": 3,
            "socket_timeout": 5,
            "socket_keepalive": True,
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.1,
        },
    )
    return app
