"""Why somebody is among those who entered, left, or have been in: by what refreshes recorded."""

from collections.abc import Iterator

import pytest
from engines.telling import company, joins, person
from engines.test_explain import define, needs

from lettershop.engines.duckdb.explain import explain
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.language.tree import Subject
from lettershop.model.clock import parse_instant
from lettershop.model.settings import Settings
from lettershop.planning.explain import Explanation
from lettershop.planning.keep import Keep

OTHERS = [define("Hot", 'plan = "pro"'), define("Houses", "has at least 2 people", "account")]
STEPS = [
    ("2025-06-01", [person("ann", plan="free"), person("bob", plan="pro"), company("acme")]),
    ("2025-06-02", [joins("ann", "acme"), joins("bob", "acme", "2025-06-01T12:00Z")]),
    ("2025-06-10", [person("ann", "2025-06-09T18:30Z", plan="pro")]),
    ("2025-06-12", [person("bob", "2025-06-11T07:00Z", plan="free")]),
]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """Hot holds bob from the 1st to the 11th, ann since the 9th, 18:30; acme is one of the Houses
    since the 1st, noon."""
    with Store.open(None) as opened:
        opened.con.execute("SET threads = 1")
        refresher = Refresher(Settings())
        keeps = [Keep(definition=definition) for definition in OTHERS]
        for at, facts in STEPS:
            load(opened, facts)
            found = refresher.compute(opened, keeps, parse_instant(at))
            refresher.persist(opened, found)
        yield opened


def told(
    store: Store, text: str, who: str, subject: Subject = "contact", now: str = "2025-06-15"
) -> Explanation:
    number = store.account_id(who) if subject == "account" else store.contact_id(who)
    asked = [*OTHERS, define("it", text, subject)]
    return explain(store, asked, "it", number, parse_instant(now))


def test_entered_since_it_was_recorded_until_the_window_has_passed(store: Store) -> None:
    found = told(store, 'entered segment "Hot" within last 7 days', "ann")
    assert found.member and found.since and found.upcoming
    assert found.since.at == "2025-06-10T00:00:00.001Z", "the refresh does not see its own"
    assert (found.upcoming.at, found.upcoming.enters) == ("2025-06-16T18:30Z", False)
    assert [line.found for line in found.lines] == ["2025-06-09T18:30Z"]
    assert needs(found) == [["entering the segment “Hot” to be 7 days ago"]]
    assert [step.effort for way in found.nearest for step in way.steps] == ["waiting"]


def test_published_is_not_entered(store: Store) -> None:
    found = told(store, 'entered segment "Hot" within last 30 days', "bob")
    assert not found.member and found.upcoming and found.upcoming.at is None
    assert [line.found for line in found.lines] == ["never"]
    assert needs(found) == [["to enter the segment “Hot”"]]


def test_left(store: Store) -> None:
    found = told(store, 'left segment "Hot" within last 7 days', "bob")
    assert found.member and found.upcoming
    assert found.upcoming.at == "2025-06-18T07:00Z"
    other = told(store, 'left segment "Hot" within last 7 days', "ann")
    assert not other.member and needs(other) == [["to leave the segment “Hot”"]]


def test_in_for_at_least_comes_by_waiting(store: Store) -> None:
    text = 'in segment "Hot" for at least 7 days'
    found = told(store, text, "ann")
    assert not found.member and found.upcoming
    assert (found.upcoming.at, found.upcoming.enters) == ("2025-06-16T18:30Z", True)
    assert needs(found) == [["to stay in the segment “Hot” until it has been 7 days"]]
    gone = told(store, text, "bob")
    assert not gone.member and needs(gone) == [["to enter the segment “Hot” and stay for 7 days"]]
    later = told(store, text, "ann", now="2025-06-17")
    assert later.member and later.since and later.since.at == "2025-06-16T18:30Z"
    assert needs(later) == [["to leave the segment “Hot”"]]


def test_of_accounts_and_of_the_account(store: Store) -> None:
    found = told(store, 'entered segment "Houses" within last 20 days', "acme", "account")
    assert found.member and found.upcoming and found.upcoming.at == "2025-06-21T12:00Z"
    theirs = told(store, 'account entered segment "Houses" within last 1 month', "ann")
    assert theirs.member and theirs.account == "acme"
    assert theirs.upcoming and theirs.upcoming.at == "2025-07-01T12:00Z"
