"""How long a ranking takes for many recipients, and what it holds: made-up purchases."""

import resource
import time
from typing import Any

import numpy as np

from bench.retail import Goods
from lettershop.content.audience import Audience
from lettershop.content.recommend.interactions import Interactions
from lettershop.content.recommend.model import Model
from lettershop.content.recommend.ranking import rank_with
from lettershop.content.recommend.strategies import STRATEGIES
from lettershop.model.clock import DAY

ITEMS, ROWS, ACCOUNTS, K, SEED = 20_000, 2_000_000, 30_000, 20, 3
NOW = 20_000 * DAY
MARKETS = tuple("abcdefghijkl")
TAGS = [f"tag {number}" for number in range(40)]


def measure_speed(recipients: int) -> dict[str, Any]:
    """Strategy -> seconds, of the clock and of the processor; the last is the peak in MiB."""
    draw = np.random.default_rng(SEED)
    audience = Audience(
        segment="all",
        as_of=NOW,
        contacts=np.arange(recipients, dtype=np.int32),
        accounts=draw.integers(0, ACCOUNTS, recipients).astype(np.int32),
        shown=np.zeros((recipients, 0), np.int8),
        matched={},
        defaults={},
    )
    markets = [MARKETS[account % len(MARKETS)] for account in audience.accounts]
    interests = [[TAGS[n] for n in row] for row in draw.integers(0, len(TAGS), (recipients, 3))]
    model = Model(_purchases(draw, recipients), _goods(draw), NOW)
    print(
        f"\n{recipients:,} recipients, {ITEMS:,} items, {ROWS:,} interactions; {K} each, all new\n"
    )
    found: dict[str, Any] = {"model": _timed("model", lambda: (model.bought, model.tie))}
    for name in STRATEGIES:
        asked = {"markets": markets, "interests": interests, "k": K, "new_only": True}
        found[name] = _timed(name, lambda n=name, a=asked: rank_with(model, n, audience, **a))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory':32} {peak:8,.0f} MiB")
    return {**found, "mebibytes": peak}


def _timed(name: str, work: Any) -> dict[str, float]:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    took = {"seconds": time.perf_counter() - clock, "cpu": time.process_time() - processor}
    print(f"{name:32} {took['seconds']:8.1f} s {took['cpu']:8.1f} s of processor")
    return took


def _purchases(draw: np.random.Generator, contacts: int) -> Interactions:
    """Accounts of very different sizes; items of very different popularity; each account buys more
    than half from a taste it shares with others."""
    size = draw.lognormal(0, 1.2, ACCOUNTS)
    account = draw.choice(ACCOUNTS, ROWS, p=size / size.sum()).astype(np.int32)
    popular = (np.arange(ITEMS) + 20.0) ** -0.9
    item = draw.choice(ITEMS, ROWS, p=popular / popular.sum())
    taste = draw.integers(0, 50, ACCOUNTS)[account]
    item = np.where(draw.random(ROWS) < 0.6, (item // 50 * 50 + taste) % ITEMS, item)
    return Interactions(
        contact=draw.integers(0, contacts, ROWS).astype(np.int32),
        account=account,
        item=item.astype(np.int32),
        ts=NOW - (draw.exponential(120, ROWS) * DAY).astype(np.int64),
        quantity=np.ones(ROWS),
        kind=draw.choice(3, ROWS, p=[0.84, 0.15, 0.01]).astype(np.int8),
        market=(account % len(MARKETS)).astype(np.int32),
        event=np.arange(ROWS) // 3,
        markets=MARKETS,
    )


def _goods(draw: np.random.Generator) -> Goods:
    tags = [[TAGS[n] for n in row] for row in draw.integers(0, len(TAGS), (ITEMS, 3))]
    published = NOW - (draw.exponential(200, ITEMS) * DAY).astype(np.int64)
    return Goods([str(n) for n in range(ITEMS)], tags, published, draw.random(ITEMS) < 0.9)
