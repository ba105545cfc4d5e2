"""A sender process of a workspace, as `lettershop up` keeps them running."""

import os
import stat
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from lettershop.app import records
from lettershop.app.sending.parts import make_parts
from lettershop.app.serving import read_serving
from lettershop.app.settings import read_settings
from lettershop.delivery.ledger.timing import RecordsClock
from lettershop.delivery.senders.process import run_sender
from lettershop.model.clock import MINUTE
from lettershop.model.settings import Settings

JOURNAL: Final = "journal"
"""Below data/: what senders write before a final dot."""


def send_out(folder: Path) -> int:
    """Send what the ledger of the workspace says, until SIGTERM, or until whoever started us is
    gone, when stdin is a pipe of theirs. The exit code: 1 when journal or records failed.

    Raises what `records.connect` and `make_parts` raise.
    """
    settings = _settings(folder)
    records.connect(folder, settings)
    try:
        records.migrate()
        clock = RecordsClock()
        clock.look()
        parts = make_parts(folder, settings, clock=clock)
        return run_sender(
            lambda: parts,
            folder / "data" / JOURNAL,
            clock=clock,
            lost=settings.lost_minutes * MINUTE,
            version=version("lettershop"),
            with_parent=_is_piped(),
        )
    finally:
        records.disconnect()


def _settings(folder: Path) -> Settings:
    """With the port where a server of this workspace listens now: letters lead there."""
    settings = read_settings(folder, os.environ)
    serving = read_serving(folder / "data")
    port = urlsplit(serving.url).port if serving is not None else None
    return msgspec.structs.replace(settings, port=port or settings.port)


def _is_piped() -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode)
    except (AttributeError, OSError, ValueError):  # there is none
        return False
