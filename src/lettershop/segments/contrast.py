"""What sets members apart from the others, honestly: many comparisons, few claims.

Shares are compared by Fisher's exact test where counts are small, else by the test of two
proportions; values in order by the rank sum (Mann–Whitney) with its tie correction. Of all
comparisons made those are told that Benjamini and Hochberg's rule lets pass at RATE: among what is
told one in twenty is expected to be chance. Intervals are as wide as that choosing asks for
(Benjamini and Yekutieli 2005). What is sure but slight is counted, not told.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Final, Literal

import msgspec

from lettershop.model.rates import Count, newcombe, p_value

RATE: Final = 0.05
FEWEST: Final = 10
"""Members, others, and of both together those of whom something is true: fewer are not compared."""
SLIGHT: Final = 0.15
"""Effects below this, in standard deviations (Cohen's h, or d), are not told."""
_NORMAL: Final = NormalDist()

Kind = Literal["is", "known", "did"]


class Named(msgspec.Struct, frozen=True):
    """What is compared: a `field` of a scope (`contact`, `account`, `event`) or, of events, the
    event's name; `value` of fields with choices."""

    scope: str
    field: str
    value: str = ""
    kind: Kind = "is"


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """It is true of `inside` of `of_inside` members, and of `outside` of `of_outside` others."""

    what: Named
    inside: int
    of_inside: int
    outside: int
    of_outside: int


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """Values in order. `u`: pairs of a member and another in which the member's is larger, halves
    for equal ones; `ties`: the sum of t³ - t over groups of equal values. Quartiles of both."""

    what: Named
    inside: int
    outside: int
    u: float
    ties: float
    quartiles_inside: tuple[float, float, float]
    quartiles_outside: tuple[float, float, float]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What stands out. Of shares `inside` and `outside` are shares, `low` to `high` the interval of
    their difference; of ranks they are medians, and `higher` (with `low` to `high`) is how often a
    member's value is the higher one of a pair. `effect`: in standard deviations, with its sign."""

    what: Named
    ranked: bool
    inside: float
    outside: float
    higher: float | None
    low: float
    high: float
    effect: float
    p: float
    counted: Counted | Ranked


class Contrast(msgspec.Struct, frozen=True, kw_only=True):
    """`found` of `compared` comparisons, the largest effects first; `slight` ones are sure but too
    small to be told."""

    compared: int
    found: tuple[Difference, ...]
    slight: int


class _Test(msgspec.Struct, frozen=True):
    of: Counted | Ranked
    p: float
    effect: float


def contrast(counted: Sequence[Counted], ranked: Sequence[Ranked]) -> Contrast:
    """Everything compared at once: what is told depends on how much was looked at."""
    tests = [_of_shares(one) for one in counted if _enough(one)]
    tests += [_of_ranks(one) for one in ranked if min(one.inside, one.outside) >= FEWEST]
    passed = _passing(tests)
    level = RATE * len(passed) / len(tests) if tests else RATE
    told = [test for test in passed if abs(test.effect) >= SLIGHT]
    found = sorted((_told(test, level) for test in told), key=lambda d: (-abs(d.effect), d.p))
    return Contrast(compared=len(tests), found=tuple(found), slight=len(passed) - len(told))


def _enough(one: Counted) -> bool:
    both = one.inside + one.outside
    neither = one.of_inside + one.of_outside - both
    return min(one.of_inside, one.of_outside, both, neither) >= FEWEST


def _passing(tests: Sequence[_Test]) -> list[_Test]:
    """Benjamini–Hochberg: all up to the last whose p is at most its rank's part of RATE."""
    ordered = sorted(tests, key=lambda test: test.p)
    last = 0
    for rank, test in enumerate(ordered, 1):
        if test.p <= RATE * rank / len(ordered):
            last = rank
    return ordered[:last]


# --- shares -------------------------------------------------------------------------------------


def _of_shares(one: Counted) -> _Test:
    inside, outside = _counts(one)
    effect = 2 * (math.asin(math.sqrt(inside.rate)) - math.asin(math.sqrt(outside.rate)))
    return _Test(one, p_value(inside, outside), effect)  # Cohen's h


def _counts(one: Counted) -> tuple[Count, Count]:
    return Count(one.inside, one.of_inside), Count(one.outside, one.of_outside)


# --- ranks --------------------------------------------------------------------------------------


def _of_ranks(one: Ranked) -> _Test:
    area = one.u / (one.inside * one.outside)
    inner = min(max(area, 1e-6), 1 - 1e-6)
    return _Test(one, rank_p(one), math.sqrt(2) * _NORMAL.inv_cdf(inner))  # Cohen's d of an area


def rank_p(one: Ranked) -> float:
    """Two-sided, of neither side being higher; with so many that the normal law holds."""
    n, m = one.inside, one.outside
    every = n + m
    spread = n * m / 12 * (every + 1 - one.ties / (every * (every - 1)))
    if spread <= 0:
        return 1.0
    return math.erfc(abs(one.u - n * m / 2) / math.sqrt(2 * spread))


def _hanley(one: Ranked, level: float) -> tuple[float, float]:
    """The interval of the area (Hanley and McNeil 1982)."""
    n, m = one.inside, one.outside
    area = one.u / (n * m)
    first, second = area / (2 - area), 2 * area * area / (1 + area)
    spread = area * (1 - area) + (n - 1) * (first - area**2) + (m - 1) * (second - area**2)
    around = _NORMAL.inv_cdf(1 - level / 2) * math.sqrt(max(0.0, spread) / (n * m))
    return max(0.0, area - around), min(1.0, area + around)


def _told(test: _Test, level: float) -> Difference:
    one = test.of
    if isinstance(one, Counted):
        members, others = _counts(one)
        low, high = newcombe(members, others, 1 - level)
        inside, outside = members.rate, others.rate
        higher = None
    else:
        low, high = _hanley(one, level)
        inside, outside = one.quartiles_inside[1], one.quartiles_outside[1]
        higher = one.u / (one.inside * one.outside)
    return Difference(
        what=one.what,
        ranked=isinstance(one, Ranked),
        inside=inside,
        outside=outside,
        higher=higher,
        low=low,
        high=high,
        effect=test.effect,
        p=test.p,
        counted=one,
    )
