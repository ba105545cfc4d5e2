"""Metrics that are asked again: of a few subjects, or of everybody."""

from collections.abc import Iterable, Mapping

import numpy as np

from lettershop.engines.dense.snapshot import current_tables
from lettershop.engines.duckdb.columns import DuckColumns
from lettershop.engines.duckdb.partial import partial
from lettershop.engines.duckdb.refresh.interests import window_of
from lettershop.engines.duckdb.refresh.space import Turned
from lettershop.engines.duckdb.refresh.stamps import CODE
from lettershop.engines.duckdb.refresh.work import Work, ids
from lettershop.planning.flow.flips import Flips, merged
from lettershop.planning.frame import Ints
from lettershop.planning.metrics import AnyMetric, Grain, grain_of
from lettershop.planning.windows import bounds


class Asking:
    def __init__(self, work: Work) -> None:
        self.work = work

    def few(self, turned: Turned) -> None:
        """Ask again for those whose rows changed in ways that cannot be added up."""
        touched = self.work.touched
        contacts = ids([self.work.again("contact"), turned.contacts])
        accounts = self.work.again("account")
        if len(turned.slots):
            pairs = {m: grain_of(m) for m in self.work.warm.metrics}
            self.work.warm.held.clear(turned.slots, "pair", pairs)
        if len(contacts) or len(accounts):
            again = {
                m: names
                for m, names in self.work.warm.metrics.items()
                if self._steps(m) and self.work.warm.ways[m] != "recall"
            }
            self._ask(
                again, contacts, accounts, CODE["merge" if len(touched["contact"]) else "trait"]
            )
        few = {
            m: self.work.warm.metrics[m]
            for m, flips in self.work.watched.items()
            if self._steps(m) and any(len(f.slots) for f in flips)
        }
        if few:
            contacts, accounts = self._subjects(few)
            self._ask(few, contacts, accounts, CODE["trait"])

    def _steps(self, metric: AnyMetric) -> bool:
        return self.work.warm.ways[metric] not in ("whole", "tally")

    def _subjects(self, metrics: Iterable[AnyMetric]) -> tuple[Ints, Ints]:
        """The contacts and accounts that were looked at by these metrics."""
        found: dict[Grain, list[Ints]] = {"contact": [], "account": [], "pair": []}
        for metric in metrics:
            found[grain_of(metric)] += [flips.slots for flips in self.work.watched[metric]]
        contacts = [*found["contact"]]
        contacts += [
            self.work.warm.frame.pair_contact[slots].astype(np.int64) for slots in found["pair"]
        ]
        return ids(contacts), ids(found["account"])

    def _ask(
        self,
        metrics: Mapping[AnyMetric, tuple[str, ...]],
        contacts: Ints,
        accounts: Ints,
        cause: int,
    ) -> None:
        warm = self.work.warm
        parts = partial(
            self.work.store,
            warm.frame,
            warm.zones,
            metrics,
            self.work.context({}),
            contacts,
            accounts,
            warm.pairs.slots_at,
        )
        for metric, part in parts.items():
            why = merged(self.work.watched.get(metric, []))
            found = warm.held.put(metric, part, why, (self.work.clocks.at, cause))
            self.work.changed[metric].append(found)

    def whole(self) -> None:
        """Metrics whose answer may change for reasons no row tells."""
        wanted = {m: n for m, n in self.work.warm.metrics.items() if self._is_asked_whole(m)}
        if not wanted:
            return
        as_of, field = self.work.clocks.at, self.work.settings.timezone_field
        tables = current_tables(self.work.store, self.work.catalog, wanted, as_of, field)
        if self.work.warm.zones is not None and len(self.work.warm.zone_names) > 1:
            self.work.warm.zones.publish(self.work.store)
        columns = DuckColumns(self.work.store, self.work.warm.frame, self.work.warm.zones)
        columns.fill(wanted, self.work.context(tables))
        for metric in wanted:
            slots = self.work.warm.held.replace(metric, columns.column(metric))
            why = merged([*self.work.changed[metric], *self.work.watched.get(metric, [])])
            known = why.where(np.isin(why.slots, slots))
            rest = slots[~np.isin(slots, known.slots)]
            self.work.changed[metric] += [known, Flips.of(rest, as_of, CODE["time"])]

    def _is_asked_whole(self, metric: AnyMetric) -> bool:
        match self.work.warm.ways[metric]:
            case "whole":
                return True
            case "zoned":
                return self._day_begins(metric)
            case _:
                return False

    def _day_begins(self, metric: AnyMetric) -> bool:
        """Whether the window has moved for anybody, other than by its end that is now."""
        window, own = window_of(metric), self.work.settings.timezone
        for zone in self.work.warm.zone_names:
            before, after = (bounds(window, at, zone, own) for at in self.work.clocks)
            ahead = before.hi > self.work.clocks.since and after.hi > self.work.clocks.at
            if before.lo != after.lo or (before.hi != after.hi and not ahead):
                return True
        return False
