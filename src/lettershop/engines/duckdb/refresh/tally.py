"""Different and most frequent values: the counters of a metric, and its values as codes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from lettershop.engines.dense.asking import filled
from lettershop.engines.duckdb.partial import ZoneNumbers, only_these, publish_zones
from lettershop.engines.duckdb.refresh.batch import Batch
from lettershop.engines.duckdb.refresh.codes import Codes
from lettershop.engines.duckdb.refresh.counters import Counter
from lettershop.engines.duckdb.store import Store
from lettershop.planning.dates import local_days
from lettershop.planning.frame import Column, Columns, Ints
from lettershop.planning.metrics import DistinctMetric, SameValueMetric
from lettershop.planning.sources import Context, col, event_rows, micros, property_type

TallyMetric = DistinctMetric | SameValueMetric
COUNTED = ("text", "number", "time", "boolean")
"""Types whose values are counted by code; the others are watched."""


class Tally:
    """Counters of one metric; `codes` may be shared by several."""

    def __init__(self, metric: TallyMetric, size: int, codes: Codes) -> None:
        self.metric, self.codes = metric, codes
        distinct = isinstance(metric, DistinctMetric)
        self.counter = Counter(size, "distinct" if distinct else "same")

    def fill(self, store: Store, context: Context) -> Column:
        """Count everything; the column, which is kept up to date from now on."""
        slots, codes = self._rows(store, context)
        self.counter.fill(slots, codes)
        return Column(self.counter.value, self.counter.value > 0)

    def again(
        self, store: Store, context: Context, zones: ZoneNumbers | None, subjects: Ints
    ) -> Ints:
        """Count these subjects anew; those that have another value now."""
        none = np.zeros(0, np.int64)
        account = self.metric.grain == "account"
        only_these(store, none if account else subjects, subjects if account else none)
        publish_zones(store, zones)
        slots, codes = self._rows(store, context._replace(only=True))
        return self.counter.replace(subjects, slots, codes)

    def code(self, rows: Batch, value: str | None, slots: Ints, columns: Columns) -> Ints:
        """The codes of rows: of their value, or of the local day where there is none."""
        if value is not None:
            return self.codes.of(_plain(rows.values[value]))
        zones = columns.zones(self.metric.grain)
        return local_days(rows.ts, zones.names, zones.number[slots])

    def _rows(self, store: Store, context: Context) -> tuple[Ints, Ints]:
        metric, field = self.metric, self.metric.field or None
        rows = event_rows(metric.rows, metric.grain, context, field, day=field is None)
        if rows is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        kind = property_type(metric.rows, field, context) if field else "time"
        key = col(metric.grain, "s")
        if kind == "text":
            return self._texts(store, rows, key)
        plain = col("v", "s")
        value = micros(plain) if kind == "number" else exp.cast(plain, "bigint")
        sql = exp.select(_named(key, "k"), _named(value, "v")).from_(rows.subquery("s"))
        found = store.fetch(sql)
        return filled(found["k"], 0).astype(np.int64), filled(found["v"], 0).astype(np.int64)

    def _texts(self, store: Store, rows: exp.Query, key: exp.Expr) -> tuple[Ints, Ints]:
        """The few different texts get their codes here, all others by a join."""
        texts = exp.select(_named(col("v", "r"), "v")).from_(rows.copy().subquery("r")).distinct()
        different = _plain(store.fetch(texts)["v"])
        codes = {"v": different, "code": self.codes.of(different)}
        store.con.register("tally_codes", codes)
        try:
            sql = (
                exp.select(_named(key, "k"), _named(col("code", "c"), "v"))
                .from_(rows.subquery("s"))
                .join(exp.to_table("tally_codes").as_("c"), on=col("v", "c").eq(col("v", "s")))
            )
            found = store.fetch(sql)
        finally:
            store.con.unregister("tally_codes")
        return filled(found["k"], 0).astype(np.int64), filled(found["v"], 0).astype(np.int64)


class Account:
    """What happens to a tally during a step, table by table."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._rows: dict[int, list[tuple[Ints, Ints]]] = {1: [], -1: []}

    def note(self, slots: Ints, codes: Ints, sign: int) -> None:
        self._rows[sign].append((slots, codes))

    def settle(self) -> Ints:
        """Everything at once; the slots that have another value now."""
        return self.tally.counter.change(*_one(self._rows[1]), *_one(self._rows[-1]))


def _one(parts: Sequence[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    none = np.zeros(0, np.int64)
    return (
        np.concatenate([none, *(slots for slots, _ in parts)]),
        np.concatenate([none, *(codes for _, codes in parts)]),
    )


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.ma.getdata(values)


def _named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(value, name, quoted=True)
