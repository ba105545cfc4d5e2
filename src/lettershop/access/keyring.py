"""The write keys in memory: what the collector asks for every request, without any database.

Changes in this process arrive at once, those of commands beside the server with the next
`refresh`, which a clock job calls every 2 seconds.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from django.db import close_old_connections, transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from lettershop.access.models import Source, WriteKey
from lettershop.access.secret import digest


class SourceKey(msgspec.Struct, frozen=True):
    """The source a write key belongs to: its name and kind (website, server, import or api)."""

    name: str
    kind: str


class KeyRing:
    """Read and marked by the event loop, refreshed and flushed by a clock thread."""

    def __init__(self, *, now: Callable[[], datetime] = timezone.now) -> None:
        self._now = now
        self._keys: dict[str, SourceKey] = {}
        self._used_keys: dict[str, datetime] = {}
        self._used_sources: dict[str, datetime] = {}
        self._guard = threading.Lock()
        for record in (WriteKey, Source):
            post_save.connect(self._changed, sender=record)
            post_delete.connect(self._changed, sender=record)
        self._read()

    def find(self, write_key: str) -> SourceKey | None:
        """The source of a living key. What is looked up is a hash, so the time it takes says
        nothing about the keys there are."""
        looked_for = digest(write_key)
        found = self._keys.get(looked_for)
        if found is not None:
            self._used_keys[looked_for] = self._now()
        return found

    def seen(self, name: str) -> None:
        """A request of this source was accepted."""
        self._used_sources[name] = self._now()

    def refresh(self) -> None:
        """Read the living keys again, by a job with a thread of its own; one small query."""
        close_old_connections()
        self._read()

    def flush_seen(self) -> None:
        """Write when keys and sources were last used; what cannot be written is tried again."""
        close_old_connections()
        with self._guard:
            keys, self._used_keys = self._used_keys, {}
            sources, self._used_sources = self._used_sources, {}
            try:
                with transaction.atomic():
                    _write(WriteKey, "hash", keys)
                    _write(Source, "name", sources)
            except BaseException:
                self._used_keys = keys | self._used_keys
                self._used_sources = sources | self._used_sources
                raise

    def _read(self) -> None:
        rows = WriteKey.objects.filter(revoked__isnull=True).values_list(
            "hash", "source__name", "source__kind"
        )
        self._keys = {hashed: SourceKey(name, kind) for hashed, name, kind in rows}

    def _changed(self, **_: Any) -> None:
        transaction.on_commit(self._read, robust=True)


def _write(record: type[WriteKey] | type[Source], name: str, used: dict[str, datetime]) -> None:
    for value, at in [*used.items()]:  # the event loop may still be adding to it
        older = Q(last_used__isnull=True) | Q(last_used__lt=at)
        record._default_manager.filter(older, **{name: value}).update(last_used=at)
