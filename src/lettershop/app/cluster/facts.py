"""The leader's facts, before it begins: its own when they are the newest, else from the lake.

Facts are more than the log says (imports, segments as they were kept), so those of a process that
did not lead last are never gone on with. Each leader that begins with other facts than the last
one had marks them, in the facts and in the records (`Leadership.facts`).
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog

from lettershop.app.cluster.mirror import check_gap
from lettershop.app.workspace import DATABASE
from lettershop.cluster import shared_log
from lettershop.cluster.leading import Leading, leader
from lettershop.cluster.models import Leadership
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import last_transition
from lettershop.ingest.log.reader import LogReader
from lettershop.model.errors import WorkspaceError
from lettershop.model.settings import Settings
from lettershop.segments.models_streams import Cursor, Webhook

MARK: Final = "cluster_facts"
"""In `meta` of the facts."""
FETCHED: Final = "cluster_fetched"
"""In `meta` of facts that came from the lake: their raw log is elsewhere."""
POSITION: Final = "intake_seq"
Fetch = Callable[[], bool]
"""Brings the newest snapshot of the lake in the place of the facts that are there; False when the
lake holds none."""
_log = structlog.get_logger("lettershop.cluster")


class Own(msgspec.Struct, frozen=True):
    """The facts on this machine: their mark, and how far they go in the log."""

    mark: str
    position: int


def prepare(
    folder: Path, settings: Settings, leading: Leading, fetch: Fetch | None, *, shared: bool
) -> None:
    """Make the facts in the workspace `folder` those of the leader; open the shared log, or with
    `shared` false only when it was opened before. `fetch`: None where no lake is set.

    WorkspaceError `cluster.facts_elsewhere`, `cluster.gap`, and as `Store.open`.
    """
    led, own = leader() or Leadership(), own_facts(folder, settings)
    newest = own is not None and (not led.facts or own.mark == led.facts)
    fetched = not newest and _fetched(folder, led, fetch)
    with Store.open(folder / DATABASE, settings=settings) as store:
        if fetched or not led.facts or own is None:
            _mark(store, leading)
        if fetched:
            store.set_meta(FETCHED, "yes")
            _wind_back(last_transition(store))
        position = int(store.meta(POSITION) or 0)
    intake = folder / DATABASE.parent / "intake"
    with LogReader(intake) as reader:
        here = max(position, reader.last_seq())
    check_gap(here, led.removed_seq + 1, intake)
    if shared or shared_log.is_open():
        shared_log.open_log(here)


def own_facts(folder: Path, settings: Settings) -> Own | None:
    """None when there are none. WorkspaceError as `Store.open`."""
    path = folder / DATABASE
    if not path.exists():
        return None
    with Store.open(path, settings=settings) as store:
        return Own(store.meta(MARK) or "", int(store.meta(POSITION) or 0))


def _fetched(folder: Path, led: Leadership, fetch: Fetch | None) -> bool:
    """Whether the facts came from the lake; False: there never were any."""
    if fetch is not None and fetch():
        _log.info("facts.fetched")
        return True
    if not led.facts:
        return False
    where = led.process.host if led.process is not None else "another machine"
    why = "and the lake holds none" if fetch is not None else "and there is no lake to fetch from"
    message = f"the newest facts are on {where}, {why}"
    hint = "start lettershop loader there; with the setting lake others can take its place"
    raise WorkspaceError(
        "cluster.facts_elsewhere", message, where=str(folder / DATABASE), hint=hint
    )


def _mark(store: Store, leading: Leading) -> None:
    """First in the facts: a mark that only the records know would make them nobody's."""
    mark = secrets.token_hex(16)
    with store.transaction():
        store.set_meta(MARK, mark)
    Leadership.objects.filter(pk=1, epoch=leading.epoch).update(facts=mark)


def _wind_back(last: int) -> None:
    """Transitions after the newest one of a snapshot are found again, under other numbers: readers
    that were beyond it would miss as many."""
    Cursor.objects.filter(position__gt=last).update(position=last)
    Webhook.objects.filter(position__gt=last).update(position=last)


def vouch(epoch: int, snapshot: int, seq: int) -> int:
    """The leader has written this snapshot of the lake; how far the one before it goes, 0 when
    there was none: requests up to there need not be kept any longer."""
    mine = Leadership.objects.filter(pk=1, epoch=epoch, lake_snapshot__lt=snapshot)
    led = mine.first()
    if led is None:
        return 0
    mine.update(lake_snapshot=snapshot, lake_seq=seq)
    return led.lake_seq
