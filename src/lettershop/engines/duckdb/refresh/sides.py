"""Who there is, kept up to date: contacts and accounts of the roomy frame, and their pairs."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from sqlglot import exp

from lettershop.engines.dense.asking import filled
from lettershop.engines.dense.frame import NEVER
from lettershop.engines.dense.snapshot import current_tables
from lettershop.engines.duckdb.partial import only_these
from lettershop.engines.duckdb.refresh.space import Full, Pairs, Turned, Wanted
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import Catalog
from lettershop.planning.frame import Bits, Frame, Ints
from lettershop.planning.sources import among, col, table

SideName = Literal["contact", "account"]
SINCE = {"contact": "identified_since", "account": "known_since"}


class Affected(NamedTuple):
    """Contacts and accounts that something was stored about (dense ids, each once); `joined`:
    contacts whose memberships may be others."""

    contacts: Ints
    accounts: Ints
    joined: Ints


class Moved(NamedTuple):
    """Slots of contacts and accounts that are not what they were, and pairs given or taken."""

    contacts: Ints
    accounts: Ints
    pairs: Turned


class Sides:
    """Reads again those that something was stored about, and those whose time has come."""

    def __init__(self, store: Store, frame: Frame, pairs: Pairs, tables: Mapping[str, str]) -> None:
        self.frame, self.pairs = frame, pairs
        self._named: dict[SideName, Ints] = {}
        self._deleted: dict[SideName, Bits] = {}
        self._next: dict[SideName, int] = {}
        for side in ("contact", "account"):
            rows = _rows(store, side, tables[side], few=False)
            size = frame.size(side)
            named, deleted = np.full(size, NEVER, np.int64), np.zeros(size, np.bool_)
            named[rows["id"]], deleted[rows["id"]] = rows["since"], rows["deleted"]
            self._named[side], self._deleted[side] = named, deleted
            self._next[side] = int(rows["id"].max(initial=-1)) + 1

    def born(self, store: Store, side: SideName) -> Ints:
        """Dense ids that are new. Raises Full when there is no slot for them."""
        wide = {"contact": "contacts", "account": "accounts"}[side]
        sql = exp.select(col("id", "s")).from_(table(wide, "s"), copy=False)
        new = store.fetch(sql.where(col("id", "s") >= self._next[side], copy=False))["id"]
        found: Ints = filled(new, 0).astype(np.int64)
        if len(found):
            self._next[side] = int(found.max()) + 1
        if self._next[side] >= self.frame.size(side):
            raise Full
        return found

    def settle(self, store: Store, catalog: Catalog, affected: Affected) -> Moved:
        """Bring the frame up to date with what is stored about the affected."""
        contacts = accounts = _NOBODY
        if len(affected.contacts) or len(affected.accounts):
            only_these(store, affected.contacts, affected.accounts)
            tables = self._tables(store, catalog)
            contacts, accounts = (self._settle(store, side, tables[side]) for side in _SIDES)
        people = [affected.joined, contacts, self._members_of(store, accounts)]
        joined = np.unique(np.concatenate(people))
        joined = joined[joined < self.pairs.nobody]
        turned = self._pairs(store, catalog, joined) if len(joined) else _NONE
        return Moved(contacts, accounts, turned)

    def due(self, side: SideName, since: int) -> Ints:
        """Those who were known of before, and of whom it was said that they begin now."""
        frame = self.frame
        known = (frame.contacts if side == "contact" else frame.accounts).known_since
        named = self._named[side]
        begin = np.maximum(known, named)
        return np.flatnonzero((begin > since) & (begin <= frame.as_of))

    def _settle(self, store: Store, side: SideName, source: str) -> Ints:
        own = self.frame.contacts if side == "contact" else self.frame.accounts
        rows = _rows(store, side, source, few=True)
        ids = rows["id"]
        before = own.live[ids], own.known_since[ids]
        own.known_since[ids], own.key[ids] = rows["known"], rows["key"]
        self._named[side][ids], self._deleted[side][ids] = rows["since"], rows["deleted"]
        as_of = self.frame.as_of
        live = (rows["known"] <= as_of) & (rows["since"] <= as_of) & ~rows["deleted"]
        own.live[ids] = live
        changed: Ints = ids[(live != before[0]) | (rows["known"] != before[1])]
        return changed

    def _tables(self, store: Store, catalog: Catalog) -> dict[str, str]:
        as_of, field = self.frame.as_of, store.settings.timezone_field
        return current_tables(store, catalog, (), as_of, field, only=True)

    def _members_of(self, store: Store, accounts: Ints) -> Ints:
        """Contacts who are or were people of these accounts."""
        if not len(accounts):
            return accounts
        asked = store.con.execute(
            "SELECT DISTINCT contact FROM people WHERE contact IS NOT NULL"
            " AND account IN (SELECT unnest($accounts::BIGINT[]))",
            {"accounts": accounts.tolist()},
        )
        return np.array([row[0] for row in asked.fetchall()], np.int64)

    def _pairs(self, store: Store, catalog: Catalog, contacts: Ints) -> Turned:
        """Give these contacts the pairs they have now."""
        only_these(store, contacts, np.zeros(0, np.int64))
        source = self._tables(store, catalog)["membership"]
        sql = exp.select(*(col(n, "p") for n in ("id", "contact", "account", "joined")))
        sql = sql.from_(table(source, "p"), copy=False).where(
            col("active", "p"), among(col("contact", "p"), "only_contact"), copy=False
        )
        rows = {name: filled(c, 0).astype(np.int64) for name, c in store.fetch(sql).items()}
        alive = (
            self.frame.contacts.live[rows["contact"]] & self.frame.accounts.live[rows["account"]]
        )
        rows = {name: values[alive] for name, values in rows.items()}
        alone = contacts[self.frame.contacts.live[contacts]]
        alone = alone[~np.isin(alone, rows["contact"])]
        nobody = np.full(len(alone), -1, np.int64)
        wanted = Wanted(
            np.concatenate([rows["contact"], alone]),
            np.concatenate([rows["account"], nobody]),
            np.concatenate([rows["id"], nobody]),
            np.concatenate([rows["joined"], np.zeros(len(alone), np.int64)]),
        )
        return self.pairs.settle(contacts, wanted)


_SIDES: tuple[SideName, SideName] = ("contact", "account")
_NOBODY = np.zeros(0, np.int64)
_NONE = Turned(_NOBODY, _NOBODY, _NOBODY)


def _rows(store: Store, side: SideName, source: str, *, few: bool) -> dict[str, Any]:
    names = {"id": "id", "key": "key", "known": "known_since", "deleted": "deleted"}
    names["since"] = SINCE[side]
    columns = [exp.alias_(col(name, "s"), alias, quoted=True) for alias, name in names.items()]
    sql = exp.select(*columns).from_(table(source, "s"), copy=False)
    if few:
        sql = sql.where(among(col("id", "s"), f"only_{side}"), copy=False)
    rows = store.fetch(sql)
    return {
        "id": filled(rows["id"], 0).astype(np.int64),
        "key": filled(rows["key"], 0).astype(np.uint64),
        "known": filled(rows["known"], NEVER).astype(np.int64),
        "since": filled(rows["since"], NEVER).astype(np.int64),
        "deleted": filled(rows["deleted"], 0).astype(np.bool_),
    }
