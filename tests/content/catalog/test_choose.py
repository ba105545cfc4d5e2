"""Which items a recipient is shown: the travel case, and every rule beside a slow, obvious one."""

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from seeds import seed

from lettershop.content.catalog.assortment import Assortment, load_assortment
from lettershop.content.catalog.choosing import Ranked, Ranking, choose
from lettershop.content.catalog.definition import Definition
from lettershop.content.catalog.item import Item, Price
from lettershop.content.template import Items
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.errors import UsageError
from lettershop.model.values import fold

from .conftest import NOW, Shop

TRAVEL = """
title = "Flights"
file = "flights.csv"
[price.DE]
column = "eur"
currency = "EUR"
[price.CH]
column = "chf"
currency = "CHF"
"""
FLIGHTS = """id,title,departure,eur,chf,valid_until,stock
1,Rome from Berlin,Berlin,120,,,5
2,Oslo from Berlin,Berlin,90,99,,
3,Bari from Berlin,Berlin,60,66,2026-03-01,
4,Nice from Berlin,Berlin,80,88,,0
5,Rome from Zürich,Zürich,,110,,
6,Oslo from Zürich,ZÜRICH ,140,130,2026-03-02,2
7,Riga from Berlin,Berlin,70,,,1
"""


def titles(shelf: Assortment, row: Sequence[int]) -> list[str]:
    return [shelf.items[place].title for place in row if place >= 0]


def test_everybody_sees_offers_from_their_city_at_the_price_of_their_market(shop: Shop) -> None:
    """People of Berlin and of Zurich, at German and Swiss prices; Rome's flight from Berlin has no
    Swiss price, Bari's is over, Nice's sold out; for a city nobody flies from there is nothing."""
    shop.write("flights.toml", TRAVEL)
    shop.write("flights.csv", FLIGHTS)
    shop.run()
    shelf = load_assortment("flights")
    source = Items(
        catalog="flights",
        choose=("cheapest",),
        limit=2,
        match={"departure": "contact.city"},
        market="contact.country",
    )
    people = [
        ("berlin", "DE"),
        (" BERLIN", "CH"),
        ("Zu\u0308rich", "ch"),  # as some systems write the ü
        ("Zürich", "DE"),
        ("Kassel", "DE"),
        (None, "DE"),
        ("Berlin", None),
        ("Berlin", "FR"),
    ]
    found = choose(
        shelf,
        source,
        len(people),
        now=NOW,
        match={"departure": [city for city, _ in people]},
        markets=[market for _, market in people],
    )
    assert [titles(shelf, row) for row in found.tolist()] == [
        ["Riga from Berlin", "Oslo from Berlin"],
        ["Oslo from Berlin"],
        ["Rome from Zürich", "Oslo from Zürich"],
        ["Oslo from Zürich"],
        [],
        [],
        [],
        [],
    ]
    prices = [shelf.as_dict(place, "CH")["price"] for place in found[2].tolist()]
    assert prices == [Decimal(110), Decimal(130)]
    tomorrow = choose(
        shelf, source, 1, now=NOW + DAY, match={"departure": ["Zürich"]}, markets=["DE"]
    )
    assert titles(shelf, tomorrow[0].tolist()) == []


def given(said: Ranked) -> Ranking:
    """A ranking that is there already, and does not ask what is allowed."""
    return lambda rows, allowed, k: said[rows]


def shelf_of(*items: Item, gone: Sequence[bool] = ()) -> Assortment:
    return Assortment(Definition(name="goods"), items, gone)


def test_ways_are_tried_in_turn_until_the_places_are_full() -> None:
    shelf = shelf_of(*(Item(id=str(n), published_at=n) for n in range(6)))
    source = Items(catalog="goods", choose=("together", "newest"), limit=3)
    ranked = {"together": given(np.array([[2, 5], [-1, -1], [0, -1]]))}
    found = choose(shelf, source, 3, now=NOW, ranked=ranked)
    assert found.tolist() == [[2, 5, 4], [5, 4, 3], [0, 5, 4]]


def test_what_was_bought_is_not_offered_again_unless_it_is_due() -> None:
    shelf = shelf_of(*(Item(id=str(n)) for n in range(5)))
    source = Items(
        catalog="goods", choose=("due", "listed"), limit=3, exclude=("bought", "out_of_stock")
    )
    bought = csr_array(np.array([[1, 1, 0, 1, 0], [0, 0, 0, 0, 0]], bool))
    ranked = {"due": given(np.array([[3], [-1]]))}
    found = choose(shelf, source, 2, now=NOW, ranked=ranked, bought=bought, repeatable=("due",))
    assert found.tolist() == [[3, 2, 4], [0, 1, 2]]
    strict = choose(shelf, source, 2, now=NOW, ranked=ranked, bought=bought)
    assert strict.tolist() == [[2, 4, -1], [0, 1, 2]]


def test_unknown_stock_is_no_reason_and_sold_out_can_be_asked_for() -> None:
    shelf = shelf_of(Item(id="a", stock=0), Item(id="b"), Item(id="c", stock=1))
    usual = Items(catalog="goods", choose=("listed",))
    assert choose(shelf, usual, 1, now=NOW).tolist() == [[1, 2, -1, -1]]
    anything = Items(catalog="goods", choose=("listed",), exclude=())
    assert choose(shelf, anything, 1, now=NOW).tolist() == [[0, 1, 2, -1]]


def test_where_and_match_compare_as_the_language_does() -> None:
    shelf = shelf_of(
        Item(id="a", kind="Article", tags=("HR", "Payroll"), fields={"size": Decimal("4.0")}),
        Item(id="b", kind="article ", tags=("Sales",), fields={"size": 4, "eco": True}),
        Item(id="c", kind="video", tags=("hr",), fields={"size": "4"}),
    )

    def chosen(where: Mapping[str, str], **match: list[Any]) -> list[list[int]]:
        source = Items(
            catalog="goods", choose=("listed",), limit=3, where=where, match=dict.fromkeys(match)
        )
        count = len(next(iter(match.values()), [0]))
        return choose(shelf, source, count, now=NOW, match=match).tolist()

    assert chosen({"kind": "ARTICLE"}) == [[0, 1, -1]]
    assert chosen({"kind": "article", "tags": " hr"}) == [[0, -1, -1]]
    assert chosen({}, tags=[["sales", "HR"], "payroll", [], None]) == [
        [0, 1, 2],
        [0, -1, -1],
        [-1, -1, -1],
        [-1, -1, -1],
    ]
    assert chosen({}, size=[4, Decimal("4.00"), "4", 5]) == [[0, 1, 2]] * 3 + [[-1] * 3]
    assert chosen({"eco": "TRUE"}) == [[1, -1, -1]]
    assert chosen({"nowhere": "x"}) == [[-1, -1, -1]]


def test_a_ranking_is_asked_for_what_a_group_may_be_shown() -> None:
    """So that what is best in Berlin is found, however far it is from the best of all."""
    cities = [f"city {n}" for n in range(60)]
    shelf = shelf_of(*(Item(id=f"{c}/{n}", fields={"city": c}) for n in range(9) for c in cities))
    source = Items(catalog="goods", choose=("best",), limit=2, match={"city": "contact.city"})
    asked: list[int] = []

    def best(rows: Any, allowed: Any, k: int) -> Any:
        """The last of the catalog first."""
        asked.append(len(rows))
        order = np.flatnonzero(allowed)[::-1][:k]
        return np.tile(np.pad(order, (0, k - len(order)), constant_values=-1), (len(rows), 1))

    def chosen(wanted: list[str]) -> list[list[str]]:
        asked.clear()
        match = {"city": wanted}
        found = choose(shelf, source, len(wanted), now=NOW, match=match, ranked={"best": best})
        return [[shelf.ids[place] for place in row] for row in found.tolist()]

    assert chosen(["CITY 3", "city 7", "city 3"]) == [
        ["city 3/8", "city 3/7"],
        ["city 7/8", "city 7/7"],
        ["city 3/8", "city 3/7"],
    ]
    assert asked == [2, 1]
    assert chosen(cities)[59] == ["city 59/8", "city 59/7"]
    assert asked == [60]  # of many groups one deep ranking


def test_unknown_ways_are_refused() -> None:
    with pytest.raises(UsageError) as error:
        choose(shelf_of(), Items(catalog="goods", choose=("neweset",)), 1, now=NOW)
    assert error.value.code == "items.unknown_way"


def test_an_empty_catalog_offers_nothing() -> None:
    source = Items(catalog="goods", match={"kind": "x"}, limit=2)
    assert choose(shelf_of(), source, 1, now=NOW, match={"kind": ["a"]}).tolist() == [[-1, -1]]
    assert choose(shelf_of(), Items(catalog="goods", limit=1), 0, now=NOW).shape == (0, 1)


# --- beside a slow, obvious one ------------------------------------------------------------------


def slowly(
    shelf: Assortment,
    source: Items,
    row: int,
    match: Mapping[str, Sequence[Any]],
    market: str | None,
    ranked: Mapping[str, Any],
    owned: set[int],
) -> list[int]:
    def fits(place: int, way: str) -> bool:
        item = shelf.items[place]
        if not shelf.available[place] or not (item.valid_from or 0) <= NOW:
            return False
        if item.valid_until is not None and item.valid_until < NOW:
            return False
        if source.market and item.price(market) is None:
            return False
        if "out_of_stock" in source.exclude and item.stock == 0:
            return False
        if "bought" in source.exclude and place in owned and way != "due":
            return False
        if any(fold(getattr(item, f)) != fold(v) for f, v in source.where.items()):
            return False
        said = [(item.fields.get(f), match[f][row]) for f in source.match]
        return all(None not in pair and fold(pair[0]) == fold(pair[1]) for pair in said)

    def amount(place: int) -> Decimal:
        price = shelf.items[place].price(market)
        return price.amount if price else Decimal("inf")

    every = range(len(shelf))
    orders = {
        "listed": [*every],
        "newest": sorted(every, key=lambda p: -(shelf.items[p].published_at or 0)),
        "cheapest": sorted(every, key=amount),
    }
    chosen: list[int] = []
    for way in source.choose:
        order = ranked[way][row].tolist() if way in ranked else orders[way]
        chosen += [p for p in order if p >= 0 and p not in chosen and fits(p, way)]
    return (chosen + [-1] * source.limit)[: source.limit]


def random_item(dice: random.Random, number: int) -> Item:
    markets = dice.sample(("", "DE", "CH", "US"), dice.randrange(4))
    return Item(
        id=f"i{number}",
        kind=dice.choice(("a", "A ", "b")),
        prices={m: Price(Decimal(dice.randrange(9)), "EUR") for m in markets},
        stock=dice.choice((None, 0, 1, 5)),
        published_at=dice.choice((None, 1, 2, 3)),
        valid_from=dice.choice((None, None, NOW, NOW + 1)),
        valid_until=dice.choice((None, None, None, NOW, NOW - 1)),
        fields={"city": dice.choice("xyz")} if dice.random() < 0.9 else {},
    )


@pytest.mark.parametrize("round_", range(60))
def test_choosing_many_at_once_is_choosing_for_each(round_: int) -> None:
    dice = random.Random(f"{seed()}/{round_}")
    m, n = dice.randrange(40), dice.randrange(1, 30)
    gone = [dice.random() < 0.1 for _ in range(m)]
    shelf = shelf_of(*(random_item(dice, k) for k in range(m)), gone=gone)
    ways = ("newest", "cheapest", "listed", "due", "together")
    source = Items(
        catalog="goods",
        choose=tuple(dice.sample(ways, dice.randrange(1, 4))),
        limit=dice.randrange(1, 7),
        match={"city": "contact.city"} if dice.random() < 0.5 else {},
        where={"kind": "a"} if dice.random() < 0.3 else {},
        market="contact.country" if dice.random() < 0.5 else "",
        exclude=tuple(dice.sample(("bought", "out_of_stock"), dice.randrange(3))),
    )
    match = {"city": [dice.choice(("x", "Y", " z", "w", None)) for _ in range(n)]}
    markets = [dice.choice(("de", "CH", "FR", None)) for _ in range(n)]
    ranked = {}
    for way in ("due", "together"):
        lists = [dice.sample(range(m), min(m, 5)) for _ in range(n)]
        ranked[way] = np.array([(one + [-1] * 5)[:5] for one in lists], np.int32)
    owned = [set(dice.sample(range(m), dice.randrange(m + 1))) for _ in range(n)]
    dense = np.array([[p in mine for p in range(m)] for mine in owned], bool).reshape(n, m)
    found = choose(
        shelf,
        source,
        n,
        now=NOW,
        match=match,
        markets=markets,
        ranked={way: given(said) for way, said in ranked.items()},
        bought=csr_array(dense),
        repeatable=("due",),
    )
    for row in range(n):
        wanted = slowly(shelf, source, row, match, markets[row], ranked, owned[row])
        assert found[row].tolist() == wanted, (source, row)


def test_validity_includes_its_ends() -> None:
    day = parse_instant("2026-03-02")
    shelf = shelf_of(Item(id="a", valid_from=day, valid_until=day + DAY - 1))
    source = Items(catalog="goods", choose=("listed",), limit=1)
    moments = (day - 1, day, day + DAY - 1, day + DAY)
    assert [choose(shelf, source, 1, now=t)[0, 0] for t in moments] == [-1, 0, 0, -1]
