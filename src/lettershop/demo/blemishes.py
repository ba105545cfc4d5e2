"""What real exports look like: values missing, blank, of the wrong type or in odd case; events
that come late or twice. How often each happens is in the tables below."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeVar

import msgspec

from lettershop.model.clock import DAY, HOUR
from lettershop.model.facts import AccountFact, ContactFact, EventFact

Traited = TypeVar("Traited", ContactFact, AccountFact)
Spoil = Callable[[object], object]


def _say(value: object) -> Spoil:
    return lambda _: value


def _shout(value: object) -> object:
    return str(value).upper()


def _whisper(value: object) -> object:
    return f" {str(value).lower()} "


TRAITS: Mapping[str, Sequence[tuple[float, Spoil]]] = {
    "title": ((0.05, _say(None)), (0.02, _say("  ")), (0.04, _shout), (0.05, _whisper)),
    "phone": ((0.13, _say(None)), (0.03, _say(""))),
    "region": ((0.03, _say(None)), (0.05, _shout), (0.05, _whisper)),
    "timezone": ((0.05, _say(None)),),
    "location": ((0.08, _say(None)), (0.004, _say("somewhere"))),
    "score": ((0.01, _say("n/a")), (0.004, _say("12x"))),
    "signup_date": ((0.01, _say("00.00.0000")),),
    "employees": ((0.02, _say("about 50")), (0.01, _say("12x"))),
    "industry": ((0.06, _say(None)), (0.05, _whisper)),
    "plan": ((0.03, _shout),),
}

PROPERTIES: Mapping[str, Sequence[tuple[float, Spoil]]] = {
    "revenue": ((0.01, _say("n/a")), (0.01, _say(None))),
    "price": ((0.01, _say("free")), (0.01, _say(None))),
    "destination": ((0.01, _say(" ")), (0.03, _whisper)),
    "topic": ((0.03, _shout),),
}


def _spoil(
    values: Mapping[str, object],
    table: Mapping[str, Sequence[tuple[float, Spoil]]],
    random: Random,
) -> dict[str, object]:
    spoiled = dict(values)
    for key, ways in table.items():
        if spoiled.get(key) is None:
            continue
        chance = random.random()
        for share, way in ways:
            if chance < share:
                spoiled[key] = way(spoiled[key])
                break
            chance -= share
    return spoiled


def of_traits(facts: Sequence[Traited], random: Random) -> list[Traited]:
    return [msgspec.structs.replace(f, traits=_spoil(f.traits, TRAITS, random)) for f in facts]


def of_events(events: Sequence[EventFact], today: int, random: Random) -> list[EventFact]:
    """In order of arrival: 3 % come hours or days late, 1 % come a second time."""
    found = []
    for event in events:
        spoiled = _spoil(event.properties, PROPERTIES, random)
        late = int(random.expovariate(1 / (20 * HOUR))) if random.random() < 0.03 else 0
        arrival = min(event.ts + late + random.randrange(3_000), today)
        kept = msgspec.structs.replace(event, properties=spoiled, received_at=arrival)
        found.append(kept)
        if random.random() < 0.01:
            again = min(arrival + random.randrange(2 * DAY), today)
            found.append(msgspec.structs.replace(kept, received_at=again))
    found.sort(key=lambda e: (e.received_at, e.message_id))
    return found
