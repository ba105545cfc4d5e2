"""Most frequent and different values, kept current: right after merges, late facts and any leap of
the clock. Compared with the full evaluation after every step."""

from collections.abc import Iterator, Sequence
from random import Random

import pytest

from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.language.text.parse import parse
from lettershop.language.tree import Subject
from lettershop.model.clock import DAY, HOUR
from lettershop.model.facts import AnyFact, ContactFact, EventFact, MembershipFact
from lettershop.model.settings import Settings
from lettershop.planning.keep import Keep

TEXTS = (
    'did "Order" at least 2 times with the same city',
    'did "Order" at least 2 times with the same city within last 3 days',
    'did any of ("Order", "Visit") at least 3 times with the same city within last 20 days',
    'count of different city over "Order" within last 3 days >= 2',
    'count of different price over "Order" within last 20 days >= 2',
    'count of different paid over "Order" >= 2',
    'count of different tags over "Order" within last 20 days >= 2',
    'did "Visit" on at least 2 different days within last 3 days',
    "did anything on at least 3 different days within last 20 days",
)
SUBJECTS: tuple[Subject, ...] = ("contact", "account", "people")
START = 1_735_689_600_000
PEOPLE = [*(f"user:u{n}" for n in range(8)), *(f"anon:{n}" for n in range(6))]
FIRMS = ("acme", "zoo")


def keeps(chosen: Sequence[str] = TEXTS) -> list[Keep]:
    found = []
    for subject in SUBJECTS:
        for text in chosen[:4] if subject == "people" else chosen:
            where = parse(text).tree
            assert where is not None
            name = f"{subject}: {text}"
            found.append(Keep(definition=Definition(name=name, subject=subject, where=where)))
    return found


class Shop:
    def __init__(self, chosen: Sequence[str] = TEXTS) -> None:
        self.store = Store.open(None)
        self.store.con.execute("SET threads = 1")
        self.refresher, self.keeps = Refresher(Settings()), keeps(chosen)
        self.at, self.number, self.steps = START, 0, 0

    def __enter__(self) -> "Shop":
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def event(self, who: str, name: str, ts: int, **properties: object) -> EventFact:
        self.number += 1
        return EventFact(
            ts=ts,
            received_at=self.at,
            message_id=f"m{self.number}",
            name=name,
            contact=who,
            properties=properties,
        )

    def joined(self, anonymous: str, user: str) -> ContactFact:
        self.number += 1
        return ContactFact(
            ts=self.at,
            received_at=self.at,
            message_id=f"m{self.number}",
            contact=user,
            also=(anonymous,),
        )

    def member(self, who: str, firm: str, *, joined: bool = True) -> MembershipFact:
        self.number += 1
        return MembershipFact(
            ts=self.at,
            received_at=self.at,
            message_id=f"m{self.number}",
            contact=who,
            account=firm,
            joined=joined,
        )

    def refresh(self, facts: Sequence[AnyFact] = ()) -> dict[str, set[int]]:
        """Load, refresh, compare; who is in what."""
        if facts:
            load(self.store, facts)
            self.store.forget()
        found = self.refresher.compute(self.store, self.keeps, self.at)
        self.refresher.persist(self.store, found)
        self.steps += not found.full
        full = evaluate(self.store, [keep.definition for keep in self.keeps], self.at)
        stored = read_memberships(self.store.con)
        for keep in self.keeps:
            assert stored[keep.name] == full.members(keep.name), keep.name
        return {name: set(members) for name, members in stored.items()}


def test_values_of_a_merged_contact_leave_with_the_one_it_became() -> None:
    text = 'did "Order" at least 2 times with the same city within last 3 days'
    with Shop([text]) as shop:
        ann, old = "user:ann", "anon:1"
        orders = [shop.event(who, "Order", START - HOUR, city="Rome") for who in (ann, old, old)]
        assert shop.refresh(orders)[f"contact: {text}"] == set()
        shop.at += 3 * DAY - 2 * HOUR
        late = shop.event(ann, "Order", shop.at, city="Rome")
        assert shop.refresh([late])[f"contact: {text}"] == {0}
        shop.at += 2 * HOUR  # the first three leave while the contacts become one
        assert shop.refresh([shop.joined(old, ann)])[f"contact: {text}"] == set()
        assert shop.steps == 2


def scenes(random: Random, shop: Shop) -> Iterator[list[AnyFact]]:
    """What is loaded before each refresh."""
    yield [shop.member(who, random.choice(FIRMS)) for who in PEOPLE[:6]]
    for _ in range(14):
        shop.at += random.choice((1, HOUR, DAY // 2, DAY, 3 * DAY, 9 * DAY))
        facts: list[AnyFact] = [
            shop.event(
                random.choice(PEOPLE),
                random.choice(("Order", "Order", "Visit")),
                shop.at - random.choice((0, 0, 5, HOUR, 2 * DAY, 15 * DAY, -HOUR)),
                city=random.choice(("Rome", " rome", "Oslo", "Bern", None)),
                price=random.choice((1, 2.5, -1e9, None)),
                paid=random.choice((True, False)),
                tags=random.choice((["a"], ["a", "b"])),
            )
            for _ in range(random.choice((0, 1, 4, 12)))
        ]
        if random.random() < 0.2:
            facts.append(shop.member(random.choice(PEOPLE[:8]), random.choice(FIRMS)))
        if random.random() < 0.1:
            who, firm = random.choice(PEOPLE[:8]), random.choice(FIRMS)
            facts.append(shop.member(who, firm, joined=False))
        if random.random() < 0.15:
            facts.append(shop.joined(random.choice(PEOPLE[8:]), random.choice(PEOPLE[:8])))
        yield facts


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens(seed: int) -> None:
    with Shop() as shop:
        told = {len(m) for f in scenes(Random(seed), shop) for m in shop.refresh(f).values()}
        assert shop.steps >= 8 and max(told) >= 4
