"""Fields and records that were written, and facts that come into sight: who is to be looked at."""

import numpy as np

from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.refresh.batch import slots_for
from lettershop.engines.duckdb.refresh.stamps import CODE
from lettershop.engines.duckdb.refresh.work import Work
from lettershop.planning.flow.flips import Flips, merged
from lettershop.planning.frame import Ints
from lettershop.planning.metrics import (
    FieldExtreme,
    FieldHeld,
    FieldTest,
    FieldThen,
    FieldValue,
    RecordMetric,
    SegmentTime,
)
from lettershop.planning.windows import back, bounds


class Watching:
    def __init__(self, work: Work) -> None:
        self.work = work

    def writes(self) -> None:
        """Metrics over fields and records look again at those that were written."""
        what, coming = self.work.what, self.work.coming
        pairs, _ = self.work.warm.pairs.pairs_of("contact", self.work.joined)
        again = Flips.of(pairs, self.work.clocks.at, CODE["trait"])
        writes = {
            scope: [*what.writes.get(scope, ()), *coming.writes.get(scope, ())]
            for scope in ("contact", "account")
        }
        for metric in self.work.warm.metrics:
            match metric:
                case FieldTest(scope="membership") | FieldValue(scope="membership"):
                    self.work.watched[metric].append(again)
                case FieldTest() | FieldValue() | FieldThen() | FieldHeld() | FieldExtreme():
                    for write in writes.get(metric.scope, ()):
                        if write.key == _key(metric):
                            found = Flips.of(write.subjects, write.latest, CODE["trait"])
                            self.work.watched[metric].append(found)
                case RecordMetric(kind=kind):
                    for source in (what.records, coming.records):
                        if kind in source:
                            ids = source[kind][0 if metric.grain == "contact" else 1]
                            found = Flips.of(ids, self.work.clocks.at, CODE["trait"])
                            self.work.watched[metric].append(found)
                case _:
                    pass
        for name, (contacts, accounts) in coming.events.items():
            for wish in self.work.warm.feeds[name].wishes if name in self.work.warm.feeds else ():
                slots = slots_for(
                    wish.interest.grain, contacts, accounts, self.work.warm.pairs.slots_at
                )
                found = Flips.of(slots[slots >= 0], self.work.clocks.at, CODE["event"])
                self.work.watched[wish.interest.metric].append(found)

    def recorded(self) -> None:
        """Who entered or left a segment that is asked about, as the last refreshes recorded it."""
        first, end = self.work.mark.transitions, self.work.end.transitions
        if first == end:
            return
        for metric in self.work.warm.metrics:
            if not isinstance(metric, SegmentTime):
                continue
            rows = self.work.store.con.execute(
                "SELECT subject, effective_at, cause FROM transitions"
                " WHERE id >= $first AND id < $end AND segment = $segment",
                {"first": first, "end": end, "segment": metric.segment},
            ).fetchall()
            subjects = np.array([row[0] for row in rows], np.int64)
            times = np.array([row[1] for row in rows], np.int64)
            causes = np.array([CODE[row[2]] for row in rows], np.int64)
            if metric.grain == "pair":
                subjects = self._slots(subjects)
            self.work.watched[metric].append(merged([Flips.loose(subjects, times, causes)]))

    def _slots(self, people: Ints) -> Ints:
        """Of each membership its slot, -1 where there is none any more."""
        given = self.work.warm.frame.pair_id
        place = np.full(max(int(given.max(initial=-1)), int(people.max(initial=-1))) + 1, -1)
        real = np.flatnonzero(given >= 0)
        place[given[real]] = real
        return place[people]

    def moments(self) -> None:
        """Fields as they were some time ago: writes of that time pass with the clock."""
        for metric in self.work.warm.metrics:
            match metric:
                case FieldThen() | FieldHeld():
                    limits = [self._back(metric, at) for at in self.work.clocks]
                case FieldExtreme() if self.work.warm.ways[metric] != "zoned":
                    zone = self.work.settings.timezone
                    limits = [bounds(metric.window, at, zone, zone).lo for at in self.work.clocks]
                case _:
                    continue
            subjects = self._written_between(metric.scope, _key(metric), *limits)
            if len(subjects):
                self.work.watched[metric].append(
                    Flips.of(subjects, self.work.clocks.at, CODE["time"])
                )

    def _back(self, metric: FieldThen | FieldHeld, at: int) -> int:
        return back(metric.duration, at, self.work.settings.timezone)

    def _written_between(self, scope: str, key: str, after: int, until: int) -> Ints:
        if scope == "membership" or until <= after:
            return np.zeros(0, np.int64)
        rows = self.work.store.con.execute(
            sql(
                "SELECT DISTINCT subject FROM {h} WHERE ts >= $after AND ts <= $until"
                " AND key = $key",
                h=f"{scope}_history",
            ),
            {"after": after, "until": until, "key": key},
        ).fetchall()
        return np.array([row[0] for row in rows], np.int64)


def _key(metric: FieldTest | FieldValue | FieldThen | FieldHeld | FieldExtreme) -> str:
    return metric.test.field if isinstance(metric, FieldTest | FieldHeld) else metric.field
