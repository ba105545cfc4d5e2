"""What events say of items: where ids may stand, as of when, and by whom."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from lettershop.content.recommend.interactions import BOUGHT, RETURNED, VIEWED, Interactions
from lettershop.content.recommend.reading import interactions
from lettershop.content.recommend.traits import market_codes, traits_of
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import AccountFact, ContactFact, EventFact, MembershipFact

IDS = ("A-1", "b-2", "007", "12.5", "Ünique", "7x")
LATER = 1_000


class Named(NamedTuple):
    event: str
    item: str


SKU = Named("Order", "sku")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def told(store: Store, name: str, at: int = 1, received: int | None = None, **said: Any) -> None:
    who = {key: said.pop(key) for key in ("contact", "account") if key in said}
    count = store.con.execute("SELECT count(*) FROM message_ids").fetchall()[0][0]
    event = EventFact(
        ts=at,
        received_at=at if received is None else received,
        message_id=f"m{count}",
        name=name,
        properties=said,
        **({"contact": "user:ann"} | who),
    )
    load(store, [event])


def found(rows: Interactions) -> list[tuple[str, float]]:
    return sorted(
        (IDS[item], amount) for item, amount in zip(rows.item, rows.quantity, strict=True)
    )


CASES: list[tuple[str, str, list[dict[str, Any]], list[tuple[str, float]]]] = [
    ("a text", "sku", [{"sku": "A-1"}], [("A-1", 1)]),
    ("case and spaces", "sku", [{"sku": " a-1\t"}, {"sku": "ÜNIQUE"}], [("A-1", 1), ("Ünique", 1)]),
    ("nearly is not", "sku", [{"sku": "A-11"}, {"sku": "A 1"}, {"sku": ""}], []),
    ("a quantity", "sku", [{"sku": "A-1", "quantity": 2.5}], [("A-1", 2.5)]),
    ("nothing bought", "sku", [{"sku": "A-1", "quantity": 0}], []),
    ("a number", "sku", [{"sku": 12.5}, {"sku": 7}], [("007", 1), ("12.5", 1)]),
    ("a text among numbers", "sku", [{"sku": 12.5}, {"sku": "b-2"}], [("12.5", 1), ("b-2", 1)]),
    ("a list", "skus", [{"skus": ["A-1", "zzz", "b-2"]}], [("A-1", 1), ("b-2", 1)]),
    ("a text among lists", "skus", [{"skus": ["A-1"]}, {"skus": "b-2"}], [("A-1", 1), ("b-2", 1)]),
    ("a list among texts", "sku", [{"sku": "A-1"}, {"sku": ["b-2"]}], [("A-1", 1), ("b-2", 1)]),
    ("dotted", "product.id", [{"product": {"id": "b-2"}}], [("b-2", 1)]),
    (
        "objects",
        "products[].product_id",
        [{"products": [{"product_id": "A-1", "quantity": 3}, {"product_id": 7}, {"x": 1}]}],
        [("A-1", 3)],
    ),
    ("objects within", "o.lines[].p.id", [{"o": {"lines": [{"p": {"id": "b-2"}}]}}], [("b-2", 1)]),
    ("no list", "products[].id", [{"products": {"id": "A-1"}}, {"products": 3}], []),
    ("a strange name", 'a"b/c~d[].i', [{'a"b/c~d': [{"i": "A-1"}]}], [("A-1", 1)]),
    ("no such property", "nothing", [{"sku": "A-1"}], []),
]


@pytest.mark.parametrize(
    ("item", "said", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_where_ids_may_stand(
    store: Store, item: str, said: list[dict[str, Any]], expected: list[tuple[str, float]]
) -> None:
    for properties in said:
        told(store, "Order", **properties)
    rows = interactions(store, IDS, LATER, bought=[Named("Order", item)])
    assert found(rows) == expected


def test_kinds_and_events_that_never_came(store: Store) -> None:
    told(store, "Order", sku="A-1")
    told(store, "Seen", sku="b-2")
    told(store, "Back", sku="A-1")
    rows = interactions(
        store,
        IDS,
        LATER,
        bought=[Named("Order", "sku"), Named("Never", "sku")],
        viewed=[Named("Seen", "sku")],
        returned=[Named("Back", "sku")],
    )
    assert list(rows.kind) == [BOUGHT, VIEWED, RETURNED]


def test_only_what_had_happened_and_was_received(store: Store) -> None:
    told(store, "Order", at=10, sku="A-1")
    told(store, "Order", at=10, received=30, sku="b-2")
    told(store, "Order", at=20, received=15, sku="7x")
    for as_of, expected in (
        (9, []),
        (10, ["A-1"]),
        (20, ["7x", "A-1"]),
        (30, ["7x", "A-1", "b-2"]),
    ):
        rows = interactions(store, IDS, as_of, bought=[Named("Order", "sku")])
        assert [item for item, _ in found(rows)] == expected


def test_merged_contacts_are_one(store: Store) -> None:
    told(store, "Order", contact="anon:1", sku="A-1")
    told(store, "Order", contact="user:ann", sku="b-2")
    before = interactions(store, IDS, LATER, bought=[Named("Order", "sku")])
    assert len(set(before.contact)) == 2
    merge = ContactFact(
        ts=5, received_at=5, message_id="c", contact="user:ann", also=("anon:1",), traits={}
    )
    load(store, [merge])
    rows = interactions(store, IDS, LATER, bought=[Named("Order", "sku")])
    assert set(rows.contact) == {store.contact_id("ann")}
    assert len(rows) == 2


def test_the_account_is_that_of_the_event(store: Store) -> None:
    membership = MembershipFact(
        ts=0, received_at=0, message_id="j", contact="user:ann", account="acme"
    )
    load(store, [membership])
    told(store, "Order", sku="A-1")
    told(store, "Order", account="zoo", sku="b-2")
    rows = interactions(store, IDS, LATER, bought=[Named("Order", "sku")])
    accounts = {IDS[i]: account for i, account in zip(rows.item, rows.account, strict=True)}
    assert accounts == {"A-1": store.account_id("acme"), "b-2": store.account_id("zoo")}


def test_markets_of_contact_else_account_as_of_then(store: Store) -> None:
    def fact(kind: Any, at: int, **said: Any) -> Any:
        return kind(ts=at, received_at=at, message_id=f"t{at}", **said)

    load(
        store,
        [
            fact(AccountFact, 1, account="acme", traits={"country": " Austria ", "size": 3}),
            fact(ContactFact, 2, contact="user:bob", traits={"country": "AUSTRIA"}),
            fact(ContactFact, 50, contact="user:bob", traits={"country": "France"}),
        ],
    )
    told(store, "Order", at=3, contact="user:ann", account="acme", sku="A-1")
    told(store, "Order", at=4, contact="user:bob", sku="b-2")
    told(store, "Order", at=5, contact="user:cy", sku="007")
    for as_of, expected in ((40, ["austria", "austria", None]), (60, ["austria", "france", None])):
        rows = interactions(store, IDS, as_of, bought=[Named("Order", "sku")])
        assert [rows.markets[m] if m >= 0 else None for m in rows.market] == expected
    assert market_codes(store, "size", 60).names == ()
    assert traits_of(store, "account", ["size", "none"], 60)["size"].tolist() == [3.0]


def test_numbers_find_ids_with_zeros_before_them_unless_another_is_nearer(store: Store) -> None:
    for number in (7, 8, 9, 0):
        told(store, "Order", sku=number)
    rows = interactions(store, ("007", "7", "08", "0009", "09", "000"), LATER, bought=[SKU])
    assert list(rows.item) == [1, 2, 5]


def test_no_number_is_no_quantity(store: Store) -> None:
    for amount in ("nan", "inf", "-inf", "many", "1e999", "2"):
        told(store, "Order", lines=[{"sku": "A-1", "quantity": amount}])
    rows = interactions(store, IDS, LATER, bought=[Named("Order", "lines[].sku")])
    assert sorted(rows.quantity) == [1, 2]


def test_an_empty_catalog_and_an_empty_store(store: Store) -> None:
    assert len(interactions(store, IDS, LATER, bought=[Named("Order", "sku")])) == 0
    told(store, "Order", sku="A-1")
    assert len(interactions(store, (), LATER, bought=[Named("Order", "sku")])) == 0
