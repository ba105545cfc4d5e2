"""When and why somebody is new, gone or otherwise another: by what was last said about them."""

from collections.abc import Iterable

import numpy as np

from lettershop.engines.duckdb.refresh.batch import Batch
from lettershop.engines.duckdb.refresh.sides import SideName
from lettershop.engines.duckdb.refresh.space import Turned
from lettershop.engines.duckdb.refresh.stamps import CODE
from lettershop.engines.duckdb.refresh.work import SIDES, Work
from lettershop.planning.flow.flips import Flips, merged
from lettershop.planning.frame import Ints
from lettershop.planning.metrics import Grain


class Hearsay:
    """`hear` first."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.told: dict[SideName, Flips] = {}

    def hear(self, batches: Iterable[Batch], joined: Ints) -> None:
        """When something was last said of whom, and whether by an event."""
        event, trait, at = CODE["event"], CODE["trait"], self.work.clocks.at
        for place, side in enumerate(SIDES):
            parts = [
                Flips.loose(b.contact if not place else b.account, b.ts, event) for b in batches
            ]
            parts += [Flips.of(pair[place], at, event) for pair in self.work.coming.events.values()]
            for source in (self.work.what, self.work.coming):
                for written in source.writes.get(side, ()):
                    parts.append(Flips.of(written.subjects, written.latest, trait))
            if not place and len(joined):
                parts.append(Flips.of(*self._newly_joined(), trait))
            self.told[side] = merged(parts)

    def _newly_joined(self) -> tuple[Ints, Ints]:
        """Contacts of whom a membership was said, and the time it was said for."""
        rows = self.work.store.con.execute(
            "SELECT contact, max(ts) FROM people_history WHERE rowid >= $first"
            " AND contact IS NOT NULL GROUP BY contact",
            {"first": self.work.mark.histories.get("people_history", 0)},
        ).fetchall()
        found = np.array(rows, np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def of(self, side: SideName, subjects: Ints) -> Flips:
        """Who is new, gone or otherwise another: by what was last said about them."""
        at, told = self.work.clocks.at, self.told[side]
        hit = np.isin(subjects, told.slots)
        place = np.searchsorted(told.slots, subjects[hit])
        times, causes = (
            np.full(len(subjects), at, np.int64),
            np.full(len(subjects), CODE["time"], np.int64),
        )
        times[hit], causes[hit] = np.minimum(told.time[place], at), told.cause[place]
        again = np.isin(subjects, self.work.touched[side])
        times[again], causes[again] = at, CODE["merge"]
        return Flips(subjects, times, causes)

    def rezoned(self) -> dict[Grain, Flips]:
        """Who is in another time zone: what was said of them, or a field of their account."""
        found: dict[SideName, Flips] = {}
        for side in SIDES:
            flips = self.of(side, self.work.rezoned[side])
            silent = flips.cause == CODE["time"]
            found[side] = flips._replace(cause=np.where(silent, CODE["trait"], flips.cause))
        pairs, whose = self.work.warm.pairs.pairs_of("contact", found["contact"].slots)
        pair = found["contact"].moved(pairs, whose)
        return {"contact": found["contact"], "account": found["account"], "pair": pair}

    def turned(self, turned: Turned) -> Flips:
        """Pairs given or taken (the flips of each, in the order of its slots): by what was said of
        the contact, else of the account."""
        contact = self._each("contact", turned.contacts)
        account = self._each("account", turned.accounts)
        silent = contact.cause == CODE["time"]
        return Flips(
            turned.slots,
            np.where(silent, account.time, contact.time),
            np.where(silent, account.cause, contact.cause),
        )

    def _each(self, side: SideName, subjects: Ints) -> Flips:
        different, back = np.unique(subjects, return_inverse=True)
        return Flips(*(values[back] for values in self.of(side, different)))
