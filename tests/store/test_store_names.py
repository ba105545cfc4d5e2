"""Who is who, and facts that came without a date."""

import pytest
from store.tables import people
from store.telling import ann, at, contacts, stage

from lettershop.engines.duckdb.apply import Applied, apply
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.stage import StageColumn
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import ALWAYS
from lettershop.model.errors import NotFound
from lettershop.model.facts import (
    AccountFact,
    ContactFact,
    EventFact,
)


def test_names_said_together_are_one_contact(store: Store) -> None:
    visit = EventFact(name="Visited", contact="anon:x", **at(1))
    signed = ContactFact(contact="user:ann", also=("anon:x", "email:ann@x.org"), **at(5))
    done = load(
        store, [visit, signed, EventFact(name="Visited", contact="email:ann@x.org", **at(9))]
    )
    assert (done.contacts, done.rows) == (1, 3)
    assert store.identities_of(0) == ["anon:x", "user:ann", "email:ann@x.org"]
    assert contacts(store) == {"anon:x": {"user_id": "ann", "email": "ann@x.org"}}
    since = store.con.execute("SELECT known_since, identified_since FROM contacts").fetchall()
    assert since == [(1, 5)]


def test_what_may_not_be_joined_is_left_where_it_is(store: Store) -> None:
    load(store, [ann(1), ContactFact(contact="user:bob", **at(2))])
    said = ContactFact(
        contact="user:ann",
        also=("user:bob", "anon:new", "user:new"),
        traits={"title": "CEO"},
        **at(3),
    )
    done = load(store, [ann(3, title="CTO"), said])
    assert [(r.row, r.code) for r in done.notes] == [(1, "identity.not_joined")] * 2
    assert [r.message for r in done.notes] == [
        "“user:bob” is not joined to “user:ann” and stays with its contact:"
        " one contact has at most 1 user id",
        "“user:new” is not joined to “user:ann” and is left out: one contact has at most 1 user id",
    ]
    assert (done.rows, done.merged, done.refused) == (2, 0, ())
    assert contacts(store)["user:ann"]["title"] == "CEO"
    assert store.identities_of(0) == ["user:ann", "anon:new"]
    with pytest.raises(NotFound):
        store.contact_id("user:new")


def test_a_file_joins_and_leaves_alone_too(store: Store) -> None:
    load(store, [ann(1), ContactFact(contact="user:bob", **at(2))])
    rows = [
        {"row": 7, "identity": "user:cy", "also": ["email:cy@x.org"]},
        {"row": 8, "identity": "user:ann", "also": ["user:bob", "anon:x"]},
        {"row": 9, "identity": "user:dan", "also": None},
        {"row": 10, "identity": "user:ann", "also": ["user:bob", "anon:x"]},
    ]
    said = [{**r, **at(5), "deleted": None} for r in rows]
    types = (
        '{"row":"BIGINT","identity":"VARCHAR","also":["VARCHAR"],"ts":"BIGINT",'
        '"received_at":"BIGINT","message_id":"VARCHAR","deleted":"BOOLEAN"}'
    )
    with store.transaction():
        done = apply(store, stage(store, "contact", said, types))
    assert [(r.row, r.code) for r in done.notes] == [
        (8, "identity.not_joined"),
        (10, "identity.not_joined"),
    ]
    assert (done.rows, done.contacts, done.refused) == (4, 2, ())
    assert store.identities_of(store.contact_id("ann")) == ["user:ann", "anon:x"]
    assert contacts(store)["user:cy"] == {"user_id": "cy", "email": "cy@x.org"}


def test_people_type_names_in_any_form(store: Store) -> None:
    load(
        store,
        [
            ContactFact(contact="user:ann", also=("email:ann@x.org",), **at(1)),
            AccountFact(account="acme", **at(2)),
        ],
    )
    assert [store.contact_id(t) for t in ("ann", "user:ann", "ann@x.org")] == [0, 0, 0]
    assert store.contact_names([0]) == {0: "ann@x.org"}
    assert (store.account_id("acme"), store.account_names([0])) == (0, {0: "acme"})
    with pytest.raises(NotFound, match=r"ann@x\.org"):
        store.contact_id("anne@x.org")
    with pytest.raises(NotFound, match="acme"):
        store.account_id("acmee")


def test_a_fact_that_names_a_subject_may_write_the_name_itself(store: Store) -> None:
    load(store, [ContactFact(contact="email:a@x.org", traits={"email": "A@x.org"}, **at(1))])
    history = store.con.execute("SELECT key, text FROM contact_history").fetchall()
    assert history == [("email", "A@x.org")]


TITLES = (
    '{"row":"BIGINT","identity":"VARCHAR","also":["VARCHAR"],"ts":"BIGINT","received_at":"BIGINT",'
    '"message_id":"VARCHAR","deleted":"BOOLEAN","c0":"VARCHAR"}'
)


def import_titles(store: Store, titles: dict[str, str | None], now: int) -> Applied:
    rows = [
        {"row": i, "identity": who, **at(ALWAYS, message_id=f"{now}-{i}"), "c0": title}
        for i, (who, title) in enumerate(titles.items())
    ]
    column = StageColumn(name="title", type="text", column="c0")
    filled = stage(store, "contact", rows, TITLES, columns=(column,), undated=True, import_time=now)
    with store.transaction():
        return apply(store, filled)


def test_a_value_without_date_has_always_been_so_until_contradicted(store: Store) -> None:
    import_titles(store, {"user:ann": "CEO", "user:bob": "CTO"}, now=100)
    import_titles(store, {"user:ann": "CEO", "user:bob": "CFO"}, now=200)
    written = store.con.execute(
        "SELECT subject, ts, received_at, text FROM contact_history"
        " WHERE key = 'title' ORDER BY ALL"
    ).fetchall()
    assert written == [
        (0, ALWAYS, ALWAYS, "CEO"),
        (0, ALWAYS, ALWAYS, "CEO"),
        (1, ALWAYS, ALWAYS, "CTO"),
        (1, 200, 200, "CFO"),
    ]
    assert contacts(store)["user:bob"]["title"] == "CFO"
    assert store.catalog().last_visible["contact"] == 200


def test_a_blank_without_date_ends_an_earlier_value(store: Store) -> None:
    load(store, [ann(50, title="CEO")])
    import_titles(store, {"user:ann": None}, now=200)
    assert "title" not in contacts(store)["user:ann"]


def test_a_membership_without_date_is_dated_when_it_contradicts(store: Store) -> None:
    types = (
        '{"row":"BIGINT","contact":"VARCHAR","account":"VARCHAR","joined":"BOOLEAN",'
        '"role":"VARCHAR","ts":"BIGINT","received_at":"BIGINT","message_id":"VARCHAR"}'
    )
    for now, role in ((100, "user"), (200, "user"), (300, "admin")):
        row = {"row": 0, "contact": "user:ann", "account": "A", "joined": True, "role": role}
        filled = [{**row, **at(ALWAYS, message_id=str(now))}]
        with store.transaction():
            apply(store, stage(store, "membership", filled, types, undated=True, import_time=now))
    found = store.con.execute("SELECT ts, role FROM people_history ORDER BY ALL").fetchall()
    assert found == [(ALWAYS, "user"), (ALWAYS, "user"), (300, "admin")]
    assert people(store) == {("user:ann", "A"): (True, "admin", ALWAYS)}
