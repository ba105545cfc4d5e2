"""The goal, of those who were to get a letter against those held out: what the campaign caused.

As they were drawn, whatever became of their letter (intention to treat): those whose letter was
refused are like others who are held out, and leaving them out would compare the reachable with
everybody. Who could not have been written to anyway (no consent, no address) was known before any
lot was drawn, and is in neither group.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from lettershop.campaigns.definition import Unit
from lettershop.campaigns.experiments.clustered import (
    FEWEST,
    Clusters,
    around,
    cluster,
    difference,
)
from lettershop.campaigns.experiments.means import revenue_difference
from lettershop.campaigns.results import wording
from lettershop.campaigns.results.rows import Bits, Letters, Reached
from lettershop.campaigns.results.said import Difference, Effect, GoalArm
from lettershop.model.clock import format_instant
from lettershop.model.rates import Count, Interval, newcombe, wilson

SMALLEST: Final = 30
"""People held out, below which nothing is said."""
_DIGITS: Final = 6
_CENTS: Final = 2


class _Arm(NamedTuple):
    """Shapes (n,). `units`: numbers of accounts where whole accounts were drawn."""

    reached: Bits
    revenue: npt.NDArray[np.float64] | None
    units: npt.NDArray[np.int64] | None

    @property
    def counted(self) -> Count:
        return Count(int(self.reached.sum()), len(self.reached))

    @property
    def clusters(self) -> Clusters | None:
        return None if self.units is None else cluster(self.units, self.reached)

    @property
    def money(self) -> Clusters | None:
        """Per unit; people are units of one."""
        if self.revenue is None:
            return None
        if self.units is not None:
            return cluster(self.units, self.revenue)
        return Clusters(np.ones(len(self.revenue)), self.revenue)


def effect(letters: Letters, goal: Reached, chosen: Bits, unit: Unit) -> Effect:
    """Of the chosen."""
    treated = _arm(letters, goal, chosen & letters.treated, unit)
    held = _arm(letters, goal, chosen & letters.held, unit)
    why = _cannot(treated, held)
    rate = None if why else _rates(treated, held)
    money = None if why else _money(treated, held)
    people = len(treated.reached)
    found = Effect(
        where=goal.where,
        until=format_instant(goal.until),
        so_far=goal.so_far,
        treated=_figures(treated),
        held_out=_figures(held) if len(held.reached) else None,
        rate=rate,
        caused=_times(rate, people, 0),
        revenue=_rounded(money, _CENTS),
        revenue_caused=_times(money, people, _CENTS),
        currency=goal.currency,
        said=(),
    )
    said = (*wording.effect(found, why), *([goal.note] if goal.note else []))
    return replace(found, said=said)


def _arm(letters: Letters, goal: Reached, chosen: Bits, unit: Unit) -> _Arm:
    return _Arm(
        goal.reached[chosen],
        None if goal.revenue is None else goal.revenue[chosen],
        letters.unit[chosen] if unit == "account" else None,
    )


def _cannot(treated: _Arm, held: _Arm) -> str:
    """Why nothing can be said of a difference; "" where it can."""
    if not len(held.reached):
        return wording.NO_HOLDOUT
    if not len(treated.reached):
        return wording.NOBODY
    if len(held.reached) < SMALLEST:
        return wording.too_small(len(held.reached), SMALLEST)
    fewest = min(_units(treated), _units(held))
    if fewest < FEWEST:
        return wording.few_accounts(fewest, FEWEST)
    return ""


def _units(arm: _Arm) -> int:
    return len(arm.reached) if arm.units is None else len(np.unique(arm.units))


def _figures(arm: _Arm) -> GoalArm:
    if not len(arm.reached):
        return GoalArm(people=0, reached=0, rate=0.0, low=0.0, high=1.0)
    count, clusters = arm.counted, arm.clusters
    low, high = wilson(count)
    if clusters is not None and len(clusters.sizes) >= FEWEST:
        found = around(clusters)
        low, high = max(0.0, found.low), min(1.0, found.high)
    revenue = None if arm.revenue is None else float(arm.revenue.sum())
    return GoalArm(
        people=count.people,
        reached=count.reached,
        rate=round(count.rate, _DIGITS),
        low=round(low, _DIGITS),
        high=round(high, _DIGITS),
        revenue=None if revenue is None else round(revenue, _CENTS),
        per_person=None if revenue is None else round(revenue / count.people, 4),
    )


def _rates(treated: _Arm, held: _Arm) -> Difference:
    mine, theirs = treated.clusters, held.clusters
    if mine is not None and theirs is not None:
        found = difference(mine, theirs)
        return _difference(found.value, found.interval)
    one, other = treated.counted, held.counted
    return _difference(one.rate - other.rate, newcombe(one, other))


def _money(treated: _Arm, held: _Arm) -> Difference | None:
    mine, theirs = treated.money, held.money
    found = None if mine is None or theirs is None else revenue_difference(mine, theirs)
    return None if found is None else _difference(found.value, found.interval)


def _difference(value: float, interval: Interval) -> Difference:
    sure = interval.low > 0 or interval.high < 0
    low, high = interval
    return Difference(
        value=round(value, _DIGITS), low=round(low, _DIGITS), high=round(high, _DIGITS), sure=sure
    )


def _rounded(found: Difference | None, digits: int) -> Difference | None:
    return _times(found, 1, digits)


def _times(found: Difference | None, people: int, digits: int) -> Difference | None:
    """Of all who were treated."""
    if found is None:
        return None
    return Difference(
        value=round(found.value * people, digits),
        low=round(found.low * people, digits),
        high=round(found.high * people, digits),
        sure=found.sure,
    )
