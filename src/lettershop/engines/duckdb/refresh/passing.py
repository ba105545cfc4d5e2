"""Rows that entered windows and rows that left them, for every metric that follows a table."""

from collections import defaultdict

import numpy as np

from lettershop.engines.duckdb.refresh.batch import Batch, joined
from lettershop.engines.duckdb.refresh.feed import Feed, Wish, limits
from lettershop.engines.duckdb.refresh.interests import window_of
from lettershop.engines.duckdb.refresh.recall import Recall
from lettershop.engines.duckdb.refresh.stamps import CODE
from lettershop.engines.duckdb.refresh.strands import Lines
from lettershop.engines.duckdb.refresh.sums import Passage, TooLarge, apply, passage
from lettershop.engines.duckdb.refresh.tally import Account
from lettershop.engines.duckdb.refresh.work import Work, ids
from lettershop.language.tree import Window
from lettershop.planning.flow.flips import Flips, merged
from lettershop.planning.frame import Ints
from lettershop.planning.metrics import AnyMetric, EventMetric, Grain
from lettershop.planning.windows import Bounds


class Passing:
    """Feed after feed, then `settle` once."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.accounts: dict[AnyMetric, Account] = {}
        self.counted: dict[AnyMetric, list[Flips]] = defaultdict(list)
        self.recalled: dict[AnyMetric, list[Flips]] = defaultdict(list)
        self._windows: dict[Window | None, tuple[Bounds, Bounds]] = {}

    def feed(self, feed: Feed, new: Batch | None) -> None:
        """Rows that entered and left, for every metric that follows this table."""
        con, clocks = self.work.store.con, self.work.clocks
        passed: dict[object, list[Batch]] = defaultdict(list)
        for edge in feed.edges:
            rows = edge.passed(con, clocks.since, clocks.at, self.work.mark.seq, self.work.end.seq)
            if rows is not None:
                passed[edge.window].append(rows)
            if new is not None:
                edge.late(new, self.work.end.seq)
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
        moved = passage(self._limits(feed, wish), wish, new, old, self.work.clocks)
        if not len(moved.entered) and not len(moved.left):
            return
        metric, grain = wish.interest.metric, wish.interest.grain
        slots_at = self.work.warm.pairs.slots_at
        if metric in self.work.warm.tallies:
            self._count(wish, moved)
            return
        if metric in self.work.warm.recalls:
            self._remember(wish, moved.entered)
        found = []
        for rows, times, cause in (
            (moved.entered, moved.entered_at, self._why(moved.entered)),
            (moved.left, moved.left_at, self._why(moved.left)),
        ):
            slots = rows.slots(grain, slots_at)
            found.append(Flips.loose(slots, times, cause))
        match wish.interest.way:
            case "add" | "edge" if isinstance(metric, EventMetric):
                try:
                    apply(metric, self.work.warm.held.column(metric), wish, moved, slots_at)
                except TooLarge:
                    self.work.warm.ways[metric] = "whole"
                self.work.changed[metric] += found
            case "recall":
                self.recalled[metric] += found
            case _:
                self.work.watched[metric] += found

    def _limits(self, feed: Feed, wish: Wish) -> tuple[Bounds, Bounds]:
        """Where rows of the wish counted, and where they count now."""
        window = wish.interest.window
        if window not in self._windows:
            before, after = (limits(window, at, feed.zone) for at in self.work.clocks)
            self._windows[window] = before, after
        return self._windows[window]

    def _count(self, wish: Wish, moved: Passage) -> None:
        """Note the values of rows that entered and left."""
        tally = self.work.warm.tallies[wish.interest.metric]
        account = self.accounts.setdefault(tally.metric, Account(tally))
        for rows, times, sign, cause in (
            (moved.entered, moved.entered_at, 1, self._why(moved.entered)),
            (moved.left, moved.left_at, -1, self._why(moved.left)),
        ):
            slots = rows.slots(wish.interest.grain, self.work.warm.pairs.slots_at)
            # Rows of those that are counted anew may have been counted for somebody else.
            there = (slots >= 0) & ~np.isin(slots, self._again(wish.interest.grain))
            if wish.value is not None:
                there &= ~np.ma.getmaskarray(rows.values[wish.value])
            some = rows.of(there)
            codes = tally.code(some, wish.value, slots[there], self.work.warm.held)
            account.note(slots[there], codes, sign)
            found = Flips.loose(slots[there], times[there], cause[there])
            self.counted[tally.metric].append(found)

    def _remember(self, wish: Wish, entered: Batch) -> None:
        """Rows that metrics are worked out from. Of those touched all are read again later on."""
        recall = self.work.warm.recalls[wish.interest.metric]
        slots = entered.slots(wish.interest.grain, self.work.warm.pairs.slots_at)
        there, values = slots >= 0, np.zeros(len(slots), np.int64)
        if wish.value is not None:
            there &= ~np.ma.getmaskarray(entered.values[wish.value])
            values = np.ma.getdata(entered.values[wish.value])
        rows = Lines(slots[there], entered.ts[there], values[there])
        recall.strands[wish.interest.part].add(rows)

    def _why(self, rows: Batch) -> Ints:
        """New rows are news; the clock brings the others in and out."""
        return np.where(rows.seq >= self.work.mark.seq, CODE["event"], CODE["time"])

    def settle(self) -> None:
        """Put what entered and left into the counters; count those anew whose rows changed."""
        for metric, account in self.accounts.items():
            self._counted(metric, account.settle(), merged(self.counted[metric]))
        for metric, tally in self.work.warm.tallies.items():
            coming = merged(self.work.watched.pop(metric, []))
            own = self._again(tally.metric.grain)
            again = ids([own, coming.slots])
            again = again[again < len(tally.counter.value) - 1]
            if len(again):
                zones = self.work.warm.zones
                slots = tally.again(self.work.store, self.work.context({}), zones, again)
                others = Flips.of(own, self.work.clocks.at, self._otherwise())
                self._counted(metric, slots, merged([coming, others]))
        for metric, recall in self.work.warm.recalls.items():
            self._recall(metric, recall)

    def _recall(self, metric: AnyMetric, recall: Recall) -> None:
        """Work out what the rows say of those whose rows are not what they were."""
        work, at = self.work, self.work.clocks.at
        coming = merged(work.watched.pop(metric, []))
        own = work.touched["account" if recall.metric.grain == "account" else "contact"]
        again = ids([own, coming.slots])
        again = again[again < recall.size - 1]
        window = limits(window_of(metric), at, work.settings.timezone)
        if len(again):
            recall.again(work.store, work.context({}), again)
        why = merged([*self.recalled[metric], coming])
        slots = ids([again, why.slots])
        if not len(slots):
            return
        part = recall.part(slots, window)
        if part is None:
            rest = Flips.of(own, at, CODE["merge"])
            work.watched[metric] = [merged([why, rest.where(~np.isin(own, why.slots))])]
            return
        found = work.warm.held.put(metric, part, why, (at, self._otherwise()))
        work.changed[metric].append(found)

    def _otherwise(self) -> int:
        """Why rows are read again, of those of whom no row tells."""
        return CODE["merge" if any(map(len, self.work.touched.values())) else "trait"]

    def _counted(self, metric: AnyMetric, slots: Ints, why: Flips) -> None:
        column = self.work.warm.held.column(metric)
        column.known[slots] = column.value[slots] > 0
        self.work.changed[metric].append(why.where(np.isin(why.slots, slots)))

    def _again(self, grain: Grain) -> Ints:
        return self.work.again(grain)
