"""Conditions about recorded transitions: the engine and the referee, told the same at random.

The seed: tests/seeds.py.
"""

from collections.abc import Iterator, Sequence
from random import Random

import numpy as np
import pytest
from engines.telling import company, joins, learn, leaves, person
from pyroaring import BitMap
from seeds import seed as usual_seed

from lettershop.engines.duckdb.columns import DuckColumns
from lettershop.engines.duckdb.evaluate import evaluate, prepare
from lettershop.engines.duckdb.partial import partial
from lettershop.engines.duckdb.refresh.tables import CAUSES
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.engines.referee import Referee
from lettershop.engines.referee.conditions import Transition
from lettershop.language import parse
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.clock import DAY, parse_instant
from lettershop.planning.metrics import grain_of

RUNS = 200
AT = parse_instant("2025-03-31T02:30Z")
"""A day on which months are cut short and, in Berlin, clocks have just been put forward."""
PEOPLE, ACCOUNTS = ("ann", "bob", "cy", "dee"), ("acme", "zoo")
FACTS = [
    *(person(name, plan="pro" if name < "c" else "free") for name in PEOPLE),
    *(company(name) for name in ACCOUNTS),
    *(joins(name, "acme", "2025-01-01") for name in ("ann", "bob", "cy")),
    joins("bob", "zoo", "2025-02-01"),
    leaves("cy", "acme", "2025-03-01"),
]
TYPES = {"contact": {"plan": "text"}}
OTHERS: dict[str, tuple[Subject, str]] = {
    "C": ("contact", 'plan = "pro"'),
    "A": ("account", "has at least 2 people"),
    "P": ("people", "everyone"),
}
WINDOWS = ("1 minute", "1 day", "3 days", "1 month", "1 year")
OF_ACCOUNTS = (
    'entered segment "A" within last {w}',
    'left segment "A" within last {w} or in segment "A" for at least {v}',
    'has at least 1 people who (entered segment "C" within last {w})',
    'has no people who (in segment "P" for at least {w})',
    'all people who (not entered segment "P" within last {w})',
)
OF_CONTACTS = (
    'entered segment "C" within last {w}',
    'left segment "C" within last {w}',
    'in segment "C" for at least {w}',
    'not in segment "C" for at least {w} and not left segment "C" within last {v}',
    'account entered segment "A" within last {w}',
    'account in segment "A" for at least {w} and entered segment "C" within last {v}',
    'entered segment "P" within last {w} and account left segment "A" within last {v}',
    'in segment "P" for at least {w} or left segment "P" within last {v}',
    'account has at least 2 people who (in segment "C" for at least {w})',
)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        opened.con.execute("SET threads = 1")
        load(opened, FACTS)
        yield opened


def test_engine_and_referee_agree_and_so_do_few_and_all(store: Store) -> None:
    seed = usual_seed()
    members = strangers = 0
    for run in range(RUNS):
        random = Random(f"{seed}/{run}")
        said = recorded(random, store)
        asked = [*others(), *definitions(random)]
        as_of = random.choice([AT, AT - DAY, *(t.detected_at for t in said), ends(random, said)])
        found = evaluate(store, asked, as_of)
        told = Referee(FACTS, learn(FACTS, TYPES), transitions=said).members(asked, as_of)
        for definition in asked[len(OTHERS) :]:
            context = f"LETTERSHOP_SEED={seed} run {run} at {as_of}: {definition.text}\n{said}"
            assert found.subjects(definition.name) == told[definition.name], context
            members += len(told[definition.name])
            strangers += not told[definition.name]
        if run % 5 == 0:
            compare_few(store, asked, as_of, random)
    assert members > RUNS and strangers > RUNS // 10


def recorded(random: Random, store: Store) -> list[Transition]:
    """Random transitions, in the table and as the referee is told them."""
    numbers = {
        "C": ids(store, "SELECT identity, id FROM contacts"),
        "A": ids(store, "SELECT identity, id FROM accounts"),
        "P": ids(
            store,
            "SELECT (c.identity, a.identity), p.id FROM people AS p"
            " JOIN contacts AS c ON c.id = p.contact JOIN accounts AS a ON a.id = p.account",
        ),
    }
    store.con.execute("DELETE FROM transitions")
    said, detected = [], AT - 40 * DAY
    for number in range(random.choice([0, 3, 12, 30])):
        detected += random.choice([0, 1, DAY, 3 * DAY, random.randrange(3 * DAY)])
        segment = random.choice([*numbers])
        subject = random.choice([*numbers[segment]])
        at = detected - random.choice([0, 0, 1, DAY, random.randrange(40 * DAY)])
        cause = random.choice([*CAUSES, "definition"])
        move = Transition(segment, subject, random.random() < 0.6, at, detected, cause)
        said.append(move)
        store.con.execute(
            "INSERT INTO transitions VALUES (?, ?, 1, ?, ?, ?, ?, ?)",
            [number, segment, numbers[segment][subject], move.entered, at, detected, cause],
        )
    return said


def ids(store: Store, asked: str) -> dict[object, int]:
    return dict(store.con.execute(asked).fetchall())


def ends(random: Random, said: Sequence[Transition]) -> int:
    """Where a window ends, give or take a millisecond."""
    starts = [t.at for t in said] or [AT]
    return random.choice(starts) + random.choice([DAY, 3 * DAY]) + random.choice([-1, 0, 1])


def others() -> list[Definition]:
    return [define(name, subject, text) for name, (subject, text) in OTHERS.items()]


def definitions(random: Random) -> list[Definition]:
    contact, people = random.choices(OF_CONTACTS, k=2)
    texts: list[tuple[Subject, str]] = [
        ("contact", contact),
        ("people", people),
        ("account", random.choice(OF_ACCOUNTS)),
    ]
    return [
        define(subject, subject, text.format(w=random.choice(WINDOWS), v=random.choice(WINDOWS)))
        for subject, text in texts
    ]


def define(name: str, subject: Subject, text: str) -> Definition:
    return Definition(name=name, subject=subject, where=parse(text).tree, text=text)


def compare_few(store: Store, asked: Sequence[Definition], as_of: int, random: Random) -> None:
    """Asked for some subjects alone, as a refresh does: what the whole columns say of them."""
    ready = prepare(store, asked, as_of)
    columns = DuckColumns(store, ready.frame, ready.zones)
    columns.fill(ready.plan.metrics, ready.context)
    contacts = np.array(random.sample(range(len(PEOPLE)), 2), np.int64)
    accounts = np.array([random.randrange(len(ACCOUNTS))], np.int64)
    parts = partial(
        store, ready.frame, ready.zones, ready.plan.metrics, ready.context, contacts, accounts
    )
    for metric, part in parts.items():
        whole = columns.column(metric)
        assert len(part.slots) or grain_of(metric) == "pair"
        assert (whole.value[part.slots] == part.value).all(), metric
        assert (whole.known[part.slots] == part.known).all(), metric


def test_nothing_recorded_nobody_entered(store: Store) -> None:
    store.con.execute("DELETE FROM transitions")
    asked = [
        *others(),
        define("new", "contact", 'entered segment "C" within last 1 year'),
        define("old", "contact", 'in segment "C" for at least 1 minute'),
        define("not", "contact", 'not in segment "C" for at least 1 minute'),
    ]
    found = evaluate(store, asked, AT)
    assert found.members("new") == found.members("old") == BitMap()
    assert found.members("not") == found.universe("contact")
