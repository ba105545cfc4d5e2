"""How often each of many keys occurs: sorted arrays, 12 bytes per key, changed in small portions.

Keys stand in two layers: `base`, and the `recent` ones, few enough that putting some more in
between costs next to nothing. Now and then both become one, and keys that no longer occur go.
"""

import numpy as np
import numpy.typing as npt

from lettershop.planning.frame import Bits, Ints

RECENT = 65_536
"""So many recent or dead keys are carried along at least; more, when there are many keys."""

SHARE = 16
"""One in so many keys may be recent or dead."""

BLOCK = 64
"""Keys from one post of the fence to the next; a power of 2."""

Counts = npt.NDArray[np.int32]


class NeverAdded(AssertionError):
    """Something was taken that was never added: a mistake of the caller's."""


class _Layer:
    """Keys, ascending, each once, and how often they occur; 0: not any more."""

    def __init__(self, keys: Ints, counts: Counts) -> None:
        self.keys, self.counts = keys, counts
        self._fence = keys[::BLOCK].copy()

    def places(self, keys: Ints) -> Ints:
        """How many keys are smaller than each of these. First the block is found in the few keys of
        the fence, then the place in it, for all keys at once: this waits for memory far less often
        than a search of one key after the other."""
        blocks = np.searchsorted(self._fence, keys)
        if not len(self.keys):
            return blocks
        last = len(self.keys) - 1
        places = np.maximum(blocks - 1, 0) * BLOCK
        step = BLOCK // 2
        while step:
            further = np.minimum(places + step, last)
            places += (self.keys[further] < keys) * step
            step //= 2
        return np.where(blocks == 0, 0, np.minimum(places, last) + 1)

    def find(self, keys: Ints) -> tuple[Ints, Bits]:
        """Where each key stands or would stand, and whether it does."""
        places = self.places(keys)
        if not len(self.keys):
            return places, np.zeros(len(keys), np.bool_)
        return places, self.keys[np.minimum(places, len(self.keys) - 1)] == keys

    def with_more(self, places: Ints, keys: Ints, counts: Counts) -> "_Layer":
        """And keys that are not in it, by where they would stand."""
        if not len(self.keys):
            return _Layer(keys, counts)
        places = places + np.arange(len(keys))
        old = np.ones(len(self.keys) + len(keys), np.bool_)
        old[places] = False
        all_keys, all_counts = np.empty(len(old), np.int64), np.empty(len(old), np.int32)
        all_keys[places], all_keys[old] = keys, self.keys
        all_counts[places], all_counts[old] = counts, self.counts
        return _Layer(all_keys, all_counts)

    def living(self) -> "_Layer":
        alive = self.counts > 0
        return self if alive.all() else _Layer(self.keys[alive], self.counts[alive])


def _empty() -> _Layer:
    return _Layer(np.zeros(0, np.int64), np.zeros(0, np.int32))


class Tallies:
    """Counts by key; keys are whole numbers of 64 bits."""

    def __init__(self) -> None:
        self._base, self._recent = _empty(), _empty()
        self._dead = 0

    def fill(self, keys: Ints) -> Ints:
        """Start anew with these keys, each as often as it stands here, in any order; gives the
        different ones, ascending."""
        different, counts = tally(keys)
        self._base, self._recent = _Layer(different, counts.astype(np.int32)), _empty()
        self._dead = 0
        return different

    def counts(self, keys: Ints) -> Ints:
        """How often each key occurs; shape as `keys`."""
        found = np.zeros(len(keys), np.int64)
        for layer in (self._base, self._recent):
            places, there = layer.find(keys)
            found[there] = layer.counts[places[there]]
        return found

    def add(self, keys: Ints, changes: Ints) -> tuple[Ints, Ints]:
        """Change the counts of keys, ascending and each once; the counts before and after.

        Raises NeverAdded, and has changed nothing, where a count would be negative.
        """
        found = [(layer, *layer.find(keys)) for layer in (self._base, self._recent)]
        before = np.zeros(len(keys), np.int64)
        for layer, places, there in found:
            before[there] = layer.counts[places[there]]
        after = before + changes
        if (after < 0).any():
            raise NeverAdded(f"{int((after < 0).sum())} keys would occur less than never")
        new = changes > 0
        for layer, places, there in found:
            layer.counts[places[there]] = after[there]
            self._dead += int((after[there] == 0).sum()) - int((before[there] == 0).sum())
            new &= ~there
        if new.any():
            more = after[new].astype(np.int32)
            self._recent = self._recent.with_more(found[1][1][new], keys[new], more)
        if len(self._recent.keys) + self._dead > max(RECENT, len(self._base.keys) // SHARE):
            self._settle()
        return before, after

    def between(self, low: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
        """All keys that occur from `low` to below `high`: which of the stretches each is of, the
        keys, and their counts. Not in order, but ascending after a sort by key."""
        parts = []
        for layer in (self._base, self._recent):
            owners, places = spread(layer.places(low), layer.places(high))
            alive = layer.counts[places] > 0
            places = places[alive]
            parts.append((owners[alive], layer.keys[places], layer.counts[places].astype(np.int64)))
        owners, keys, counts = (np.concatenate(part) for part in zip(*parts, strict=True))
        return owners, keys, counts

    def _settle(self) -> None:
        base, recent = self._base.living(), self._recent.living()
        self._base = base.with_more(base.places(recent.keys), recent.keys, recent.counts)
        self._recent, self._dead = _empty(), 0


def tally(keys: Ints) -> tuple[Ints, Ints]:
    """The different keys, ascending, and how often each stands here."""
    ordered = np.sort(keys)
    starts = starts_of(ordered)
    return ordered[starts], np.diff(starts, append=len(ordered))


def together(keys: Ints, changes: Ints) -> tuple[Ints, Ints]:
    """Changes of the same key as one: the keys, ascending, and their changes that are not 0."""
    order = np.argsort(keys, kind="stable")
    keys, changes = keys[order], changes[order]
    starts = starts_of(keys)
    sums = np.add.reduceat(changes, starts) if len(starts) else changes
    some = sums != 0
    return keys[starts][some], sums[some]


def starts_of(ascending: Ints) -> Ints:
    """Where each different number stands first."""
    return np.flatnonzero(np.append(len(ascending) > 0, ascending[1:] != ascending[:-1]))


def spread(starts: Ints, stops: Ints) -> tuple[Ints, Ints]:
    """All places from each start to below its stop, and the number of the stretch they are of."""
    lengths = stops - starts
    owners = np.repeat(np.arange(len(starts)), lengths)
    first = np.cumsum(lengths) - lengths
    return owners, np.arange(len(owners)) + (starts - first)[owners]
