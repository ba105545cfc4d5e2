"""The engine owner of a running server: one writer at a time, readers beside it.

DuckDB lets one process open the file, and in it every thread needs a connection of its own. A
reader sees one committed state for as long as its `with` lasts; it never waits for the writer.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import structlog

from lettershop.app.workspace import Workspace
from lettershop.model.errors import LettershopError, Unavailable
from lettershop.model.settings import Settings

log = structlog.get_logger("lettershop.engine")

IDLE = 8
"""Reader connections kept open between questions."""


class Engine:
    """Built around an open workspace, which it closes with `close`."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._writing = threading.RLock()
        self._idle: list[tuple[Workspace, int]] = []
        self._guard = threading.Lock()
        self._written = 0
        self._closed = False

    @contextmanager
    def write(self, wait: float | None = None) -> Iterator[Workspace]:
        """The workspace to change; waits until no other thread does. May be nested.

        `wait`: seconds after which it is given up with Unavailable `engine.busy`; None: never.
        """
        if not self._writing.acquire(timeout=-1 if wait is None else wait):
            hint = "a long import is being done; send it again later"
            message = "the database is being written by somebody else"
            raise Unavailable("engine.busy", message, hint=hint, retry_after=10)
        try:
            self._refuse_when_closed()
            try:
                yield self.workspace
            finally:
                with self._guard:
                    self._written += 1
        finally:
            self._writing.release()

    @contextmanager
    def read(self) -> Iterator[Workspace]:
        """The workspace to ask, as of one committed state."""
        workspace, seen = self._borrow()
        store, written = workspace.store, self._written
        if seen != written:
            store.forget()
        try:
            with store.snapshot():
                yield workspace
        except LettershopError:  # an answer too: the connection is as it was
            self._give_back(workspace, written)
            raise
        except BaseException:
            store.close()  # whatever state it is in, nobody should meet it again
            raise
        self._give_back(workspace, written)

    def settle(self, settings: Settings) -> None:
        """Other settings, for every question asked from now on. What was built with the old ones
        keeps them: the caller names only settings that are asked for when they are needed."""
        with self._guard:
            self.workspace.settings = settings

    def close(self) -> None:
        """Write everything into the database file and close it; safe to repeat."""
        with self._writing, self._guard:
            if self._closed:
                return
            self._closed = True
            for workspace, _ in self._idle:
                workspace.store.close()
            try:
                self.workspace.store.con.execute("CHECKPOINT")
            except duckdb.Error as error:  # no harm: what was committed is in its log
                log.error("engine.checkpoint", error=str(error))
            self.workspace.close()

    def _borrow(self) -> tuple[Workspace, int]:
        with self._guard:
            self._refuse_when_closed()
            own = self.workspace
            if self._idle:
                workspace, written = self._idle.pop()
                workspace.settings = own.settings
                return workspace, written
            return Workspace(own.path, own.settings, own.store.reader(), own.clock), -1

    def _give_back(self, workspace: Workspace, written: int) -> None:
        with self._guard:
            if len(self._idle) < IDLE and not self._closed:
                self._idle.append((workspace, written))
                return
        workspace.store.close()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise Unavailable("server.stopping", "the server is stopping", retry_after=5)
