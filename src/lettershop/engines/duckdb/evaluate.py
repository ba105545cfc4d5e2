"""Evaluates definitions in full at a moment: plan, snapshot, frame, queries, booleans.

definitions -> plan (metrics) -> queries -> dense columns -> truth -> bitmaps
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap
from sqlglot import exp

from lettershop.engines.duckdb.binning import Binner
from lettershop.engines.duckdb.frame import ZoneTable, build_frame
from lettershop.engines.duckdb.run import define_functions, fetch, filled
from lettershop.engines.duckdb.snapshot import current_tables
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog
from lettershop.model.settings import Settings
from lettershop.planning.frame import Bits, Column, Frame, Ints, Zones
from lettershop.planning.ground import Leaves
from lettershop.planning.metrics import AnyMetric, EdgeTest, FieldHeld, FieldTest, Grain, grain_of
from lettershop.planning.order import in_order
from lettershop.planning.plan import Plan, plan
from lettershop.planning.predicates import on_missing
from lettershop.planning.queries import needs_zones, queries
from lettershop.planning.query import Combine, Query
from lettershop.planning.readings import readings
from lettershop.planning.sources import Context, col, table
from lettershop.planning.truth import Truth


class Evaluation:
    """The answer to a set of definitions at one moment."""

    def __init__(self, store: Store, truth: Truth, plan: Plan, context: Context) -> None:
        self.store, self.truth, self.plan, self.context = store, truth, plan, context
        self.frame = truth.frame
        self.definitions = {d.name: d for d in plan.definitions}

    def members(self, name: str) -> BitMap:
        """Dense ids of the members: contacts, accounts, or rows of `people`."""
        return self._ids(self.definitions[name].subject, self.truth.results[name].bits)

    def size(self, name: str) -> int:
        return int(self.truth.results[name].bits.sum())

    def universe(self, subject: Subject) -> BitMap:
        """Dense ids of everybody a segment of that subject is drawn from."""
        frame = self.frame
        match subject:
            case "contact":
                return self._ids(subject, frame.contacts.live)
            case "account":
                return self._ids(subject, frame.accounts.live)
            case "people":
                return self._ids(subject, frame.pair_account >= 0)

    def _ids(self, subject: Subject, bits: Bits) -> BitMap:
        if subject == "people":
            return BitMap(self.frame.pair_id[bits].astype(np.uint32))
        return BitMap(np.flatnonzero(bits).astype(np.uint32))

    def subjects(self, name: str) -> set[str] | set[tuple[str, str]]:
        """The members by identity: contact identities, account ids, or (contact, account)."""
        bits = self.truth.results[name].bits
        subject = self.definitions[name].subject
        if subject == "people":
            contacts, accounts = self._identities("contacts"), self._identities("accounts")
            pairs = zip(self.frame.pair_contact[bits], self.frame.pair_account[bits], strict=True)
            return {(contacts[int(c)], accounts[int(a)]) for c, a in pairs}
        identities = self._identities(f"{subject}s")
        return {identities[int(i)] for i in np.flatnonzero(bits)}

    def qualifying(self, name: str) -> dict[str, str]:
        """Of a contact segment that speaks of the account: each member's qualifying account, the
        one joined first among those that make the whole sentence true."""
        mask = self.truth.whole[name]
        if mask.grain == "contact":
            return {}
        contacts, accounts = self._identities("contacts"), self._identities("accounts")
        frame = self.frame
        bits = self.truth.over_pairs(mask) & (frame.pair_account >= 0)
        bits &= self.truth.results[name].bits[frame.pair_contact]
        best: dict[int, tuple[int, str]] = {}
        for pair in np.flatnonzero(bits):
            contact = int(frame.pair_contact[pair])
            rank = (int(frame.pair_joined[pair]), accounts[int(frame.pair_account[pair])])
            best[contact] = min(best.get(contact, rank), rank)
        return {contacts[contact]: rank[1] for contact, rank in best.items()}

    def _identities(self, wide: str) -> dict[int, str]:
        rows = exp.select(col("id", "s"), col("identity", "s")).from_(table(wide, "s"), copy=False)
        return dict(self.store.con.execute(rows.sql("duckdb")).fetchall())


def evaluate(
    store: Store, definitions: Sequence[Definition], as_of: int, settings: Settings | None = None
) -> Evaluation:
    """Members of every definition at `as_of`; definitions may refer to each other in any order."""
    ready = prepare(store, definitions, as_of, settings)
    columns = DuckColumns(store, ready.frame, ready.zones)
    columns.fill(ready.plan.metrics, ready.context)
    truth = Truth(Leaves(ready.frame, columns, ready.context.catalog))
    for definition in ready.plan.definitions:
        truth.evaluate(definition)
    return Evaluation(store, truth, ready.plan, ready.context)


class Prepared(NamedTuple):
    """Everything that stands before the first query over events runs."""

    plan: Plan
    context: Context
    frame: Frame
    zones: ZoneTable | None


def prepare(
    store: Store, definitions: Sequence[Definition], as_of: int, settings: Settings | None = None
) -> Prepared:
    """Plans the definitions and makes the snapshot, the frame and the zones they need."""
    define_functions(store)
    settings = settings or store.settings
    catalog = store.catalog()
    planned = plan(in_order(definitions), catalog, as_of, settings.timezone)
    tables = current_tables(store, catalog, planned.metrics, as_of, settings.timezone_field)
    frame = build_frame(store, tables, as_of, settings.timezone)
    zones = None
    if planned.zoned or needs_zones(planned.metrics):
        zones = ZoneTable(store, tables, frame, _zone_columns(catalog, settings))
    in_use = tuple(zones.names) if zones else (settings.timezone,)
    context = Context(catalog, settings, as_of, in_use, tables)
    return Prepared(planned, context, frame, zones)


def _zone_columns(catalog: Catalog, settings: Settings) -> dict[str, str]:
    sides = {"contact": catalog.contact, "account": catalog.account}
    found = {side: fields.get(settings.timezone_field) for side, fields in sides.items()}
    return {side: info.column for side, info in found.items() if info and info.type == "text"}


class DuckColumns:
    """Dense columns filled by queries; a metric nobody has rows for keeps its default."""

    def __init__(self, store: Store, frame: Frame, zones: ZoneTable | None) -> None:
        self.store, self.frame, self._zones = store, frame, zones
        self._filled: dict[AnyMetric, Column] = {}
        self._pair_keys: tuple[Ints, Ints] | None = None

    def column(self, metric: AnyMetric) -> Column:
        if metric not in self._filled:
            size = self.frame.size(grain_of(metric))
            self._filled[metric] = Column(
                np.full(size, _default(metric), np.int64), np.zeros(size, np.bool_)
            )
        return self._filled[metric]

    def zones(self, grain: Grain) -> Zones:
        if self._zones is None:
            return Zones((self.frame.zone,), np.zeros(self.frame.size(grain), np.int16))
        return self._zones.of(grain)

    def salt(self, name: str) -> int:
        return self.store.salt(name)

    def fill(self, metrics: Mapping[AnyMetric, Iterable[str]], context: Context) -> None:
        """Fills the columns of all the metrics: by readings where possible, else by queries."""
        binner = Binner(self.store, self.frame)
        for reading in readings(metrics, context):
            binner.add(reading)
        self._filled |= dict(binner.columns())
        left = {m: names for m, names in metrics.items() if m not in self._filled}
        for query in queries(left, context):
            self.run(query)

    def run(self, query: Query) -> None:
        """Runs one query and lays its results into the columns of its metrics."""
        rows = fetch(self.store, query.sql)
        slots, kept = self._slots([filled(rows[key], 0) for key in query.keys], query.keys)
        for output in query.outputs:
            values = rows[output.column]
            present = ~np.ma.getmaskarray(values) & kept
            numbers = filled(values, 0)[present].astype(np.int64)
            _lay(self.column(output.metric), slots[present], numbers, output.combine)

    def _slots(
        self, keys: Sequence[npt.NDArray[np.generic]], names: tuple[str, ...]
    ) -> tuple[Ints, Bits]:
        """Where each row belongs, and whether it belongs anywhere."""
        match names:
            case ("contact",) | ("account",):
                slots = keys[0].astype(np.int64)
                return slots, slots < self.frame.size(names[0]) - 1  # type: ignore[arg-type]
            case ("people",):
                place = np.full(int(keys[0].max(initial=-1)) + 2, -1, np.int64)
                real = np.flatnonzero((self.frame.pair_id >= 0) & (self.frame.pair_id < len(place)))
                place[self.frame.pair_id[real]] = real
                slots = place[keys[0].astype(np.int64)]
                return slots, slots >= 0
            case _:
                return self._pair_slots(keys[0].astype(np.int64), keys[1].astype(np.int64))

    def _pair_slots(self, contact: Ints, account: Ints) -> tuple[Ints, Bits]:
        width = self.frame.size("account")
        if self._pair_keys is None:
            own = self.frame.pair_contact.astype(np.int64) * width + self.frame.pair_account
            own[self.frame.pair_account < 0] = -1
            order = np.argsort(own)
            self._pair_keys = own[order], order
        keys, order = self._pair_keys
        wanted = contact * width + account
        at = np.searchsorted(keys, wanted)
        at[at >= len(keys)] = 0
        found = keys[at] == wanted if len(keys) else np.zeros(len(wanted), np.bool_)
        return (order[at] if len(keys) else at), found


def _default(metric: AnyMetric) -> int:
    """The value for a subject without any row: tests are answered as for a missing value."""
    match metric:
        case FieldTest() | FieldHeld() | EdgeTest():
            return int(on_missing(metric.test))
        case _:
            return 0


def _lay(column: Column, slots: Ints, values: Ints, combine: Combine) -> None:
    """Each slot appears at most once per query; parts of several tables come together here."""
    match combine:
        case "set":
            column.value[slots] = values
        case "add":
            column.value[slots] += values
        case "min" | "max":
            pick = np.minimum if combine == "min" else np.maximum
            here = column.value[slots]
            column.value[slots] = np.where(column.known[slots], pick(here, values), values)
    column.known[slots] = True
