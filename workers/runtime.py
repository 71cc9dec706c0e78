"""The parts of one process, made from its settings."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from workers.access import Access
from workers.database import Database
from workers.messages import CeleryMessenger, Messenger
from workers.room import Room
from workers.settings import Settings
from workers.store import FolderStore, Store
from workers.work import Work


class Runtime:
    """Made once a process; connections open when they are first used."""

    def __init__(self, settings: Settings, messenger: Messenger | None = None, room: Room | None = None) -> None:
        self.settings = settings
        self._messenger = messenger
        self._room = room

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.sqlalchemy_url)

    @cached_property
    def access(self) -> Access:
        return Access(self.database, self.settings.session_hours * 3600)

    @cached_property
    def store(self) -> Store:
        if self.settings.files_url is None:
            return FolderStore(self.settings.files_root)
        from workers.s3 import S3Store

        return S3Store(self.settings)

    @cached_property
    def celery(self) -> Any:
        from workers.app import create_celery

        return create_celery(self.settings)

    @cached_property
    def messenger(self) -> Messenger:
        return self._messenger or CeleryMessenger(self.celery)

    @cached_property
    def work(self) -> Work:
        return Work(self.settings, self.database, self.store, self.messenger, room=self._room)
