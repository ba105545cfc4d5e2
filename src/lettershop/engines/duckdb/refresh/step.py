"""One step: what was stored since the last one, and what the clock did, brought to the members.

work       what the parts share              hearsay    when and why, for those who are new or gone
sides      who there is                      rezoned    who is in another time zone
                                             passing    rows in and out of windows
watching   who is to be looked at again      asking     metrics asked again, of a few or of all
"""

from collections.abc import Mapping

import numpy as np
from msgspec.structs import replace

from lettershop.engines.duckdb.changes import Mark, becoming_visible, changes
from lettershop.engines.duckdb.refresh.adjust import survivors
from lettershop.engines.duckdb.refresh.asking import Asking
from lettershop.engines.duckdb.refresh.batch import Batch
from lettershop.engines.duckdb.refresh.hearsay import Hearsay
from lettershop.engines.duckdb.refresh.passing import Passing
from lettershop.engines.duckdb.refresh.rezoned import rezone
from lettershop.engines.duckdb.refresh.sides import Affected, Moved
from lettershop.engines.duckdb.refresh.stamps import CODE
from lettershop.engines.duckdb.refresh.warm import Warm
from lettershop.engines.duckdb.refresh.watching import Watching
from lettershop.engines.duckdb.refresh.work import Cold, Work, ids
from lettershop.engines.duckdb.run import define_functions
from lettershop.engines.duckdb.store import Store
from lettershop.model.settings import Settings
from lettershop.planning.flow.flips import Flips, merged
from lettershop.planning.flow.flow import Step as FlowStep
from lettershop.planning.flow.nodes import Members
from lettershop.planning.frame import Ints
from lettershop.planning.ground import Leaves
from lettershop.planning.metrics import AnyMetric, EventMetric, Grain

MOST_ROWS = 1_000_000
MOST_SHARE = 0.15
"""With more new rows, or with more touched subjects, everything is evaluated: that is cheaper."""


def step(warm: Warm, store: Store, settings: Settings, mark: Mark, end: Mark) -> list[Members]:
    """Brings everything up to date; the segments whose members changed. Raises Cold and Full."""
    define_functions(store)
    seen = changes(store, mark, end.as_of, end), becoming_visible(store, mark, end.as_of)
    warm.frame = warm.frame._replace(as_of=end.as_of)
    warm.pairs.frame = warm.sides.frame = warm.held.frame = warm.frame
    return _Stepping(Work(warm, store, settings, (mark, end), seen)).run()


class _Stepping:
    def __init__(self, work: Work) -> None:
        self.work, self.hearsay = work, Hearsay(work)

    def run(self) -> list[Members]:
        work = self.work
        batches = self._new_rows()
        moved = self._settle(batches)
        if any(len(subjects) for subjects in work.touched.values()):
            for feed in work.warm.feeds.values():
                feed.forget()
        passing, watching, asking = Passing(work), Watching(work), Asking(work)
        for name, feed in work.warm.feeds.items():
            passing.feed(feed, batches.get(name))
        watching.writes()
        watching.recorded()
        watching.moments()
        passing.settle()
        asking.few(moved.pairs)
        asking.whole()
        return self._flow(moved)

    def _new_rows(self) -> dict[str, Batch]:
        """Per event name its new rows."""
        found = {}
        for name, feed in self.work.warm.feeds.items():
            if self.work.catalog.events[name].rows > self.work.warm.rows.get(name, 0):
                found[name] = feed.new(self.work.store.con, self.work.mark.seq)
                self.work.warm.rows[name] = self.work.catalog.events[name].rows
        if sum(map(len, found.values())) > MOST_ROWS:
            raise Cold("many new events")
        return found

    def _settle(self, batches: Mapping[str, Batch]) -> Moved:
        """Who there is now."""
        sides, what, coming = self.work.warm.sides, self.work.what, self.work.coming
        contacts = [what.contacts, coming.contacts, sides.born(self.work.store, "contact")]
        accounts = [what.accounts, coming.accounts, sides.born(self.work.store, "account")]
        contacts.append(sides.due("contact", self.work.clocks.since))
        accounts.append(sides.due("account", self.work.clocks.since))
        people = [what.touched_contacts, self._contacts_of(ids([what.pairs, coming.pairs]))]
        affected = Affected(ids(contacts), ids(accounts), ids(people))
        if len(affected.contacts) > MOST_SHARE * len(self.work.warm.frame.contacts.live) + 10_000:
            raise Cold("many subjects")
        self.work.joined = affected.joined[affected.joined < self.work.warm.pairs.nobody]
        self.hearsay.hear(batches.values(), affected.joined)
        moved = sides.settle(self.work.store, self.work.catalog, affected)
        if len(moved.pairs.slots) and self._pins_people():
            raise Cold(
                "pins of memberships"
            )  # they are kept by slot, and a slot is not given twice
        given = self.work.warm.frame.pair_id[moved.pairs.slots]
        self.work.warm.person[moved.pairs.slots[given >= 0]] = given[given >= 0]
        self.work.rezoned = rezone(self.work, moved)
        return moved

    def _pins_people(self) -> bool:
        keeps = self.work.warm.keeps.values()
        return any(keep.pins and keep.definition.subject == "people" for keep in keeps)

    def _contacts_of(self, pairs: Ints) -> Ints:
        if not len(pairs):
            return pairs
        asked = self.work.store.con.execute(
            "SELECT DISTINCT contact FROM people WHERE contact IS NOT NULL"
            " AND id IN (SELECT unnest($pairs::BIGINT[]))",
            {"pairs": pairs.tolist()},
        )
        return np.array([row[0] for row in asked.fetchall()], np.int64)

    def _flow(self, moved: Moved) -> list[Members]:
        warm = self.work.warm
        changed = {metric: merged(flips) for metric, flips in self.work.changed.items()}
        self._know_sums(changed)
        turned = self.hearsay.turned(moved.pairs)
        whose = np.arange(len(turned.slots))
        real = moved.pairs.accounts >= 0
        rezoned = self.hearsay.rezoned()
        fresh: dict[Grain, Flips] = {
            "contact": merged([rezoned["contact"], self.hearsay.of("contact", moved.contacts)]),
            "account": merged([rezoned["account"], self.hearsay.of("account", moved.accounts)]),
            "pair": merged([rezoned["pair"], turned.moved(turned.slots, whose)]),
        }
        step = FlowStep(
            Leaves(warm.frame, warm.held, self.work.catalog),
            self.work.clocks.since,
            changed,
            fresh,
            {
                "contact": turned.moved(moved.pairs.contacts, whose),
                "account": turned.moved(moved.pairs.accounts[real], whose[real]),
            },
            CODE["time"],
            self._heirs(self.work.touched["contact"]),
        )
        return warm.flow.step(step)

    def _heirs(self, contacts: Ints) -> dict[str, Flips]:
        """Who has become one with a member of a static or add-only segment is a member instead."""
        if not len(contacts):
            return {}
        pairs = survivors(self.work.store, contacts)
        found = {}
        for name, keep in self.work.warm.keeps.items():
            definition = keep.definition
            if definition.subject == "contact" and definition.mode != "dynamic":
                heirs = [new for old, new in pairs.items() if old in self.work.warm.members[name]]
                found[name] = Flips.of(heirs, self.work.clocks.at, CODE["merge"])
        return found

    def _know_sums(self, changed: Mapping[AnyMetric, Flips]) -> None:
        """A sum is known where something was added up (see `warm._with_counts`)."""
        for metric, flips in changed.items():
            if isinstance(metric, EventMetric) and metric.function in ("sum", "count", "known"):
                if metric.currency is not None:
                    continue
                counted = replace(metric, function="known") if metric.function == "sum" else metric
                slots = flips.slots
                column = self.work.warm.held.column(metric)
                column.known[slots] = self.work.warm.held.column(counted).value[slots] > 0
