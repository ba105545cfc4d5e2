"""Whole columns of values are read as each value would be by itself."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from lettershop.engines.duckdb import pivot as pivots
from lettershop.engines.duckdb.casting import Cast, cast, cast_each
from lettershop.engines.duckdb.parts import Part, event_row
from lettershop.engines.duckdb.pivot import Pivot
from lettershop.engines.duckdb.rows import Loaded, Loading, load, load_facts
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import AnyFact, ContactFact, EventFact
from lettershop.model.values import ValueType

KINDS: list[ValueType] = ["number", "text", "boolean", "time", "date", "list", "location"]
TEXTS = st.text(max_size=3) | st.sampled_from(
    ["12.5", "1e3", " 7 ", "yes", "FALSE", "2026-01-31", "2026-01-31T10:00Z", "1,2", "é", "\ud800"]
)
NEAR = st.integers(-(10**13), 10**13).map(lambda n: n / 2_000_000)  # halves of a micro-unit
FLOATS = st.floats() | st.floats(-1e6, 1e6) | NEAR
ONE_KIND = [
    st.lists(values, min_size=1, max_size=30)
    for values in (TEXTS, FLOATS, st.integers(), st.integers(-(10**13), 10**13), st.booleans())
]
MIXED = st.lists(
    st.none()
    | TEXTS
    | FLOATS
    | st.integers()
    | st.booleans()
    | st.lists(TEXTS, max_size=2)
    | st.dictionaries(st.sampled_from(["lat", "lon"]), st.integers(0, 90)),
    min_size=1,
    max_size=12,
)
quick = settings(deadline=None, max_examples=150)


@quick
@given(st.one_of(*ONE_KIND, MIXED), st.sampled_from(KINDS))
def test_a_column_is_cast_as_its_values_are(raws: list[Any], kind: ValueType) -> None:
    assert shown(cast(raws, kind)) == shown(cast_each(raws, kind))


def shown(found: Cast) -> tuple[list[Any], list[int]]:
    missing = found.missing if found.missing is not None else np.zeros(len(found.values), np.bool_)
    values = [
        None if gone else value
        for value, gone in zip(found.values.tolist(), missing.tolist(), strict=True)
    ]
    return values, list(found.wrong)


NAMES = st.sampled_from(["a", "b", "a.b", "é", "place"])
SAID = st.recursive(
    st.none() | TEXTS | FLOATS | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)


@quick
@given(st.lists(st.dictionaries(NAMES, SAID, max_size=3), min_size=1, max_size=8))
def test_many_facts_say_what_they_say_one_by_one(said: list[dict[str, Any]]) -> None:
    together, alone = Pivot({}), Pivot({})
    expected = [by_name(alone.pivot("contact", [traits]), 1)[0] for traits in said]
    found = by_name(together.pivot("contact", said), len(said))
    assert together.types == alone.types
    assert found == expected


def by_name(found: pivots.Pivoted, rows: int) -> list[dict[str, Any]]:
    """For each fact the known values it gives, and what it leaves in `rest`."""
    facts: list[dict[str, Any]] = [{} for _ in range(rows)]
    for column in found.columns:
        if column.cast is not None:
            values = shown(column.cast)[0]
            places = range(rows) if column.places is None else column.places
            for place, value in zip(places, values, strict=True):
                if value is not None:
                    facts[place][column.name] = value
    return [
        fact | {f"rest of {name}": repr(raw) for name, raw in found.rest.get(place, {}).items()}
        for place, fact in enumerate(facts)
    ]


def event(number: int, **properties: Any) -> EventFact:
    id_ = f"m{number}"
    return EventFact(ts=1, received_at=1, message_id=id_, name="Seen", properties=properties)


def test_more_fields_than_a_table_can_bear_stay_beside_the_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pivots, "MOST_FIELDS", 5)
    with Store.open(None) as store:
        load(store, [event(n, **{f"p{n}": n}) for n in range(8)])
        load(store, [event(9, p0=9, p6=6, p9=9)])
        columns = [row[0] for row in store.con.execute("DESCRIBE event_seen").fetchall()]
        assert [c for c in columns if c.startswith("p")] == ["p0", "p1", "p2", "p3", "p4"]
        rest = store.con.execute("SELECT rest::JSON::VARCHAR FROM event_seen").fetchall()
        over = ['{"p5":5}', '{"p6":6}', '{"p7":7}', '{"p6":6,"p9":9}']
        assert [row[0] for row in rest] == [None, None, None, None, None, *over]


def in_parts(store: Store, facts: Sequence[AnyFact], size: int) -> Loaded | None:
    loading, numbered = Loading(store), list(enumerate(facts))
    for start in range(0, len(facts), size):
        part = Part({}, [])
        for number, fact in numbered[start : start + size]:
            if isinstance(fact, EventFact):
                part.events.setdefault(fact.name, []).append(event_row(number, fact))
            else:
                part.others.append((number, fact))
        assert part.facts() == numbered[start : start + size]
        loading.begin(part)
    return loading.finish(list)


def what_is_stored(store: Store) -> list[Any]:
    return [
        store.con.execute(question).fetchall()
        for question in (
            "SELECT * FROM event_seen ORDER BY seq",
            "SELECT * FROM event_read ORDER BY seq",
            "SELECT * FROM identities ORDER BY number",
            "SELECT * FROM contacts ORDER BY id",
            "SELECT * FROM merges ORDER BY id",
            "SELECT * FROM fields ORDER BY ALL",
            "SELECT * FROM events ORDER BY ALL",
            "SELECT * FROM field_values ORDER BY ALL",
        )
    ]


def test_in_parts_or_at_once_is_the_same() -> None:
    facts: list[AnyFact] = []
    for n in range(900):
        said = {"a": n, "b": f"t{n % 3}"} | ({"c": {"d": n}} if n % 2 else {})
        who = {"contact": f"{'user' if n % 5 else 'anon'}:{n % 7}"}
        name = "Read" if n % 4 == 0 else "Seen"
        facts.append(msgspec.structs.replace(event(n, **said), name=name, **who))
        if n % 50 == 0:
            also = (f"anon:{n % 3}", f"email:a{n % 2}@b.de")
            facts.append(
                ContactFact(ts=n, received_at=n, message_id=f"c{n}", contact="user:1", also=also)
            )
    again = [msgspec.structs.replace(event(3, a="says something else"), contact="user:new")] * 2
    found = []
    for size in (0, 901, 100, 7):
        with Store.open(None) as store, store.transaction():
            first = load_facts(store, facts) if not size else in_parts(store, facts, size)
            more = [event(2000, a=1), *again, event(2001, a=2, b="t9")]
            second = load_facts(store, more) if not size else in_parts(store, more, size)
            found.append((first, second, what_is_stored(store)))
    assert found[0] == found[1] == found[2] == found[3]
    assert found[0][1] is not None and found[0][1].repeated == (1, 2)
    assert found[0][2][4], "nobody was merged"


def test_a_duplicate_that_may_have_taught_a_type_is_not_loaded_in_parts() -> None:
    with Store.open(None) as store, store.transaction():
        assert in_parts(store, [event(1, a=1)], 10) is not None
        before = what_was_seen(store)
        assert in_parts(store, [event(1, b="x"), event(2, b=5)], 10) is None
        assert what_was_seen(store) == before
        assert in_parts(store, [event(1, a=7), event(2, a=5)], 10) is not None
        assert store.con.execute("SELECT a FROM event_seen ORDER BY seq").fetchall() == [(1,), (5,)]


def what_was_seen(store: Store) -> list[Any]:
    return store.con.execute("SELECT * FROM event_seen").fetchall()
