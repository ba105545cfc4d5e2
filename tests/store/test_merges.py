"""Contacts that become one: what goes where, and how it is taken back."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from store.tables import events, people
from store.telling import ann, at, contacts
from store.test_store_equal import IDENTITIES, SETTINGS, portions

from lettershop.engines.duckdb import merges
from lettershop.engines.duckdb.apply import Applied, apply_all
from lettershop.engines.duckdb.filling import Filling
from lettershop.engines.duckdb.identify import key_of
from lettershop.engines.duckdb.profile import profile
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import NotFound, UsageError
from lettershop.model.facts import AnyFact, ContactFact, EventFact, MembershipFact, RecordFact


def said(ts: int, *ids: str, alias: bool = False, **traits: Any) -> ContactFact:
    return ContactFact(contact=ids[0], also=ids[1:], alias=alias, traits=traits, **at(ts))


def visited(ts: int, who: str) -> EventFact:
    return EventFact(name="Visited", contact=who, **at(ts))


def whose(store: Store) -> dict[str, tuple[str, str | None]]:
    return {m: (row["contact"], row["account"]) for m, row in events(store).items()}


def merge(store: Store) -> Applied:
    """Ann is a member of an account; a visitor with a deal turns out to be her."""
    load(store, [visited(1, "anon:x"), RecordFact(kind="deal", id="D", contact="anon:x", **at(2))])
    load(store, [ann(3, plan="pro"), MembershipFact(contact="user:ann", account="A", **at(0))])
    return load(store, [said(4, "anon:x", plan="free"), said(5, "user:ann", "anon:x")])


def test_a_merge_brings_everything_along(store: Store) -> None:
    done = merge(store)
    assert (done.merged, done.contacts, done.notes) == (1, 0, ())
    assert store.contact_id("anon:x") == store.contact_id("user:ann") == 1
    assert contacts(store) == {"anon:x": {}, "user:ann": {"user_id": "ann", "plan": "free"}}
    assert whose(store) == {"m1": ("user:ann", "A")}
    assert store.con.execute("SELECT contact FROM record_deal").fetchall() == [(1,)]
    assert store.contact_names([0, 1]) == {1: "ann"}
    with pytest.raises(NotFound, match="number 0"):
        profile(store, 0, {})


def test_who_was_identified_keeps_number_and_key(store: Store) -> None:
    """So holdouts and other random shares stay as they are."""
    merge(store)
    rows = store.con.execute(
        "SELECT id, key, merged, known_since, identified_since FROM contacts ORDER BY id"
    ).fetchall()
    assert rows == [(0, key_of("anon:x"), 1, None, None), (1, key_of("user:ann"), None, 0, 0)]


def test_an_undone_merge_never_was(store: Store) -> None:
    """Facts that came after the merge go with the identity they were said of, too."""
    merge(store)
    load(store, [visited(6, "anon:x"), visited(7, "user:ann"), said(8, "anon:x", title="x")])
    done = merges.undo(store, 1, 99)
    assert (done.identity, done.absorbed_identity, done.undone_at) == ("user:ann", "anon:x", 99)
    assert contacts(store) == {
        "anon:x": {"plan": "free", "title": "x"},
        "user:ann": {"user_id": "ann", "plan": "pro"},
    }
    assert whose(store) == {
        "m1": ("anon:x", None),
        "m6": ("anon:x", None),
        "m7": ("user:ann", "A"),
    }
    assert store.con.execute("SELECT contact FROM record_deal").fetchall() == [(0,)]
    assert store.con.execute("SELECT merged FROM contacts").fetchall() == [(None,), (None,)]


def test_what_was_undone_is_kept_apart(store: Store) -> None:
    merge(store)
    merges.undo(store, 1, 99)
    again = load(store, [said(9, "user:ann", "anon:x")])
    assert again.merged == 0 and "kept apart" in again.notes[0].message
    through_another = load(store, [said(10, "anon:y", "anon:x"), said(11, "user:ann", "anon:y")])
    assert (through_another.merged, len(through_another.notes)) == (0, 1)


def test_both_may_be_new_in_one_load(store: Store) -> None:
    done = load(store, [visited(1, "anon:x"), ann(2), said(3, "user:ann", "anon:x")])
    assert (done.merged, done.contacts) == (1, 1)
    [found] = merges.merges(store)
    assert (found.survivor, found.absorbed, found.identities) == (0, None, ("anon:x",))
    merges.undo(store, 1, 9)
    assert contacts(store) == {"user:ann": {"user_id": "ann"}, "anon:x": {}}
    assert whose(store) == {"m1": ("anon:x", None)}
    keys = store.con.execute("SELECT key FROM contacts ORDER BY id").fetchall()
    assert keys == [(key_of("user:ann"),), (key_of("anon:x"),)]


def test_a_new_name_of_somebody_known_is_no_merge(store: Store) -> None:
    load(store, [visited(1, "anon:x")])
    done = load(store, [said(2, "user:ann", "anon:x")])
    assert (done.merged, done.contacts, merges.merges(store)) == (0, 0, [])
    assert contacts(store) == {"anon:x": {"user_id": "ann"}}


def test_a_chain_is_taken_back_link_by_link(store: Store) -> None:
    for n, who in enumerate(("user:a", "email:b@x.org", "anon:c")):
        load(store, [visited(n, who)])
    load(store, [said(20, "email:b@x.org", "anon:c"), said(21, "user:a", "email:b@x.org")])
    stages = [[who for who, _ in whose(store).values()]]
    for number in (1, 2):
        merges.undo(store, number, 99)
        stages.append([who for who, _ in whose(store).values()])
    assert stages == [
        ["user:a", "user:a", "user:a"],
        ["user:a", "user:a", "anon:c"],
        ["user:a", "email:b@x.org", "anon:c"],
    ]


def test_two_pairs_of_one_account_become_one_and_two_again(store: Store) -> None:
    def joined(ts: int, who: str, role: str) -> MembershipFact:
        return MembershipFact(contact=who, account="A", role=role, **at(ts))

    load(store, [joined(1, "user:ann", "user"), joined(2, "email:a@x.org", "admin")])
    load(store, [said(3, "user:ann", "email:a@x.org")])
    assert people(store) == {("user:ann", "A"): (True, "admin", 1)}
    assert store.con.execute("SELECT count(*) FROM people").fetchall() == [(2,)]
    merges.undo(store, 1, 9)
    assert people(store) == {
        ("user:ann", "A"): (True, "user", 1),
        ("email:a@x.org", "A"): (True, "admin", 2),
    }


def test_limits_hold_for_what_both_bring(store: Store) -> None:
    """Somebody with two user ids, said explicitly, may still be given an address."""
    done = load(
        store,
        [
            *(said(n, f"user:{n}") for n in range(7)),
            *(said(10 + n, "user:0", f"user:{n}", alias=True) for n in range(1, 7)),
            said(20, "user:0", "email:a@x.org"),
            said(21, "user:6", "user:5"),
        ],
    )
    assert [n.row for n in done.notes] == [11, 12, 14]
    assert store.identities_of(store.contact_id("user:0")) == [
        *(f"user:{n}" for n in range(5)),
        "email:a@x.org",
    ]


def test_names_no_database_can_hold_are_joined_as_they_are_stored(store: Store) -> None:
    half = "anon:\ud800"
    done = load(store, [visited(1, half), ann(2), said(3, "user:ann", half, "anon:?")])
    assert (done.merged, done.notes) == (1, ())
    assert store.identities_of(0) == ["anon:?", "user:ann"]


def test_undoing_needs_a_merge_that_stands(store: Store) -> None:
    merge(store)
    with pytest.raises(NotFound, match="no merge number 7") as unknown:
        merges.undo(store, 7, 99)
    merges.undo(store, 1, 99)
    with pytest.raises(UsageError, match="undone before") as twice:
        merges.undo(store, 1, 99)
    assert (unknown.value.code, twice.value.code) == ("merge.unknown", "merge.undone")
    assert merges.merges(store)[0].undone_at == 99


def test_merges_are_listed_newest_first_and_by_contact(store: Store) -> None:
    load(store, [visited(n, f"anon:{n}") for n in range(1, 5)])
    load(store, [ann(5), *(said(10 + n, "user:ann", f"anon:{n}") for n in range(1, 4))])
    assert [m.id for m in merges.merges(store)] == [3, 2, 1]
    assert [m.id for m in merges.merges(store, most=1, before=3)] == [2]
    merges.undo(store, 2, 99)
    by_contact = merges.merges(store, contact=store.contact_id("ann"))
    assert [(m.id, m.at, m.message_id) for m in by_contact] == [(3, 13, "m13"), (1, 11, "m11")]
    assert merges.merges(store, contact=store.contact_id("anon:2")) == []


# --- files ----------------------------------------------------------------------------------------

identity = st.sampled_from(IDENTITIES)
mentions = st.lists(
    st.tuples(st.booleans(), identity, st.lists(identity, max_size=3)), min_size=1, max_size=12
)


def mentioned(drawn: Sequence[tuple[bool, str, list[str]]]) -> list[AnyFact]:
    return [
        visited(n, who) if alone else said(n, who, *also)
        for n, (alone, who, also) in enumerate(drawn)
    ]


def apply_file(store: Store, facts: Sequence[AnyFact]) -> Applied:
    """As an import does it: in stages, without a look at single facts."""
    filling = Filling({})
    filling.add_all(list(enumerate(facts)))
    with store.transaction():
        return apply_all(store, filling.stages(store.con))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(mentions, st.lists(st.integers(0, 12), max_size=1))
def test_files_and_facts_mean_the_same(
    drawn: list[tuple[bool, str, list[str]]], cuts: list[int]
) -> None:
    with Store.open(None, settings=SETTINGS) as one, Store.open(None, settings=SETTINGS) as two:
        for facts in portions(mentioned(drawn), cuts):
            by_fact, by_file = load(one, facts), apply_file(two, facts) if facts else Applied()
            assert sorted({n.row for n in by_file.notes}) == sorted({n.row for n in by_fact.notes})
            assert (by_file.merged, by_file.contacts) == (by_fact.merged, by_fact.contacts)
        for question in (
            "SELECT id, identity, known_since, identified_since, merged FROM contacts ORDER BY id",
            "SELECT identity, contact, seen FROM identities ORDER BY identity",
            "SELECT id, identity, absorbed_identity, list_sort(identities) FROM merges ORDER BY id",
            "SELECT subject, key, text, ts FROM contact_history ORDER BY ALL",
        ):
            assert one.con.execute(question).fetchall() == two.con.execute(question).fetchall()
        assert whose(one) == whose(two)
