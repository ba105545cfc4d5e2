"""Evaluates definitions in full at a moment: plan, snapshot, frame, queries, booleans.

definitions -> plan (metrics) -> queries -> dense columns -> truth -> bitmaps
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap
from sqlglot import exp

from lettershop.engines.duckdb.columns import DuckColumns
from lettershop.engines.duckdb.frame import ZoneTable, build_frame
from lettershop.engines.duckdb.run import define_functions
from lettershop.engines.duckdb.snapshot import current_tables
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog
from lettershop.model.settings import Settings
from lettershop.planning.frame import Bits, Frame
from lettershop.planning.ground import Leaves
from lettershop.planning.order import in_order
from lettershop.planning.plan import Plan, plan
from lettershop.planning.queries import needs_zones
from lettershop.planning.sources import Context, col, table
from lettershop.planning.truth import Adjust, Truth


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
            return _bitmap(self.frame.pair_id[bits])
        return _bitmap(np.flatnonzero(bits))

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


def _bitmap(ids: npt.NDArray[np.signedinteger]) -> BitMap:
    """pyroaring copies an `array` at once, but goes through anything else number by number."""
    return BitMap(array("I", ids.astype(np.uint32).tobytes()))


def evaluate(
    store: Store,
    definitions: Sequence[Definition],
    as_of: int,
    settings: Settings | None = None,
    adjust: Callable[[Frame], Adjust] | None = None,
    recorded_as: Mapping[str, str] | None = None,
) -> Evaluation:
    """Members of every definition at `as_of`; definitions may refer to each other in any order.

    `adjust`: what modes and pins make of the rule, given who there is; `recorded_as`: segments
    whose transitions stand under another name."""
    ready = prepare(store, definitions, as_of, settings, recorded_as=recorded_as)
    columns = DuckColumns(store, ready.frame, ready.zones)
    columns.fill(ready.plan.metrics, ready.context)
    leaves = Leaves(ready.frame, columns, ready.context.catalog)
    truth = Truth(leaves, adjust(ready.frame) if adjust else None, recorded_as)
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
    store: Store,
    definitions: Sequence[Definition],
    as_of: int,
    settings: Settings | None = None,
    widen: Callable[[Frame], Frame] | None = None,
    recorded_as: Mapping[str, str] | None = None,
) -> Prepared:
    """Plans the definitions and makes the snapshot, the frame and the zones they need.

    `widen`: the frame with room to grow (refresh/space.py)."""
    define_functions(store)
    settings = settings or store.settings
    catalog = store.catalog()
    ordered = in_order(definitions)
    planned = plan(ordered, catalog, as_of, settings.timezone, recorded_as)
    tables = current_tables(store, catalog, planned.metrics, as_of, settings.timezone_field)
    frame = build_frame(store, tables, as_of, settings.timezone)
    frame = widen(frame) if widen else frame
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
