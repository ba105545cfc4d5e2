"""Transitions read back: in order, filtered, with names; sizes and members at any past time."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from moves import write
from pyroaring import BitMap

from lettershop.app.changes import about, changes, history
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import (
    Asked,
    kept_since,
    last_detected_by,
    last_transition,
    members_at,
    newest_transitions,
    size_history,
    sizes,
    transitions,
)
from lettershop.language import parse
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.clock import DAY, HOUR, FixedClock
from lettershop.model.errors import NotFound
from lettershop.model.facts import AnyFact, ContactFact, EventFact, MembershipFact
from lettershop.model.settings import Settings
from lettershop.planning.keep import Keep

T0 = 1_700_000_000_000
SETTINGS = Settings()


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def ids(found: list[Any]) -> list[int]:
    return [one.id for one in found]


def test_an_empty_store_has_none(store: Store) -> None:
    assert transitions(store, limit=5) == [] and newest_transitions(store, limit=5) == []
    assert last_transition(store) == last_detected_by(store, T0) == -1
    assert sizes(store, "vips", [T0, 0]) == [0, 0] and sizes(store, "vips", []) == []
    assert members_at(store, "vips", T0) == BitMap() and kept_since(store, "vips") is None


def test_in_order_after_an_id_and_newest_first(store: Store) -> None:
    write(store, T0, "vips", "definition", 1, 2, 3)
    write(store, T0 + 1, "calm", "event", 7)
    write(store, T0 + 2, "vips", "time", ~2)
    assert ids(transitions(store, limit=9)) == [0, 1, 2, 3, 4]
    assert ids(transitions(store, after=1, limit=2)) == [2, 3]
    assert ids(transitions(store, after=4, limit=2)) == []
    assert ids(newest_transitions(store, limit=2)) == [4, 3]
    assert ids(newest_transitions(store, before=3, limit=9)) == [2, 1, 0]
    last = newest_transitions(store, limit=1)[0]
    told = (last.segment, last.subject, last.entered, last.cause, last.detected_at)
    assert told == ("vips", 2, False, "time", T0 + 2)
    assert [last_detected_by(store, T0 + n) for n in (-1, 0, 1, 2, 3)] == [-1, 2, 3, 4, 4]


def test_only_what_is_asked_for(store: Store) -> None:
    write(store, T0, "vips", "definition", 1, 2)
    write(store, T0, "calm", "event", 1)
    write(store, T0, "trait:score", "event", 1)
    write(store, T0, "vips", "time", ~1)

    def found(asked: Asked) -> list[int]:
        assert ids(newest_transitions(store, asked, limit=9))[::-1] == ids(
            transitions(store, asked, limit=9)
        )
        everything = transitions(store, Asked(hidden=True), limit=9)
        again = [one.id for one in everything if asked.holds(one.segment, one.cause)]
        assert asked.about is not None or again == ids(transitions(store, asked, limit=9))
        return again

    assert found(Asked()) == [0, 1, 2, 4]
    assert found(Asked(hidden=True)) == [0, 1, 2, 3, 4]
    assert found(Asked(segments=("trait:score",))) == [3]
    assert found(Asked(segments=("vips", "calm"), causes=("event", "time"))) == [2, 4]
    assert found(Asked(causes=("manual",))) == []


def test_sizes_at_any_moment(store: Store) -> None:
    write(store, T0, "vips", "definition", 1, 2, 3)
    write(store, T0 + 10, "vips", "time", ~1, 4, 5, effective=T0 + 4)
    write(store, T0 + 20, "calm", "time", 1, 4, 5)
    write(store, T0 + 20, "vips", "event", ~2, ~3)
    moments = [T0 + 30, T0 - 1, T0, T0 + 9, T0 + 10, T0 + 19, T0 + 20]
    assert sizes(store, "vips", moments) == [2, 0, 3, 3, 4, 4, 2]
    assert sizes(store, "vips", [T0 + 3, T0 + 4, T0 + 10], "effective") == [3, 4, 4]
    assert members_at(store, "vips", T0 + 9) == BitMap([1, 2, 3])
    assert members_at(store, "vips", T0 + 9, "effective") == BitMap([2, 3, 4, 5])
    assert members_at(store, "vips", T0 + 20) == BitMap([4, 5])
    points = size_history(store, "vips", T0 - 10, T0 + 20, 4)
    assert [(p.at - T0, p.size, p.entered, p.left) for p in points] == [
        (-10, None, 0, 0),
        (0, 3, 3, 0),
        (10, 4, 2, 1),
        (20, 2, 0, 2),
    ]


def test_a_long_random_past_is_replayed_exactly(store: Store) -> None:
    random, now, members = Random(5), T0, {name: set[int]() for name in ("a", "b")}
    sizes_then: list[tuple[int, str, set[int]]] = []
    for _ in range(120):
        now += random.randint(1, 5_000)
        name = random.choice(["a", "b"])
        chosen = random.sample(range(40), random.randint(1, 6))
        moves = [~who if who in members[name] else who for who in chosen]
        members[name] ^= set(chosen)
        write(store, now, name, "event", *moves)
        sizes_then += [(now, each, set(held)) for each, held in members.items()]
    for name in ("a", "b"):
        mine = [(at, held) for at, each, held in sizes_then if each == name]
        assert sizes(store, name, [at for at, _ in mine]) == [len(held) for _, held in mine]
        for at, held in random.sample(mine, 25):
            assert members_at(store, name, at) == BitMap(held)


def facts() -> list[AnyFact]:
    """Three people: U0 and U1 in an account; events on days 0, 1 and 2."""
    made: list[AnyFact] = []
    for n in range(3):
        at: dict[str, Any] = {"ts": T0 + n * DAY, "received_at": T0 + n * DAY}
        who = f"user:U{n}"
        mail = (f"email:u{n}@example.com",) if n == 1 else ()
        made.append(ContactFact(**at, message_id=f"c{n}", contact=who, also=mail))
        if n < 2:
            made.append(MembershipFact(**at, message_id=f"m{n}", contact=who, account="acme"))
        made.append(EventFact(**at, message_id=f"e{n}", contact=who, name="Pricing Viewed"))
    return made


def keep(name: str, text: str, subject: Subject = "contact") -> Keep:
    where = parse(text).tree
    return Keep(definition=Definition(name=name, subject=subject, where=where, text=text))


MOMENTS = range(T0, T0 + 5 * DAY, 6 * HOUR)
KEEPS = (
    keep("looked", 'did "Pricing Viewed" within last 36 hours'),
    keep("busy", 'has at least 1 people who (did "Pricing Viewed" within last 2 days)', "account"),
    keep("users", 'did "Pricing Viewed" within last 36 hours', "people"),
)


@pytest.fixture(scope="module")
def kept() -> Iterator[Store]:
    """Facts loaded day by day, and refreshed at MOMENTS; no test changes it."""
    with Store.open(None) as opened:
        refresher, waiting = Refresher(SETTINGS), facts()
        for at in MOMENTS:
            due = [fact for fact in waiting if fact.received_at <= at]
            waiting = [fact for fact in waiting if fact.received_at > at]
            if due:
                load(opened, due)
            refresher.persist(opened, refresher.compute(opened, KEEPS, at))
        yield opened


def test_the_past_is_what_the_question_about_the_past_answers(kept: Store) -> None:
    definitions = [each.definition for each in KEEPS]
    seen = set()
    for at in MOMENTS:
        answer = evaluate(kept, definitions, at, SETTINGS)
        for each in definitions:
            held = answer.members(each.name)
            assert members_at(kept, each.name, at) == held, (each.name, at)
            assert sizes(kept, each.name, [at]) == [len(held)]
            seen.add((each.name, len(held)))
    assert {("looked", 0), ("looked", 1), ("looked", 2), ("busy", 1), ("users", 2)} <= seen


def test_who_it_is_about_can_be_read(kept: Store) -> None:
    found = changes(kept, Asked(segments=("users",)), after=-1, limit=9)
    first = found[0]
    assert (first.contact, first.account, first.change) == ("user:U0", "acme", "entered")
    assert first.subject == "people" and first.cause == "definition"
    second = next(one for one in found if one.contact == "user:U1")
    assert second.identities == ("user:U1", "email:u1@example.com")
    (busy, *_) = changes(kept, Asked(segments=("busy",)), after=-1, limit=9)
    assert (busy.contact, busy.identities, busy.account) == (None, (), "acme")


def test_changes_of_one_contact_and_of_one_account(tmp_path: Path, kept: Store) -> None:
    shop = Workspace(tmp_path, SETTINGS, kept, FixedClock(MOMENTS[-1]))

    def found(**who: str) -> set[tuple[str, str | None, str | None]]:
        asked = Asked(about=about(shop, **who))
        return {(c.segment, c.contact, c.account) for c in changes(kept, asked, after=-1, limit=99)}

    looked = ("looked", "user:U1", None)
    users, other = ("users", "user:U1", "acme"), ("users", "user:U0", "acme")
    assert found(contact="u1@example.com") == {looked, users}
    assert found(account="acme") == {users, other, ("busy", None, "acme")}
    assert found(contact="U1", account="acme") == {users}
    assert found(contact="U2", account="acme") == set()
    assert about(shop) is None
    with pytest.raises(NotFound, match="no contact"):
        about(shop, contact="nobody")


def test_the_history_of_a_segment(kept: Store) -> None:
    found = history(kept, "looked", start=None, end=T0 + 4 * DAY, points=5, basis="detected")
    assert [p.size for p in found.points] == [1, 2, 2, 1, 0]
    assert found.points[-1].left == 1 and found.points[0].at == found.since
    with pytest.raises(NotFound) as error:
        history(kept, "looks", start=None, end=T0, points=5, basis="detected")
    assert error.value.code == "segment.not_kept"


def test_of_a_segment_that_is_gone_the_past_stays(store: Store) -> None:
    refresher, at = Refresher(SETTINGS), T0 + DAY
    load(store, facts()[:6])
    for moment, keeps in ((at, KEEPS), (at + 1, KEEPS[1:])):
        refresher.persist(store, refresher.compute(store, keeps, moment))
    assert sizes(store, "looked", [at, at + 1]) == [2, 0]
    last = newest_transitions(store, Asked(segments=("looked",)), limit=1)[0]
    assert (last.entered, last.cause) == (False, "definition")
    (told,) = changes(store, Asked(segments=("looked",)), after=last.id - 1, limit=1)
    assert (told.subject, told.contact, told.change) == ("contact", "user:U1", "left")
