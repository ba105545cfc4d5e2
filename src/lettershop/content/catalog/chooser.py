"""Items as letters want them: of all recipients at hand, their lists of items as values."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any, Final, Protocol, cast

from scipy.sparse import csr_array

from lettershop.content.catalog.assortment import SIMPLE, Assortment
from lettershop.content.catalog.choosing import Bits, Ranked, Ranking, Rows, choose
from lettershop.content.template import Items
from lettershop.content.values.needs import Recipient

MOST_SHARED: Final = 50_000
"""Items that are kept as letters read them."""


class Rankings(Protocol):
    """Ways to choose that need history (content/recommend). Rows are those of `recipients`."""

    @property
    def repeatable(self) -> Collection[str]:
        """Ways whose items may have been bought before."""
        ...

    def ranked(
        self,
        way: str,
        shelf: Assortment,
        recipients: Sequence[Recipient],
        markets: Sequence[str | None],
        *,
        allowed: Bits,
        new_only: bool,
        k: int,
    ) -> Ranked:
        """(n, k) indices of items `allowed` (m,), the best first, -1 for none. `new_only`: without
        those bought before, unless that is what the way is about."""
        ...

    def bought(self, shelf: Assortment, recipients: Sequence[Recipient]) -> csr_array:
        """(n, items): what the recipient's account, or else the recipient, has bought."""
        ...


class CatalogChooser:
    """`Chooser` of content/values. `get`: the assortment of that name. `rankings` None: only ways
    that need no history can choose. `market_field`: the variable that names the market where a
    letter does not say which. `zone`: of times; those of an offer are the sender's, not the
    reader's."""

    def __init__(
        self,
        get: Callable[[str], Assortment],
        now: int,
        rankings: Rankings | None = None,
        *,
        market_field: str = "country",
        zone: tzinfo = UTC,
    ) -> None:
        self._get, self._now, self._rankings = get, now, rankings
        self._market_field, self._zone = market_field, zone
        self._shown: dict[tuple[Assortment, int, str | None], dict[str, Any]] = {}

    def choose(
        self,
        name: str,
        source: Items,
        recipients: Sequence[Recipient],
        values: Sequence[Mapping[str, Any]],
    ) -> list[list[dict[str, Any]]]:
        """Per recipient the items, best first. NotFound `catalog.unknown`, UsageError
        `items.unknown_way`."""
        shelf = self._get(source.catalog)
        markets = [_text(one, source.market or self._market_field) for one in values]
        ranked: dict[str, Ranking] = {}
        bought: csr_array | None = None
        repeatable: tuple[str, ...] = ()
        if self._rankings is not None:
            for way in source.choose:
                if way not in SIMPLE:
                    ranked[way] = self._ranking(way, shelf, source, recipients, markets)
            repeatable = tuple(self._rankings.repeatable)
            if "bought" in source.exclude:
                bought = self._rankings.bought(shelf, recipients)
        found = choose(
            shelf,
            source,
            len(recipients),
            now=self._now,
            match={f: [_read(one, v) for one in values] for f, v in source.match.items()},
            markets=markets,
            ranked=ranked,
            bought=bought,
            repeatable=repeatable,
        )
        return [
            self._values(shelf, [place for place in row if place >= 0], market)
            for row, market in zip(found.tolist(), markets, strict=True)
        ]

    def _ranking(
        self,
        way: str,
        shelf: Assortment,
        source: Items,
        recipients: Sequence[Recipient],
        markets: Sequence[str | None],
    ) -> Ranking:
        """Asked for some of the recipients at a time."""
        rankings, new_only = cast(Rankings, self._rankings), "bought" in source.exclude

        def ranked(rows: Rows, allowed: Bits, k: int) -> Ranked:
            some = rows.tolist()
            whom, where = [recipients[row] for row in some], [markets[row] for row in some]
            return rankings.ranked(way, shelf, whom, where, allowed=allowed, new_only=new_only, k=k)

        return ranked

    def _values(
        self, shelf: Assortment, places: Sequence[int], market: str | None
    ) -> list[dict[str, Any]]:
        """Many recipients are shown the same items: they share them."""
        if len(self._shown) > MOST_SHARED:
            self._shown.clear()
        found = []
        for place in places:
            key = (shelf, place, market)
            if key not in self._shown:
                self._shown[key] = shelf.as_dict(place, market, self._zone)
            found.append(self._shown[key])
        return found


def _read(values: Mapping[str, Any], variable: str) -> Any:
    """What a variable says, written as in letters; None where it is missing."""
    found: Any = values
    for part in variable.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _text(values: Mapping[str, Any], variable: str) -> str | None:
    found = _read(values, variable) if variable else None
    return found if isinstance(found, str) else None
