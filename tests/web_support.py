"""A web server for tests of what asks one over a real connection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import waitress

from tests.bench import Bench
from web.app import create_app


@contextmanager
def serving(bench: Bench, wrap: Any = lambda app: app) -> Iterator[str]:
    """The address of the application on a bench, served by a thread; `wrap` puts WSGI middleware before it."""
    app = create_app(bench.settings)
    app.extensions["nianbao"].reports = bench.reports
    server = waitress.create_server(wrap(app), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))  # by the thread itself
        thread.join()
        server.task_dispatcher.shutdown()
