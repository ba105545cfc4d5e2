"""One step: what was stored since the last one, and what the clock did, brought to the columns.

changes -> who there is (sides) -> rows in and out (feeds) -> a few subjects anew (partial) -> flow
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from msgspec.structs import replace

from lettershop.engines.duckdb.changes import (
    Appeared,
    Changes,
    Mark,
    becoming_visible,
    changes,
)
from lettershop.engines.duckdb.columns import DuckColumns
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.partial import partial
from lettershop.engines.duckdb.refresh.adjust import survivors
from lettershop.engines.duckdb.refresh.batch import Batch, joined, slots_for
from lettershop.engines.duckdb.refresh.feed import Feed, Wish, limits
from lettershop.engines.duckdb.refresh.interests import window_of
from lettershop.engines.duckdb.refresh.sides import Affected, Moved, SideName
from lettershop.engines.duckdb.refresh.space import Turned
from lettershop.engines.duckdb.refresh.stamps import CODE
from lettershop.engines.duckdb.refresh.sums import Clocks, Passage, TooLarge, apply, passage
from lettershop.engines.duckdb.refresh.tally import Account
from lettershop.engines.duckdb.refresh.warm import Warm
from lettershop.engines.duckdb.snapshot import current_tables
from lettershop.engines.duckdb.store import Store
from lettershop.language.tree import Window
from lettershop.model.settings import Settings
from lettershop.planning.flow.flips import Flips, merged
from lettershop.planning.flow.flow import Step as FlowStep
from lettershop.planning.flow.nodes import Members
from lettershop.planning.frame import Ints
from lettershop.planning.ground import Leaves
from lettershop.planning.metrics import (
    AnyMetric,
    EventMetric,
    FieldExtreme,
    FieldHeld,
    FieldTest,
    FieldThen,
    FieldValue,
    Grain,
    RecordMetric,
    grain_of,
)
from lettershop.planning.sources import Context
from lettershop.planning.windows import Bounds, back, bounds

MOST_ROWS = 1_000_000
MOST_SHARE = 0.15
"""With more new rows, or with more touched subjects, everything is evaluated: that is cheaper."""


class Cold(Exception):
    """This cannot be done in a step, or not more cheaply; says why."""


class Stepping:
    """The work of one step."""

    def __init__(self, warm: Warm, store: Store, settings: Settings, mark: Mark, end: Mark) -> None:
        self.warm, self.store, self.settings = warm, store, settings
        self.mark, self.end = mark, end
        self.clocks = Clocks(mark.as_of, end.as_of)
        self.catalog = store.catalog()
        self.changed: dict[AnyMetric, list[Flips]] = defaultdict(list)
        self.accounts: dict[AnyMetric, Account] = {}
        self.counted: dict[AnyMetric, list[Flips]] = defaultdict(list)
        self.joined: Ints = np.zeros(0, np.int64)
        """Contacts whose memberships may be others."""
        self.touched: dict[Grain, Ints] = {}
        self._windows: dict[Window | None, tuple[Bounds, Bounds]] = {}
        self.told: dict[SideName, Flips] = {}
        self.watched: dict[AnyMetric, list[Flips]] = defaultdict(list)
        warm.frame = warm.frame._replace(as_of=end.as_of)
        warm.pairs.frame = warm.sides.frame = warm.held.frame = warm.frame

    def run(self) -> list[Members]:
        """The segments whose members changed. Raises Cold."""
        what = changes(self.store, self.mark, self.end.as_of)
        coming = becoming_visible(self.store, self.mark, self.end.as_of)
        batches = self._new_rows()
        moved = self._settle(what, coming, batches)
        touched = self._touched(what)
        self.touched = {"contact": touched[0], "account": touched[1]}
        if any(len(ids) for ids in touched):
            for feed in self.warm.feeds.values():
                feed.forget()
        for name, feed in self.warm.feeds.items():
            self._feed(feed, batches.get(name))
        self._watch_writes(what, coming, self.joined)
        self._watch_moments()
        self._settle_counts(touched)
        self._recompute(moved, touched)
        self._ask_whole()
        return self._flow(moved, touched)

    # --- what was stored ------------------------------------------------------------------------

    def _new_rows(self) -> dict[str, Batch]:
        """Per event name its new rows."""
        found = {}
        for name, feed in self.warm.feeds.items():
            if self.catalog.events[name].rows > self.warm.rows.get(name, 0):
                found[name] = feed.new(self.store.con, self.mark.seq)
                self.warm.rows[name] = self.catalog.events[name].rows
        if sum(map(len, found.values())) > MOST_ROWS:
            raise Cold("many new events")
        return found

    def _settle(self, what: Changes, coming: Appeared, batches: Mapping[str, Batch]) -> Moved:
        """Who there is now."""
        sides = self.warm.sides
        contacts = [what.contacts, coming.contacts, sides.born(self.store, "contact")]
        accounts = [what.accounts, coming.accounts, sides.born(self.store, "account")]
        contacts.append(sides.due("contact", self.clocks.since))
        accounts.append(sides.due("account", self.clocks.since))
        people = [what.touched_contacts, self._contacts_of(_ids([what.pairs, coming.pairs]))]
        affected = Affected(_ids(contacts), _ids(accounts), _ids(people))
        if len(affected.contacts) > MOST_SHARE * len(self.warm.frame.contacts.live) + 10_000:
            raise Cold("many subjects")
        self.joined = affected.joined[affected.joined < self.warm.pairs.nobody]
        self._told(what, coming, batches, affected)
        moved = sides.settle(self.store, self.catalog, affected)
        given = self.warm.frame.pair_id[moved.pairs.slots]
        self.warm.person[moved.pairs.slots[given >= 0]] = given[given >= 0]
        self._refuse_other_zones(what, coming, affected)
        return moved

    def _refuse_other_zones(self, what: Changes, coming: Appeared, affected: Affected) -> None:
        """Somebody may be in another zone than before: everything local is to be asked again."""
        if self.warm.zones is None:
            return
        field = self.settings.timezone_field
        written = [w.key for source in (what, coming) for ws in source.writes.values() for w in ws]
        if field in written or (len(self.warm.zone_names) > 1 and len(affected.joined)):
            raise Cold("other time zones")

    def _told(
        self, what: Changes, coming: Appeared, batches: Mapping[str, Batch], affected: Affected
    ) -> None:
        """When something was last said of whom, and whether by an event."""
        event, trait, at = CODE["event"], CODE["trait"], self.clocks.at
        for place, side in enumerate(_SIDES):
            parts = [
                Flips.of(b.contact if not place else b.account, b.ts, event)
                for b in batches.values()
            ]
            parts += [Flips.of(pair[place], at, event) for pair in coming.events.values()]
            for source in (what, coming):
                for written in source.writes.get(side, ()):
                    parts.append(Flips.of(written.subjects, written.latest, trait))
            if not place and len(affected.joined):
                parts.append(Flips.of(*self._newly_joined(), trait))
            self.told[side] = merged(parts)

    def _newly_joined(self) -> tuple[Ints, Ints]:
        """Contacts of whom a membership was said, and the time it was said for."""
        rows = self.store.con.execute(
            "SELECT contact, max(ts) FROM people_history WHERE rowid >= $first"
            " AND contact IS NOT NULL GROUP BY contact",
            {"first": self.mark.histories.get("people_history", 0)},
        ).fetchall()
        found = np.array(rows, np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def _contacts_of(self, pairs: Ints) -> Ints:
        if not len(pairs):
            return pairs
        asked = self.store.con.execute(
            "SELECT DISTINCT contact FROM people WHERE contact IS NOT NULL"
            " AND id IN (SELECT unnest($pairs::BIGINT[]))",
            {"pairs": pairs.tolist()},
        )
        return np.array([row[0] for row in asked.fetchall()], np.int64)

    def _touched(self, what: Changes) -> tuple[Ints, Ints]:
        return _ids([what.touched_contacts]), _ids([what.touched_accounts])

    # --- rows -----------------------------------------------------------------------------------

    def _feed(self, feed: Feed, new: Batch | None) -> None:
        """Rows that entered and left, for every metric that follows this table."""
        con, clocks = self.store.con, self.clocks
        passed: dict[object, list[Batch]] = defaultdict(list)
        for edge in feed.edges:
            rows = edge.passed(con, clocks.since, clocks.at, self.mark.seq, self.end.seq)
            if rows is not None:
                passed[edge.window].append(rows)
            if new is not None:
                edge.late(new, self.end.seq)
        if new is None and not passed:
            return
        for wish in feed.wishes:
            window = wish.interest.window
            old = joined(passed[window]) if window in passed else None
            if new is None and old is None:
                continue
            rows = new if new is not None else old
            if rows is None:
                continue
            come = new if new is not None else rows.of(np.zeros(0, np.int64))
            self._wish(feed, wish, come, old)

    def _wish(self, feed: Feed, wish: Wish, new: Batch, old: Batch | None) -> None:
        moved = passage(self._limits(feed, wish), wish, new, old, self.clocks)
        if not len(moved.entered) and not len(moved.left):
            return
        metric, grain = wish.interest.metric, wish.interest.grain
        slots_at = self.warm.pairs.slots_at
        if metric in self.warm.tallies:
            self._count(wish, moved)
            return
        found = []
        for rows, times, cause in (
            (moved.entered, moved.entered_at, CODE["event"]),
            (moved.left, moved.left_at, CODE["time"]),
        ):
            slots = rows.slots(grain, slots_at)
            found.append(Flips.loose(slots, times, cause))
        match wish.interest.way:
            case "add" | "edge" if isinstance(metric, EventMetric):
                try:
                    apply(metric, self.warm.held.column(metric), wish, moved, slots_at)
                except TooLarge:
                    self.warm.ways[metric] = "whole"
                self.changed[metric] += found
            case _:
                self.watched[metric] += found

    def _limits(self, feed: Feed, wish: Wish) -> tuple[Bounds, Bounds]:
        """Where rows of the wish counted, and where they count now."""
        window = wish.interest.window
        if window not in self._windows:
            before, after = (limits(window, at, feed.zone) for at in self.clocks)
            self._windows[window] = before, after
        return self._windows[window]

    def _count(self, wish: Wish, moved: Passage) -> None:
        """Note the values of rows that entered and left."""
        tally = self.warm.tallies[wish.interest.metric]
        account = self.accounts.setdefault(tally.metric, Account(tally))
        for rows, times, sign, cause in (
            (moved.entered, moved.entered_at, 1, CODE["event"]),
            (moved.left, moved.left_at, -1, CODE["time"]),
        ):
            slots = rows.slots(wish.interest.grain, self.warm.pairs.slots_at)
            # Rows of those that are counted anew may have been counted for somebody else.
            there = (slots >= 0) & ~np.isin(slots, self.touched[wish.interest.grain])
            if wish.value is not None:
                there &= ~np.ma.getmaskarray(rows.values[wish.value])
            some = rows.of(there)
            codes = tally.code(some, wish.value, slots[there], self.warm.held)
            account.note(slots[there], codes, sign)
            self.counted[tally.metric].append(Flips.loose(slots[there], times[there], cause))

    def _settle_counts(self, touched: tuple[Ints, Ints]) -> None:
        """Put what entered and left into the counters; count those anew whose rows changed."""
        for metric, account in self.accounts.items():
            self._counted(metric, account.settle(), merged(self.counted[metric]))
        for metric, tally in self.warm.tallies.items():
            coming = merged(self.watched.pop(metric, []))
            own = touched[1] if tally.metric.grain == "account" else touched[0]
            again = _ids([own, coming.slots])
            again = again[again < len(tally.counter.value) - 1]
            if len(again):
                slots = tally.again(self.store, self._context({}), again)
                merge = Flips.of(own, self.clocks.at, CODE["merge"])
                self._counted(metric, slots, merged([coming, merge]))

    def _counted(self, metric: AnyMetric, slots: Ints, why: Flips) -> None:
        column = self.warm.held.column(metric)
        column.known[slots] = column.value[slots] > 0
        self.changed[metric].append(why.where(np.isin(why.slots, slots)))

    # --- writes ---------------------------------------------------------------------------------

    def _watch_writes(self, what: Changes, coming: Appeared, joined: Ints) -> None:
        """Metrics over fields and records look again at those that were written."""
        pairs, _ = self.warm.pairs.pairs_of("contact", joined)
        again = Flips.of(pairs, self.clocks.at, CODE["trait"])
        writes = {
            scope: [*what.writes.get(scope, ()), *coming.writes.get(scope, ())]
            for scope in ("contact", "account")
        }
        for metric in self.warm.metrics:
            match metric:
                case FieldTest(scope="membership") | FieldValue(scope="membership"):
                    self.watched[metric].append(again)
                case FieldTest() | FieldValue() | FieldThen() | FieldHeld() | FieldExtreme():
                    for write in writes.get(metric.scope, ()):
                        if write.key == _key(metric):
                            found = Flips.of(write.subjects, write.latest, CODE["trait"])
                            self.watched[metric].append(found)
                case RecordMetric(kind=kind):
                    for source in (what.records, coming.records):
                        if kind in source:
                            ids = source[kind][0 if metric.grain == "contact" else 1]
                            found = Flips.of(ids, self.clocks.at, CODE["trait"])
                            self.watched[metric].append(found)
                case _:
                    pass
        for name, (contacts, accounts) in coming.events.items():
            for wish in self.warm.feeds[name].wishes if name in self.warm.feeds else ():
                slots = slots_for(wish.interest.grain, contacts, accounts, self.warm.pairs.slots_at)
                found = Flips.of(slots[slots >= 0], self.clocks.at, CODE["event"])
                self.watched[wish.interest.metric].append(found)

    def _watch_moments(self) -> None:
        """Fields as they were some time ago: writes of that time pass with the clock."""
        for metric in self.warm.metrics:
            match metric:
                case FieldThen() | FieldHeld():
                    limits = [self._back(metric, at) for at in self.clocks]
                case FieldExtreme() if self.warm.ways[metric] != "zoned":
                    zone = self.settings.timezone
                    limits = [bounds(metric.window, at, zone, zone).lo for at in self.clocks]
                case _:
                    continue
            subjects = self._written_between(metric.scope, _key(metric), *limits)
            if len(subjects):
                self.watched[metric].append(Flips.of(subjects, self.clocks.at, CODE["time"]))

    def _back(self, metric: FieldThen | FieldHeld, at: int) -> int:
        return back(metric.duration, at, self.settings.timezone)

    def _written_between(self, scope: str, key: str, after: int, until: int) -> Ints:
        if scope == "membership" or until <= after:
            return np.zeros(0, np.int64)
        rows = self.store.con.execute(
            sql(
                "SELECT DISTINCT subject FROM {h} WHERE ts >= $after AND ts <= $until"
                " AND key = $key",
                h=f"{scope}_history",
            ),
            {"after": after, "until": until, "key": key},
        ).fetchall()
        return np.array([row[0] for row in rows], np.int64)

    # --- a few subjects, and everybody ------------------------------------------------------------

    def _recompute(self, moved: Moved, touched: tuple[Ints, Ints]) -> None:
        """Ask again for those whose rows changed in ways that cannot be added up."""
        turned = moved.pairs
        contacts = np.unique(np.concatenate([touched[0], turned.contacts]))
        accounts = touched[1]
        if len(turned.slots):
            pairs = {m: grain_of(m) for m in self.warm.metrics}
            self.warm.held.clear(turned.slots, "pair", pairs)
        if len(contacts) or len(accounts):
            again = {m: names for m, names in self.warm.metrics.items() if self._steps(m)}
            self._ask(again, contacts, accounts, CODE["merge" if len(touched[0]) else "trait"])
        few = {
            m: self.warm.metrics[m]
            for m, flips in self.watched.items()
            if self._steps(m) and any(len(f.slots) for f in flips)
        }
        if few:
            contacts, accounts = self._subjects(few)
            self._ask(few, contacts, accounts, CODE["trait"])

    def _steps(self, metric: AnyMetric) -> bool:
        return self.warm.ways[metric] not in ("whole", "tally")

    def _subjects(self, metrics: Iterable[AnyMetric]) -> tuple[Ints, Ints]:
        """The contacts and accounts that were looked at by these metrics."""
        found: dict[Grain, list[Ints]] = {"contact": [], "account": [], "pair": []}
        for metric in metrics:
            found[grain_of(metric)] += [flips.slots for flips in self.watched[metric]]
        contacts = [*found["contact"]]
        contacts += [
            self.warm.frame.pair_contact[slots].astype(np.int64) for slots in found["pair"]
        ]
        return _ids(contacts), _ids(found["account"])

    def _ask(
        self,
        metrics: Mapping[AnyMetric, tuple[str, ...]],
        contacts: Ints,
        accounts: Ints,
        cause: int,
    ) -> None:
        warm = self.warm
        parts = partial(
            self.store,
            warm.frame,
            warm.zones,
            metrics,
            self._context({}),
            contacts,
            accounts,
            warm.pairs.slots_at,
        )
        for metric, part in parts.items():
            why = merged(self.watched.get(metric, []))
            found = warm.held.put(metric, part, why, (self.clocks.at, cause))
            self.changed[metric].append(found)

    def _ask_whole(self) -> None:
        """Metrics whose answer may change for reasons no row tells."""
        wanted = {m: n for m, n in self.warm.metrics.items() if self._is_asked_whole(m)}
        if not wanted:
            return
        as_of, field = self.clocks.at, self.settings.timezone_field
        tables = current_tables(self.store, self.catalog, wanted, as_of, field)
        if self.warm.zones is not None and len(self.warm.zone_names) > 1:
            self.warm.zones.publish(self.store)
        columns = DuckColumns(self.store, self.warm.frame, self.warm.zones)
        columns.fill(wanted, self._context(tables))
        for metric in wanted:
            slots = self.warm.held.replace(metric, columns.column(metric))
            why = merged([*self.changed[metric], *self.watched.get(metric, [])])
            known = why.where(np.isin(why.slots, slots))
            rest = slots[~np.isin(slots, known.slots)]
            self.changed[metric] = [known, Flips.of(rest, as_of, CODE["time"])]

    def _is_asked_whole(self, metric: AnyMetric) -> bool:
        match self.warm.ways[metric]:
            case "whole":
                return True
            case "zoned":
                return self._day_begins(metric)
            case _:
                return False

    def _day_begins(self, metric: AnyMetric) -> bool:
        """Whether the window has moved for anybody, other than by its end that is now."""
        window, own = window_of(metric), self.settings.timezone
        for zone in self.warm.zone_names:
            before, after = (bounds(window, at, zone, own) for at in self.clocks)
            ahead = before.hi > self.clocks.since and after.hi > self.clocks.at
            if before.lo != after.lo or (before.hi != after.hi and not ahead):
                return True
        return False

    def _context(self, tables: Mapping[str, str]) -> Context:
        return Context(self.catalog, self.settings, self.clocks.at, self.warm.zone_names, tables)

    # --- truth ----------------------------------------------------------------------------------

    def _flow(self, moved: Moved, touched: tuple[Ints, Ints]) -> list[Members]:
        warm = self.warm
        changed = {metric: merged(flips) for metric, flips in self.changed.items()}
        self._know_sums(changed)
        turned = self._turned(moved.pairs, touched)
        whose = np.arange(len(turned.slots))
        real = moved.pairs.accounts >= 0
        fresh: dict[Grain, Flips] = {
            "contact": self._flips_of("contact", moved.contacts, touched[0]),
            "account": self._flips_of("account", moved.accounts, touched[1]),
            "pair": turned.moved(turned.slots, whose),
        }
        step = FlowStep(
            Leaves(warm.frame, warm.held, self.catalog),
            self.clocks.since,
            changed,
            fresh,
            {
                "contact": turned.moved(moved.pairs.contacts, whose),
                "account": turned.moved(moved.pairs.accounts[real], whose[real]),
            },
            CODE["time"],
            self._heirs(touched[0]),
        )
        return warm.flow.step(step)

    def _flips_of(self, side: SideName, ids: Ints, touched: Ints) -> Flips:
        """Who is new, gone or otherwise another: by what was last said about them."""
        at, told = self.clocks.at, self.told[side]
        hit = np.isin(ids, told.slots)
        place = np.searchsorted(told.slots, ids[hit])
        times, causes = np.full(len(ids), at, np.int64), np.full(len(ids), CODE["time"], np.int64)
        times[hit], causes[hit] = np.minimum(told.time[place], at), told.cause[place]
        again = np.isin(ids, touched)
        times[again], causes[again] = at, CODE["merge"]
        return Flips(ids, times, causes)

    def _turned(self, turned: Turned, touched: tuple[Ints, Ints]) -> Flips:
        """Pairs given or taken (the flips of each, in the order of its slots): by what was said of
        the contact, else of the account."""
        sides = zip(_SIDES, (turned.contacts, turned.accounts), touched, strict=True)
        contact, account = (self._each(side, ids, again) for side, ids, again in sides)
        silent = contact.cause == CODE["time"]
        return Flips(
            turned.slots,
            np.where(silent, account.time, contact.time),
            np.where(silent, account.cause, contact.cause),
        )

    def _each(self, side: SideName, ids: Ints, touched: Ints) -> Flips:
        different, back = np.unique(ids, return_inverse=True)
        return Flips(*(values[back] for values in self._flips_of(side, different, touched)))

    def _heirs(self, contacts: Ints) -> dict[str, Flips]:
        """Who has become one with a member of a static or add-only segment is a member instead."""
        if not len(contacts):
            return {}
        pairs = survivors(self.store, contacts)
        found = {}
        for name, keep in self.warm.keeps.items():
            definition = keep.definition
            if definition.subject == "contact" and definition.mode != "dynamic":
                heirs = [new for old, new in pairs.items() if old in self.warm.members[name]]
                found[name] = Flips.of(heirs, self.clocks.at, CODE["merge"])
        return found

    def _know_sums(self, changed: Mapping[AnyMetric, Flips]) -> None:
        """A sum is known where something was added up (see `warm._with_counts`)."""
        for metric, flips in changed.items():
            if isinstance(metric, EventMetric) and metric.function in ("sum", "count", "known"):
                if metric.currency is not None:
                    continue
                counted = replace(metric, function="known") if metric.function == "sum" else metric
                slots = flips.slots
                column = self.warm.held.column(metric)
                column.known[slots] = self.warm.held.column(counted).value[slots] > 0


_SIDES: tuple[SideName, SideName] = ("contact", "account")


def _key(metric: FieldTest | FieldValue | FieldThen | FieldHeld | FieldExtreme) -> str:
    return metric.test.field if isinstance(metric, FieldTest | FieldHeld) else metric.field


def _ids(parts: Iterable[Ints]) -> Ints:
    """Each once, ascending, without the -1 of nobody."""
    found = np.unique(np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64))
    return found[found >= 0]
