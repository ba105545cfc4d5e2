"""What was stored since a mark, and what has become visible: stories, and random worlds in which
nothing may change that was not told."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from random import Random

import histories
import msgspec
import numpy as np
import pytest
from engines.telling import company, did, joins, leaves, person, record
from engines.test_equal import CATALOG
from engines.test_partial import full_columns
from engines.worlds import World
from seeds import seed as usual_seed

from lettershop.engines.duckdb import merges
from lettershop.engines.duckdb.changes import (
    Appeared,
    Changes,
    Mark,
    becoming_visible,
    changes,
    mark,
)
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.facts import AnyFact
from lettershop.planning.frame import Bits, Column, Frame, Ints
from lettershop.planning.metrics import (
    AnyMetric,
    EventMetric,
    FieldTest,
    FieldValue,
    RecordMetric,
    grain_of,
)
from lettershop.planning.queries import needs_zones
from lettershop.planning.zones import needs_local

NOON = parse_instant("2025-06-15T12:00Z")
NAMES = ("ann", "bob", "cy", "dot")


@pytest.fixture
def store() -> Iterator[Store]:
    """Ann, Bob, Cy and Dot are contacts 0 to 3; acme and zoo are accounts 0 and 1."""
    with Store.open(None) as opened:
        load(opened, [*map(person, NAMES), company("acme"), company("zoo")])
        yield opened


def told(store: Store, *facts: AnyFact, as_of: int = NOON) -> Changes:
    since = mark(store, as_of)
    load(store, facts)
    return changes(store, since, as_of)


def who(contacts: Ints) -> str:
    return " ".join(NAMES[n] for n in contacts)


def test_values_by_field_with_the_newest_time(store: Store) -> None:
    found = told(
        store,
        person("ann", "2025-06-01", plan="pro"),
        person("ann", "2025-05-01", plan="free", title="CEO"),
        person("bob", "2025-06-02", deleted=True),
        company("zoo", "2025-06-03", employees=5),
    )
    times = {
        w.key: {who(s[None]): int(t) for s, t in zip(w.subjects, w.latest, strict=True)}
        for w in found.writes["contact"]
    }
    assert times == {
        "@deleted": {"bob": parse_instant("2025-06-02")},
        "plan": {"ann": parse_instant("2025-06-01")},
        "title": {"ann": parse_instant("2025-05-01")},
    }
    assert [(w.key, w.subjects.tolist()) for w in found.writes["account"]] == [("employees", [1])]
    assert (who(found.contacts), found.accounts.tolist()) == ("ann bob", [1])
    assert not len(found.pairs) and not found.records and not len(found.touched_contacts)


def test_nothing_stored_nothing_told(store: Store) -> None:
    found = told(store)
    assert not len(found.contacts) and not len(found.accounts) and not len(found.pairs)
    assert found.writes == {"contact": [], "account": []}
    assert found.mark == mark(store, NOON)
    assert not found.imported and not found.rates


def test_the_mark_goes_through_json_and_on(store: Store) -> None:
    first = told(store, person("ann", "2025-06-01", plan="pro"))
    again = msgspec.json.decode(msgspec.json.encode(first.mark), type=Mark)
    load(store, [person("bob", "2025-06-01", plan="pro")])
    assert who(changes(store, again, NOON).contacts) == "bob"


def test_memberships_and_deletions_move_pairs(store: Store) -> None:
    load(store, [joins("ann", "acme"), joins("bob", "acme"), joins("bob", "zoo")])
    assert told(store, leaves("ann", "acme", "2025-06-01")).pairs.tolist() == [0]
    assert told(store, person("bob", "2025-06-01", deleted=True)).pairs.tolist() == [1, 2]
    gone = told(store, company("acme", "2025-06-01", deleted=True))
    assert gone.pairs.tolist() == [0, 1]
    assert not len(gone.contacts)


def test_records_tell_everybody_they_were_ever_linked_to(store: Store) -> None:
    load(store, [record("deal", "1", "2025-01-01", contact="ann", account="acme", stage="won")])
    load(store, [record("deal", "2", "2025-01-01", contact="dot", stage="won")])
    found = told(store, record("deal", "1", "2025-02-01", contact="bob", stage="lost"))
    assert who(found.records["deal"].contacts) == "ann bob"
    assert found.records["deal"].accounts.tolist() == [0]
    assert (who(found.contacts), found.accounts.tolist()) == ("ann bob", [0])


def test_a_new_identity_and_an_earlier_acquaintance(store: Store) -> None:
    load(store, [person("ann", "2025-06-10", received="2025-06-10")])
    named = told(store, person("ann", "2025-06-11", also="email:ann@acme.example"))
    assert who(named.contacts) == "ann"
    late = [did("email:eve@acme.example", "Signed In", "2025-06-10")]
    new = told(store, *late)
    assert new.contacts.tolist() == [4]
    earlier = told(store, person("email:eve@acme.example", "2025-06-01"))
    assert earlier.contacts.tolist() == [4]
    assert not len(earlier.touched_contacts)


def test_an_account_known_earlier(store: Store) -> None:
    load(store, [company("late", "2025-06-10")])
    assert told(store, company("late", "2025-06-01")).accounts.tolist() == [2]
    assert not len(told(store, company("late", "2025-06-02")).accounts)


def test_a_merge_and_its_undo_touch_both_and_their_accounts(store: Store) -> None:
    load(store, [joins("ann", "acme"), joins("email:a@x.example", "zoo")])
    merged = told(store, person("ann", "2025-06-01", also="email:a@x.example"))
    assert merged.touched_contacts.tolist() == [0, 4]
    assert merged.touched_accounts.tolist() == [0, 1]
    assert merged.pairs.tolist() == [0, 1, 2], "the emptied pair, too"
    since = mark(store, NOON)
    merges.undo(store, 1, NOON)
    undone = changes(store, since, NOON)
    assert undone.touched_contacts.tolist() == [0, 4]
    assert undone.touched_accounts.tolist() == [0, 1]


def test_an_earlier_event_that_counts_for_another_account(store: Store) -> None:
    load(store, [joins("ann", "acme", "2025-01-01"), did("ann", "Signed In", "2025-06-01")])
    load(store, [did("bob", "Signed In", "2025-06-01")])
    found = told(store, leaves("ann", "acme", "2025-05-01"), joins("ann", "zoo", "2025-05-02"))
    assert who(found.touched_contacts) == "ann"
    assert found.touched_accounts.tolist() == [0, 1]


def test_imports_and_rates(store: Store) -> None:
    since = mark(store, NOON)
    store.con.execute("INSERT INTO imports VALUES ('h', 'people.csv', 1, 0, 1)")
    assert changes(store, since, NOON).imported
    since = mark(store, NOON)
    store.set_rates([("EUR", "USD", date(2025, 1, 1), Decimal("1.1"))])
    found = changes(store, since, NOON)
    assert found.rates and not found.imported


def test_facts_dated_ahead_appear_when_their_time_has_come(store: Store) -> None:
    ahead = [
        person("ann", "2025-06-16", plan="pro"),
        person("cy", "2025-06-01", received="2025-06-16", plan="pro"),
        joins("bob", "acme", "2025-06-16"),
        did("bob", "Signed In", "2025-06-16", account="zoo"),
        record("deal", "1", "2025-06-16", contact="dot", stage="won"),
        person("eve", "2025-06-16"),
    ]
    found = told(store, *ahead)
    assert not len(found.pairs) and not found.records and found.writes["contact"] == []
    since = found.mark
    assert set(since.waiting) >= {"contact", "membership", "record:deal", "event:Signed In"}
    assert not any(map(len, becoming_visible(store, since, NOON + 1)[1:3]))
    seen = becoming_visible(store, since, NOON + DAY)
    assert [(w.key, w.subjects.tolist()) for w in seen.writes["contact"]] == [
        ("plan", [0, 2]),
        ("user_id", [4]),
    ]
    assert seen.contacts.tolist() == [0, 1, 2, 3, 4]
    assert (seen.pairs.tolist(), seen.accounts.tolist()) == ([0], [0])
    assert {name: tuple(map(list, of)) for name, of in seen.events.items()} == {
        "Signed In": ([1], [1])
    }
    assert not mark(store, NOON + DAY).waiting


def test_nothing_waits_nothing_appears(store: Store) -> None:
    since = mark(store, NOON)
    assert not since.waiting
    load(store, [person("ann", "2025-06-16", plan="pro")])
    seen = becoming_visible(store, since, NOON + 2 * DAY)
    assert not len(seen.contacts), "stored since: a matter of the next mark"
    assert who(changes(store, since, NOON + 2 * DAY).contacts) == "ann"


# --- random worlds --------------------------------------------------------------------------------

WORLDS = 8


class State:
    """All columns and the frame at a moment."""

    def __init__(self, store: Store, definitions: Sequence[Definition], as_of: int) -> None:
        ready, self.columns = full_columns(store, definitions, as_of)
        self.frame = ready.frame


def test_nothing_changes_that_was_not_told() -> None:
    seed = usual_seed()
    seen: Counter[str] = Counter()
    for nth, definitions in enumerate(histories.questions(seed, WORLDS)):
        random = Random(f"{seed}/{nth}")
        as_of = histories.moment(random)
        facts = histories.history(random, definitions, as_of)
        with Store.open(None, settings=histories.SETTINGS) as store:
            load(store, facts[: len(facts) // 2], types=WORLD.types)
            try:
                step(store, definitions, as_of, facts[len(facts) // 2 :], seen)
            except AssertionError as problem:
                problem.add_note(f"LETTERSHOP_SEED={seed}, world {nth}")
                raise
    assert min(seen["stored"], seen["appeared"]) > WORLDS


WORLD = World(facts=(), catalog=CATALOG, settings=histories.SETTINGS)


def step(
    store: Store,
    definitions: Sequence[Definition],
    as_of: int,
    later: Sequence[AnyFact],
    seen: Counter[str],
) -> None:
    earlier = as_of - 50 * DAY
    before = State(store, definitions, earlier)
    since = mark(store, earlier)
    waited = becoming_visible(store, since, as_of)
    now = State(store, definitions, as_of)
    timeless = {m for m in now.columns if is_timeless(m)}
    seen["appeared"] += within(before, now, timeless, appeared(waited), waited.pairs)

    since = mark(store, as_of)
    load(store, later, types=WORLD.types)
    found = changes(store, since, as_of)
    after = State(store, definitions, as_of)
    plain = {m for m in after.columns if not needs_zones([m])}
    seen["stored"] += within(now, after, plain, stored(store, since, found), found.pairs)


def is_timeless(metric: AnyMetric) -> bool:
    """Whether only facts can change it, not the clock."""
    match metric:
        case FieldValue():
            return True
        case FieldTest(test=test):
            return not needs_local(test)
        case RecordMetric(currency=None, where=where):
            return not needs_local(where)
        case EventMetric(rows=rows):
            return rows.window is None and not needs_local(rows.where)
        case _:
            return False


def appeared(found: Appeared) -> Mapping[str, set[int]]:
    contacts = [found.contacts, *(of[0] for of in found.events.values())]
    accounts = [found.accounts, *(of[1] for of in found.events.values())]
    return {"contact": union(contacts), "account": union(accounts)}


def stored(store: Store, since: Mark, found: Changes) -> Mapping[str, set[int]]:
    told = {"contact": union([found.contacts]), "account": union([found.accounts])}
    for (table,) in store.con.execute("SELECT table_name FROM events").fetchall():
        new = sql("SELECT contact, account FROM {t} WHERE seq >= $seq", t=table)
        for contact, account in store.con.execute(new, {"seq": since.seq}).fetchall():
            told["contact"].add(contact)
            told["account"].add(account)
    return told


def union(parts: Sequence[Ints]) -> set[int]:
    return {int(n) for part in parts for n in part}


def within(
    was: State, now: State, metrics: set[AnyMetric], told: Mapping[str, set[int]], pairs: Ints
) -> int:
    """Checks that only what was told has changed; how much has."""
    count = len(frame_changes(was.frame, now.frame, told, union([pairs])))
    for metric in metrics & was.columns.keys():
        match grain_of(metric):
            case "pair":
                continue
            case side:
                other = changed(was.columns[metric], now.columns[metric])
                assert other <= told[side], metric
                count += len(other)
    return count


def changed(was: Column, now: Column) -> set[int]:
    """Slots of those who were there, without nobody."""
    size = len(was.value) - 1
    differs: Bits = (was.value[:size] != now.value[:size]) | (was.known[:size] != now.known[:size])
    return {int(slot) for slot in np.flatnonzero(differs)}


def frame_changes(
    was: Frame, now: Frame, told: Mapping[str, set[int]], pairs: set[int]
) -> set[tuple[int, ...]]:
    for name, before, after in (
        ("contact", was.contacts, now.contacts),
        ("account", was.accounts, now.accounts),
    ):
        size = len(before.live) - 1
        assert set(range(size, len(after.live) - 1)) <= told[name]
        differs = (before.live[:size] != after.live[:size]) | (
            before.known_since[:size] != after.known_since[:size]
        )
        assert {int(n) for n in np.flatnonzero(differs)} <= told[name]
    other = members(was) ^ members(now)
    assert {pair[0] for pair in other} <= pairs
    return other


def members(frame: Frame) -> set[tuple[int, ...]]:
    real = frame.pair_account >= 0
    columns = (frame.pair_id, frame.pair_contact, frame.pair_account, frame.pair_joined)
    return set(zip(*(column[real].tolist() for column in columns), strict=True))
