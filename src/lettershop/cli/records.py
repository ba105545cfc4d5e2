"""Commands about people and keys go to the records themselves, beside a running server or not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from lettershop.app import Workspace, records
from lettershop.app.serving import read_serving
from lettershop.app.settings import read_settings
from lettershop.model.clock import format_instant, to_ms
from lettershop.model.settings import Settings


@contextmanager
def opened_records(workspace: Path | None) -> Iterator[Settings]:
    """The records of a command's workspace, brought up to date; yields the settings, with the port
    where a server listens now."""
    folder = Workspace.find(workspace or Path())
    settings = read_settings(folder, os.environ)
    records.connect(folder, settings)
    serving = read_serving(folder / "data")
    if serving is not None:
        port = urlsplit(serving.url).port or settings.port
        settings = msgspec.structs.replace(settings, port=port)
    try:
        records.migrate()
        yield settings
    finally:
        records.disconnect()


def when(moment: datetime | None) -> str | None:
    """For JSON; to the second."""
    return None if moment is None else format_instant(to_ms(moment) // 1_000 * 1_000)


def seen(moment: datetime | None, never: str = "never") -> str:
    """For tables; to the minute."""
    return never if moment is None else format_instant(to_ms(moment) // 60_000 * 60_000)
