"""Reads the universe at a moment into arrays (planning/frame.py says what they mean)."""

from collections.abc import Mapping

import numpy as np
from sqlglot import exp

from lettershop.engines.duckdb.run import create_temporary, fetch, filled
from lettershop.engines.duckdb.store import Store
from lettershop.planning.calendar import zone_or_none
from lettershop.planning.frame import Frame, Ints, Side, Zones
from lettershop.planning.metrics import Grain
from lettershop.planning.sources import col, not_null, table

NEVER = 1 << 62


def build_frame(store: Store, tables: Mapping[str, str], as_of: int, zone: str) -> Frame:
    contacts = _side(store, tables["contact"], as_of, "identified_since")
    accounts = _side(store, tables["account"], as_of, "known_since")
    names = ("id", "contact", "account", "joined")
    people = fetch(
        store,
        exp.select(*(col(n, "p") for n in names))
        .from_(table(tables["membership"], "p"), copy=False)
        .where(col("active", "p"), copy=False)
        .order_by(col("id", "p"), copy=False),
    )
    ids, contact, account, joined = (filled(people[n], 0) for n in names)
    alive = contacts.live[contact] & accounts.live[account]
    member = np.zeros(len(contacts.live), np.bool_)
    member[contact[alive]] = True
    alone = np.flatnonzero(contacts.live & ~member).astype(np.int32)
    nobody = np.full(len(alone), -1, np.int32)
    return Frame(
        as_of,
        zone,
        contacts,
        accounts,
        np.concatenate([contact[alive].astype(np.int32), alone]),
        np.concatenate([account[alive].astype(np.int32), nobody]),
        np.concatenate([ids[alive].astype(np.int32), nobody]),
        np.concatenate([joined[alive].astype(np.int64), np.zeros(len(alone), np.int64)]),
    )


def _side(store: Store, source: str, as_of: int, since: str) -> Side:
    names = ("id", "key", "known_since", "deleted", since)
    columns = list(dict.fromkeys(names))
    rows = fetch(
        store, exp.select(*(col(n, "s") for n in columns)).from_(table(source, "s"), copy=False)
    )
    ids = filled(rows["id"], 0)
    size = int(ids.max()) + 1 if len(ids) else 0
    known = np.full(size + 1, NEVER, np.int64)
    known[ids] = filled(rows["known_since"], NEVER)
    named = np.full(size + 1, NEVER, np.int64)
    named[ids] = filled(rows[since], NEVER)
    deleted = np.zeros(size + 1, np.bool_)
    deleted[ids] = filled(rows["deleted"], 0)
    key = np.zeros(size + 1, np.uint64)
    key[ids] = filled(rows["key"], 0)
    return Side((known <= as_of) & (named <= as_of) & ~deleted, known, key)


class ZoneTable:
    """The zone of every contact and account; made when first asked for."""

    def __init__(
        self, store: Store, tables: Mapping[str, str], frame: Frame, field: Mapping[str, str]
    ) -> None:
        """`field`: the column of the zone field per side, where there is one."""
        self.names: list[str] = [frame.zone]
        account = self._own(store, tables, frame, "account", field)
        contact = self._own(store, tables, frame, "contact", field)
        self.own = contact
        """The zone a contact names itself, -1 for none."""
        self.account = np.where(account < 0, 0, account).astype(np.int16)
        only = self._only_account(frame)
        inherited = np.where(only >= 0, self.account[only], 0)
        self.contact = np.where(contact < 0, inherited, contact).astype(np.int16)
        if len(self.names) > 1:
            self.publish(store)
        self.pair = self.contact[frame.pair_contact]

    def of(self, grain: Grain) -> Zones:
        number = {"contact": self.contact, "account": self.account, "pair": self.pair}[grain]
        return Zones(tuple(self.names), number)

    def _own(
        self,
        store: Store,
        tables: Mapping[str, str],
        frame: Frame,
        side: Grain,
        field: Mapping[str, str],
    ) -> Ints:
        """Each subject's own zone, -1 where it names none."""
        numbers = np.full(frame.size(side), -1, np.int64)
        if side not in field:
            return numbers
        zone = col(field[side], "s")
        codes = exp.select(exp.alias_(zone, "name", quoted=True, copy=False)).from_(
            table(tables[side], "s"), copy=False
        )
        names = fetch(store, codes.where(not_null(field[side], "s"), copy=False).distinct())["name"]
        known = {str(name): zone_or_none(str(name)) for name in names}
        rows = fetch(
            store,
            exp.select(col("id", "s"), exp.alias_(zone.copy(), "name", quoted=True, copy=False))
            .from_(table(tables[side], "s"), copy=False)
            .where(not_null(field[side], "s"), copy=False),
        )
        number = {name: self._number(found) for name, found in known.items()}
        numbers[filled(rows["id"], 0)] = [number[str(name)] for name in rows["name"]]
        return numbers

    def _number(self, zone: str | None) -> int:
        if zone is None:
            return -1
        if zone not in self.names:
            self.names.append(zone)
        return self.names.index(zone)

    def _only_account(self, frame: Frame) -> Ints:
        """The account of contacts with exactly one, else -1."""
        real = frame.pair_account >= 0
        contact, account = frame.pair_contact[real], frame.pair_account[real]
        only = np.full(frame.size("contact"), -1, np.int64)
        only[contact] = account
        several = np.bincount(contact, minlength=len(only)) > 1
        only[several] = -1
        return only

    def publish(self, store: Store) -> None:
        for side, numbers in (("contact", self.contact), ("account", self.account)):
            rows = {"id": np.arange(len(numbers) - 1, dtype=np.int32), "zone": numbers[:-1]}
            store.con.register("zone_rows", rows)
            create_temporary(
                store, f"zone_of_{side}", exp.select("id", "zone").from_("zone_rows", copy=False)
            )
            store.con.unregister("zone_rows")
