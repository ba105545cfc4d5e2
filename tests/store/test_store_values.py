"""Values: late, missing, ill-typed, of every type, with awkward names."""

import json
from datetime import date
from typing import Any

from store.telling import ann, at, contacts

from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import (
    EventFact,
    RecordFact,
)


def test_a_late_fact_does_not_overrule_a_newer_one(store: Store) -> None:
    load(store, [ann(20, title="CEO"), ann(10, title="Intern", city="Ulm")])
    assert contacts(store)["user:ann"] == {"user_id": "ann", "title": "CEO", "city": "Ulm"}
    assert store.con.execute("SELECT known_since FROM contacts").fetchall() == [(10,)]


def test_an_explicit_null_is_a_write_and_an_absent_key_is_none(store: Store) -> None:
    load(store, [ann(10, title="CEO", city="Ulm"), ann(20, title=None)])
    assert contacts(store)["user:ann"] == {"user_id": "ann", "city": "Ulm"}
    load(store, [ann(15, title="CTO")])
    assert "title" not in contacts(store)["user:ann"]


def test_an_early_null_counts_even_before_the_field_is_known(store: Store) -> None:
    load(store, [ann(20, score=None)])
    load(store, [ann(10, score=5)])
    assert "score" not in contacts(store)["user:ann"]
    load(store, [ann(30, score=6)])
    assert contacts(store)["user:ann"]["score"] == 6_000_000


def test_ill_typed_values_are_missing_counted_and_kept_beside_the_event(store: Store) -> None:
    paid = [
        EventFact(name="Paid", properties={"amount": raw}, **at(ts))
        for ts, raw in enumerate([12.5, "a lot", "7", 10**13, None, " "], start=1)
    ]
    assert load(store, paid).wrong == {("event:Paid", "amount"): 2}
    info = store.catalog().events["Paid"].properties["amount"]
    assert (info.type, info.known, info.wrong) == ("number", 2, 2)
    kept = store.con.execute("SELECT rest::JSON FROM event_paid WHERE rest IS NOT NULL ORDER BY ts")
    assert [json.loads(row[0]) for row in kept.fetchall()] == [
        {"amount": "a lot"},
        {"amount": 10**13},
    ]


def test_values_of_every_type_come_back_exactly(store: Store) -> None:
    load(
        store,
        [
            ann(
                1,
                number=-0.000001,
                text="E\u0301 \U0001f600",
                yes=True,
                at="2020-01-01T10:00+01:00",
                day="0001-01-01",
                tags=["a", " ", 3],
                home={"lat": 52.5, "lon": 13.4},
                address={"city": "Ulm", "geo": {"x": 1}},
            )
        ],
    )
    assert contacts(store)["user:ann"] == {
        "user_id": "ann",
        "number": -1,
        "text": "\u00c9 \U0001f600",
        "yes": True,
        "at": 1_577_869_200_000,
        "day": date(1, 1, 1),
        "tags": ("a", "3"),
        "home": (52.5, 13.4),
        "address.city": "Ulm",
        "address.geo.x": 1_000_000,
    }


def test_lists_of_objects_and_unreadable_text_stay_beside_the_event(store: Store) -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    sent = {"items": [{"sku": 1}], "deep": deep, "bad": "half \ud800 a pair", "empty": []}
    load(store, [EventFact(name="Bought", properties=sent, **at(1))])
    rest = store.con.execute("SELECT rest::JSON FROM event_bought").fetchall()[0][0]
    assert json.loads(rest)["items"] == [{"sku": 1}]
    assert json.loads(rest)["bad"] == "half ? a pair"
    odd = EventFact(name="B\ud800", contact="user:\udfff", properties={"x\ud800": 1}, **at(2))
    load(store, [odd])
    assert store.catalog().events["B?"].properties["x?"].known == 1
    assert store.contact_id("user:?") == 0


def test_names_that_differ_in_case_or_are_ours_get_columns_of_their_own(store: Store) -> None:
    names = ["plan", "Plan", "id", "KEY", "rowid", 'a "b"', "\U0001f600", "a\0b", "  ", "Id"]
    load(store, [ann(1, **{name: name.strip() or "blank" for name in names})])
    known = contacts(store)["user:ann"]
    assert {n: known[n] for n in names if "\0" not in n} == {
        n: n.strip() or "blank" for n in names if "\0" not in n
    }
    columns = [f.column.lower() for f in store.catalog().contact.values()]
    assert len({*columns, "id", "key", "identity", "deleted", "rowid"}) == len(columns) + 5


def test_tables_of_clashing_names_are_apart(store: Store) -> None:
    long = "x" * 100
    names = ["Signed In", "signed in", "SIGNED_IN!", "\u4f60\u597d", "", long, long + "y"]
    load(store, [EventFact(name=n, **at(i)) for i, n in enumerate(names)])
    infos = store.catalog().events.values()
    assert [i.rows for i in infos] == [1] * len(names)
    assert len({i.table for i in infos}) == len(names) and all(len(i.table) <= 60 for i in infos)
    kinds = ["deal", "deal history", "deal_history", "kinds", "Deal"]
    load(store, [RecordFact(kind=k, id="1", **at(1)) for k in kinds])
    assert [r.rows for r in store.catalog().records.values()] == [1] * len(kinds)


def test_values_are_listed_while_there_are_few(store: Store) -> None:
    load(store, [ann(i, plan="pro" if i % 3 else "free", note=f"n{i}") for i in range(1, 61)])
    fields = store.catalog().contact
    assert fields["plan"].values == ("pro", "free") and fields["note"].values == ()
    load(store, [ann(61, plan="free", note="again")])
    assert store.catalog().contact["note"].values == ()
    assert store.catalog().contact["plan"].known == 61
