"""Any metric for a few subjects: the ordinary queries, each restricted to them.

The subjects stand in temporary tables, which every query joins (`sources.only`): only_contact(id),
only_account(id), and only_pair(id, contact, account), the rows of `people` of either.
Answers are as long as the subjects are many; nothing here is as long as the frame.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from lettershop.engines.dense.asking import filled
from lettershop.engines.dense.columns import default, lay
from lettershop.engines.dense.snapshot import current_tables
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.gather import gather
from lettershop.engines.duckdb.store import Store
from lettershop.planning.frame import Bits, Column, Frame, Ints
from lettershop.planning.metrics import AnyMetric, Grain, grain_of
from lettershop.planning.queries import queries
from lettershop.planning.query import Query
from lettershop.planning.sources import Context

PairSlots = Callable[[Ints, Ints], Ints]
"""(contacts, accounts) of pairs -> their slots in the frame, -1 where there is none; account -1
asks for the slot of a contact without an account."""


class Part(NamedTuple):
    """Some slots of a column, ascending, each once."""

    slots: Ints
    value: Ints
    known: Bits


class ZoneNumbers(Protocol):
    """The zone of every contact and account (`frame.ZoneTable`): an index into `names`."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def contact(self) -> npt.NDArray[np.int16]: ...
    @property
    def account(self) -> npt.NDArray[np.int16]: ...


def partial(
    store: Store,
    frame: Frame,
    zones: ZoneNumbers | None,
    metrics: Mapping[AnyMetric, Iterable[str]],
    context: Context,
    contacts: Ints,
    accounts: Ints,
    pair_slots: PairSlots | None = None,
) -> dict[AnyMetric, Part]:
    """What the full columns say of these contacts, these accounts and all pairs of either.

    The snapshot and the restriction are made here; `context` says the rest. `pair_slots`: a quick
    way to the slots of pairs; without it all pairs of the frame are looked through once.
    """
    only_these(store, contacts, accounts)
    publish_zones(store, zones)
    field = context.settings.timezone_field
    current = current_tables(store, context.catalog, metrics, context.as_of, field, only=True)
    context = context._replace(current=current, only=True)
    places = _Places(store, frame, contacts, accounts, pair_slots)
    found = {metric: _empty(metric, len(places.slots(grain_of(metric)))) for metric in metrics}
    asked = queries(metrics, context)
    gather(store, asked, {info.table for info in context.catalog.events.values()})
    for query in asked:
        _run(store, query, places, found)
    return {m: Part(places.slots(grain_of(m)), c.value, c.known) for m, c in found.items()}


def only_these(store: Store, contacts: Ints, accounts: Ints) -> None:
    """Make the tables of the subjects that queries `only` speak of."""
    for name, ids in (("only_contact", contacts), ("only_account", accounts)):
        _make(store, name, sql("SELECT DISTINCT id FROM only_rows"), {"id": ids.astype(np.int64)})
    store.con.execute(
        "CREATE OR REPLACE TEMP TABLE only_pair AS"
        " SELECT id, contact, account FROM people WHERE contact IN (SELECT id FROM only_contact)"
        " UNION SELECT id, contact, account FROM people"
        " WHERE account IN (SELECT id FROM only_account)"
    )


def _make(store: Store, name: str, rows: Sql, columns: Mapping[str, Ints]) -> None:
    store.con.register("only_rows", dict(columns))
    try:
        store.con.execute(sql("CREATE OR REPLACE TEMP TABLE {t} AS {rows}", t=name, rows=rows))
    finally:
        store.con.unregister("only_rows")


def publish_zones(store: Store, zones: ZoneNumbers | None) -> None:
    """The zones of the subjects and of those they share a pair with, where there are several."""
    if zones is None or len(zones.names) <= 1:
        return
    for side, numbers in (("contact", zones.contact), ("account", zones.account)):
        asked = sql(
            "SELECT id FROM {few} UNION SELECT {side} AS id FROM only_pair",
            few=f"only_{side}",
            side=side,
        )
        ids = _ids(store, asked)["id"]
        ids = ids[ids < len(numbers) - 1]
        rows = {"id": ids, "zone": numbers[ids].astype(np.int64)}
        _make(store, f"only_zone_of_{side}", sql("SELECT id, zone FROM only_rows"), rows)


def _ids(store: Store, asked: Sql) -> dict[str, Ints]:
    """Columns of ids, none missing."""
    rows: dict[str, Any] = store.con.execute(asked).fetchnumpy()
    return {name: np.ma.getdata(values).astype(np.int64) for name, values in rows.items()}


def _empty(metric: AnyMetric, size: int) -> Column:
    return Column(np.full(size, default(metric), np.int64), np.zeros(size, np.bool_))


def _run(store: Store, query: Query, places: "_Places", found: Mapping[AnyMetric, Column]) -> None:
    rows = store.fetch(query.sql)
    keys = [filled(rows[key], 0).astype(np.int64) for key in query.keys]
    at, kept = places.of(keys, query.keys)
    for output in query.outputs:
        lay(found[output.metric], output, rows[output.column], at, kept)


class _Index(NamedTuple):
    """Where a key stands: `keys` ascending, `places` beside them."""

    keys: Ints
    places: Ints

    @classmethod
    def over(cls, keys: Ints, places: Ints) -> "_Index":
        order = np.argsort(keys)
        return cls(keys[order], places[order])

    def find(self, wanted: Ints) -> tuple[Ints, Bits]:
        if not len(self.keys):
            return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return self.places[at], self.keys[at] == wanted


class _Places:
    """The slots of the few subjects in the frame, and where the rows of queries belong in them."""

    def __init__(
        self,
        store: Store,
        frame: Frame,
        contacts: Ints,
        accounts: Ints,
        pair_slots: PairSlots | None,
    ) -> None:
        sides: list[tuple[Grain, Ints]] = [("contact", contacts), ("account", accounts)]
        self._slots: dict[Grain, Ints] = {}
        for grain, ids in sides:
            known = np.unique(ids.astype(np.int64))
            self._slots[grain] = known[(known >= 0) & (known < frame.size(grain) - 1)]
        pairs = (
            _pairs_of(frame, self._slots["contact"], self._slots["account"])
            if pair_slots is None
            else _pairs_by(store, self._slots["contact"], pair_slots)
        )
        self._slots["pair"] = pairs
        self._width = frame.size("account")
        real = np.flatnonzero(frame.pair_account[pairs] >= 0)
        slots = pairs[real]
        contact = frame.pair_contact[slots].astype(np.int64)
        self._by_key = _Index.over(contact * self._width + frame.pair_account[slots], real)
        self._by_id = _Index.over(frame.pair_id[slots].astype(np.int64), real)

    def slots(self, grain: Grain) -> Ints:
        return self._slots[grain]

    def of(self, keys: Sequence[Ints], names: tuple[str, ...]) -> tuple[Ints, Bits]:
        """For each row its place among the slots of the grain, and whether it has one."""
        match names:
            case ("contact",) | ("account",):
                slots = self._slots[names[0]]  # type: ignore[index]
                return _Index(slots, np.arange(len(slots))).find(keys[0])
            case ("people",):
                return self._by_id.find(keys[0])
            case _:
                return self._by_key.find(keys[0] * self._width + keys[1])


def _pairs_of(frame: Frame, contacts: Ints, accounts: Ints) -> Ints:
    """The pairs of the contacts and of the accounts, by looking at all of them."""
    of_contact = np.zeros(frame.size("contact"), np.bool_)
    of_contact[contacts] = True
    of_account = np.zeros(frame.size("account"), np.bool_)
    of_account[accounts] = True
    return np.flatnonzero(of_contact[frame.pair_contact] | of_account[frame.pair_account])


def _pairs_by(store: Store, contacts: Ints, pair_slots: PairSlots) -> Ints:
    rows = _ids(store, Sql("SELECT contact, account FROM only_pair"))
    contact = np.concatenate([rows["contact"], contacts])
    account = np.concatenate([rows["account"], np.full(len(contacts), -1, np.int64)])
    slots = np.unique(pair_slots(contact, account))
    return slots[slots >= 0]
