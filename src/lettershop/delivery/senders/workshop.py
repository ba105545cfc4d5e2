"""Where messages are built: a thread of its own, so that connections get their turn meanwhile; of
a signature most is done outside of Python, at the same time as everything else."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog

from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.senders.parts import Builder, Built, Withheld

log = structlog.get_logger("lettershop.sender")


class Workshop:
    """`wanted`: whether a row is still to be built. `close` when nothing more will come."""

    def __init__(self, builder: Builder, wanted: Callable[[Row], bool]) -> None:
        self._builder, self._wanted = builder, wanted
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="letters")

    async def __call__(self, rows: Sequence[Row]) -> list[Built | Withheld | None]:
        """One for each row; None where it is not wanted any more."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._all, rows)

    def close(self) -> None:
        self._thread.shutdown()

    def _all(self, rows: Sequence[Row]) -> list[Built | Withheld | None]:
        return [self._one(row) if self._wanted(row) else None for row in rows]

    def _one(self, row: Row) -> Built | Withheld:
        try:
            return self._builder.build(row)
        except Exception as error:  # a letter that cannot be made must not stop the others
            log.exception("sender.build", message=row.id)
            return Withheld("failed", f"it could not be built: {type(error).__name__}")
