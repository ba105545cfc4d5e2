"""Sequences, tests of first and last values and extremes, worked out from rows in memory: right
after merges, late facts and any leap of the clock. Compared with the full evaluation."""

from random import Random

import numpy as np
import pytest
from engines.test_counted_values import Shop, scenes

from lettershop.engines.duckdb.refresh import strands
from lettershop.engines.duckdb.refresh.strands import Lines, Strand
from lettershop.model.clock import DAY, HOUR

TEXTS = (
    'did "Order" then "Visit" within 2 days',
    'did "Order" within last 3 days then "Visit" within 1 hour without "Order" between',
    'did "Visit" today then "Order" then "Visit"',
    'last city over "Order" within last 20 days = "Oslo"',
    'first city over "Order" within last 3 days = "Rome"',
    'last price over "Order" > 2',
    'first paid over "Order" is true',
    'maximum of price over "Order" within last 3 days > 2',
    'minimum of price over "Order" within last 20 days < 1',
    'minimum of price over "Order" < 1',
    'maximum of price over "Order" more than 3 days ago > 2',
)


@pytest.mark.parametrize("seed", [3])
def test_whatever_happens(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strands, "RECENT", 3)  # so that layers become one often
    with Shop(TEXTS) as shop:
        told = {len(m) for f in scenes(Random(seed), shop) for m in shop.refresh(f).values()}
        assert shop.steps >= 8 and max(told) >= 4


def test_two_values_at_one_time_are_left_to_sql() -> None:
    text = 'last city over "Order" = "Rome"'
    with Shop([text]) as shop:
        assert shop.refresh([shop.event("user:ann", "Order", shop.at - DAY, city="Bern")])
        shop.at += HOUR
        twice = [shop.event("user:ann", "Order", shop.at, city=city) for city in ("Oslo", "Rome")]
        assert shop.refresh(twice)[f"contact: {text}"] == {0}
        shop.at += HOUR
        last = shop.event("user:ann", "Order", shop.at, city="Bern")
        assert shop.refresh([last])[f"contact: {text}"] == set()
        assert shop.steps == 2


def test_a_strand_gives_what_was_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strands, "RECENT", 20)
    random, known = np.random.default_rng(7), {}
    strand = Strand(30, np.int64, lambda rows: rows.ts >= 0)
    for _ in range(60):
        count = int(random.integers(0, 8))
        slots, ts = random.integers(0, 30, count), random.integers(0, 9, count)
        rows = Lines(slots, ts, ts * 2)
        if random.random() < 0.3:
            slots = np.unique(np.append(slots, 7))
            known |= {int(slot): [] for slot in slots}
            strand.replace(slots, rows)
        else:
            strand.add(rows)
        for slot, at in zip(rows.slots.tolist(), ts.tolist(), strict=True):
            known.setdefault(slot, []).append(at)
        asked = np.unique(random.integers(0, 30, 12))
        found = strand.of(asked)
        assert (found.values == found.ts * 2).all()
        got = sorted(zip(asked[found.slots].tolist(), found.ts.tolist(), strict=True))
        assert got == sorted((s, at) for s in asked.tolist() for at in known.get(s, ()))
