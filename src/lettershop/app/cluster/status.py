"""How the cluster is: who is there, who leads, how far log and lake are."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from lettershop.cluster import processes, shared_log
from lettershop.cluster.leading import leader
from lettershop.cluster.processes import Seen
from lettershop.lake.snapshots import newest
from lettershop.lake.storage import Lake
from lettershop.model.clock import SECOND

LATE: Final = 10_000
"""Requests that wait to become facts before something is said about it."""


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """The shared log. `waiting`: requests that are not facts yet, `waiting_bytes` of bodies;
    `kept`: those it holds, until they are in the lake."""

    open: bool
    last_seq: int
    waiting: int
    waiting_bytes: int
    kept: int


class LakeState(msgspec.Struct, frozen=True, kw_only=True):
    """`age`: seconds since the snapshot was made; `behind`: requests that are facts, not in it."""

    address: str
    snapshot: int
    age: int
    behind: int


class ClusterState(msgspec.Struct, frozen=True, kw_only=True):
    """`leader`: the name of the process that leads, if one does, since when, as the how many-th
    (`epoch`). `lake`: None where none is set. `problems`: what somebody should look at."""

    processes: tuple[Seen, ...]
    leader: str | None
    since: datetime | None
    epoch: int
    log: LogState
    lake: LakeState | None
    problems: tuple[str, ...]


def state(lake: Lake | None, now: int) -> ClusterState:
    """The records must be connected, and are on PostgreSQL."""
    there, led, found = processes.everyone(), leader(), shared_log.standing()
    leads = next((one for one in there if one.leads), None)
    log = LogState(
        open=found.open,
        last_seq=found.last_seq,
        waiting=max(0, found.last_seq - found.loaded_seq) if found.open else 0,
        waiting_bytes=found.unloaded_bytes,
        kept=max(0, found.last_seq - found.removed_seq) if found.open else 0,
    )
    return ClusterState(
        processes=tuple(there),
        leader=leads.name if leads is not None else None,
        since=led.since if led is not None and leads is not None else None,
        epoch=led.epoch if led is not None else 0,
        log=log,
        lake=_lake(lake, found.loaded_seq, now) if lake is not None else None,
        problems=tuple(_problems(there, log)),
    )


def _lake(lake: Lake, loaded: int, now: int) -> LakeState:
    manifest = newest(lake)
    if manifest is None:
        return LakeState(address=lake.address, snapshot=0, age=0, behind=loaded)
    return LakeState(
        address=lake.address,
        snapshot=manifest.snapshot,
        age=max(0, now - manifest.made_at) // SECOND,
        behind=max(0, loaded - manifest.watermark.seq),
    )


def _problems(there: list[Seen], log: LogState) -> Iterator[str]:
    living = [one for one in there if one.alive]
    if not any(one.leads for one in living):
        yield "nobody leads: start lettershop loader"
    elif not any(one.kind == "loader" and not one.leads for one in living):
        yield "nobody stands by: a second lettershop loader would take over"
    if len({one.version for one in living}) > 1:
        yield "not all processes are of the same version"
    if log.waiting > LATE:
        yield f"{log.waiting:,} requests wait to become facts"
