"""Somebody who writes files, publishes them, pins people, and sees what a refresh makes of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from opened_shop import Shop, migrated, open_shop
from pyroaring import BitMap

from lettershop.app.pinning import Pinboard, resolved
from lettershop.app.plans import Change, Plan
from lettershop.app.publishing import Publisher
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.rows import load
from lettershop.model.errors import LettershopError
from lettershop.model.facts import AccountFact, ContactFact, MembershipFact
from lettershop.planning.keep import Keep
from lettershop.segments.register import in_force

SIZES = {"acme": 1, "brick": 5, "cobalt": 30, "delta": 60}
PARTITION = """
[[partition]]
name = "level"
catch_all = "rest"
[[partition.segment]]
name = "low"
where = "score < {low}"
[[partition.segment]]
name = "mid"
where = "score < 6"
"""


def make_empty(folder: Path) -> Path:
    """A new workspace with records."""
    with open_shop(folder / "shop", migrated(folder)):
        return folder / "shop"


def make_filled(folder: Path, empty: Path) -> Path:
    """Ten people with scores 0 to 9, the first four in accounts of different sizes."""
    shutil.copytree(empty, folder)
    at = {"ts": 1_000, "received_at": 1_000}
    people = [
        ContactFact(**at, message_id=f"c{n}", contact=f"user:U{n}", traits={"score": n})
        for n in range(10)
    ]
    accounts = [
        AccountFact(**at, message_id=name, account=name, traits={"employees": size})
        for name, size in SIZES.items()
    ]
    members = [
        MembershipFact(**at, message_id=f"m{n}", contact=f"user:U{n}", account=name)
        for n, name in enumerate(SIZES)
    ]
    with open_shop(folder) as opened, opened.engine.write() as workspace:
        load(workspace.store, [*people, *accounts, *members])
    return folder


class Desk(Publisher, Pinboard):
    """Somebody who writes files and publishes them."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.engine.workspace, shop.principal("editor"))
        self.shop = shop
        self.folder = shop.path / "segments"

    def write(self, **conditions: str) -> None:
        for name, text in conditions.items():
            self.file(name, f"where = '''{text}'''\n")

    def file(self, name: str, text: str) -> None:
        (self.folder / f"{name}.toml").write_text(text, "utf-8")

    def refresh(self) -> dict[str, BitMap]:
        """What a server keeps, after one more refresh."""
        workspace = self.workspace
        now = in_force(workspace.moment(None))
        pins = resolved(workspace.store, now.pins, now.partitions)
        keeps = [
            Keep(definition=p.definition, version=p.version, pins=pins.get(p.name, ()))
            for p in now.published
        ]
        refresher = Refresher(workspace.settings)
        refresher.persist(
            workspace.store, refresher.compute(workspace.store, keeps, workspace.moment(None))
        )
        return read_memberships(workspace.store.con)

    def kept_as_planned(self, plan: Plan) -> None:
        """A refresh makes of the plan exactly what it promised."""
        kept = self.refresh()
        for change in plan.changes:
            assert len(kept.get(change.name, ())) == (change.after or 0), change.name


def changes(plan: Plan) -> dict[str, Change]:
    return {change.name: change for change in plan.changes}


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(LettershopError) as refused:
        work()
    return refused.value.code
