"""Values in bulk are those that a slow reading of the facts gives, in random worlds."""

import os
from collections import Counter
from random import Random
from typing import Any

import histories
from seeds import seed

from lettershop.content.template import Data, Events, LastEvent, Records
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import DAY

from .asking import audience, known, template
from .naive import Naive, Person

WORLDS = int(os.environ.get("LETTERSHOP_LETTER_WORLDS", "5"))
CATALOG = histories.WORDS[0].catalog()
TYPES = {(scope, info.name): info.type for scope, info in CATALOG.everything()}
EVENT_CONDITIONS = (
    "",
    "revenue >= 2",
    'topic != "HR" or gift = true',
    "shipped_at within last 30 days",
    "due is today or shipped_at within last 2 calendar weeks",
    "labels is known",
)
RECORD_CONDITIONS = (
    "",
    'stage contains "pro" or amount > 1',
    "close_date is today or not (closed = true)",
    "close_date has its anniversary today or amount is unknown",
)
ORDERS = ("", "amount", "-amount", "stage", "-stage", "-close_date", "closed")


def data(random: Random) -> dict[str, Data]:
    return {
        "order": LastEvent(event="Order Completed", where=random.choice(EVENT_CONDITIONS)),
        "orders": Events(
            event="Order Completed",
            where=random.choice(EVENT_CONDITIONS),
            limit=random.choice([1, 2, 5]),
            by_account=random.choice([True, False]),
        ),
        "signed": LastEvent(event="Signed In", by_account=True),
        "deals": Records(
            kind="deal",
            where=random.choice(RECORD_CONDITIONS),
            order=random.choice(ORDERS),
            limit=random.choice([1, 2, 10]),
        ),
    }


def test_values_are_those_of_a_slow_reading() -> None:
    """Most worlds must have something to say of each kind."""
    found: Counter[str] = Counter()
    for world in range(WORLDS):
        random = Random(f"{seed()}/values/{world}")
        as_of = histories.moment(random)
        facts = histories.history(random, [], as_of)
        said = data(random)
        with Store.open(None, settings=histories.SETTINGS) as store:
            load(store, facts, types=TYPES)
            for moment in (as_of, as_of + 3000 * DAY):
                naive = Naive(facts, CATALOG, histories.SETTINGS, moment)
                found += compare(store, naive, said, moment)
    names = ("contact", "account", "membership", "order", "orders", "signed", "deals")
    assert {name: found[name] >= WORLDS for name in names} == dict.fromkeys(names, True), found


def compare(store: Store, naive: Naive, said: dict[str, Data], as_of: int) -> Counter[str]:
    """How many recipients have what."""
    found: Counter[str] = Counter()
    people = naive.people()
    names = ["membership.role", "membership.joined", *said]
    names += [f"contact.{name}" for name in CATALOG.contact]
    names += [f"account.{name}" for name in CATALOG.account]
    recipients, values = known(store, template(said), names, audience(store, people, as_of))
    assert [r.place for r in recipients] == list(range(len(people)))
    for who, tree in zip(people, values, strict=True):
        expected: dict[str, Any] = {
            "contact": naive.side(who, "contact"),
            "account": naive.side(who, "account"),
            "membership": naive.membership(who),
            **{name: of_source(naive, who, source) for name, source in said.items()},
        }
        assert tree == {name: value for name, value in expected.items() if value}, who
        found.update(tree.keys())
    return found


def of_source(naive: Naive, who: Person, source: Data) -> Any:
    match source:
        case LastEvent():
            return next(iter(naive.events(who, source)), None)
        case Events():
            return naive.events(who, source)
        case Records():
            return naive.records(who, source)
        case _:
            raise AssertionError(source)
