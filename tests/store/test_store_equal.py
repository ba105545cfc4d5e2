"""Whatever is loaded, in whatever portions: the tables hold what plain Python works out."""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
from store.naive import Naive, Subject
from store.tables import events, people, wide

from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.identify import key_of
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)
from lettershop.model.values import Missing

IDENTITIES = ("user:1", "user:2", "email:a@x.org", "email:b@x.org", "anon:1")
ACCOUNTS = ("A", "B", "ä “quoted” \U0001f600")
VALUES = (1, 12.5, "x", "X", "", None, True, "2020-01-01", "2020-01-01T10:00Z", "7", ["a", "b"])
KEYS = ("plan", "Plan", "email", "id", 'we "ird"')

moments = st.integers(1, 9)
deleted = st.sampled_from((None, None, None, True, False))
traits = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
contact = st.sampled_from(IDENTITIES)
account = st.sampled_from(ACCOUNTS)


@st.composite
def histories(draw: st.DrawFn) -> list[AnyFact]:
    return [draw(_fact(number)) for number in range(draw(st.integers(1, 14)))]


@st.composite
def _fact(draw: st.DrawFn, number: int) -> AnyFact:
    said = {
        "ts": draw(moments),
        "received_at": draw(moments),
        "message_id": f"m{draw(st.integers(0, 5))}",
    }
    match draw(st.sampled_from("ccammmeeer")):
        case "c":
            also = tuple(draw(st.lists(contact, max_size=2, unique=True)))
            return ContactFact(
                contact=draw(contact), also=also, traits=draw(traits), deleted=draw(deleted), **said
            )
        case "a":
            return AccountFact(
                account=draw(account), traits=draw(traits), deleted=draw(deleted), **said
            )
        case "m":
            return MembershipFact(
                contact=draw(contact),
                account=draw(account),
                joined=draw(st.booleans()),
                role=draw(st.sampled_from((None, "admin", "user"))),
                **said,
            )
        case "e":
            said["message_id"] = f"e{draw(st.integers(0, 20))}"
            return EventFact(
                name=draw(st.sampled_from(("Paid", "paid", "Signed In"))),
                contact=draw(st.none() | contact),
                account=draw(st.sampled_from((None, None, *ACCOUNTS))),
                properties=draw(traits),
                **said,
            )
        case _:
            return RecordFact(
                kind=draw(st.sampled_from(("deal", "deal history"))),
                id=draw(st.sampled_from(("D1", "D2"))),
                contact=draw(st.none() | contact),
                account=draw(st.none() | account),
                traits=draw(traits),
                deleted=draw(deleted),
                **said,
            )


def portions(facts: Sequence[AnyFact], cuts: Sequence[int]) -> list[Sequence[AnyFact]]:
    ends = [*sorted(min(c, len(facts)) for c in cuts), len(facts)]
    return [facts[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]


def expected(subject: Subject, fields: Sequence[str]) -> dict[str, Any]:
    found = {key: subject.now(key) for key in fields}
    return {k: v for k, v in found.items() if v is not None and not isinstance(v, Missing)}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(histories(), st.lists(st.integers(0, 14), max_size=2))
def test_tables_hold_what_the_facts_say(facts: list[AnyFact], cuts: list[int]) -> None:
    naive = Naive(facts)
    with Store.open(None) as store:
        refused, start = [], 0
        for portion in portions(facts, cuts):
            refused += [start + r.row for r in load(store, portion).refused]
            start += len(portion)
        assert refused == naive.refused
        compare_subjects(store, naive)
        compare_people_and_events(store, naive)
        catalog = store.catalog()
        assert {(scope, f.name): f.type for scope, f in catalog.everything()} == {
            ("membership", "role"): "text",
            ("membership", "joined"): "time",
            **naive.types,
        }


def compare_subjects(store: Store, naive: Naive) -> None:
    catalog = store.catalog()
    ours = ["key", "known_since", "identified_since", "deleted"]
    subjects = {s.names[0]: s for s in naive.contacts.values()}
    assert wide(store, "contacts", catalog.contact, ours) == {
        who: {
            "key": key_of(who),
            "known_since": min(s.seen),
            **({"identified_since": min(s.identified)} if s.identified else {}),
            "deleted": bool(s.now("@deleted")),
            **expected(s, list(catalog.contact)),
        }
        for who, s in subjects.items()
    }
    assert wide(store, "accounts", catalog.account, ["known_since", "deleted"]) == {
        who: {
            "known_since": min(s.seen),
            "deleted": bool(s.now("@deleted")),
            **expected(s, list(catalog.account)),
        }
        for who, s in naive.accounts.items()
    }
    for info in catalog.records.values():
        found = wide(store, info.table, info.fields, ["deleted"])
        assert found == {
            identity: {"deleted": bool(s.now("@deleted")), **expected(s, list(info.fields))}
            for (kind, identity), s in naive.records.items()
            if kind == info.kind
        }
        links = store.con.execute(
            sql(
                "SELECT r.identity, c.identity, a.identity FROM {table} AS r"
                " LEFT JOIN contacts AS c ON c.id = r.contact"
                " LEFT JOIN accounts AS a ON a.id = r.account",
                table=info.table,
            )
        ).fetchall()
        assert sorted(links, key=str) == sorted(
            (
                (identity, s.now("@contact"), s.now("@account"))
                for (kind, identity), s in naive.records.items()
                if kind == info.kind
            ),
            key=str,
        )


def compare_people_and_events(store: Store, naive: Naive) -> None:
    assert people(store) == {
        pair: (
            naive.now_active(pair),
            max(said)[2],
            min((order[0] for order, joined, _ in said if joined), default=None),
        )
        for pair, said in naive.pairs.items()
    }
    assert events(store) == {
        fact.message_id: {
            "name": fact.name,
            "times": (fact.ts, fact.received_at),
            "contact": naive.contacts[fact.contact].names[0] if fact.contact else None,
            "account": naive.account_of(fact),
            "stated": fact.account is not None,
            **{k: v for k, v in values.items() if v is not None},
        }
        for fact, values in naive.events.values()
    }
