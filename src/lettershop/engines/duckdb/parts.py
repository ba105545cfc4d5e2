"""Facts that arrive in parts, nearly all of them events: those come as rows, without an object
each, sorted by name as they will be stored."""

from collections.abc import Iterator
from typing import Any

import msgspec

from lettershop.model.facts import AnyFact, EventFact

EventRow = tuple[int, int, int, str, str | None, str | None, tuple[str, ...], tuple[Any, ...]]
"""(number, ts, received_at, message_id, contact, account, names and values of the properties) of
an event. Rows that say the same are compared faster when they share the tuple of names."""

Numbered = tuple[int, AnyFact]


class Part(msgspec.Struct):
    """`events` by name, each in order of arrival; the numbers count all facts of a load."""

    events: dict[str, list[EventRow]] = {}
    others: list[Numbered] = []

    def facts(self, first: int = 0) -> list[Numbered]:
        """All facts from number `first` on, in order of arrival."""
        found: list[Numbered] = [pair for pair in self.others if pair[0] >= first]
        for name, rows in self.events.items():
            found += _facts(name, rows, first)
        return sorted(found, key=_number)


def event_row(number: int, fact: EventFact) -> EventRow:
    return (
        number,
        fact.ts,
        fact.received_at,
        fact.message_id,
        fact.contact,
        fact.account,
        tuple(fact.properties),
        tuple(fact.properties.values()),
    )


def _facts(name: str, rows: list[EventRow], first: int) -> Iterator[Numbered]:
    for number, ts, received_at, message_id, contact, account, said, values in reversed(rows):
        if number < first:
            return
        fact = EventFact(
            ts=ts,
            received_at=received_at,
            message_id=message_id,
            name=name,
            contact=contact,
            account=account,
            properties=dict(zip(said, values, strict=True)),
        )
        yield number, fact


def _number(pair: Numbered) -> int:
    return pair[0]
