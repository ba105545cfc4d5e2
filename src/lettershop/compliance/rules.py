"""What a workspace decided: purposes, topics, streams with their caps and quiet hours."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from lettershop.compliance.words import Basis, Method

Titles = Mapping[str, str]
"""By language tag; "" is the one without."""
Level = Literal["block", "warn", "allow"]
LEVELS: Final[tuple[Level, ...]] = ("block", "warn", "allow")
MARKETING: Final = "marketing"
TRANSACTIONAL: Final = "transactional"


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    """What letters are for. `wording`: version of the text people agree to, `texts`: that text."""

    name: str
    titles: Titles
    basis: Basis
    stream: str
    wording: str = ""
    texts: Titles = {}


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """Something people choose or not. `wanted`: where they have said nothing."""

    name: str
    titles: Titles
    stream: str
    wanted: bool = True


class Cap(msgspec.Struct, frozen=True):
    """At most so many letters to a contact in any so many days of 24 hours."""

    letters: int
    days: int


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """No letters from `start` until `end` (minutes of the recipient's day; over midnight when
    `start` is later; equal: none), on `days` (0 is Monday) and, if so, on public holidays."""

    start: int = 0
    end: int = 0
    days: frozenset[int] = frozenset()
    holidays: bool = False


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """`account_day`: most letters to one account in a calendar day of the workspace."""

    name: str
    transactional: bool = False
    caps: tuple[Cap, ...] = ()
    account_day: int | None = None
    quiet: Quiet | None = None


class Country(msgspec.Struct, frozen=True, kw_only=True):
    """`proof`: methods that prove consent there, others are `unproven`; `interest`: marketing on
    legitimate interest alone; `months`: how long implied consent holds, by method."""

    name: str
    proof: frozenset[Method]
    unproven: Level
    interest: Level
    months: Mapping[Method, int]
    source: str


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """`bought`: sources (folded) that addresses were bought from. `countries` by ISO 3166 code;
    `elsewhere` for all others."""

    purposes: Mapping[str, Purpose]
    topics: Mapping[str, Topic]
    streams: Mapping[str, Stream]
    bought: frozenset[str]
    countries: Mapping[str, Country]
    elsewhere: Country

    def marketing_streams(self) -> tuple[str, ...]:
        """Those whose letters count for caps."""
        return tuple(name for name, one in self.streams.items() if not one.transactional)


def title(titles: Titles, language: str, name: str) -> str:
    """In a language (`de-AT`), else its parent, else English, else any; the name without titles."""
    for tag in (language, language.partition("-")[0], "", "en"):
        if tag in titles:
            return titles[tag]
    return next(iter(titles.values()), name)
