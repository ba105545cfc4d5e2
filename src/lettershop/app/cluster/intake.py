"""The shared log as the writer of any process sees it: many requests, one commit on PostgreSQL.

The group commit is the raw log's own (ingest/log/writer.py), over another medium.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import structlog
from django.db import DatabaseError, InterfaceError, connection

from lettershop.app.cluster.mirror import Mirror
from lettershop.cluster import shared_log
from lettershop.ingest.log.room import LATER, parse_size
from lettershop.ingest.log.tail import Item
from lettershop.ingest.log.writer import LogWriter
from lettershop.model.errors import Unavailable
from lettershop.model.settings import Settings

_FAILED: Final = (DatabaseError, InterfaceError)
_log = structlog.get_logger("lettershop.intake")


class SharedEnd:
    """Where the log is written, and whether there is room (the Protocols `Writes` and `Bounds`).
    `epoch` and `mirror` are the owner's; 0 and None in a process without facts."""

    def __init__(self, settings: Settings, mirror: Mirror | None = None, epoch: int = 0) -> None:
        self._most = parse_size(settings.most_unloaded, "most_unloaded")
        self._mirror, self._epoch = mirror, epoch
        self._loaded = 0
        self.last_seq = self.unloaded = 0
        self.refusal: Unavailable | None = None

    def write(self, items: Sequence[Item], /) -> None:
        """Unavailable `intake.records` when PostgreSQL does not take them."""
        try:
            self.last_seq = shared_log.append(items)
        except _FAILED as error:
            raise self._away(error) from error

    def sizes_after(self, seq: int, /) -> Iterable[tuple[int, int]]:
        return ()  # what waits is asked for, not added up

    def forget(self, upto_seq: int, before_ms: int, /) -> int:
        """Of the owner's own raw log; the shared one is shortened by its own rule (owner.py)."""
        return self._mirror.forget(upto_seq, before_ms) if self._mirror is not None else 0

    def close(self) -> None:
        connection.close()

    def add(self, seq: int, size: int, /) -> None:
        """Asked for in `look`."""

    def loaded(self, seq: int, /) -> None:
        """The owner tells the others how far it is: their room depends on it."""
        if not self._epoch or seq <= self._loaded:
            return
        try:
            if shared_log.loaded(self._epoch, seq):
                self._loaded = seq
        except _FAILED as error:
            self._away(error)

    def look(self) -> None:
        try:
            found = shared_log.standing()
        except _FAILED as error:
            self.refusal = self._away(error)
            return
        self.last_seq, self.unloaded = max(self.last_seq, found.last_seq), found.unloaded_bytes
        self.refusal = None
        if not found.open:
            self.refusal = shared_log.unopened()
        elif found.unloaded_bytes > self._most:
            self.refusal = Unavailable(
                "intake.unloaded",
                "too many requests wait to be loaded",
                hint="see whether a loader leads; the setting most_unloaded is the limit",
                retry_after=LATER,
            )

    def _away(self, error: Exception) -> Unavailable:
        """Opened again at the next attempt."""
        connection.close()
        said = " ".join(str(error).split())[:200]
        _log.warning("intake.records", error=said)
        message = "the records do not take requests"
        hint = "look at PostgreSQL; clients send again"
        return Unavailable("intake.records", message, hint=hint, retry_after=LATER)


def shared_writer(
    settings: Settings, mirror: Mirror | None = None, epoch: int = 0, loaded: int = 0
) -> LogWriter:
    """The records must be connected."""
    end = SharedEnd(settings, mirror, epoch)
    return LogWriter.over(end, end, loaded=loaded)
