"""After a restore nothing is sent by itself: what left since the backup was made is not known to
it, and would leave a second time."""

import os
from pathlib import Path
from typing import Final

import msgspec
from django.db import connection

from lettershop.app import records
from lettershop.app.campaigning.desk import paused
from lettershop.app.settings import read_settings
from lettershop.campaigns.records import BY_ITSELF, due, locked, moved
from lettershop.delivery.ledger import controls, planning
from lettershop.delivery.models import Send
from lettershop.model.clock import Clock, SystemClock

ANY: Final = 2**62
"""No campaign ended after that: only those are asked for that have not ended."""


class HeldBack(msgspec.Struct, frozen=True):
    """How many were paused, or (campaigns) approved and want another yes."""

    campaigns: int = 0
    sends: int = 0


def hold_back(folder: Path, made_at: str, clock: Clock | None = None) -> HeldBack:
    """In the restored workspace `folder`, whose records are in it. Whatever the environment says:
    those it was made from are not touched."""
    settings = msgspec.structs.replace(read_settings(folder, os.environ), records="")
    if not (folder / "data" / records.SQLITE).exists():
        return HeldBack()
    records.connect(folder, settings)
    try:
        if Send._meta.db_table not in connection.introspection.table_names():
            return HeldBack()
        records.migrate()
        return _hold(made_at, (clock or SystemClock()).now())
    finally:
        records.disconnect()


def _hold(made_at: str, now: int) -> HeldBack:
    why = f"restored from a backup of {made_at}: what left since is not known here"
    campaigns = 0
    for found in due(ANY):
        with locked(found.name) as mine:
            if mine.state == "approved":
                moved(mine, "miss", BY_ITSELF, now, why)
                campaigns += 1
            elif mine.state == "sending":
                paused(mine, BY_ITSELF, now, why)
                campaigns += 1
    going = [send for send in planning.going() if send.state == "sending"]
    for send in going:
        controls.pause(send.id, why)
    return HeldBack(campaigns, len(going))
