"""The audience and what contacts, accounts and memberships say of it, as temporary tables.

Everything is read once, for all, when a `Source` is opened; its chunks are stretches of these
tables. So all chunks show one state of the facts, and nobody is asked for one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, Final

import duckdb
import numpy as np

from lettershop.content.audience import Audience
from lettershop.content.template import Records, Template
from lettershop.content.values.cells import Array, selected
from lettershop.content.values.wanted import Wanted
from lettershop.engines.dense.snapshot import current_tables
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.partial import only_these
from lettershop.engines.duckdb.run import define_functions
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import FieldInfo
from lettershop.planning.metrics import AnyMetric, FieldScope, FieldValue, RecordMetric

_NUMBERS: Final = count(1)
_ALIAS: Final[Mapping[FieldScope, str]] = {"contact": "c", "account": "a", "membership": "p"}

Sides = Mapping[FieldScope, Sequence[FieldInfo]]


class Tables:
    """The temporary tables of one source; `drop` them in the end.

    `recipients`: place, contact, account (-1 for none). `current`: as in engines/duckdb/snapshot,
    of the audience's subjects at its moment."""

    def __init__(self, store: Store, template: Template, asked: Wanted, audience: Audience) -> None:
        self.store, self.as_of = store, audience.as_of
        self._prefix = f"letters_{next(_NUMBERS)}"
        self._made: list[str] = []
        define_functions(store)
        accounts = np.unique(audience.accounts[audience.accounts >= 0]).astype(np.int64)
        only_these(store, np.unique(audience.contacts).astype(np.int64), accounts)
        self.recipients = self._recipients(audience)
        kinds = {
            source.kind
            for name, source in template.data.items()
            if name in asked.data and isinstance(source, Records)
        }
        self.sides = _sides(store, asked)
        self.current = self._current(kinds)

    def _recipients(self, audience: Audience) -> str:
        rows = {
            "place": np.arange(len(audience), dtype=np.int64),
            "contact": audience.contacts.astype(np.int64),
            "account": audience.accounts.astype(np.int64),
        }
        self.store.con.register("letters_rows", rows)
        try:
            return self.make("recipients", Sql("SELECT place, contact, account FROM letters_rows"))
        finally:
            self.store.con.unregister("letters_rows")

    def _current(self, kinds: Iterable[str]) -> dict[str, str]:
        metrics: list[AnyMetric] = [RecordMetric("account", k, None, "count") for k in kinds]
        for scope in ("contact", "account"):
            metrics += [FieldValue(scope, info.name) for info in self.sides[scope]]
        catalog, settings = self.store.catalog(), self.store.settings
        return current_tables(
            self.store, catalog, metrics, self.as_of, settings.timezone_field, only=True
        )

    def make(self, name: str, rows: Sql) -> str:
        """A table of these rows, by its full name."""
        full = f"{self._prefix}_{name}"
        self.store.con.execute(sql("CREATE OR REPLACE TEMP TABLE {t} AS {rows}", t=full, rows=rows))
        self._made.append(full)
        return full

    def traits(self) -> str:
        """One row per recipient: place, n (0), contact, account, identity, then `c0` …, `a0` …,
        `p0` …: the fields of `sides` in order."""
        columns = [
            sql("{value} AS {name}", value=selected(i.column, i.type, alias), name=f"{alias}{n}")
            for scope, alias in _ALIAS.items()
            for n, i in enumerate(self.sides[scope])
        ]
        first = [Sql(c) for c in ("r.place", "0 AS n", "r.contact", "r.account", "c.identity")]
        return self.make(
            "traits",
            sql(
                "SELECT {columns} FROM {recipients} r LEFT JOIN {contact} c ON c.id = r.contact"
                " LEFT JOIN {account} a ON a.id = r.account"
                " LEFT JOIN {people} p ON p.contact = r.contact AND p.account = r.account"
                " AND p.active ORDER BY r.place",
                columns=[*first, *columns],
                recipients=self.recipients,
                contact=self.current["contact"],
                account=self.current["account"],
                people=self.current["membership"],
            ),
        )

    def stretch(self, table: str, start: int, end: int) -> dict[str, Array]:
        """The rows of the places start <= place < end as columns, by place and n."""
        con = self.store.con
        con.execute(
            sql(
                "SELECT * FROM {t} WHERE place >= $start AND place < $end ORDER BY place, n",
                t=table,
            ),
            {"start": start, "end": end},
        )
        found: dict[str, Any] = con.fetchnumpy()
        return found

    def drop(self) -> None:
        """Forget all tables; safe to repeat."""
        with suppress(duckdb.TransactionException):  # one that failed takes the tables with it
            while self._made:
                self.store.con.execute(sql("DROP TABLE IF EXISTS {t}", t=self._made.pop()))


def _sides(store: Store, asked: Wanted) -> Sides:
    """The different fields to read of contacts, accounts and memberships: those that letters read,
    and those that say the address, the language, the zone and the owner."""
    catalog, settings = store.catalog(), store.settings
    both = (settings.language_field, settings.timezone_field, settings.owner_field)
    contact = [catalog.contact.get(name) for name in ("email", *both)]
    account = [catalog.account.get(name) for name in both]
    contact += [leaf.info for leaf in asked.contact] + [ours for ours, _ in asked.bare.values()]
    account += [leaf.info for leaf in asked.account] + [theirs for _, theirs in asked.bare.values()]
    membership = [leaf.info for leaf in asked.membership]
    return {
        "contact": _different(contact),
        "account": _different(account),
        "membership": _different(membership),
    }


def _different(infos: Iterable[FieldInfo | None]) -> tuple[FieldInfo, ...]:
    return tuple({info.column: info for info in infos if info is not None}.values())
