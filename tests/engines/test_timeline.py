"""Timelines and search, compared with plain Python over the facts that were loaded."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest

from lettershop.engines.duckdb import search, timeline
from lettershop.engines.duckdb.entries import KINDS, Entry, Kind, Side
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.timeline import Wanted
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)
from lettershop.model.values import fold

CONTACTS = ("user:ann", "user:bo", "user:cé")
ACCOUNTS = ("acme", "zeta")
EVENTS = ("Signed In", "It’s “quoted” 'here'", "Page Viewed", "Ünï")
KINDS_OF_RECORD = ("deal", "it's")


class Told(NamedTuple):
    """An entry as Python sees it; `what` tells entries of equal order apart."""

    ts: int
    received_at: int
    message_id: bytes
    kind: str
    name: bytes
    what: Any


def naming(at: int) -> list[AnyFact]:
    """Facts that name everybody first, so that no other fact does."""
    every: dict[str, Any] = {"ts": at, "received_at": at}
    facts: list[AnyFact] = [
        ContactFact(**every, message_id=f"n{c}", contact=c, traits={"age": 1}) for c in CONTACTS
    ]
    facts += [
        AccountFact(**every, message_id=f"n{a}", account=a, traits={"size": 1}) for a in ACCOUNTS
    ]
    return facts


def random_facts(rng: random.Random, number: int) -> Iterator[AnyFact]:
    """Facts with few different times and message ids, so that order is decided by all of them."""
    for i in range(number):
        contact = rng.choice(CONTACTS)
        account = rng.choice(ACCOUNTS)
        every: dict[str, Any] = {
            "ts": rng.randrange(100, 106),
            "received_at": rng.randrange(200, 203),
            "message_id": f"m{rng.randrange(6)}",
        }
        traits = {key: rng.randrange(9) for key in ("kind", "number") if rng.random() < 0.6}
        match rng.randrange(5):
            case 0:
                deleted = rng.choice([None, None, False])
                yield ContactFact(**every, contact=contact, traits=traits, deleted=deleted)
            case 1:
                yield AccountFact(**every, account=account, traits=traits)
            case 2:
                joined = rng.random() < 0.8
                yield MembershipFact(**every, contact=contact, account=account, joined=joined)
            case 3:
                yield RecordFact(
                    **every,
                    kind=rng.choice(KINDS_OF_RECORD),
                    id=f"R{rng.randrange(3)}",
                    contact=rng.choice([None, contact]),
                    account=rng.choice([None, account]),
                    traits=traits,
                )
            case _:
                yield EventFact(
                    ts=every["ts"],
                    received_at=every["received_at"],
                    message_id=f"e{i}",
                    name=rng.choice(EVENTS),
                    contact=contact,
                    account=account,
                    properties=traits,
                )


def expected(facts: Sequence[AnyFact], side: Side, subject: str) -> set[Told]:
    """What the timeline of the subject must hold: one entry per fact, or per facts of one order."""
    linked = current_links(facts, side)
    told: set[Told] = set()
    for fact in facts:
        order = (fact.ts, fact.received_at, fact.message_id.encode())
        match fact:
            case EventFact() if getattr(fact, side) == subject:
                told.add(Told(*order, "event", fact.name.encode(), None))
            case ContactFact() if side == "contact" and fact.contact == subject:
                if fact.traits or fact.deleted is not None:
                    told.add(Told(*order, "traits", b"", None))
            case AccountFact() if side == "account" and fact.account == subject and fact.traits:
                told.add(Told(*order, "traits", b"", None))
            case MembershipFact() if getattr(fact, side) == subject:
                other = fact.account if side == "contact" else fact.contact
                told.add(Told(*order, "membership", b"", other))
            case RecordFact() if linked.get((fact.kind, fact.id)) == subject:
                told.add(Told(*order, "record", fact.kind.encode(), fact.id))
            case _:
                pass
    return told


def current_links(facts: Sequence[AnyFact], side: Side) -> dict[tuple[str, str], str]:
    last: dict[tuple[str, str], tuple[Any, str]] = {}
    for fact in facts:
        link = getattr(fact, side) if isinstance(fact, RecordFact) else None
        if isinstance(fact, RecordFact) and link is not None:
            key = (fact.kind, fact.id)
            if key not in last or last[key][0] <= fact.order:
                last[key] = (fact.order, link)
    return {key: link for key, (_, link) in last.items()}


class World:
    """A store with random facts, loaded in a few loads."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        self.facts = [*naming(50), *random_facts(rng, 60)]
        self.store = Store.open(None)
        cut = rng.randrange(len(self.facts))
        for part in (self.facts[:10], self.facts[10:cut], self.facts[cut:] if cut > 10 else []):
            load(self.store, part)
        self.facts = self.facts if cut > 10 else self.facts[:10]
        con = self.store.con
        self.contacts = dict(con.execute("SELECT identity, id FROM contacts").fetchall())
        self.accounts = dict(con.execute("SELECT identity, id FROM accounts").fetchall())

    def id(self, side: Side, name: str) -> int:
        return int((self.contacts if side == "contact" else self.accounts)[name])

    def told(self, side: Side, entry: Entry) -> Told:
        what: Any = None
        if entry.kind == "membership":
            names = self.accounts if side == "contact" else self.contacts
            what = next(name for name, number in names.items() if number == entry.number)
        elif entry.kind == "record":
            what = timeline.record_names(self.store, entry.name, [entry.number])[entry.number]
        order = (entry.ts, entry.received_at, entry.message_id.encode())
        return Told(*order, entry.kind, entry.name.encode(), what)

    def pages(self, side: Side, who: str, limit: int, **filters: Any) -> list[Entry]:
        found: list[Entry] = []
        while True:
            place = found[-1].place if found else None
            wanted = Wanted(limit=limit, place=place, **filters)
            page = timeline.timeline(self.store, side, self.id(side, who), wanted)
            found += page
            if len(page) < limit:
                return found


@pytest.mark.parametrize("seed", range(3))
def test_pages_together_are_everything_once_in_order(seed: int) -> None:
    world = World(seed)
    subjects: list[tuple[Side, str]] = [("contact", c) for c in CONTACTS]
    subjects += [("account", a) for a in ACCOUNTS]
    for side, name in subjects:
        wanted = expected(world.facts, side, name)
        whole = world.pages(side, name, 1_000)
        told = [world.told(side, entry) for entry in whole]
        assert set(told) == wanted and len(told) == len(wanted)
        assert [t[:5] for t in told] == sorted((t[:5] for t in told), reverse=True)
        assert world.pages(side, name, 4) == whole
    assert world.pages("contact", "user:bo", 1) == world.pages("contact", "user:bo", 99)


def test_filters_leave_out_what_they_say() -> None:
    world = World(7)
    whole = world.pages("contact", "user:ann", 1_000)
    for kind in KINDS:
        kinds: tuple[Kind, ...] = (kind,)
        assert world.pages("contact", "user:ann", 2, kinds=kinds) == [
            e for e in whole if e.kind == kind
        ]
    for name in (*EVENTS, *KINDS_OF_RECORD):
        assert world.pages("contact", "user:ann", 2, name=name) == [
            e for e in whole if e.name == name
        ]
    assert world.pages("contact", "user:ann", 2, name="never heard of") == []
    assert world.pages("contact", "user:ann", 3, since=102, until=104) == [
        e for e in whole if 102 <= e.ts < 104
    ]


def test_the_feed_holds_the_events_of_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "AT_ONCE", 2)  # so that tables are left out
    world = World(8)
    events = [f for f in world.facts if isinstance(f, EventFact)]
    ordered = sorted(((e.ts, e.received_at, e.message_id.encode()) for e in events), reverse=True)
    found: list[Entry] = []
    while len(found) < len(events):
        place = found[-1].place if found else None
        page = timeline.events(world.store, Wanted(limit=5, place=place))
        assert page
        found += page
    assert [(e.ts, e.received_at, e.message_id.encode()) for e in found] == ordered
    by_id = {e.message_id: e for e in events}
    for entry in found:
        fact = by_id[entry.message_id]
        assert entry.contact == world.id("contact", fact.contact or "")
        assert entry.account == world.id("account", fact.account or "") and entry.stated
        assert {k: int(v) for k, v in entry.values.items()} == fact.properties


def test_values_are_told_as_they_were_written() -> None:
    with Store.open(None) as store:
        at: dict[str, Any] = {"received_at": 9, "contact": "user:ann"}
        load(store, [ContactFact(ts=1, message_id="a", traits={"n": 1, "t": "x"}, **at)])
        load(store, [ContactFact(ts=2, message_id="b", traits={"n": "no number"}, **at)])
        load(store, [ContactFact(ts=3, message_id="c", traits={"t": None}, deleted=True, **at)])
        load(store, [EventFact(ts=4, message_id="d", name="E", properties={"p": 1}, **at)])
        load(store, [EventFact(ts=5, message_id="e", name="E", properties={"p": "odd"}, **at)])
        found = timeline.timeline(store, "contact", 0, Wanted(limit=9))
        assert [(e.ts, dict(e.values), dict(e.rest), e.flag) for e in found] == [
            (5, {}, {"p": "odd"}, None),
            (4, {"p": 1}, {}, None),
            (3, {"t": None}, {}, True),
            (2, {"n": None}, {}, None),
            (1, {"n": 1, "t": "x", "user_id": "ann"}, {}, None),
        ]


PEOPLE: dict[str, dict[str, str]] = {
    "user:1": {"rank": "0", "first_name": "Anna", "last_name": "Müller", "email": "anna@acme.com"},
    "user:2": {"first_name": "Hannah", "last_name": "Anna-Lena", "email": "h@zeta.io"},
    "user:anna": {"name": "Somebody Else"},
    "user:4": {"name": "Bo", "company": "Annapurna Travel"},
    "user:5": {"name": "ÉCLAIR 100%_", "email": "e@acme.com"},
}


@pytest.fixture(scope="module")
def people() -> Iterator[Store]:
    with Store.open(None) as store:
        facts = [
            ContactFact(
                ts=1,
                received_at=1,
                message_id=who,
                contact=who,
                also=(f"email:{traits['email']}",) if "email" in traits else (),
                traits=traits,
            )
            for who, traits in PEOPLE.items()
        ]
        load(store, facts)
        yield store


def ranked(question: str) -> list[str]:
    """By the worst word's best match, then the last known first."""
    between = str.maketrans("@.-_+/", "      ")
    found: list[tuple[int, int, str]] = []
    for number, (identity, traits) in enumerate(PEOPLE.items()):
        values = [fold(v) for v in (identity.partition(":")[2], *traits.values())]
        ranks = []
        for word in fold(question).split():
            hits = [
                0
                if v == word
                else 1
                if v.startswith(word)
                else 2
                if " " + word.translate(between) in " " + v.translate(between)
                else 3
                for v in values
                if word in v
            ]
            ranks.append(min(hits, default=9))
        if max(ranks, default=0) < 9:
            found.append((max(ranks, default=0), -number, identity))
    return [identity for _, _, identity in sorted(found)]


@pytest.mark.parametrize(
    "question",
    [
        *("anna", "ANNA", " anna müller", "acme.com", "acme", "lena", "éclair", "%", "_", "nobody"),
        *("", "'", "purna bo", "a", "100%_", "anna anna"),
    ],
)
def test_search_finds_and_ranks_as_python_does(people: Store, question: str) -> None:
    names = dict(people.con.execute("SELECT id, identity FROM contacts").fetchall())
    found: list[search.Found] = []
    while True:
        after = found[-1].place if found else None
        page = search.contacts(people, question, limit=2, after=after, anonymous=False)
        found += page
        if len(page) < 2:
            break
    assert [names[f.id] for f in found] == ranked(question)


def test_search_leaves_out_who_is_not_there() -> None:
    def found(store: Store, question: str, *, anonymous: bool = False) -> list[int]:
        rows = search.contacts(store, question, limit=9, after=None, anonymous=anonymous)
        return [row.id for row in rows]

    with Store.open(None) as store:
        at: dict[str, Any] = {"ts": 1, "received_at": 1}
        load(
            store,
            [
                ContactFact(**at, message_id="a", contact="anon:ann"),
                ContactFact(**at, message_id="b", contact="user:ann", deleted=True),
                ContactFact(**at, message_id="c", contact="user:anna"),
                MembershipFact(**at, message_id="d", contact="user:anna", account="Acme GmbH"),
                AccountFact(**at, message_id="e", account="gone", deleted=True),
            ],
        )
        assert found(store, "ann") == found(store, "") == [2]
        assert found(store, "ann", anonymous=True) == [0, 2]
        assert found(store, "gmbh") == [2]
        accounts = search.accounts(store, "", limit=9, after=None)
        assert [a.id for a in accounts] == [0]
