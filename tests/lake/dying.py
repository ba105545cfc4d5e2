"""A process that exports and is killed (kill -9): python dying.py DATABASE LAKE MOMENT.

MOMENT: `0`, `1`, `2` … before the part of that number, leaving half of it; `manifest` before that;
`current` when the manifest is there and `current.json` does not name it yet.
"""

import os
import signal
import sys
from pathlib import Path

from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.store import Store
from lettershop.lake.storage import Lake


class Dying(Lake):
    """Dies at the moment."""

    def __init__(self, address: str, moment: str) -> None:
        super().__init__(address)
        self._moment, self._parts = moment, 0

    def put(self, local: Path, path: str) -> None:
        if self._moment == str(self._parts):
            assert self.folder is not None
            half = self.folder / path
            half.parent.mkdir(parents=True, exist_ok=True)
            half.write_bytes(local.read_bytes()[:100])
            die()
        self._parts += 1
        super().put(local, path)

    def create(self, path: str, content: bytes) -> None:
        if self._moment == "manifest":
            die()
        super().create(path, content)

    def write(self, path: str, content: bytes) -> None:
        if self._moment == "current":
            die()
        super().write(path, content)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(database: str, lake: str, moment: str) -> None:
    with Store.open(Path(database)) as store:
        export(store, Dying(lake, moment), 2)


if __name__ == "__main__":
    main(*sys.argv[1:])
