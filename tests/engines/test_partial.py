"""Any metric for a few subjects: what the full columns say of them, and nothing else.

Random worlds as in test_equal.py; seed: tests/seeds.py.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from random import Random

import histories
import numpy as np
from engines.telling import did, person
from engines.test_equal import CATALOG
from engines.worlds import DuckEngine, World
from seeds import seed as usual_seed

from lettershop.engines.dense.prepare import Prepared
from lettershop.engines.duckdb.columns import DuckColumns
from lettershop.engines.duckdb.evaluate import evaluate, prepare
from lettershop.engines.duckdb.partial import PairSlots, partial
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.schema import create_event_table
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.language.text.parse import parse
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.facts import AnyFact
from lettershop.planning.frame import Column, Frame, Ints
from lettershop.planning.metrics import AnyMetric, grain_of

WORLDS = 8


def test_partial_is_the_full_column_of_some() -> None:
    """At two moments, one of which does not know the newest facts."""
    seed = usual_seed()
    compared: Counter[str] = Counter()
    for nth, definitions in enumerate(histories.questions(seed, WORLDS)):
        random = Random(f"{seed}/{nth}")
        as_of = histories.moment(random)
        facts = histories.history(random, definitions, as_of)
        with closing(Told(facts)) as world:
            for moment in (as_of, as_of - DAY):
                compare(world.store, definitions, moment, random, compared, f"{seed}/{nth}")
    assert compared["metrics"] > 10 * WORLDS
    assert compared["known"] > compared["metrics"] // 4


def test_a_name_without_events_happened_on_no_day() -> None:
    """An import of nothing but repeats leaves an empty table; other names count beside it."""
    with Store.open(None) as store:
        load(store, [person("ann"), did("ann", "Signed In", "2025-06-01")])
        store.con.execute(create_event_table("event_empty"))
        store.con.execute("INSERT INTO events VALUES ('Empty', 'event_empty', 0, NULL, NULL, NULL)")
        store.forget()
        both = 'did any of ("Empty", "Signed In") on at least 1 different days'
        none = 'did "Empty" on at least 1 different days'
        found = evaluate(store, [asked(both), asked(none)], parse_instant("2025-06-15"))
        assert (found.size(both), found.size(none)) == (1, 0)


def asked(text: str) -> Definition:
    return Definition(name=text, subject="contact", where=parse(text).tree)


class Told(DuckEngine):
    """The store of a random world."""

    def __init__(self, facts: Sequence[AnyFact]) -> None:
        super().__init__(
            World(
                facts=facts,
                catalog=CATALOG,
                settings=histories.SETTINGS,
                salts=histories.SALTS,
                rates=histories.RATES,
            )
        )


def compare(
    store: Store,
    definitions: Sequence[Definition],
    as_of: int,
    random: Random,
    compared: Counter[str],
    case: str,
) -> None:
    ready, full = full_columns(store, definitions, as_of)
    frame = ready.frame
    contacts, accounts = some(frame.size("contact"), random), some(frame.size("account"), random)
    quick = slots_by_search(frame) if random.random() < 0.5 else None
    bare = ready.context._replace(current={})
    few = partial(store, frame, ready.zones, ready.plan.metrics, bare, contacts, accounts, quick)
    assert set(few) == set(ready.plan.metrics)
    for metric, part in few.items():
        note = f"LETTERSHOP_SEED={case}, at {as_of}, of {contacts} and {accounts}: {metric}"
        assert part.slots.tolist() == slots_of(frame, metric, contacts, accounts), note
        whole = full[metric]
        assert whole.known[part.slots].tolist() == part.known.tolist(), note
        assert whole.value[part.slots].tolist() == part.value.tolist(), note
        compared["metrics"] += 1
        compared["known"] += int(part.known.sum())


def full_columns(
    store: Store, definitions: Sequence[Definition], as_of: int
) -> tuple[Prepared, dict[AnyMetric, Column]]:
    ready = prepare(store, definitions, as_of)
    columns = DuckColumns(store, ready.frame, ready.zones)
    columns.fill(ready.plan.metrics, ready.context)
    return ready, {metric: columns.column(metric) for metric in ready.plan.metrics}


def some(size: int, random: Random) -> Ints:
    """Some ids, in any order; the last slot is nobody's."""
    ids = [n for n in range(size - 1) if random.random() < 0.4]
    random.shuffle(ids)
    return np.array(ids, np.int64)


def slots_of(frame: Frame, metric: AnyMetric, contacts: Ints, accounts: Ints) -> list[int]:
    match grain_of(metric):
        case "contact":
            return sorted(contacts.tolist())
        case "account":
            return sorted(accounts.tolist())
        case "pair":
            theirs = np.isin(frame.pair_contact, contacts) | np.isin(frame.pair_account, accounts)
            return [int(slot) for slot in np.flatnonzero(theirs)]


def slots_by_search(frame: Frame) -> PairSlots:
    known = {
        (int(contact), int(account)): slot
        for slot, (contact, account) in enumerate(
            zip(frame.pair_contact, frame.pair_account, strict=True)
        )
    }

    def find(contact: Ints, account: Ints) -> Ints:
        pairs = zip(contact.tolist(), account.tolist(), strict=True)
        return np.array([known.get(pair, -1) for pair in pairs], np.int64)

    return find
