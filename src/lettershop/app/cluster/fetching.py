"""Facts from the lake, for a process that leads and has none, or old ones."""

from pathlib import Path
from typing import Final

from lettershop.app.cluster.facts import Fetch
from lettershop.app.lake import import_lake, lake_set
from lettershop.app.workspace import DATABASE
from lettershop.lake.snapshots import newest
from lettershop.model.settings import Settings

SUPERSEDED: Final = "facts.superseded.duckdb"
"""What was here before: it may hold what had not reached the lake. The newest such only."""


def fetcher(folder: Path, settings: Settings) -> Fetch | None:
    """None where no lake is set. InputError `lake.address`."""
    lake = lake_set(folder, settings)
    if lake is None:
        return None

    def fetch() -> bool:
        if newest(lake) is None:
            return False
        done = import_lake(folder, replace=True)
        if done.old:
            (folder / done.old).replace((folder / DATABASE).with_name(SUPERSEDED))
        return True

    return fetch
