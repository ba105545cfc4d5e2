"""Before and after a day: what is known of the customers, and what they then bought."""

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from bench.retail import Retail, everybody, instant
from lettershop.content.recommend.asked import Asked
from lettershop.content.recommend.best import Ranked
from lettershop.content.recommend.model import Model
from lettershop.content.recommend.ranking import rank_with
from lettershop.content.recommend.together import Weighting, bought_together
from lettershop.model.clock import DAY
from lettershop.planning.frame import Ids

AT = 10


class Split(NamedTuple):
    """`who`: accounts that had bought something before and bought (`new_only`: something new)
    after; `truth`: (n, m) what that was."""

    day: str
    days: int
    new_only: bool
    model: Model
    who: Ids
    truth: Any
    countries: list[str]

    def asked(self) -> Asked:
        audience = everybody(self.who)
        return Asked(
            audience=audience,
            units=self.model.units(audience),
            k=AT,
            allowed=self.model.items.available,
            new_only=self.new_only,
        )


def splits(retail: Retail, day: str, windows: tuple[int, ...]) -> list[Split]:
    """What was known before `day`; the days after it in each window; all items, and new ones."""
    now, rows = instant(day), retail.rows
    model = Model(rows.only(rows.ts < now), retail.items, now)
    accounts = len(retail.countries)
    before = _bought(model, accounts)
    found = []
    for days in windows:
        later = rows.only((rows.ts >= now) & (rows.ts < now + days * DAY))
        after = _bought(Model(later, retail.items, now), accounts)
        for new_only in (True, False):
            truth = (after - after.multiply(before)).tocsr() if new_only else after
            truth.eliminate_zeros()
            who = np.flatnonzero((np.diff(before.indptr) > 0) & (np.diff(truth.indptr) > 0))
            countries = [str(country) for country in retail.countries[who]]
            found.append(
                Split(day, days, new_only, model, who.astype(np.int32), truth[who], countries)
            )
    return found


def by_strategy(split: Split, name: str) -> Ranked:
    return rank_with(
        split.model,
        name,
        everybody(split.who),
        markets=split.countries,
        k=AT,
        new_only=split.new_only,
    )


def by_weighting(split: Split, how: Weighting) -> Ranked:
    return bought_together(split.model, split.asked(), how)


def most_bought(split: Split) -> Ranked:
    """The baseline: what most accounts have bought so far."""
    order = np.argsort(split.model.tie)
    found = np.full((len(split.who), AT), -1, np.int32)
    having = split.model.of(split.model.bought, split.asked().units, slice(None))
    for row in range(len(found)):
        mine = having.indices[having.indptr[row] : having.indptr[row + 1]] if split.new_only else []
        found[row] = order[~np.isin(order, mine)][:AT]
    return found


def _bought(model: Model, accounts: int) -> Any:
    """(accounts, m) ones, by dense id."""
    buyer, item, _, _ = model.last
    known = model.buyers.of_account[:-1]
    account = np.full(model.buyers.size, -1, np.int64)
    account[known[known >= 0]] = np.flatnonzero(known >= 0)
    ones = np.ones(len(item), np.float32)
    return sparse.csr_array((ones, (account[buyer], item)), shape=(accounts, model.size))
