"""While letters leave and two days after: is it time to stop?

Two questions. *Too many?* A rate over the campaign's own rule, once enough letters are out. *More
than usual?* Surely above twice what the stream's earlier sends had. The second is asked again and
again, so it is no ordinary test: the ratio of likelihoods, mixed over all higher rates, exceeds
1/alpha at any time in the life of a campaign with probability alpha at most (Ville's inequality; H.
Robbins, Statistical methods related to the law of the iterated logarithm, Annals of Mathematical
Statistics 41, 1970). Looking more often costs nothing. Bounces and complaints that come late make
it later, never wrong: it grows with each of them.
"""

from collections.abc import Iterator, Sequence
from math import log
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.special import betaincc, betaln

from lettershop.campaigns.definition import StopRules
from lettershop.campaigns.experiments.clustered import Floats
from lettershop.model.rates import Count, wilson

ALPHA: Final = 0.01
"""Campaigns that are no worse than twice the usual, of which one is stopped at most."""
TIMES: Final = 2.0
"""How many times the usual rate a campaign may have."""
FLOOR: Final = 0.2
"""Of the campaign's own rule: nothing is stopped below, however unusual it is."""
LEAST_HISTORY: Final = 1_000
"""Letters of earlier sends from which on there is a usual rate."""
_MEASURES: Final = 3


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of a send, as far as it has come; people. `tried`: letters with an outcome. `bounced`: of
    them, refused or come back for good or because of us (classes dead, perhaps_dead, policy,
    message, unclear); not full or temporary ones."""

    tried: int = 0
    accepted: int = 0
    bounced: int = 0
    complained: int = 0
    unsubscribed: int = 0


class _Watched(NamedTuple):
    """`most`: percent, of the rules. `usual`: of earlier sends, all together."""

    what: str
    now: Count
    most: float
    usual: Count


def stop_reason(figures: Figures, rules: StopRules, history: Sequence[Figures]) -> str | None:
    """Why the send should pause, as a sentence; None while it may go on. `history`: earlier sends
    of the stream."""
    watched = [one for one in _watched(figures, rules, history) if one.now.people]
    for one in watched:
        if one.now.people >= rules.least and one.now.rate * 100 > one.most:
            return f"{_said(one)}, more than the {one.most:g} % it may be"
    for one in watched:
        if one.now.people >= rules.least and unusual(one.now, _allowed(one)):
            usual = f"what is usual in this stream ({one.usual.rate:.2%})"
            return f"{_said(one)}, surely more than twice {usual}"
    return None


def unusual(now: Count, allowed: float, alpha: float = ALPHA / _MEASURES) -> bool:
    """Whether the rate is surely above `allowed` (a share of 1). However often it is asked while
    `now` grows, it says so wrongly with probability `alpha` at most."""
    if not 0 < allowed < 1:
        return False
    return bool(evidence(now.reached, now.people - now.reached, allowed) >= -log(alpha))


def evidence(reached: npt.ArrayLike, others: npt.ArrayLike, allowed: float) -> Floats:
    """Logarithm of the likelihood of so many under higher rates to that under `allowed`, of one
    count or of many. Higher rates are weighed by a beta distribution around three times the allowed
    one, cut off below it."""
    k, rest = np.asarray(reached, np.float64), np.asarray(others, np.float64)
    a, b = 1.0, max(1.0, 1 / (3 * allowed) - 1)
    with np.errstate(divide="ignore"):  # far below the allowed rate there is no evidence at all
        above = betaln(a + k, b + rest) + np.log(betaincc(a + k, b + rest, allowed))
    weight = betaln(a, b) + np.log(betaincc(a, b, allowed))
    found: Floats = above - weight - k * log(allowed) - rest * log(1 - allowed)
    return found


def _said(one: _Watched) -> str:
    return f"{one.what}: {one.now.reached:,} of {one.now.people:,} ({one.now.rate:.2%})"


def _allowed(one: _Watched) -> float:
    """Twice the usual rate, taken as high as the history leaves open; 0: there is no history."""
    if one.usual.people < LEAST_HISTORY:
        return 0.0
    return max(TIMES * wilson(one.usual).high, FLOOR * one.most / 100)


def _watched(figures: Figures, rules: StopRules, history: Sequence[Figures]) -> Iterator[_Watched]:
    tried = sum(one.tried for one in history)
    accepted = sum(one.accepted for one in history)
    yield _Watched(
        "bounces",
        Count(figures.bounced, figures.tried),
        rules.bounce,
        Count(sum(one.bounced for one in history), tried),
    )
    yield _Watched(
        "complaints",
        Count(figures.complained, figures.accepted),
        rules.complaint,
        Count(sum(one.complained for one in history), accepted),
    )
    yield _Watched(
        "unsubscribes",
        Count(figures.unsubscribed, figures.accepted),
        rules.unsubscribe,
        Count(sum(one.unsubscribed for one in history), accepted),
    )
