"""How stories with a movable clock are told.

    Tale(
        "interest fades",
        {"Interested": keep('did "Pricing Viewed" within last 3 days')},
        [
            Chapter("Mon 09:00:01", [did("ann", "Pricing Viewed", "Mon 09:00")],
                    holds={"Interested": "ann"},
                    moves=["ann enters Interested: event, Mon 09:00"]),
            Chapter("Thu 10:00", holds={"Interested": ""},
                    moves=["ann leaves Interested: time, Thu 09:00"]),
        ],
    )

Monday is 2 June 2025; `Mon2` is the Monday after. Times are UTC. A chapter is a refresh: what was
heard since the last one, who is in each segment then, and every transition, no more and no less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engines import telling
from engines.telling import identity

from lettershop.language.definition import Definition, Mode
from lettershop.language.text.parse import parse
from lettershop.language.tree import Subject
from lettershop.model.clock import DAY, format_instant, parse_instant
from lettershop.model.facts import AccountFact, AnyFact, ContactFact, EventFact, MembershipFact

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONDAY = parse_instant("2025-06-02")


def moment(said: str) -> int:
    """`Mon 09:00`, `Thu2 09:00:00.001`."""
    day, clock = said.split()
    week = int(day[3:] or "1") - 1
    days = week * 7 + DAYS.index(day[:3])
    return parse_instant(f"1970-01-01T{clock}Z") + MONDAY + days * DAY


def spoken(instant: int) -> str:
    days, rest = divmod(instant - MONDAY, DAY)
    week, day = divmod(days, 7)
    number = "" if week == 0 else str(week + 1)
    return f"{DAYS[day]}{number} {format_instant(rest).partition('T')[2].removesuffix('Z')}"


def iso(said: str | None) -> str | None:
    return None if said is None else format_instant(moment(said))


# --- facts ----------------------------------------------------------------------------------------


def person(name: str, on: str | None = None, /, **said: Any) -> ContactFact:
    return telling.person(name, iso(on), **said)


def company(name: str, on: str | None = None, /, **said: Any) -> AccountFact:
    return telling.company(name, iso(on), **said)


def joins(name: str, account: str, on: str | None = None, **said: Any) -> MembershipFact:
    return telling.joins(name, account, iso(on), **said)


def leaves(name: str, account: str, on: str) -> MembershipFact:
    return telling.leaves(name, account, iso(on) or "")


def did(name: str, event: str, on: str, /, *, heard: str | None = None, **said: Any) -> EventFact:
    """`heard`: when it arrived, where that was later."""
    return telling.did(name, event, iso(on) or "", received=iso(heard), **said)


# --- segments -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    text: str
    subject: Subject
    mode: Mode


def keep(text: str, subject: Subject = "contact", mode: Mode = "dynamic") -> Kept:
    return Kept(text, subject, mode)


def definition(name: str, kept: Kept) -> Definition:
    tree = parse(kept.text).tree
    return Definition(name=name, subject=kept.subject, mode=kept.mode, where=tree, text=kept.text)


# --- tales ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chapter:
    """`pins` say who is put `in` or kept `out` from now on: "ann in VPs". `edits`: definitions that
    change; None takes the segment away. `undo`: the number of a merge to take back."""

    at: str
    hears: Sequence[AnyFact] = ()
    holds: Mapping[str, str] = field(default_factory=dict)
    moves: Sequence[str] = ()
    pins: Sequence[str] | None = None
    edits: Mapping[str, Kept | None] = field(default_factory=dict)
    undo: int | None = None


@dataclass(frozen=True)
class Tale:
    title: str
    segments: Mapping[str, Kept]
    chapters: Sequence[Chapter]


def name_of(identity_: str) -> str:
    return identity_.removeprefix(identity(""))
