"""kill -9 at every kind of step: readers never notice, and the next export goes on."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from lake import dying
from lake.written import check

from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.lake import snapshots
from lettershop.lake.storage import Lake
from lettershop.model.facts import EventFact


def visits(first: int, last: int) -> list[EventFact]:
    return [
        EventFact(name="Page Viewed", contact=f"user:{n}", ts=n, received_at=n, message_id=f"m{n}")
        for n in range(first, last)
    ]


@pytest.mark.parametrize("moment", ["0", "3", "manifest", "current"])
def test_killed(moment: str, tmp_path: Path) -> None:
    database, lake = tmp_path / "facts.duckdb", Lake(str(tmp_path / "lake"))
    with Store.open(database) as store:
        load(store, visits(0, 20))
        first = export(store, lake, 1)
        load(store, visits(20, 30))
    said = [sys.executable, dying.__file__, str(database), lake.address, moment]
    died = subprocess.run(said, check=False)
    assert died.returncode == -signal.SIGKILL
    assert snapshots.newest(lake) == first
    with Store.open(database) as store:
        load(store, visits(30, 31))
        made = export(store, lake, 3)
        assert made.snapshot == (3 if moment == "current" else 2)
        check(store, lake, made)
        export(store, lake, 4, anew=True)
        snapshots.vacuum(lake, 5, kept=1, kept_for=0)
        snapshots.sweep(lake)
        last = snapshots.newest(lake)
        assert last is not None
        check(store, lake, last)
        assert set(lake.list("data")) == {*snapshots.parts(last)}
