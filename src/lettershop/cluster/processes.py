"""Who is there: every process writes a row when it begins, and touches it every few seconds.

One that has not been seen for LOST counts as gone, whatever became of it. All instants are the
database's own.
"""

import os
import secrets
import socket
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final

import msgspec
import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q
from django.db.models.functions import Now

from lettershop.cluster.models import Kind, Leadership, Process

EVERY: Final = 2.0
"""Seconds between two heartbeats."""
LOST: Final = 20.0
"""Seconds without one after which a process counts as gone. One that has ended lets go of its lock
at once; this is for machines that are lost or asleep, and must bear one that is merely busy."""
REMEMBERED: Final = timedelta(days=1)
"""How long one that has gone is still listed."""
_log = structlog.get_logger("lettershop.cluster")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A process as others see it. `silent`: seconds since it was last heard of."""

    id: int
    name: str
    kind: Kind
    host: str
    pid: int
    address: str
    version: str
    started: datetime
    silent: float
    alive: bool
    leads: bool
    said: Mapping[str, Any]


def process_name() -> str:
    """Of this process, never the same again: machine, process, four random bytes."""
    machine = "".join(c if c.isalnum() or c == "-" else "-" for c in socket.gethostname())[:60]
    return f"{machine}-{os.getpid()}-{secrets.token_hex(4)}"


def enter(kind: Kind, version: str, *, name: str = "", address: str = "") -> Process:
    """The row of this process, new."""
    return Process.objects.create(
        name=name or process_name(),
        kind=kind,
        host=socket.gethostname()[:200],
        pid=os.getpid(),
        address=address,
        version=version,
    )


class Heartbeat:
    """`with Heartbeat("worker", version): …`: the process is listed as alive inside. The records
    must be connected. A heartbeat that fails is tried again; nothing else depends on it."""

    def __init__(self, kind: Kind, version: str, *, name: str = "", address: str = "") -> None:
        self.process = enter(kind, version, name=name, address=address)
        self._said: dict[str, Any] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    def say(self, **said: Any) -> None:
        """Something else about this process, JSON, with the next heartbeat."""
        self._said = self._said | said

    def stop(self) -> None:
        """The process ends in order; safe to repeat."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(EVERY)

    def _run(self) -> None:
        try:
            while not self._ending.wait(EVERY):
                self._try(lambda: touch(self.process.pk, self._said))
            self._try(lambda: leave(self.process.pk))
        finally:
            connection.close()

    def _try(self, act: Any) -> None:
        try:
            act()
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            _log.warning("heartbeat.failed", error=str(error)[:200])


def touch(process: int, said: Mapping[str, Any] | None = None) -> None:
    more = {"said": dict(said)} if said else {}
    Process.objects.filter(pk=process).update(seen=Now(), ended=None, **more)


def leave(process: int) -> None:
    Process.objects.filter(pk=process).update(ended=Now())


def everyone() -> list[Seen]:
    """Who is there, or was within a day; the living first, in the order in which they came."""
    leader = Leadership.objects.filter(pk=1).values_list("process", flat=True).first()
    rows = Process.objects.annotate(now=Now()).order_by("started", "id")
    found = [_seen(one, leader) for one in rows]
    return sorted(found, key=lambda one: not one.alive)


def alive(kind: Kind | None = None) -> list[Seen]:
    return [one for one in everyone() if one.alive and kind in (None, one.kind)]


def is_alive(name: str) -> bool | None:
    """Of the process of that name; None for one that is not known (any more)."""
    return next((one.alive for one in everyone() if one.name == name), None)


def forget_gone() -> int:
    """Rows of those that have gone more than a day ago; their number."""
    gone = Q(seen__lt=Now() - REMEMBERED)
    return Process.objects.filter(gone).delete()[0]


def _seen(row: Process, leader: int | None) -> Seen:
    silent = (getattr(row, "now") - row.seen).total_seconds()  # noqa: B009  (annotated)
    living = row.ended is None and silent < LOST
    return Seen(
        id=row.pk,
        name=row.name,
        kind=row.kind,
        host=row.host,
        pid=row.pid,
        address=row.address,
        version=row.version,
        started=row.started,
        silent=round(silent, 1),
        alive=living,
        leads=living and row.pk == leader,
        said=row.said,
    )
