"""Random worlds to compare engines in: definitions, moments and histories, all from one seed.

    for number, definitions in enumerate(questions(seed, 100)):     # nine each, hypothesis' trees
        random = Random(f"{seed}/{number}")
        as_of = moment(random)
        facts = history(random, definitions, as_of)                 # up to about 190

Facts like to happen exactly where the definitions' windows begin and end, in the zones in use, a
millisecond before or after; they arrive late, twice and out of order; values are missing, blank or
of the wrong type; people have several identities, and merge; accounts are deleted and
created again.

Only trees come from hypothesis, one kind of segment at a time: drawing whole worlds with it gives
mostly trivial ones. What fails is made small by the comparison itself (engines/smaller.py).
"""

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, seed, settings
from msgspec import structs
from strategies import conditions
from strategies_values import value_tests
from vocabulary import DEFAULT, PURCHASE, Place, Types, Vocabulary

from lettershop.engines.referee.calendar import Calendar, midnight
from lettershop.engines.referee.referee import nodes
from lettershop.language.definition import Definition
from lettershop.language.tree import Condition, Duration, Last, LastCalendar, Subject
from lettershop.model.clock import ALWAYS, DAY, HOUR, from_ms, parse_instant
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    Rate,
    RecordFact,
)
from lettershop.model.settings import Settings
from lettershop.model.values import ValueType

PEOPLE = (
    *(f"user:{name}" for name in ("ann", "bob", "cy", "dot", "eve", "fay", "gus", "hal")),
    *(f"email:{name}@acme.example" for name in ("ann", "bob", "ida", "jon")),
    *(f"anon:{n}" for n in range(1, 6)),
)
ACCOUNTS = ("acme", "Acme", "zoo", "old", "new")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
ZONE_TEXTS = (*ZONES, " Europe/Berlin ", "europe/berlin", "Mars/Base", "", None, 7)
TEXTS = (
    "pro",
    "  Pro ",
    "PRO",
    "\u00c9cole",
    "E\u0301cole",
    "\u00e9cole",
    "\u0130x",
    "ix",
    "\u00df",
    "ss",
    "\u03a3\u03c2",
    "\u03c3\u03c3",
    "HR",
    "New Jersey",
    "new jersey\nx",
    "%_",
    "O'Brien",
)
NUMBERS = (0, 1, 2, 3, 5, 10, 100, 12.5, -1, 0.000001, 0.1)
SALTS = {"spring-holdout": 0x0123456789ABCDEF, "autumn": 2**64 - 3}
RATES = (
    Rate(source="EUR", target="USD", day=date(2025, 1, 1), rate=1_100_000),
    Rate(source="EUR", target="USD", day=date(2025, 3, 30), rate=1_083_333),
    Rate(source="USD", target="EUR", day=date(2024, 6, 1), rate=900_001),
)
SETTINGS = Settings(timezone="Europe/Berlin", most_emails=2, most_anonymous=3)


def words(segments: dict[str, Subject]) -> Vocabulary:
    return Vocabulary(
        contact={**DEFAULT.contact, "timezone": "text"},
        account={**DEFAULT.account, "timezone": "text"},
        events={
            "Order Completed": dict(PURCHASE),
            "Signed In": {"topic": "text", "quantity": "number"},
            "Plan Changed": {"topic": "text", "due": "date"},
            "Email Opened": {"grade": "text"},
            "Email Sent": {"grade": "text"},
        },
        records={
            "deal": dict(DEFAULT.records["deal"]),
            "ticket": {"status": "text", "priority": "number", "opened": "time"},
        },
        segments=segments,
        texts=TEXTS,
        numbers=NUMBERS,
        patterns=("o", "^p", r"\bjersey$", "(a|e)c", "s.?s", "^.$"),
        dates=(
            "2025-01-01",
            "2025-02-28",
            "2025-03-30",
            "2025-06-15",
            "2025-10-26",
            "2025-03-30T01:00Z",
            "2025-06-15T12:30+02:00",
        ),
    )


# --- questions ------------------------------------------------------------------------------------

SUBJECTS: tuple[Subject, ...] = ("contact", "account", "people")
NAMES = {f"{subject} {n}": subject for n in (1, 2, 3) for subject in SUBJECTS}
"""The segments of one example, each referring to those before it."""
WORDS = [words(dict(list(NAMES.items())[:n])) for n in range(len(NAMES))]


def questions(base: int, number: int) -> Iterator[list[Definition]]:
    """`number` lists of definitions, one for each of NAMES; later ones may refer to earlier."""
    slots = [
        trees(subject, vocabulary, base + slot, number)
        for slot, (subject, vocabulary) in enumerate(zip(NAMES.values(), WORDS, strict=True))
    ]
    for row in zip(*slots, strict=True):
        yield [
            Definition(name=name, subject=subject, where=where)
            for (name, subject), where in zip(NAMES.items(), row, strict=True)
        ]


def trees(subject: Subject, vocabulary: Vocabulary, base: int, number: int) -> list[Condition]:
    """That many different conditions."""
    found: dict[Condition, None] = {}
    plain = value_tests(vocabulary, Place(vocabulary, subject).types())

    @seed(base)
    @settings(
        max_examples=4 * number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(conditions(subject, vocabulary) | plain)
    def collect(tree: Condition) -> None:
        found.setdefault(tree)

    collect()
    several = Random(base).sample(list(found), min(number, len(found)))
    return [several[n % len(several)] for n in range(number)]


# --- time -----------------------------------------------------------------------------------------

MOMENTS = tuple(
    map(
        parse_instant,
        (
            "2024-02-29T12:00Z",  # a leap day
            "2025-02-28T23:30Z",  # month's end; already March in Berlin
            "2025-03-09T07:00Z",  # New York's clocks go forward
            "2025-03-30T01:00Z",  # Berlin's
            "2025-03-31T10:00Z",
            "2025-04-05T15:00Z",  # Lord Howe's go back, by half an hour
            "2025-04-06T02:00Z",  # Casablanca's go forward
            "2025-05-31T21:59:59.999Z",
            "2025-06-15T10:30Z",
            "2025-10-04T15:30Z",  # Lord Howe's go forward
            "2025-10-26T00:30Z",  # the first 02:30 in Berlin
            "2025-10-26T01:30Z",  # the second
            "2025-12-31T23:00Z",  # New Year in Berlin
            "2026-03-01T00:00Z",
        ),
    )
)


def moment(random: Random) -> int:
    """An `as_of`: days on which clocks change, month's ends, leap days, midnights."""
    return random.choice(MOMENTS) + random.choice([0, 0, 0, 1, -1, HOUR, -DAY, 10 * DAY + 1])


def edges(definitions: Sequence[Definition], as_of: int) -> list[int]:
    """The instants at which something begins or ends for one of the definitions."""
    found = {as_of, as_of + 1, ALWAYS}
    for zone in (ZoneInfo(name) for name in ZONES):
        calendar = Calendar(as_of, zone, ZoneInfo(SETTINGS.timezone))
        today = calendar.today().toordinal()
        found |= {midnight(today + n, zone) for n in (-1, 0, 1)}
        for node in (node for d in definitions for node in nodes(d.where)):
            if isinstance(node, Duration):
                found |= set(calendar.interval(Last(node))) | {calendar.ahead(node)}
            elif isinstance(node, LastCalendar):
                found.add(calendar.interval(node)[0])
            elif hasattr(node, "window") and node.window is not None:
                found |= set(calendar.interval(node.window))
    around = {instant + off for instant in found for off in (-1, 0, 1)}
    return sorted(instant for instant in around if ALWAYS <= instant < 4 * 10**12)


# --- values ---------------------------------------------------------------------------------------

NOTHING: list[Any] = [None, "", " \t ", "12x", True, "2026-02-30", [], {"a": 1}, "not a place"]
ODD_NUMBERS = ("12.5", " 1e2 ", "0.0000005", -0.0, 10**12, "1e400", 999_999_999_999.5)
DAYS = ("2024-02-29", "2025-02-28", "2025-03-30", "2025-06-15", "1990-06-15", date(2025, 10, 26))
PLACES = (
    {"lat": 52.52, "lon": 13.4},
    "48.8566, 2.3522",
    {"latitude": "-33.9", "longitude": "151.2"},
    {"lat": 91, "lon": 0},
    {"lat": 52.6, "lon": 13.5},
)
SPECIAL: dict[str, tuple[Any, ...]] = {
    "timezone": ZONE_TEXTS,
    "currency": ("EUR", "EUR", "USD", " eur", "GBP", None),
    "grade": ("machine", " Machine", "human", None),
}


def written(instant: int) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    moment = from_ms(instant).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds") + "Z"


class Teller:
    """Makes facts up; `instants` are the times at which they like to happen."""

    def __init__(self, random: Random, instants: list[int]) -> None:
        self.random, self.instants = random, instants
        self.number = 0

    def one_in(self, n: int) -> bool:
        return self.random.randrange(n) == 0

    def said(self, ts: int | None = None) -> dict[str, Any]:
        """When it happened and when it was heard of: mostly at once."""
        self.number += 1
        ts = self.random.choice(self.instants) if ts is None else ts
        return {
            "ts": ts,
            "received_at": self.random.choice(self.instants) if self.one_in(4) else ts,
            "message_id": f"{self.random.choice('abc')}{self.number}",
        }

    def values(self, types: Types) -> dict[str, Any]:
        """About half of the fields, some of them with a missing value or one of a wrong type."""
        return {name: self.value(name, kind) for name, kind in types.items() if self.one_in(2)}

    def value(self, name: str, kind: ValueType) -> Any:
        if name in SPECIAL:
            return self.random.choice(SPECIAL[name])
        return self.random.choice(NOTHING) if self.one_in(7) else self.good(kind)

    def good(self, kind: ValueType) -> Any:
        choice = self.random.choice
        match kind:
            case "text":
                return choice(TEXTS)
            case "number":
                return choice(ODD_NUMBERS if self.one_in(8) else NUMBERS)
            case "boolean":
                return choice([True, False, "yes", " NO ", "true", 1])
            case "time":
                return written(choice(self.instants))
            case "date":
                return choice(DAYS) if self.one_in(3) else written(choice(self.instants))[:10]
            case "list":
                return self.random.choices([*TEXTS, "", None, 5], k=self.random.randrange(4))
            case "location":
                return choice(PLACES)

    def deleted(self) -> bool | None:
        return self.random.choice([None] * 10 + [True, False])

    # --- facts ------------------------------------------------------------------------------------

    def cast(self) -> list[AnyFact]:
        """Some of the people, in some of the accounts, since ever."""
        people = self.random.sample(PEOPLE, self.random.randrange(len(PEOPLE)))
        return [self.membership(ALWAYS) for _ in people] + [self.contact() for _ in people]

    def fact(self) -> AnyFact:
        makers = [self.contact, self.account, self.membership, self.record, *[self.event] * 4]
        return self.random.choice(makers)()

    def contact(self) -> ContactFact:
        return ContactFact(
            **self.said(),
            contact=self.random.choice(PEOPLE),
            also=tuple(self.random.sample(PEOPLE, self.random.choice([0, 0, 0, 0, 1, 2]))),
            alias=self.one_in(5),
            traits=self.values(WORDS[0].contact),
            deleted=self.deleted(),
        )

    def account(self) -> AccountFact:
        return AccountFact(
            **self.said(),
            account=self.random.choice(ACCOUNTS),
            traits=self.values(WORDS[0].account),
            deleted=self.deleted(),
        )

    def membership(self, ts: int | None = None) -> MembershipFact:
        return MembershipFact(
            **self.said(ts),
            contact=self.random.choice(PEOPLE),
            account=self.random.choice(ACCOUNTS),
            joined=not self.one_in(5),
            role=self.random.choice(["admin", " Admin", "user", "", None]),
        )

    def record(self) -> RecordFact:
        kind = self.random.choice(list(WORDS[0].records))
        return RecordFact(
            **self.said(),
            kind=kind,
            id=self.random.choice("123456"),
            contact=None if self.one_in(2) else self.random.choice(PEOPLE),
            account=None if self.one_in(2) else self.random.choice(ACCOUNTS),
            traits=self.values(WORDS[0].records[kind]),
            deleted=self.deleted(),
        )

    def event(self) -> EventFact:
        name = self.random.choice(list(WORDS[0].events))
        return EventFact(
            **self.said(),
            name=name,
            contact=None if self.one_in(8) else self.random.choice(PEOPLE),
            account=self.random.choice(ACCOUNTS) if self.one_in(4) else None,
            properties=self.values(WORDS[0].events[name]),
        )


def history(
    random: Random, definitions: Sequence[Definition], as_of: int, most: int = 160
) -> list[AnyFact]:
    """Facts in the order in which they are loaded."""
    number = random.choice([0, 5, 30, *[most // 2] * 4, *[most] * 8])
    instants = edges(definitions, as_of)
    past = [at for at in instants if ALWAYS < at <= as_of]
    lately = [as_of - random.randrange(100 * DAY) for _ in range(len(past) // 2)]
    teller = Teller(random, [*instants, *past, *past, *past, *lately])
    told = teller.cast() if number else []
    told += [teller.fact() for _ in range(number)]
    events = [fact for fact in told if isinstance(fact, EventFact)]
    for fact in random.sample(events, len(events) // 20):
        told.insert(random.randrange(len(told)), again(fact, random.choice(events).message_id))
    return told


def again(fact: EventFact, message_id: str) -> EventFact:
    """The event under the message id of another."""
    return structs.replace(fact, message_id=message_id)
