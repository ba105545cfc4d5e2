"""A sender process whose journal writes nothing: what the promise costs. For measuring only; after
a kill nobody would know what it was about to send."""

import asyncio
import sys
from pathlib import Path

from lettershop.app.logs import configure_logs
from lettershop.app.sending.process import send_out
from lettershop.delivery.senders import process
from lettershop.delivery.senders.journal import Journal
from lettershop.delivery.senders.lines import Record


class SilentJournal(Journal):
    async def write(self, record: Record) -> None:
        return

    def add(self, record: Record) -> "asyncio.Future[None]":
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


if __name__ == "__main__":
    process.Journal = SilentJournal  # type: ignore[misc]  # the point of this program
    configure_logs("warning")
    sys.exit(send_out(Path(sys.argv[1])))
