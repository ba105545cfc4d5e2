"""One process at a time owns the facts and does what is done by the clock: the leader.

It holds an advisory lock of PostgreSQL on a connection of its own, and says on that connection
every second that it is alive. Three things end it, each by itself enough:

* the connection is gone: PostgreSQL has let go of the lock, so the process ends at once;
* it could not say so for GIVE_UP seconds (PostgreSQL away, the process stopped): it ends;
* nobody has heard of it for LOST seconds: whoever stands by ends all its sessions and leads.

Each leader has an epoch, one more than the leader before. A process that leads no more and has not
noticed yet can still open connections: `fence` looks at the epoch on each of them first.
"""

import os
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

import structlog
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from lettershop.cluster.models import Leadership, Process
from lettershop.cluster.processes import LOST
from lettershop.model.errors import InputError

LOCK: Final = 0x1E77E27
"""The advisory lock that the leader holds."""
BEAT: Final = 1.0
"""Seconds between two signs of life of the leader."""
GIVE_UP: Final = 14.0
"""Seconds without one after which it ends; less than LOST, after which it is replaced."""
LEFT: Final = 70
"""EX_SOFTWARE: for whoever watches over the process to start it again."""
_FAILED: Final = (DatabaseError, InterfaceError)
_log = structlog.get_logger("lettershop.cluster")


def needs_postgresql(what: str) -> None:
    """InputError `cluster.records` unless the connected records are on PostgreSQL."""
    if connection.vendor != "postgresql":
        message = f"{what} needs the records on PostgreSQL: several processes share them"
        hint = "lettershop records move --to postgresql://…, then set records to that address"
        raise InputError("cluster.records", message, hint=hint)


def name_sessions(process: Process) -> None:
    """Connections of this process bear its name from now on, so that others can end them."""
    options = connections.settings[DEFAULT_DB_ALIAS].setdefault("OPTIONS", {})
    options["application_name"] = session_name(process.pk)
    connections.close_all()


def session_name(process: int) -> str:
    return f"lettershop process {process}"


class Leading:
    """`attempt` until it says True, then `keep`. `ended`: how the process is ended when it leads no
    more; it must not return (tests: raise)."""

    def __init__(self, process: Process, ended: Callable[[str], None] | None = None) -> None:
        self.process, self.epoch = process, 0
        self._ended = ended or _end
        self._session: BaseDatabaseWrapper | None = None
        self._sure = 0.0
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def attempt(self) -> bool:
        """Whether this process leads now. Whoever held the lock and has not been heard of for LOST
        seconds is disconnected; the next attempt gets the lock then. DatabaseError."""
        try:
            session = self._opened()
            with session.cursor() as cursor:
                cursor.execute(
                    "UPDATE cluster_process SET seen = now(), ended = NULL WHERE id = %s",
                    [self.process.pk],
                )
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
                if cursor.fetchone() != (True,):
                    _replace_the_lost(cursor)
                    return False
                cursor.execute(_BEGIN, [self.process.pk])
                self.epoch = cursor.fetchone()[0]
        except _FAILED:
            self._close()
            raise
        self._sure = monotonic()
        return True

    def keep(self) -> None:
        """Say every second that it is alive, and end when it leads no more."""
        self.fence()
        for name, run in (("leader", self._beating), ("leader's watch", self._watching)):
            thread = threading.Thread(target=run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def require(self) -> None:
        """Before anything only a leader does: ends the process if it may lead no more."""
        if monotonic() - self._sure > GIVE_UP:
            self._lost("for too long it could not be said that this process is alive")

    def fence(self) -> None:
        """Each connection that is opened from now on looks first whether this process leads."""
        connection_created.connect(self._checked, dispatch_uid="lettershop leading", weak=False)

    def stop(self) -> None:
        """Leave in order: another may lead at once. Safe to repeat."""
        self._stopping.set()
        connection_created.disconnect(dispatch_uid="lettershop leading")
        for thread in self._threads:
            thread.join(BEAT * 3)
        self._close()

    # --- how it goes on -------------------------------------------------------------------------

    def _opened(self) -> BaseDatabaseWrapper:
        if self._session is None:
            self._session = connections.create_connection(DEFAULT_DB_ALIAS)
            self._session.inc_thread_sharing()
            with self._session.cursor() as cursor:
                cursor.execute("SET statement_timeout = '3s'")
                cursor.execute(_FIRST)
        return self._session

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _beating(self) -> None:
        while not self._stopping.wait(BEAT):
            begun = monotonic()
            try:
                mine = self._beat()
            except _FAILED as error:
                if not self._stopping.is_set():
                    self._lost(f"its connection is gone: {str(error).strip()[:200]}")
                return
            if not mine:
                self._lost("another process leads")
                return
            self._sure = begun

    def _beat(self) -> bool:
        if self._session is None:
            return False
        with self._session.cursor() as cursor:
            cursor.execute(_BEAT, [self.process.pk, self.epoch])
            return bool(cursor.rowcount == 1)

    def _watching(self) -> None:
        while not self._stopping.wait(BEAT / 4):
            self.require()

    def _checked(self, connection: BaseDatabaseWrapper, **_: Any) -> None:
        """Django has just opened it; before its first use."""
        if connection is self._session or self._stopping.is_set():
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT epoch FROM cluster_leadership WHERE id = 1")
            if cursor.fetchone() != (self.epoch,):
                self._lost("another process leads")

    def _lost(self, why: str) -> None:
        _log.critical("leader.lost", why=why, epoch=self.epoch, advice="start it again")
        self._ended(why)


def leader() -> Leadership | None:
    """Who leads, or led last, with its process; None before the first one."""
    return Leadership.objects.select_related("process").filter(pk=1).first()


def _replace_the_lost(cursor: Any) -> None:
    """End all sessions of a leader that nobody has heard of: the lock, and what it is writing."""
    cursor.execute(_SILENT, [LOST])
    found = cursor.fetchone()
    if found is None:
        return
    process, silent = found
    _log.warning("leader.replaced", process=process, silent=round(float(silent), 1))
    cursor.execute(_DISCONNECT, [session_name(process)])


def _end(why: str) -> None:
    """At once: no thread of this process may do another thing. What is on disk is sound."""
    os._exit(LEFT)


_FIRST: Final = """
    INSERT INTO cluster_leadership
        (id, epoch, facts, loaded_seq, loaded_bytes, removed_seq, lake_snapshot, lake_seq)
    VALUES (1, 0, '', 0, 0, 0, 0, 0) ON CONFLICT (id) DO NOTHING
"""
_BEGIN: Final = """
    UPDATE cluster_leadership SET epoch = epoch + 1, process_id = %s, since = now() WHERE id = 1
    RETURNING epoch
"""
_BEAT: Final = """
    UPDATE cluster_process SET seen = now(), ended = NULL
    WHERE id = %s AND (SELECT epoch FROM cluster_leadership WHERE id = 1) = %s
"""
_SILENT: Final = """
    SELECT one.id, extract(epoch FROM now() - one.seen)
    FROM cluster_leadership AS led JOIN cluster_process AS one ON one.id = led.process_id
    WHERE led.id = 1 AND one.seen < now() - make_interval(secs => %s)
"""
_DISCONNECT: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = %s AND datname = current_database() AND pid <> pg_backend_pid()
"""
