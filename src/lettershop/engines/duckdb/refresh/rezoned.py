"""Who is in another time zone than before: by their own field, or by their only account."""

from collections.abc import Iterable

import numpy as np
from sqlglot import exp

from lettershop.engines.dense.asking import filled
from lettershop.engines.dense.snapshot import current_tables
from lettershop.engines.dense.zones import ZoneTable
from lettershop.engines.duckdb.partial import only_these
from lettershop.engines.duckdb.refresh.sides import Moved, SideName
from lettershop.engines.duckdb.refresh.work import Cold, Work, ids
from lettershop.planning.calendar import zone_or_none
from lettershop.planning.frame import Ints
from lettershop.planning.sources import among, col, table

_NOBODY = np.zeros(0, np.int64)


def rezone(work: Work, moved: Moved) -> dict[SideName, Ints]:
    """Brings the zones of contacts and accounts up to date; those who have another one now.

    Raises Cold for a zone that nobody had before.
    """
    zones = work.warm.zones
    if zones is None:
        return {"contact": _NOBODY, "account": _NOBODY}
    size = work.warm.frame.size
    accounts = ids([*_written(work, "account"), work.touched["account"], moved.accounts])
    contacts = ids([*_written(work, "contact"), work.touched["contact"], moved.contacts])
    accounts = accounts[accounts < size("account") - 1]
    contacts = contacts[contacts < size("contact") - 1]
    own: dict[SideName, Ints] = {"contact": _NOBODY, "account": _NOBODY}
    if len(contacts) or len(accounts):
        own = _named(work, zones, contacts, accounts)
    others = np.maximum(own["account"], 0)
    changed = accounts[zones.account[accounts] != others]
    zones.account[accounts] = others
    zones.own[contacts] = own["contact"]
    people, _ = work.warm.pairs.pairs_of("account", changed)
    others = work.warm.frame.pair_contact[people].astype(np.int64)
    looked_at = ids([contacts, moved.pairs.contacts, others])
    looked_at = looked_at[looked_at < size("contact") - 1]
    now = _in_effect(work, zones, looked_at)
    differ = zones.contact[looked_at] != now
    zones.contact[looked_at] = now
    return {"contact": looked_at[differ], "account": changed}


def _written(work: Work, side: SideName) -> Iterable[Ints]:
    field = work.settings.timezone_field
    for source in (work.what, work.coming):
        yield from (w.subjects for w in source.writes.get(side, ()) if w.key == field)


def _named(work: Work, zones: ZoneTable, contacts: Ints, accounts: Ints) -> dict[SideName, Ints]:
    """The number of the zone each of them names, -1 for none."""
    only_these(work.store, contacts, accounts)
    field = work.settings.timezone_field
    tables = current_tables(work.store, work.catalog, (), work.clocks.at, field, only=True)
    found: dict[SideName, Ints] = {}
    sides: list[tuple[SideName, Ints]] = [("contact", contacts), ("account", accounts)]
    for side, subjects in sides:
        found[side] = np.full(len(subjects), -1, np.int64)
        info = work.context({}).fields(side).get(field)
        if info is None or not len(subjects):
            continue
        query = exp.select(col("id", "s"), exp.alias_(col(info.column, "s"), "name", quoted=True))
        rows = work.store.fetch(
            query.from_(table(tables[side], "s")).where(
                among(col("id", "s"), f"only_{side}"),
                exp.Not(this=exp.Is(this=col(info.column, "s"), expression=exp.Null())),
            ),
        )
        numbers = [_number(zones, str(name)) for name in np.ma.getdata(rows["name"])]
        at = np.searchsorted(subjects, filled(rows["id"], 0).astype(np.int64))
        found[side][at] = numbers
    return found


def _number(zones: ZoneTable, name: str) -> int:
    zone = zone_or_none(name)
    if zone is None:
        return -1
    if zone not in zones.names:
        raise Cold("a new time zone")
    return zones.names.index(zone)


def _in_effect(work: Work, zones: ZoneTable, contacts: Ints) -> Ints:
    """Their own zone, else that of their only account, else the workspace's."""
    pairs, whose = work.warm.pairs.pairs_of("contact", contacts)
    accounts = work.warm.frame.pair_account[pairs].astype(np.int64)
    whose, accounts = whose[accounts >= 0], accounts[accounts >= 0]
    only = np.full(len(contacts), -1, np.int64)
    only[whose] = accounts
    only[np.bincount(whose, minlength=len(contacts)) > 1] = -1
    inherited = np.where(only >= 0, zones.account[only].astype(np.int64), 0)
    own = zones.own[contacts]
    return np.where(own < 0, inherited, own)
