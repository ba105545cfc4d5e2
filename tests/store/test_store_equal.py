"""Whatever is loaded, in whatever portions: the tables hold what plain Python works out."""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
from store.naive import Naive, Subject
from store.tables import events, people, wide

from lettershop.engines.duckdb import merges
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.identify import key_of
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.schema import history_of
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)
from lettershop.model.settings import Settings
from lettershop.model.values import Missing

IDENTITIES = (
    *(f"user:{n}" for n in range(3)),
    *(f"email:{n}@x.org" for n in "abc"),
    *(f"anon:{n}" for n in range(3)),
)
SETTINGS = Settings(most_emails=2, most_anonymous=2)
ACCOUNTS = ("A", "B", "ä “quoted” \U0001f600")
VALUES = (1, 12.5, "x", "X", "", None, True, "2020-01-01", "2020-01-01T10:00Z", "7", ["a", "b"])
KEYS = ("plan", "Plan", "email", "id", 'we "ird"')

moments = st.integers(1, 9)
deleted = st.sampled_from((None, None, None, True, False))
traits = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
contact = st.sampled_from(IDENTITIES)
account = st.sampled_from(ACCOUNTS)


@st.composite
def histories(draw: st.DrawFn, sorts: str = "ccammmeeer") -> list[AnyFact]:
    return [draw(_fact(number, sorts)) for number in range(draw(st.integers(1, 14)))]


def joining_histories() -> st.SearchStrategy[list[AnyFact]]:
    """Mostly facts that say several identities of somebody."""
    return histories("ccccccammeerr")


@st.composite
def _fact(draw: st.DrawFn, number: int, sorts: str) -> AnyFact:
    said = {
        "ts": draw(moments),
        "received_at": draw(moments),
        "message_id": f"m{draw(st.integers(0, 5))}",
    }
    match draw(st.sampled_from(sorts)):
        case "c":
            also = tuple(draw(st.lists(contact, max_size=2, unique=True)))
            return ContactFact(
                contact=draw(contact),
                also=also,
                alias=draw(st.sampled_from((False, False, True))),
                traits=draw(traits),
                deleted=draw(deleted),
                **said,
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
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(histories(), st.lists(st.integers(0, 14), max_size=2))
def test_tables_hold_what_the_facts_say(facts: list[AnyFact], cuts: list[int]) -> None:
    naive = Naive(SETTINGS)
    with Store.open(None, settings=SETTINGS) as store:
        notes: list[int] = []
        start = 0
        for portion in portions(facts, cuts):
            notes += [start + note.row for note in load(store, portion).notes]
            start += len(portion)
            naive.load(portion)
        assert notes == naive.who.notes
        compare(store, naive)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(joining_histories(), st.lists(st.integers(0, 14), max_size=3), st.lists(st.integers(0, 9)))
def test_merges_are_taken_back_exactly(
    facts: list[AnyFact], cuts: list[int], undone: list[int]
) -> None:
    """After each portion some merge is undone, and later facts come to both."""
    naive, undo = Naive(SETTINGS), iter(undone)
    with Store.open(None, settings=SETTINGS) as store:
        for portion in portions(facts, cuts):
            load(store, portion)
            naive.load(portion)
            standing = [n for n in range(len(naive.who.merges)) if n not in naive.who.undone]
            if standing and (nth := next(undo, None)) is not None:
                chosen = standing[nth % len(standing)]
                merges.undo(store, chosen + 1, 100 + nth)
                naive.undo(chosen)
            compare(store, naive)


def compare(store: Store, naive: Naive) -> None:
    compare_subjects(store, naive)
    compare_people_and_events(store, naive)
    compare_merges(store, naive)
    catalog = store.catalog()
    assert {(scope, f.name): f.type for scope, f in catalog.everything()} == {
        ("membership", "role"): "text",
        ("membership", "joined"): "time",
        **naive.types,
    }


def compare_merges(store: Store, naive: Naive) -> None:
    """What was merged, and that each stored fact belongs to whom its identity belongs to."""
    found = merges.merges(store, most=1000)
    assert [(m.identity, m.absorbed_identity, {*m.identities}) for m in reversed(found)] == [
        *naive.who.merges
    ]
    assert {m.id - 1 for m in found if m.undone_at is not None} == naive.who.undone
    owners = dict(store.con.execute("SELECT number, contact FROM identities").fetchall())
    assert sorted(owners) == [*range(len(owners))]
    named = {"contact_history": "subject", "people_history": "contact"}
    named |= {info.table: "contact" for info in store.catalog().events.values()}
    named |= {history_of(info.table): "ref" for info in store.catalog().records.values()}
    for table, column in named.items():
        said = sql("SELECT DISTINCT named, {c} FROM {t} WHERE named >= 0", c=column, t=table)
        assert [row for row in store.con.execute(said).fetchall() if owners[row[0]] != row[1]] == []


def compare_subjects(store: Store, naive: Naive) -> None:
    catalog = store.catalog()
    ours = ["key", "known_since", "identified_since", "deleted"]
    subjects = {s.name: s for s in naive.contacts.values()}
    found = wide(store, "contacts", catalog.contact, ours)
    gone = {who: found.pop(who) for who in [w for w, row in found.items() if w not in subjects]}
    assert gone == {who: {"key": key_of(who), "deleted": False} for who in gone}
    assert found == {
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
    told = people(store)
    empty = [told.pop(pair) for pair in [*told] if pair not in naive.pairs]
    assert {(False, None, None), *empty} == {(False, None, None)}
    assert told == {
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
            "contact": naive.contacts[fact.contact].name if fact.contact else None,
            "account": naive.account_of(fact),
            "stated": fact.account is not None,
            **{k: v for k, v in values.items() if v is not None},
        }
        for fact, values in naive.events.values()
    }
