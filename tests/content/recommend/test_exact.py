"""On random shops the matrices say what slow loops say."""

from collections import Counter, defaultdict
from itertools import product
from math import log, sqrt
from statistics import median

import numpy as np
import pytest
from content.recommend.worlds import TODAY, Goods
from seeds import seed

from lettershop.content.recommend.interactions import BOUGHT, RETURNED, VIEWED, Interactions
from lettershop.content.recommend.model import Model
from lettershop.content.recommend.reorder import EARLY, LATE, due
from lettershop.content.recommend.returns import net
from lettershop.content.recommend.similar import Likeness, vectors
from lettershop.content.recommend.together import MEASURES, Weighting, together
from lettershop.model.clock import DAY

ITEMS, BUYERS, ROWS = 25, 30, 400


def random_model(number: int) -> Model:
    draw = np.random.default_rng([seed(), number])
    account = draw.integers(-1, BUYERS, ROWS)
    rows = Interactions(
        contact=draw.integers(0, 5, ROWS).astype(np.int32),
        account=account.astype(np.int32),
        item=np.minimum(draw.geometric(0.12, ROWS) - 1, ITEMS - 1).astype(np.int32),
        ts=draw.integers(TODAY - 300, TODAY, ROWS) * DAY,
        quantity=draw.integers(1, 4, ROWS).astype(np.float64),
        kind=draw.choice([BOUGHT, BOUGHT, BOUGHT, VIEWED, RETURNED], ROWS).astype(np.int8),
        market=np.full(ROWS, -1, np.int32),
        event=np.arange(ROWS),
    )
    ids = [f"i{number}" for number in range(ITEMS)]
    nothing = np.zeros(ITEMS, np.int64)
    items = Goods(ids, [[] for _ in ids], nothing, np.ones(ITEMS, np.bool_))
    return Model(rows, items, TODAY * DAY)


def lines(model: Model) -> list[tuple[tuple[int, int], int, int, float, int]]:
    """(buyer, item, day, quantity, kind), in the order they happened."""
    rows = model.rows
    who = [(-1, c) if a < 0 else (a, -1) for a, c in zip(rows.account, rows.contact, strict=True)]
    columns = (who, rows.item, rows.ts // DAY, rows.quantity, rows.kind)
    return sorted(zip(*columns, strict=True), key=lambda row: row[2])


def kept(model: Model) -> list[tuple[tuple[int, int], int, int]]:
    """Purchases that were not given back: returns take from the latest purchase before them."""
    left: dict[int, float] = {}
    all_lines = lines(model)
    for number, (_, _, _, quantity, kind) in enumerate(all_lines):
        if kind == BOUGHT:
            left[number] = quantity
    for buyer, item, day, back, kind in all_lines:
        if kind != RETURNED:
            continue
        for number in reversed(range(len(all_lines))):
            other = all_lines[number]
            if number in left and other[:2] == (buyer, item) and other[2] <= day and back > 0:
                taken = min(left[number], back)
                left[number] -= taken
                back -= taken
    return [all_lines[number][:3] for number in left if left[number] > 0]


def baskets(model: Model) -> dict[tuple[int, int], set[int]]:
    found: dict[tuple[int, int], set[int]] = defaultdict(set)
    for buyer, item, _ in kept(model):
        found[buyer].add(item)
    return found


@pytest.mark.parametrize("number", range(8))
def test_returns(number: int) -> None:
    model = random_model(number)
    found = model.rows.only(net(model.rows, model.buyers.row))
    mine = [
        (-1, c) if a < 0 else (a, -1) for a, c in zip(found.account, found.contact, strict=True)
    ]
    said = Counter(zip(mine, found.item.tolist(), (found.ts // DAY).tolist(), strict=True))
    assert said == Counter((b, int(i), int(d)) for b, i, d in kept(model))


@pytest.mark.parametrize(("number", "measure"), [*product(range(3), MEASURES)])
def test_bought_together(number: int, measure: str) -> None:
    """Every pair, with each measure, each buyer weighed by how much they bought."""
    model = random_model(number)
    how = Weighting(measure=measure, shrink=3.0, neighbours=ITEMS, long=0.5)
    allowed = np.arange(ITEMS) % 3 > 0
    found = together(model, allowed, how).toarray()
    sets = baskets(model)
    shares = {buyer: len(items) ** -0.5 for buyer, items in sets.items()}
    mean = sum(shares.values()) / len(shares)
    n = [sum(shares[b] / mean for b, s in sets.items() if i in s) for i in range(ITEMS)]
    for i, j in product(range(ITEMS), range(ITEMS)):
        c = sum(shares[b] / mean for b, s in sets.items() if i in s and j in s)
        expected = 0.0
        if c and i != j and allowed[j]:
            expected = {
                "conditional": lambda c=c, i=i: c / (n[i] + 3),
                "cosine": lambda c=c, i=i, j=j: c / sqrt(n[i] * n[j]) * c / (c + 3),
                "lift": lambda c=c, i=i, j=j: (
                    max(log(c * len(sets) / (n[i] * n[j]), 2), 0) * c / (c + 3)
                ),
            }[measure]()
        assert found[i, j] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_parts_and_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few pairs are held at a time; and of each item the strongest are kept."""
    model, allowed = random_model(1), np.ones(ITEMS, np.bool_)
    whole = together(model, allowed, Weighting(neighbours=ITEMS)).toarray()
    monkeypatch.setattr("lettershop.content.recommend.together.PAIRS", 30)
    assert np.array_equal(together(model, allowed, Weighting(neighbours=ITEMS)).toarray(), whole)
    few = together(model, allowed, Weighting(neighbours=3)).toarray()
    for row, strong in zip(whole, few, strict=True):
        assert sorted(strong[strong > 0]) == sorted(row[row > 0])[-3:]


@pytest.mark.parametrize("number", range(8))
def test_due(number: int) -> None:
    model = random_model(number)
    days: dict[tuple[tuple[int, int], int], set[int]] = defaultdict(set)
    for buyer, item, day in kept(model):
        days[buyer, item].add(day)
    expected = []
    for when in (sorted(one) for one in days.values()):
        gaps = np.diff(when)
        if len(gaps) < 2:
            continue
        middle = median(gaps)
        late = (TODAY - when[-1]) / middle
        steady = sum(middle / 2 <= gap <= middle * 2 for gap in gaps)
        if steady * 3 >= len(gaps) * 2 and EARLY <= late <= LATE:
            expected.append(late)
    assert sorted(due(model).data) == pytest.approx(sorted(expected))


def test_vectors_of_accounts_have_length_one() -> None:
    model = random_model(2)
    found = vectors(model, Likeness())
    lengths = np.sqrt((found.all.toarray() ** 2).sum(axis=1))
    assert lengths[:-1] == pytest.approx(
        [1.0 if s else 0.0 for s in np.diff(model.bought.indptr)[:-1]]
    )
    assert lengths[-1] == 0
    both = (found.all @ found.indexed).toarray()
    assert both == pytest.approx(found.all.toarray() @ found.all.toarray().T, abs=1e-5)
