"""Facts as they come in while a shop is open: about now, about earlier, late, twice, out of order.

Mostly of a few people and accounts and with a few values, so that they meet the sentences asked of
them; the rest is as wild as in `histories`.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import histories
from histories import PEOPLE, Teller
from msgspec import structs

from lettershop.model.clock import ALWAYS, DAY, HOUR
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)

REGULARS = PEOPLE[:8]
HOUSES = ("acme", "zoo")
USUAL: Mapping[str, tuple[Any, ...]] = {
    "plan": ("pro", "pro", "free"),
    "topic": ("pro", "HR"),
    "stage": ("pro", "won"),
    "industry": ("pro", "HR"),
    "currency": ("EUR", "USD"),
    "score": (1, 2, 3, 5, 10),
    "quantity": (1, 2, 3, 5),
    "employees": (1, 2, 10),
    "amount": (2, 5, 10),
    "priority": (1, 2, 3),
    "active": (True, False),
}


class News(Teller):
    """What is heard when the clock shows `now`."""

    def __init__(self, random: Random, instants: list[int], now: int, told: int) -> None:
        super().__init__(random, instants)
        self.now, self.number = now, 1_000 + told

    def makers(self) -> list[Callable[[], AnyFact]]:
        rest = [self.contact, self.account, self.membership, self.record]
        return [*[self.event] * 6, *rest, self.joined, self.ended]

    def said(self, ts: int | None = None) -> dict[str, Any]:
        found = super().said(ts)
        if ts is not None:
            return found
        match self.random.randrange(8):
            case 0 | 1 | 2 | 3:
                ago = self.random.choice([0, 0, 1, HOUR])
                found["ts"] = found["received_at"] = max(self.now - ago, ALWAYS)
            case 4 | 5:
                ago = self.random.randrange(5 * DAY)
                found["ts"] = max(min(found["ts"], self.now - ago), ALWAYS)
                found["received_at"] = self.now
            case _:
                pass
        return found

    def usual(self, values: Mapping[str, Any], *more: str) -> dict[str, Any]:
        """The values, those of well-known fields mostly as they usually are."""
        names = [name for name in (*values, *more) if name in USUAL and not self.one_in(6)]
        return {**values, **{name: self.random.choice(USUAL[name]) for name in names}}

    def who(self, somebody: str | None) -> str | None:
        return somebody if self.one_in(4) else self.random.choice(REGULARS)

    def where(self, account: str | None) -> str | None:
        return account if self.one_in(4) else self.random.choice(HOUSES)

    # --- facts ------------------------------------------------------------------------------------

    def event(self) -> EventFact:
        fact = super().event()
        name = self.random.choice(["Signed In", "Order Completed", fact.name])
        wanted = [n for n in ("topic", "quantity") if n in histories.WORDS[0].events[name]]
        properties = fact.properties if name == fact.name else {}
        return structs.replace(
            fact,
            name=name,
            contact=self.who(fact.contact),
            properties=self.usual(properties, *wanted),
        )

    def contact(self) -> ContactFact:
        fact = super().contact()
        who = self.who(fact.contact) or fact.contact
        return structs.replace(fact, contact=who, traits=self.usual(fact.traits, "score"))

    def account(self) -> AccountFact:
        fact = super().account()
        where = self.where(fact.account) or fact.account
        return structs.replace(fact, account=where, traits=self.usual(fact.traits, "score"))

    def membership(self, ts: int | None = None) -> MembershipFact:
        fact = super().membership(ts)
        who = self.who(fact.contact) or fact.contact
        return structs.replace(fact, contact=who, account=self.where(fact.account) or fact.account)

    def record(self) -> RecordFact:
        fact = super().record()
        wanted = [n for n in ("stage", "amount", "priority") if n in self._fields(fact)]
        return structs.replace(
            fact,
            contact=fact.contact and self.who(fact.contact),
            account=fact.account and self.where(fact.account),
            traits=self.usual(fact.traits, *wanted),
        )

    def _fields(self, fact: RecordFact) -> Mapping[str, Any]:
        return histories.WORDS[0].records[fact.kind]

    def joined(self) -> ContactFact:
        """Two who are one person."""
        one, other = self.random.sample(PEOPLE, 2)
        return ContactFact(**self.said(), contact=one, also=(other,), alias=True)

    def ended(self) -> AnyFact:
        """Somebody or an account is deleted, or there again."""
        fact = self.random.choice([self.contact, self.contact, self.account])()
        return structs.replace(fact, deleted=not self.one_in(3))


def past(random: Random, instants: list[int], at: int) -> list[AnyFact]:
    """What a shop heard in its last weeks, in about the order in which it was heard."""
    first = News(random, instants, ALWAYS, 0)
    told: list[AnyFact] = [first.membership(ALWAYS) for _ in REGULARS]
    told += [structs.replace(first.contact(), deleted=None) for _ in REGULARS]
    times = sorted(at - random.randrange(random.choice([3, 10, 40]) * DAY) for _ in range(25))
    for number, now in enumerate(times):
        teller = News(random, instants, now, -900 + 10 * number)
        told.append(random.choice(teller.makers())())
    return told
