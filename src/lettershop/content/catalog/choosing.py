"""Which items of a catalog each recipient is shown.

Recipients with the same market and the same values to match choose among the same items, so these
are found once per group; then each way to choose fills the places that are still empty.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from lettershop.content.catalog.assortment import SIMPLE, Assortment, Simple
from lettershop.content.catalog.matching import Positions, compared
from lettershop.content.template import Items
from lettershop.model.errors import UsageError
from lettershop.model.values import fold

Chosen: TypeAlias = npt.NDArray[np.int32]
"""(n, limit) indices of items, -1 where there are no more."""
Ranked: TypeAlias = npt.NDArray[np.integer[Any]]
"""(r, k) indices of items per recipient, the best first, each once, -1 for none."""
Rows: TypeAlias = npt.NDArray[np.intp]
Bits: TypeAlias = npt.NDArray[np.bool_]
Ranking: TypeAlias = Callable[[Rows, Bits, int], Ranked]
"""A way to choose that needs history: r recipients, (m,) which items they may be shown, k."""

FEW: Final = 32
"""Groups for each of which a ranking is asked for; of more, one is asked for all of them, deeper,
and what a group may not be shown is passed over."""
DEEP: Final = 200
AT_ONCE: Final = 20_000
"""Recipients that are looked at together: what bounds the memory."""


def choose(
    shelf: Assortment,
    source: Items,
    count: int,
    *,
    now: int,
    match: Mapping[str, Sequence[Any]] | None = None,
    markets: Sequence[str | None] | None = None,
    ranked: Mapping[str, Ranking] | None = None,
    bought: csr_array | None = None,
    repeatable: Collection[str] = (),
) -> Chosen:
    """Items for `count` recipients.

    match: field of `source.match` -> (count,) values; of a missing value there is no item.
    markets: (count,) in which prices are compared; when `source.market` is said, only items with a
    price there are chosen.
    ranked: the ways of `source.choose` that need history, by name.
    bought: (count, items), left out when `source.exclude` says so, but not of ways `repeatable`
    (what is due for reorder was bought).
    UsageError `items.unknown_way`.
    """
    ranked = ranked or {}
    for way in source.choose:
        if way not in SIMPLE and way not in ranked:
            known = ", ".join((*SIMPLE, *ranked))
            raise UsageError("items.unknown_way", f"“{way}” chooses nothing", hint=known)
    open_ = _open(shelf, source, now)
    shown = np.full((count, source.limit), -1, np.int32)
    out = _owned(bought, len(shelf)) if "bought" in source.exclude else None
    groups = [*_groups(source, count, match or {}, markets)]
    if len(groups) > FEW:
        ranked = {way: _once(ranking, count, open_) for way, ranking in ranked.items()}
    for market, wanted, rows in groups:
        among = _among(shelf, source, open_, market, wanted)
        if not len(among):
            continue
        if out is None and not any(way in ranked for way in source.choose):
            same = _same(shelf, source, among, market)
            shown[rows, : len(same)] = same
            continue
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            fill = _Fill(some, source.limit, among, len(shelf))
            for way in source.choose:
                left_out = None if way in repeatable else out
                if way in ranked:
                    fill.ranked(ranked[way], left_out)
                else:
                    place = shelf.place(cast(Simple, way), market)
                    fill.listed(among[np.argsort(place[among])], left_out)
            shown[some] = fill.shown
    return shown


def _once(ranking: Ranking, count: int, open_: Bits) -> Ranking:
    """The same, asked for all recipients when it is first wanted."""
    found: list[Ranked] = []

    def said(rows: Rows, allowed: Bits, k: int) -> Ranked:
        if not found:
            found.append(ranking(np.arange(count), open_, max(k, DEEP)))
        return found[0][rows]

    return said


def _same(shelf: Assortment, source: Items, among: Positions, market: str | None) -> list[int]:
    """What all of a group are shown where nothing is chosen for each of them."""
    found: dict[int, None] = {}
    for way in source.choose:
        order = among[np.argsort(shelf.place(cast(Simple, way), market)[among])]
        found |= dict.fromkeys(order[: source.limit].tolist())
    return [*found][: source.limit]


def _open(shelf: Assortment, source: Items, now: int) -> Bits:
    """(m,): what anybody may be shown."""
    found = shelf.valid(now)
    if "out_of_stock" in source.exclude:
        found &= shelf.stock != 0
    for field, value in source.where.items():
        having = np.zeros(len(shelf), bool)
        having[shelf.with_value(field, value)] = True
        found &= having
    return found


def _groups(
    source: Items,
    count: int,
    match: Mapping[str, Sequence[Any]],
    markets: Sequence[str | None] | None,
) -> Iterator[tuple[str | None, tuple[Any, ...], Rows]]:
    """(market, values by field of `source.match`, recipients)."""
    columns = [match[field] for field in source.match]
    if not columns and not (markets is not None and _by_market(source)):
        yield None, (), np.arange(count)
        return
    found: dict[Any, list[int]] = defaultdict(list)
    said: dict[Any, tuple[str | None, tuple[Any, ...]]] = {}
    for row in range(count):
        market = markets[row] if markets is not None and _by_market(source) else None
        values = tuple(column[row] for column in columns)
        key = (fold(market or ""), *map(compared, values))
        said.setdefault(key, (market, values))
        found[key].append(row)
    for key, rows in found.items():
        yield *said[key], np.asarray(rows, np.intp)


def _by_market(source: Items) -> bool:
    return bool(source.market) or "cheapest" in source.choose


def _among(
    shelf: Assortment,
    source: Items,
    open_: Bits,
    market: str | None,
    wanted: tuple[Any, ...],
) -> Positions:
    """The items that one group chooses among, ascending."""
    if not wanted:
        allowed = open_ & shelf.priced(market) if source.market else open_
        return np.flatnonzero(allowed).astype(np.int32)
    lists = [shelf.with_value(f, v) for f, v in zip(source.match, wanted, strict=True)]
    found = min(lists, key=len)
    for other in lists:
        found = found if other is found else np.intersect1d(found, other, assume_unique=True)
    found = found[open_[found]]
    return found[shelf.priced(market)[found]] if source.market else found


def _owned(bought: csr_array | None, items: int) -> "_Owned | None":
    if bought is None or not bought.nnz:
        return None
    sorted_ = bought.sorted_indices()
    return _Owned(np.asarray(sorted_.indptr), np.asarray(sorted_.indices), items)


class _Owned:
    """Who has what: asked for many pairs at once."""

    def __init__(
        self, starts: npt.NDArray[np.integer[Any]], items: npt.NDArray[np.integer[Any]], m: int
    ) -> None:
        rows = np.repeat(np.arange(len(starts) - 1, dtype=np.int64), np.diff(starts))
        self._m, self._keys = m, rows * m + items

    def has(self, rows: Rows, found: Chosen) -> Bits:
        """(r, k) items of r recipients -> (r, k)."""
        keys = rows[:, None].astype(np.int64) * self._m + found
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.asarray(self._keys[places] == keys)


class _Fill:
    """The places of some recipients of one group, filled from left to right. `among`: what the
    group chooses among, of `size` items."""

    def __init__(self, rows: Rows, limit: int, among: Positions, size: int) -> None:
        self.rows, self.limit = rows, limit
        self.among = np.zeros(size, bool)
        self.among[among] = True
        self.shown: Chosen = np.full((len(rows), limit), -1, np.int32)
        self.filled = np.zeros(len(rows), np.intp)

    def ranked(self, ranking: Ranking, out: "_Owned | None") -> None:
        empty = np.flatnonzero(self.filled < self.limit)
        if len(empty):
            said = ranking(self.rows[empty], self.among, 2 * self.limit)
            self._take(empty, said.astype(np.int32), out)

    def listed(self, order: Chosen, out: _Owned | None) -> None:
        """The same order for all; in stretches, since most are full after the first."""
        start, width = 0, 2 * self.limit
        while start < len(order):
            empty = np.flatnonzero(self.filled < self.limit)
            if not len(empty):
                return
            part = order[start : start + width]
            self._take(empty, np.broadcast_to(part, (len(empty), len(part))), out)
            start, width = start + width, min(2 * width, 256)

    def _take(self, who: Rows, found: Chosen, out: _Owned | None) -> None:
        """(w,) of our rows, (w, k) items offered to them."""
        if not found.size:
            return
        good = (found >= 0) & self.among[found]
        if out is not None:
            good &= ~out.has(self.rows[who], found)
        for column in range(int(self.filled[who].max(initial=0))):
            good &= found != self.shown[who, column][:, None]
        places = np.cumsum(good, axis=1) - 1 + self.filled[who][:, None]
        good &= places < self.limit
        at, nth = np.nonzero(good)
        self.shown[who[at], places[at, nth]] = found[at, nth]
        self.filled[who] += good.sum(axis=1)
