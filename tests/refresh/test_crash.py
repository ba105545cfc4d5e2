"""A refresh is stored as a whole or not at all, wherever it is cut off."""

from collections.abc import Iterator
from typing import Any

import pytest
from refresh.clockwork import definition, did, keep, moment, person

from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import LettershopError
from lettershop.model.settings import Settings
from lettershop.planning.keep import Keep, Pin

KEEPS = [
    Keep(definition=definition("Seen", keep('did "Signed In" within last 3 days'))),
    Keep(definition=definition("Others", keep('not in segment "Seen"')), pins=(Pin(1, False),)),
]


class Breaking:
    """A connection that gives up at a certain statement."""

    def __init__(self, con: Any, after: int) -> None:
        self._con, self._left = con, after

    def execute(self, *said: Any, **more: Any) -> Any:
        if self._left == 0 and said[0] != "ROLLBACK":
            raise KeyboardInterrupt
        self._left -= 1
        return self._con.execute(*said, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


@pytest.fixture
def store() -> Iterator[Store]:
    """Ann and Bob; Ann has signed in since the first refresh."""
    with Store.open(None) as opened:
        load(opened, [person("ann"), person("bob"), did("bob", "Signed In", "Mon 08:00")])
        first = Refresher(Settings())
        first.persist(opened, first.compute(opened, KEEPS, moment("Mon 09:00")))
        load(opened, [did("ann", "Signed In", "Mon 09:30")])
        yield opened


def stored(store: Store) -> list[list[Any]]:
    tables = ("kept", "memberships", "transitions", "meta")
    return [store.con.execute(f"SELECT * FROM {t} ORDER BY ALL").fetchall() for t in tables]  # noqa: S608


def test_cut_off_anywhere(store: Store) -> None:
    before, con = stored(store), store.con
    refresher, at = Refresher(Settings()), moment("Mon 10:00")
    cut = 0
    while True:
        found = refresher.compute(store, KEEPS, at)
        store.con = Breaking(con, cut)  # type: ignore[assignment]
        try:
            refresher.persist(store, found)
        except KeyboardInterrupt:
            refresher.forget()
        else:
            break
        finally:
            store.con = con
        assert stored(store) == before, f"after {cut} statements"
        cut += 1
    assert cut > 5
    moves = con.execute(
        "SELECT segment, subject, entered, cause FROM transitions WHERE detected_at = $at"
        " ORDER BY ALL",
        {"at": at},
    ).fetchall()
    assert moves == [("Others", 0, False, "event"), ("Seen", 0, True, "event")]


def test_two_at_once(store: Store) -> None:
    """The second finds that the first was there, and stores nothing."""
    one, other = Refresher(Settings()), Refresher(Settings())
    found = [r.compute(store, KEEPS, moment("Mon 10:00")) for r in (one, other)]
    one.persist(store, found[0])
    after = stored(store)
    with pytest.raises(LettershopError) as refused:
        other.persist(store, found[1])
    assert refused.value.code == "refresh.overtaken"
    assert stored(store) == after
    again = other.compute(store, KEEPS, moment("Mon 10:00"))
    assert again.count == 0
    other.persist(store, again)


def test_what_was_not_stored_is_found_again(store: Store) -> None:
    """Computed twice before it is stored: nobody is forgotten, nobody is counted twice."""
    refresher = Refresher(Settings())
    refresher.compute(store, KEEPS, moment("Mon 09:45"))
    refresher.forget()
    refresher.persist(store, refresher.compute(store, KEEPS, moment("Mon 10:00")))
    told = store.con.execute(
        "SELECT segment, list(entered ORDER BY id) FROM transitions WHERE subject = 0"
        " GROUP BY segment ORDER BY segment"
    ).fetchall()
    assert told == [("Others", [True, False]), ("Seen", [True])]
