"""Accounts move, are deleted and come back; whose events were it; records and rates."""

import json
from datetime import date
from decimal import Decimal

import pytest
from store.tables import events, people
from store.telling import at, stage

from lettershop.engines.duckdb.apply import apply, apply_all
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.stage import Stage, StageColumn
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import UsageError
from lettershop.model.facts import (
    AccountFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)


def joined(ts: int, account: str, *, joined: bool = True) -> MembershipFact:
    return MembershipFact(contact="user:ann", account=account, joined=joined, **at(ts))


def visits(*moments: int) -> list[EventFact]:
    return [
        EventFact(name="Visited", contact="user:ann", **at(m, message_id=f"e{m}")) for m in moments
    ]


def accounts_of_visits(store: Store) -> dict[str, str | None]:
    return {who: event["account"] for who, event in events(store).items()}


def test_an_event_belongs_to_the_only_account_of_its_moment(store: Store) -> None:
    moved = [joined(10, "A"), joined(20, "B"), joined(30, "A", joined=False)]
    load(store, [*moved, *visits(5, 10, 19, 20, 29, 30, 99)])
    assert accounts_of_visits(store) == {
        "e5": None, "e10": "A", "e19": "A", "e20": None, "e29": None, "e30": "B", "e99": "B",
    }  # fmt: skip


def test_a_membership_loaded_later_settles_events_again(store: Store) -> None:
    load(store, visits(5, 15, 25))
    stated = EventFact(name="Visited", contact="user:ann", account="Z", **at(16, message_id="s"))
    load(store, [stated])
    load(store, [joined(10, "A")])
    assert accounts_of_visits(store) == {"e5": None, "e15": "A", "e25": "A", "s": "Z"}
    load(store, [joined(20, "B")])
    assert accounts_of_visits(store)["e25"] is None
    load(store, [AccountFact(account="A", deleted=True, **at(22))])
    assert accounts_of_visits(store) == {"e5": None, "e15": "A", "e25": "B", "s": "Z"}


def test_a_deleted_account_loses_its_people_for_good(store: Store) -> None:
    load(store, [joined(10, "A"), AccountFact(account="A", deleted=True, **at(20))])
    assert people(store) == {("user:ann", "A"): (False, None, 10)}
    load(store, [AccountFact(account="A", deleted=False, **at(30))])
    assert people(store)[("user:ann", "A")][0] is False
    load(store, [joined(40, "A")])
    assert people(store)[("user:ann", "A")] == (True, None, 10)
    load(store, [ContactFact(contact="user:ann", deleted=True, **at(50)), *visits(35, 45, 55)])
    assert people(store)[("user:ann", "A")][0] is False
    assert accounts_of_visits(store) == {"e35": None, "e45": "A", "e55": None}


def test_anonymous_people_are_members_once_identified(store: Store) -> None:
    load(store, [MembershipFact(contact="anon:x", account="A", **at(10))])
    assert people(store) == {("anon:x", "A"): (False, None, 10)}
    load(store, [ContactFact(contact="user:ann", also=("anon:x",), **at(70))])
    assert people(store) == {("anon:x", "A"): (True, None, 10)}
    assert store.catalog().last_visible["membership"] == 70


def test_an_event_counts_once_and_a_dropped_one_names_nobody(store: Store) -> None:
    first = EventFact(name="Paid", contact="user:ann", properties={"n": 1}, **at(1, message_id="x"))
    again = EventFact(
        name="Paid", contact="user:bob", properties={"n": "z"}, **at(2, message_id="x")
    )
    assert load(store, [first, again]).duplicates == 1
    done = load(store, [again])
    assert (done.duplicates, done.rows, done.contacts) == (1, 0, 0)
    assert [e["contact"] for e in events(store).values()] == ["user:ann"]


def test_several_stages_of_one_file_share_row_numbers(store: Store) -> None:
    fixed = '"row":"BIGINT","ts":"BIGINT","received_at":"BIGINT","message_id":"VARCHAR"'
    people_types = f'{{{fixed},"identity":"VARCHAR","also":["VARCHAR"],"deleted":"BOOLEAN"}}'
    row = {"row": 1, "identity": "user:ann", **at(1, message_id="f-1")}
    first = stage(store, "contact", [row], people_types)
    store.con.execute("ALTER TABLE filled RENAME TO filled_contacts")
    event_types = f'{{{fixed},"name":"VARCHAR","contact":"VARCHAR","account":"VARCHAR"}}'
    happened = {"row": 1, "name": "Paid", "contact": "user:ann", **at(2, message_id="f-2")}
    second = stage(store, "event", [happened], event_types, unique_ids=True)
    with store.transaction():
        apply_all(
            store, [Stage(sort="contact", table="filled_contacts", columns=first.columns), second]
        )
    named = store.con.execute("SELECT key, ts, text FROM contact_history").fetchall()
    assert named == [("user_id", 1, "ann")]
    assert store.con.execute("SELECT count(*) FROM message_ids").fetchall() == [(0,)]


def test_columns_of_another_type_become_text_or_are_kept(store: Store) -> None:
    load(store, [EventFact(name="Paid", properties={"code": "x", "n": 1}, **at(1))])
    types = (
        '{"row":"BIGINT","ts":"BIGINT","received_at":"BIGINT","message_id":"VARCHAR",'
        '"name":"VARCHAR","contact":"VARCHAR","account":"VARCHAR",'
        '"c0":"DECIMAL(18,6)","c1":"VARCHAR","rest":"JSON"}'
    )
    code = StageColumn(name="code", type="number", column="c0")
    n = StageColumn(name="n", type="text", column="c1")
    rows = [
        {"row": 0, "name": "Paid", **at(2), "c0": 12.5, "c1": "many", "rest": {"k": 1}},
        {"row": 1, "name": "Paid", **at(3), "c0": 100},
    ]
    with store.transaction():
        done = apply(store, stage(store, "event", rows, types, columns=(code, n)))
    assert done.wrong == {("event:Paid", "n"): 1}
    found = store.con.execute("SELECT code, n, rest::JSON FROM event_paid ORDER BY ts").fetchall()
    assert [row[:2] for row in found] == [("x", Decimal(1)), ("12.5", None), ("100", None)]
    assert json.loads(found[1][2]) == {"k": 1, "n": "many"}


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (1_577_869_200_000, "2020-01-01T09:00Z"),
        (1_577_869_201_000, "2020-01-01T09:00:01Z"),
        (1_577_869_200_007, "2020-01-01T09:00:00.007Z"),
        (-62_135_596_800_000, "0001-01-01T00:00Z"),
    ],
)
def test_times_become_text_as_we_write_them(store: Store, moment: int, text: str) -> None:
    load(store, [EventFact(name="Seen", properties={"when": "once"}, **at(1))])
    types = (
        '{"row":"BIGINT","ts":"BIGINT","received_at":"BIGINT","message_id":"VARCHAR",'
        '"name":"VARCHAR","contact":"VARCHAR","account":"VARCHAR","c0":"BIGINT"}'
    )
    when = StageColumn(name="when", type="time", column="c0")
    rows = [{"row": 0, "name": "Seen", **at(2), "c0": moment}]
    with store.transaction():
        apply(store, stage(store, "event", rows, types, columns=(when,)))
    assert store.con.execute('SELECT "when" FROM event_seen WHERE ts = 2').fetchall() == [(text,)]


def test_currencies_are_noted_beside_their_amounts(store: Store) -> None:
    types = (
        '{"row":"BIGINT","ts":"BIGINT","received_at":"BIGINT","message_id":"VARCHAR",'
        '"name":"VARCHAR","contact":"VARCHAR","account":"VARCHAR",'
        '"c0":"DECIMAL(18,6)","c1":"VARCHAR","c2":"DECIMAL(18,6)"}'
    )
    columns = (
        StageColumn(name="revenue", type="number", column="c0", currency="currency"),
        StageColumn(name="currency", type="text", column="c1"),
        StageColumn(name="fee", type="number", column="c2", currency="", constant_currency="EUR"),
    )
    for start, currencies in ((0, ["USD", "EUR"]), (10, ["CHF", None])):
        rows = [
            {"row": i, "name": "Paid", **at(start + i), "c0": 1, "c1": currency, "c2": 2}
            for i, currency in enumerate(currencies)
        ]
        with store.transaction():
            apply(store, stage(store, "event", rows, types, columns=columns))
    found = store.catalog().events["Paid"].properties
    assert (found["revenue"].currency, found["revenue"].currencies) == (
        "currency",
        ("CHF", "EUR", "USD"),
    )
    assert (found["fee"].currency, found["fee"].currencies) == ("", ("EUR",))


def test_too_many_event_names_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lettershop.engines.duckdb.apply_events.MOST_NAMES", 2)
    facts = [EventFact(name=f"N{i % 3}", contact=f"user:{i}", **at(i)) for i in range(6)]
    done = load(store, facts)
    assert [(r.row, r.code) for r in done.refused] == [
        (2, "event.too_many_names"),
        (5, "event.too_many_names"),
    ]
    assert set(store.catalog().events) == {"N0", "N1"} and done.contacts == 4


def test_a_record_keeps_its_links_until_they_are_written_again(store: Store) -> None:
    deal = {"kind": "deal", "id": "D1"}
    load(
        store,
        [
            RecordFact(**deal, contact="user:ann", account="A", traits={"value": 5}, **at(10)),
            RecordFact(**deal, account="B", traits={"stage": "won"}, **at(20)),
            RecordFact(**deal, account="C", **at(5)),
        ],
    )
    row = store.con.execute("SELECT contact, account, value, stage, deleted FROM record_deal")
    assert row.fetchall() == [(0, store.account_id("B"), Decimal(5), "won", False)]
    assert store.catalog().records["deal"].rows == 1
    load(store, [RecordFact(**deal, deleted=True, **at(30))])
    assert store.con.execute("SELECT deleted FROM record_deal").fetchall() == [(True,)]


def test_rates_and_salts_are_kept(store: Store) -> None:
    day = date(2020, 1, 1)
    store.set_rates([("EUR", "USD", day, Decimal("1.1")), ("USD", "EUR", day, Decimal("0.9"))])
    assert store.catalog().rates == (("EUR", "USD"), ("USD", "EUR"))
    with pytest.raises(UsageError):
        store.set_rates([("EUR", "USD", day, Decimal(0))])
    assert store.catalog().rates == (("EUR", "USD"), ("USD", "EUR"))
    salt = store.salt("spring")
    assert store.salt("spring") == salt != store.salt("autumn") and 0 <= salt < 2**64
    store.set_salt("spring", 2**64 - 3)
    assert store.salt("spring") == 2**64 - 3
