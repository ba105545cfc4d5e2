"""Lots: the same for ever, fair, and independent of each other."""

from hashlib import blake2b
from math import sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import given, strategies as st

from lettershop.campaigns.drawing import drawn, held_out, keys_of, variants
from lettershop.engines.referee.chance import splitmix64

MANY = 200_000
PEOPLE = keys_of(f"user:{n}" for n in range(MANY))
TOLERANCE = 4.5
"""Standard deviations of a binomial count: a fair draw is outside once in 150,000 times."""


def is_fair(count: int, of: int, share: float) -> bool:
    return abs(count - of * share) <= TOLERANCE * sqrt(of * share * (1 - share))


@pytest.mark.parametrize("percent", [0.1, 1, 10, 12.5, 50])
def test_the_holdout_is_as_large_as_was_said(percent: float) -> None:
    for campaign in ("spring", "summer", "autumn"):
        assert is_fair(int(held_out(PEOPLE, campaign, percent).sum()), MANY, percent / 100)


@pytest.mark.parametrize("shares", [(1,), (1, 1), (3, 1), (1, 1, 1), (5, 3, 2), (1, 99)])
def test_variants_are_drawn_by_their_shares(shares: tuple[int, ...]) -> None:
    counts = np.bincount(variants(PEOPLE, "spring", shares), minlength=len(shares))
    assert counts.sum() == MANY and len(counts) == len(shares)
    for count, share in zip(counts.tolist(), shares, strict=True):
        assert is_fair(count, MANY, share / sum(shares)) or len(shares) == 1


def test_nobody_and_everybody_are_exact() -> None:
    assert not held_out(PEOPLE, "spring", 0).any()
    assert drawn(PEOPLE, "spring", "canary", 100).all()


def test_a_draw_knows_nothing_of_another() -> None:
    """Of the holdout as many have variant B as of the others; those of two campaigns, and the
    canary of one, meet as often as chance has it."""
    out, letter = held_out(PEOPLE, "spring", 20), variants(PEOPLE, "spring", (1, 1))
    assert is_fair(int(letter[out].sum()), int(out.sum()), 0.5)
    assert is_fair(int((out & held_out(PEOPLE, "summer", 20)).sum()), MANY, 0.04)
    assert is_fair(int((out & drawn(PEOPLE, "spring", "canary", 20)).sum()), MANY, 0.04)


@given(
    numbers=st.lists(st.integers(0, 10_000), min_size=1, max_size=60, unique=True),
    more=st.lists(st.integers(10_001, 20_000), max_size=60, unique=True),
    shuffled=st.randoms(use_true_random=False),
    percent=st.floats(0, 50).map(lambda p: round(p, 3)),
    shares=st.lists(st.integers(1, 9), min_size=1, max_size=4),
)
def test_a_lot_is_ones_own(
    numbers: list[int], more: list[int], shuffled: Random, percent: float, shares: list[int]
) -> None:
    """Neither the order nor those who come later change anybody's."""
    names = [f"user:{n}" for n in numbers]
    others = [*names, *(f"user:{n}" for n in more)]
    shuffled.shuffle(others)
    first, later = keys_of(names), keys_of(others)
    out = dict(zip(others, held_out(later, "spring", percent).tolist(), strict=True))
    letter = dict(zip(others, variants(later, "spring", shares).tolist(), strict=True))
    assert [out[n] for n in names] == held_out(first, "spring", percent).tolist()
    assert [letter[n] for n in names] == variants(first, "spring", shares).tolist()


@given(small=st.floats(0, 50).map(lambda p: round(p, 2)), more=st.floats(0, 50))
def test_a_greater_holdout_keeps_those_that_were_out(small: float, more: float) -> None:
    some = PEOPLE[:2_000]
    least, most = held_out(some, "spring", small), held_out(some, "spring", round(small + more, 2))
    assert not (least & ~most).any()


def test_a_renamed_campaign_is_another_one() -> None:
    assert (held_out(PEOPLE, "spring", 50) != held_out(PEOPLE, "Spring", 50)).any()


def test_it_is_the_random_of_the_segment_language() -> None:
    """Said again in plain numbers, with the referee's hash."""
    salt = int.from_bytes(blake2b(b"holdout\nspring", digest_size=8).digest(), "big")
    plain = [splitmix64(int(key) ^ salt) * 4 < 2**64 for key in PEOPLE[:500]]
    assert plain == held_out(PEOPLE[:500], "spring", 25).tolist()
