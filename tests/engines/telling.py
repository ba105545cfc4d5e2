"""How stories are told: short words for facts, members as names.

    person("ann", title="VP Sales")             known since ever, under a user id
    person("ann", on="2025-06-01", plan="pro")  a later write of a trait
    joins("ann", "acme", role="admin")
    did("ann", "Signed In", "2025-06-01T09:00Z", topic="HR")

Times are ISO texts; a bare date is its midnight in UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog, EventInfo, FieldInfo, Fields, RecordInfo
from lettershop.model.clock import ALWAYS, parse_instant
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)
from lettershop.model.settings import Settings
from lettershop.model.values import ValueType, guess_type

Types = Mapping[str, Mapping[str, ValueType]]
"""Field types that are known beforehand, by scope: `contact`, `event:Signed In`, `record:deal`."""

_numbers = count()


@dataclass(frozen=True)
class Story:
    """Facts, and for each text who is in the segment: names, separated by spaces."""

    title: str
    facts: Sequence[AnyFact]
    asks: Mapping[str, str]
    subject: Subject = "contact"
    as_of: str = "2025-06-15T12:00Z"
    types: Types = field(default_factory=dict)
    segments: Mapping[str, tuple[Subject, str]] = field(default_factory=dict)
    """Other segments the texts refer to."""
    settings: Settings = field(default_factory=Settings)
    rates: Sequence[tuple[str, str, str, int]] = ()
    """(from, to, day, rate in micro-units)"""


def _when(on: str | None, received: str | None, message: str | None) -> dict[str, Any]:
    ts = ALWAYS if on is None else parse_instant(on)
    return {
        "ts": ts,
        "received_at": ts if received is None else parse_instant(received),
        "message_id": message or f"m{next(_numbers):06}",
    }


def person(
    name: str,
    on: str | None = None,
    /,
    *,
    received: str | None = None,
    also: str = "",
    alias: bool = False,
    deleted: bool | None = None,
    message: str | None = None,
    **traits: Any,
) -> ContactFact:
    """`also`: the name of another identity of the same person."""
    return ContactFact(
        **_when(on, received, message),
        contact=identity(name),
        also=(identity(also),) if also else (),
        alias=alias,
        traits=traits,
        deleted=deleted,
    )


def identity(name: str) -> str:
    """`ann` is a user id; `email:…` and `anon:…` are written out."""
    return name if ":" in name else f"user:{name}"


def company(
    name: str,
    on: str | None = None,
    /,
    *,
    received: str | None = None,
    deleted: bool | None = None,
    **traits: Any,
) -> AccountFact:
    said = _when(on, received, None)
    return AccountFact(**said, account=name, traits=traits, deleted=deleted)


def joins(
    name: str, account: str, on: str | None = None, *, role: str | None = None
) -> MembershipFact:
    said = _when(on, None, None)
    return MembershipFact(**said, contact=identity(name), account=account, role=role)


def leaves(name: str, account: str, on: str) -> MembershipFact:
    said = _when(on, None, None)
    return MembershipFact(**said, contact=identity(name), account=account, joined=False)


def did(
    name: str | None,
    event: str,
    on: str,
    /,
    *,
    received: str | None = None,
    message: str | None = None,
    account: str | None = None,
    **properties: Any,
) -> EventFact:
    return EventFact(
        **_when(on, received, message),
        name=event,
        contact=None if name is None else identity(name),
        account=account,
        properties=properties,
    )


def record(
    kind: str,
    number: str,
    on: str | None = None,
    /,
    *,
    contact: str | None = None,
    account: str | None = None,
    deleted: bool | None = None,
    **traits: Any,
) -> RecordFact:
    return RecordFact(
        **_when(on, None, None),
        kind=kind,
        id=number,
        contact=None if contact is None else identity(contact),
        account=account,
        traits=traits,
        deleted=deleted,
    )


def learn(facts: Sequence[AnyFact], types: Types) -> Catalog:
    """The catalog of these facts: a field has the type of its first known value."""
    found: dict[str, dict[str, ValueType]] = {
        "contact": {"user_id": "text", "email": "text"},
        "account": {"id": "text"},
    }
    for scope, known in types.items():
        found.setdefault(scope, {}).update(known)
    for fact in facts:
        scope, values = _said(fact)
        known_here = found.setdefault(scope, {})
        for name, raw in values.items():
            kind = guess_type(raw)
            if kind is not None:
                known_here.setdefault(name, kind)
    infos = {scope: _fields(types) for scope, types in found.items()}
    return Catalog(
        contact=infos.get("contact", {}),
        account=infos.get("account", {}),
        membership=_fields({"role": "text"}),
        events={
            name: EventInfo(name=name, table=name, properties=fields)
            for scope, fields in infos.items()
            if (name := scope.removeprefix("event:")) != scope
        },
        records={
            kind: RecordInfo(kind=kind, table=kind, fields=fields)
            for scope, fields in infos.items()
            if (kind := scope.removeprefix("record:")) != scope
        },
    )


def _said(fact: AnyFact) -> tuple[str, Mapping[str, Any]]:
    match fact:
        case ContactFact():
            return "contact", fact.traits
        case AccountFact():
            return "account", fact.traits
        case MembershipFact():
            return "membership", {}
        case EventFact():
            return f"event:{fact.name}", fact.properties
        case RecordFact():
            return f"record:{fact.kind}", fact.traits


def _fields(types: Mapping[str, ValueType]) -> Fields:
    """A field beside one called `currency` holds money in it."""
    money = "currency" if "currency" in types else None
    return {
        name: FieldInfo(
            name=name,
            type=kind,
            column=name,
            currency=money if kind == "number" else None,
            currencies=("EUR", "USD") if money and kind == "number" else (),
        )
        for name, kind in types.items()
    }
