"""Whoever gets a letter, the account in it, the blocks and the matched values are the referee's.

Random worlds as in engines/test_equal.py; seed: tests/seeds.py.
"""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

import histories
from engines.test_equal import CATALOG
from engines.test_partial import Told
from seeds import seed as usual_seed

from lettershop.content.audience import Audience
from lettershop.content.gathering import gather, gather_one
from lettershop.content.letter import Block
from lettershop.engines.duckdb.store import Store
from lettershop.engines.referee import Referee
from lettershop.engines.referee.case import Case
from lettershop.engines.referee.compare import by_count
from lettershop.engines.referee.conditions import Judge
from lettershop.engines.referee.events import by_value, chosen, comparable
from lettershop.engines.referee.referee import decide
from lettershop.language import render
from lettershop.language.definition import Definition
from lettershop.language.tree import Did, Duration, Events, Everyone, Last, Not, Or, Scope
from lettershop.model.clock import DAY, to_ms
from lettershop.model.facts import AnyFact
from lettershop.model.values import MICRO

WORLDS = int(os.environ.get("LETTERSHOP_LETTER_WORLDS", "4"))
SCOPES: tuple[Scope, ...] = ("own", "here", "account")
PROPERTIES = ("topic", "quantity", "gift", "due", "shipped_at")


class World:
    """The same facts for the engine and for the referee, at one moment."""

    def __init__(
        self, facts: Sequence[AnyFact], definitions: Sequence[Definition], as_of: int
    ) -> None:
        self.told = Told(facts)
        self.store.con.execute("SET threads = 1")  # few rows: others would only wait
        self.definitions, self.as_of = definitions, as_of
        referee = Referee(
            facts, CATALOG, histories.SETTINGS, salts=histories.SALTS, rates=histories.RATES
        )
        self.judge: Judge = referee._judge(definitions, as_of)

    @property
    def store(self) -> Store:
        return self.told.store

    def close(self) -> None:
        self.told.close()

    def recipients(self, audience: Audience) -> list[tuple[str, str | None]]:
        """By the names that the referee gives them."""
        rows = self.store.con.execute
        contacts = dict(rows("SELECT id, identity FROM contacts").fetchall())
        accounts = dict(rows("SELECT id, identity FROM accounts").fetchall())
        pairs = zip(audience.contacts.tolist(), audience.accounts.tolist(), strict=True)
        return [(contacts[contact], accounts.get(account)) for contact, account in pairs]

    def case(self, contact: str, account: str | None) -> Case:
        return Case(self.judge.moment, "contact", contact, account)

    def cases(self, audience: Audience) -> list[Case]:
        return [self.case(*pair) for pair in self.recipients(audience)]

    def account_of(self, definition: Definition, contact: str) -> str | None:
        """Of those with which the sentence is true, or else of all, the one joined first."""
        asked = self.judge.moment.accounts_of(contact)
        true = [a for a in asked if self.judge.holds(definition.where, self.case(contact, a))]
        return next(iter([*true, *asked]), None)


def test_letters_are_gathered_as_the_referee_would() -> None:
    """Worlds are dear, so that all questions are put to each of them."""
    seed = usual_seed()
    seen: Counter[str] = Counter()
    for nth, definitions in enumerate(histories.questions(seed, WORLDS)):
        random = Random(f"{seed}/{nth}")
        as_of = histories.moment(random)
        facts = histories.history(random, definitions, as_of, most=220)
        moment = as_of - random.choice([0, DAY])  # a day before, the newest facts are not known
        with closing(World(facts, definitions, moment)) as world:
            for definition in (d for d in definitions if d.subject != "account"):
                recipients_and_blocks(world, definition, seen)
            one_as_among_all(world, seen)
            for _ in range(4):
                matched_values(world, random, seen)
    assert seen["recipients"] > 50 and seen["several accounts"] > 5 and seen["previews"] > 2
    assert seen["first"] > 10 and seen["second"] > 10 and seen["none"] > 10
    assert min(seen[scope] for scope in SCOPES) > 2 and seen["spelled"]
    assert all(seen[name] for name in PROPERTIES)


def recipients_and_blocks(world: World, definition: Definition, seen: Counter[str]) -> None:
    """Of a segment, and of those who are not in it."""
    texts = [render(d.where) for d in world.definitions if d.subject == "contact"]
    blocks = [
        Block(name="one", conditions=tuple(texts), line=1),
        Block(name="none", conditions=(), line=2),
        Block(name="two", conditions=(texts[2], texts[0]), line=3),
    ]
    others = Definition(name="others", subject=definition.subject, where=Not(definition.where))
    for asked, audience in ((definition, definition.name), (others, others)):
        found = gather(world.store, world.definitions, audience, blocks, world.as_of)
        assert found.segment == asked.name
        compare(world, asked, found, blocks, seen)


def compare(
    world: World, definition: Definition, found: Audience, blocks: list[Block], seen: Counter[str]
) -> None:
    members = decide(definition, world.judge.moment, world.judge.holds)
    recipients = world.recipients(found)
    assert len({*recipients}) == len(recipients) == len(members)
    where = {render(d.where): d.where for d in world.definitions}
    for row, (contact, account) in enumerate(recipients):
        if definition.subject == "people":
            assert (contact, account) in members
        else:
            assert contact in members
            assert account == world.account_of(definition, contact)
        case = world.case(contact, account)
        for number, block in enumerate(blocks):
            true = [world.judge.holds(where[text], case) for text in block.conditions]
            first = true.index(True) if any(true) else len(true)
            assert found.shown[row, number] == first
            seen[("first", "second")[first] if first < min(2, len(true)) else "none"] += 1
        seen["recipients"] += 1
        seen["several accounts"] += len(world.judge.moment.accounts_of(contact)) > 1


def one_as_among_all(world: World, seen: Counter[str]) -> None:
    contacts = [d for d in world.definitions if d.subject == "contact"]
    blocks = [Block(name="one", conditions=tuple(render(d.where) for d in contacts), line=1)]
    for where in (contacts[0].where, Not(contacts[0].where)):
        asked = world.store, world.definitions
        audience = Definition(name="x", subject="contact", where=where)
        everybody = gather(*asked, audience, blocks, world.as_of)
        for row, contact in [*enumerate(everybody.contacts.tolist())][-1:]:
            one = gather_one(*asked, blocks, contact, None, world.as_of, segment=audience)
            assert one.contacts.tolist() == [contact]
            assert one.accounts.tolist() == [everybody.accounts[row]]
            assert (one.shown == everybody.shown[row]).all()
            seen["previews"] += 1


def matched_values(world: World, random: Random, seen: Counter[str]) -> None:
    asked = [same_value(random, name) for name in PROPERTIES]
    subject = random.choice(["contact", "people"])
    definition = Definition(name="x", subject=subject, where=Or((*asked, Everyone())))
    found = gather(world.store, world.definitions, definition, [], world.as_of)
    for leaf in asked:
        for value, case in zip(found.matched[leaf.same], world.cases(found), strict=True):
            assert as_known(value) == most_events(case, leaf)
            seen[leaf.events.scope] += value is not None
            seen[leaf.same or ""] += value is not None
            seen["spelled"] += isinstance(value, str) and value != comparable(value)


def same_value(random: Random, name: str) -> Did:
    names = random.choice([("Order Completed",), ("Order Completed", "Signed In"), ()])
    window = random.choice([None, Last(Duration(random.choice([30, 400]), "day"))])
    events = Events(names, random.choice(SCOPES), window)
    return Did(
        events, random.choice(["at least", "more than"]), random.choice([1, 1, 2]), same=name
    )


def most_events(case: Case, asked: Did) -> Any:
    """The value with the most events, then the one used last, then the least; as it is spelled in
    its newest event."""
    groups = by_value(case, chosen(case, asked.events), asked.same or "")
    enough = {v: e for v, e in groups.items() if by_count(asked.count, len(e), asked.n)}
    if not enough:
        return None
    best = min(enough.items(), key=lambda one: (-len(one[1]), -one[1][-1].ts, one[0]))
    return case.property(best[1][-1], asked.same or "").known


def as_known(value: Any) -> Any:
    """As the referee has values: numbers in micro-units, times in milliseconds."""
    match value:
        case bool() | None:
            return value
        case int() | Decimal():
            return int(value * MICRO)
        case datetime():
            return to_ms(value)
        case _:
            return value
