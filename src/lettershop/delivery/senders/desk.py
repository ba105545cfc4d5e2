"""The ledger, asked from an event loop: one thread, so one connection, one question at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

import structlog
from django.db import DatabaseError, InterfaceError, connections

log = structlog.get_logger("lettershop.sender")

P = ParamSpec("P")
T = TypeVar("T")

FIRST: Final = 0.05
LONGEST: Final = 5.0
"""Seconds between tries while the records do not answer."""
LAST: Final = 10.0
"""Seconds for which it is tried once the sender is stopping."""


class Desk:
    """Questions that fail are asked again until they are answered: whatever is asked here may be
    asked twice. Once `stopping` is set that ends, with the database's own error."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self.stopping = False

    async def __call__(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop, pause, tried = asyncio.get_running_loop(), FIRST, 0.0
        while True:
            try:
                return await loop.run_in_executor(self._thread, lambda: ask(*args, **kwargs))
            except (DatabaseError, InterfaceError) as error:
                if self.stopping and tried >= LAST:
                    raise
                log.warning("sender.records", asked=ask.__name__, error=str(error)[:200])
                await loop.run_in_executor(self._thread, connections.close_all)
            await asyncio.sleep(pause)
            pause, tried = min(pause * 2, LONGEST), tried + pause

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown()
